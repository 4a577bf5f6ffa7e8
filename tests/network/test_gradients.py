"""Gradients of a class's logit against finite differences and known weights."""

from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from keras import layers

from tensorboard_cnnvis.network.backend import CompiledFunction
from tensorboard_cnnvis.network.forward import inspect_model, spec_of, watch
from tensorboard_cnnvis.network.gradients import (
    NoGradientError,
    compile_input_gradient,
    compile_layer_gradient,
)
from tensorboard_cnnvis.network.outputs import logits_of

X = np.random.default_rng(0).random((6, *tiny_models.SHAPE), np.float32)


def logits(model: Any, network: Any, x: Any) -> Any:
    run = CompiledFunction(
        lambda rows: logits_of(watch(model, rows), network.head), [spec_of(X)], None
    )
    return run(x)


@pytest.mark.parametrize(
    ("build", "options"),
    [
        (tiny_models.branches, {}),
        (tiny_models.mobile, {}),
        (tiny_models.Subclassed, {}),
        (tiny_models.two_heads, {"output": "digit"}),
        (lambda: tiny_models.sequential(None), {"from_logits": True}),
    ],
)
def test_the_gradient_is_the_slope_of_the_logit(build: Any, options: Any) -> None:
    """Along random directions, by central differences; every row has its own gradient."""
    keras.utils.set_random_seed(0)
    model = build()
    network = inspect_model(model, X[:1], **options)
    values, gradients = compile_input_gradient(model, network, X[:1])(X, np.int32(3))
    np.testing.assert_allclose(values, logits(model, network, X)[:, 3], atol=1e-5)
    direction = np.random.default_rng(1).normal(size=X.shape).astype(np.float32)
    step = np.float32(1e-3)
    high, low = (logits(model, network, X + sign * step * direction)[:, 3] for sign in (1, -1))
    slope = (gradients * direction).sum(axis=(1, 2, 3))
    assert np.abs(slope).max() > 1e-3
    np.testing.assert_allclose(slope, (high - low) / (2 * step), rtol=0.03, atol=5e-3)


@pytest.mark.parametrize("class_index", [0, 1])
def test_the_logits_of_one_sigmoid_output_mirror_each_other(class_index: int) -> None:
    model = keras.Sequential(
        [keras.Input(tiny_models.SHAPE), layers.Flatten(), layers.Dense(1, activation="sigmoid")]
    )
    kernel, _ = model.layers[-1].get_weights()
    sign = 1 if class_index == 1 else -1
    network = inspect_model(model, X[:1])
    values, gradients = compile_input_gradient(model, network, X[:1])(X, np.int32(class_index))
    np.testing.assert_allclose(values, sign * (X.reshape(6, 64) @ kernel)[:, 0], atol=1e-5)
    np.testing.assert_allclose(gradients[2].ravel(), sign * kernel[:, 0], atol=1e-6)


def test_the_gradient_by_a_layer_of_either_use_of_a_backbone() -> None:
    """Flatten and Dense follow the pooling, so that the weights are the gradient."""
    model = tiny_models.shared()
    network = inspect_model(model, X[:1])
    kernel = model.layers[-1].get_weights()[0][:, 7].reshape(4, 4, 8)
    for path, part in (("backbone/pool1", kernel[..., :4]), ("backbone#2/pool1", kernel[..., 4:])):
        _, maps, gradients = compile_layer_gradient(model, network, X[:1], path)(X, np.int32(7))
        assert maps.shape == (6, 4, 4, 4)
        np.testing.assert_allclose(gradients[1], part, atol=1e-6)


def test_what_the_logit_does_not_depend_on_is_told() -> None:
    model = tiny_models.two_heads()
    network = inspect_model(model, X[:1], output="digit")
    with pytest.raises(NoGradientError, match="no gradient by layer 'angle': it does not reach"):
        compile_layer_gradient(model, network, X[:1], "angle")(X, np.int32(0))
