"""Compiled calls in batches: the same values whatever the batches."""

import time
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from keras import layers

from tensorboard_cnnvis.network.calls import compile_output, compile_scores
from tensorboard_cnnvis.network.forward import inspect_model

X = np.random.default_rng(0).random((45, *tiny_models.SHAPE), np.float32)


def scores(model: Any, x: Any = X, **options: Any) -> Any:
    return compile_scores(model, inspect_model(model, x[:1], **options), x[:1])


def test_scores_are_the_models_own() -> None:
    model = tiny_models.mobile()
    np.testing.assert_allclose(scores(model)(X), model(X, training=False), atol=1e-6)


def test_one_sigmoid_output_has_two_scores() -> None:
    model = tiny_models.sequential("sigmoid", 1)
    one = np.asarray(model(X, training=False))
    np.testing.assert_allclose(scores(model)(X), np.hstack([1 - one, one]), atol=1e-6)


@pytest.mark.parametrize("size", [1, 7, 45, 100])
def test_values_do_not_depend_on_the_batches(size: int) -> None:
    call = scores(tiny_models.nested())
    expected = call(X)
    call.size = size
    np.testing.assert_allclose(call(X), expected, atol=1e-6)
    assert next(len(part) for part in call.batches(X)) == min(size, 45)


def test_a_model_for_one_batch_size_gets_it() -> None:
    pixels = keras.Input(batch_shape=(4, *tiny_models.SHAPE))
    flat = layers.Reshape((64,))(pixels)
    model = keras.Model(pixels, layers.Dense(3, activation="softmax")(flat))
    call = scores(model)
    assert call.size == 4
    found = call(X[:9])
    expected = np.concatenate([model(X[start : start + 4]) for start in (0, 4, 5)])
    np.testing.assert_allclose(found[:8], expected[:8], atol=1e-6)
    np.testing.assert_allclose(found[8], expected[-1], atol=1e-6)


def test_batches_that_do_not_fit_into_memory_are_halved() -> None:
    model = keras.Sequential(
        [keras.Input(tiny_models.SHAPE), tiny_models.Greedy(), *tiny_models.sequential().layers]
    )
    call = scores(model)
    found = call(X)
    assert call.size == 11
    np.testing.assert_allclose(found[:20], model(X[:20], training=False), atol=1e-6)
    assert len(found) == 45


class Slow(layers.Layer):  # type: ignore[misc]
    """Takes at least 20 ms an image, as long as `seconds` is not another time."""

    seconds = 0.02

    def call(self, x: Any) -> Any:
        import tensorflow as tf

        def wait(values: Any) -> Any:
            time.sleep(self.seconds * len(values))
            return values

        found = tf.numpy_function(wait, [x], x.dtype)
        found.set_shape(x.shape)
        return found


def test_batches_that_take_long_are_halved_so_that_a_job_can_be_stopped() -> None:
    model = keras.Sequential([keras.Input(tiny_models.SHAPE), *tiny_models.sequential().layers])
    slow = keras.Sequential([keras.Input(tiny_models.SHAPE), Slow(), model])
    call = scores(slow)
    call.size = 32
    found = call(np.concatenate([X, X]))
    assert call.size <= 12, "13 images take more than a quarter of a second"
    np.testing.assert_allclose(found[45:], model(X, training=False), atol=1e-6)


def test_batches_grow_again_once_they_are_fast() -> None:
    slow = Slow()
    call = scores(
        keras.Sequential([keras.Input(tiny_models.SHAPE), slow, *tiny_models.sequential().layers])
    )
    call.size = 32
    expected = call(X)
    halved = call.size
    assert halved <= 12
    slow.seconds = 0.0
    few = X[: halved - 1]
    for _ in range(8):
        call(few)
    assert call.size == halved, "batches that are not whole tell nothing of larger ones"
    sizes = []
    for _ in range(20):
        np.testing.assert_allclose(call(X), expected, atol=1e-6)
        sizes.append(call.size)
    assert sizes == sorted(sizes)
    assert sizes[-1] == 32, "never more than at first"


def test_what_was_too_much_for_the_memory_is_not_tried_again() -> None:
    model = keras.Sequential(
        [keras.Input(tiny_models.SHAPE), tiny_models.Greedy(), *tiny_models.sequential().layers]
    )
    call = scores(model)
    for _ in range(4):
        call(X)
    assert call.size == 11


def test_a_layers_output_inside_a_shared_backbone() -> None:
    model = tiny_models.shared()
    network = inspect_model(model, X[:1])
    backbone = model.get_layer("backbone")
    first = compile_output(model, network, X[:1], "backbone/relu1")(X)
    second = compile_output(model, network, X[:1], "backbone#2/relu1")(X)
    direct = keras.Model(backbone.inputs[0], backbone.get_layer("relu1").output)
    np.testing.assert_allclose(first, direct(X, training=False), atol=1e-6)
    np.testing.assert_allclose(second, direct(X[:, :, ::-1], training=False), atol=1e-6)
