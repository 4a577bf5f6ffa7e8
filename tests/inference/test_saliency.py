"""Saliency maps against gradients that are known, and against a tape."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from looked_into import cnn, image_of, loaded, nested
from scipy.ndimage import gaussian_filter

from tensorboard_cnnvis.inference.effort import TooManyForwardsError
from tensorboard_cnnvis.inference.saliency import SaliencyOptions, saliency

IMAGE = image_of(16, 14, 3)


def linear() -> Any:
    keras.utils.set_random_seed(2)
    return keras.Sequential(
        [
            keras.Input(IMAGE.shape),
            layers.Flatten(),
            layers.Dense(4, activation="softmax", name="scores"),
        ]
    )


def taped(model: Any, images: Any, class_index: int) -> Any:
    """Gradient of a logit by a tape over the layers called one after another."""
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for layer in model.layers[:-1]:
            y = y if isinstance(layer, layers.InputLayer) else layer(y, training=False)
        last = model.layers[-1]
        logit = (y @ last.kernel + last.bias)[:, class_index]
    return tape.gradient(logit, x).numpy()


def test_the_gradient_of_a_linear_model_is_its_weights() -> None:
    model = linear()
    weights = model.get_layer("scores").get_weights()[0][:, 2].reshape(IMAGE.shape)
    found = saliency(loaded(model, IMAGE), IMAGE, class_index=2)
    np.testing.assert_allclose(found.values, weights, atol=1e-6)
    np.testing.assert_allclose(found.heat, np.abs(weights).max(axis=-1), atol=1e-6)
    np.testing.assert_allclose(np.asarray(found), found.heat)


@pytest.mark.parametrize("build", [cnn, nested])
def test_the_gradient_is_that_of_a_tape(build: Any) -> None:
    model = build(IMAGE.shape)
    found = saliency(loaded(model, IMAGE), IMAGE, class_index=1)
    np.testing.assert_allclose(found.values, taped(model, IMAGE[None], 1)[0], atol=1e-5)


def test_class_0_of_a_sigmoid() -> None:
    model = loaded(cnn(IMAGE.shape, "sigmoid", 1), IMAGE)
    zero, one = (saliency(model, IMAGE, class_index=index) for index in (0, 1))
    np.testing.assert_allclose(zero.values, -one.values, atol=1e-6)
    assert np.abs(one.values).max() > 0


def test_smoothgrad_is_the_mean_over_noisy_copies() -> None:
    model = cnn(IMAGE.shape)
    options = SaliencyOptions("smooth_grad", samples=9, noise=0.2, seed=5)
    looked = loaded(model, IMAGE)
    looked.input_gradient.size = 4
    found = saliency(looked, IMAGE, options, 1)
    noise = np.random.default_rng(5).standard_normal((9, *IMAGE.shape), np.float32)
    copies = IMAGE + np.float32(0.2 * (IMAGE.max() - IMAGE.min())) * noise
    np.testing.assert_allclose(found.values, taped(model, copies, 1).mean(axis=0), atol=1e-5)
    again = saliency(looked, IMAGE, options, 1)
    assert np.array_equal(found.values, again.values)
    plain = saliency(looked, IMAGE, class_index=1)
    assert found.logit == pytest.approx(plain.logit, abs=1e-5)
    assert not np.allclose(found.values, plain.values, atol=1e-4)


def test_integrated_gradients_of_a_linear_model_are_exact() -> None:
    model = linear()
    weights = model.get_layer("scores").get_weights()[0][:, 2].reshape(IMAGE.shape)
    options = SaliencyOptions("integrated_gradients", steps=3, baseline=0.5)
    found = saliency(loaded(model, IMAGE), IMAGE, options, 2)
    np.testing.assert_allclose(found.values, (IMAGE - 0.5) * weights, atol=1e-6)
    np.testing.assert_allclose(found.heat, found.values.sum(axis=-1), atol=1e-6)
    assert found.completeness is not None
    assert found.completeness.gap < 1e-5


@pytest.mark.parametrize("build", [cnn, nested])
def test_integrated_gradients_add_up_to_the_difference_of_the_logits(build: Any) -> None:
    model = build(IMAGE.shape)
    rng = np.random.default_rng(0)
    model.set_weights([w + rng.normal(0, 0.05, w.shape) for w in model.get_weights()])
    found = saliency(loaded(model, IMAGE), IMAGE, SaliencyOptions("integrated_gradients"), 3)
    black = saliency(loaded(model, IMAGE), np.zeros_like(IMAGE), class_index=3)
    told = found.completeness
    assert told is not None
    assert told.difference == pytest.approx(found.logit - black.logit, abs=1e-5)
    assert told.total == pytest.approx(found.values.sum(dtype=np.float64), abs=1e-5)
    assert told.gap < 0.01
    coarse = saliency(
        loaded(model, IMAGE), IMAGE, SaliencyOptions("integrated_gradients", steps=1), 3
    )
    assert coarse.completeness is not None
    assert coarse.completeness.gap > told.gap, "few steps are told apart from many"


def test_a_gaussian_smooths_the_map() -> None:
    model = loaded(cnn(IMAGE.shape), IMAGE)
    plain = saliency(model, IMAGE, class_index=0)
    found = saliency(model, IMAGE, SaliencyOptions(sigma=1.5), 0)
    np.testing.assert_allclose(found.heat, gaussian_filter(plain.heat, 1.5), atol=1e-6)
    np.testing.assert_array_equal(found.values, plain.values)


@pytest.mark.parametrize("declared", ["float32", "uint8"])
def test_integers_have_a_gradient_too(declared: str) -> None:
    image = (IMAGE * 255).astype(np.uint8)
    inside = [layers.Rescaling(1 / 255), *cnn(IMAGE.shape).layers]
    model = keras.Sequential([keras.Input(IMAGE.shape, dtype=declared), *inside])
    asked = loaded(model, image)
    found = saliency(asked, image, class_index=1)
    floating = keras.Sequential([keras.Input(IMAGE.shape), *inside])
    expected = taped(floating, image[None].astype(np.float32), 1)[0]
    np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-7)
    assert model.inputs[0].dtype == declared
    np.testing.assert_allclose(asked.scores(image[None]), floating(image[None]), atol=1e-6)
    added = saliency(asked, image, SaliencyOptions("integrated_gradients", steps=128), 1)
    assert added.completeness is not None
    assert added.completeness.gap < 0.01


def test_an_input_without_gradient_is_told() -> None:
    image = (IMAGE * 255).astype(np.uint8)
    pixels = keras.Input(IMAGE.shape, dtype="uint8")
    x = keras.ops.cast(keras.ops.cast(pixels, "int32"), "float32")
    model = keras.Model(pixels, layers.Dense(3, activation="softmax")(layers.Flatten()(x)))
    with pytest.raises(ValueError, match=r"no gradient by the input: .* a cast to integers"):
        saliency(loaded(model, image), image, class_index=1)


def test_progress_is_told_and_may_stop_the_work() -> None:
    model = loaded(cnn(IMAGE.shape), IMAGE)
    model.input_gradient.size = 8
    told: list[float] = []
    saliency(
        model, IMAGE, SaliencyOptions("integrated_gradients", steps=20), 0, progress=told.append
    )
    assert told == [0.4, 0.8, 1.0]

    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        saliency(model, IMAGE, SaliencyOptions("smooth_grad"), 0, progress=stop)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            SaliencyOptions("lime"),
            "method 'lime' is unknown; expected one of gradient, smooth_grad",
        ),
        (SaliencyOptions("smooth_grad", samples=0), "samples must be at least 1, got 0"),
        (SaliencyOptions("integrated_gradients", steps=-1), "steps must be at least 1, got -1"),
        (SaliencyOptions(sigma=-1.0), "sigma must be a finite number of at least 0, got -1"),
        (SaliencyOptions(noise=float("nan")), "noise must be a finite number"),
    ],
)
def test_what_is_out_of_range_is_refused(options: SaliencyOptions, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        saliency(loaded(cnn(IMAGE.shape), IMAGE), IMAGE, options)


def test_too_many_passes_are_refused_and_counted() -> None:
    model = loaded(cnn(IMAGE.shape), IMAGE)
    with pytest.raises(
        TooManyForwardsError, match=r"needs 500 passes .* take fewer steps"
    ) as caught:
        saliency(model, IMAGE, SaliencyOptions("integrated_gradients", steps=500), max_forwards=400)
    assert caught.value.count == 500
