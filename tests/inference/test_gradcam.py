"""Grad-CAM against its equations, where the gradient is known without a backend."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from looked_into import branches, called, cnn, image_of, loaded, nested, output_of

from tensorboard_cnnvis.inference.gradcam import convolutions, grad_cam

IMAGE = image_of(16, 14, 3)


def output(model: Any, name: str) -> Any:
    return called(output_of(model, name), IMAGE[None])[0]


def interpolated(values: Any, height: int, width: int) -> Any:
    """Bilinear, written out: pixel centres lie half a pixel inside the edges."""

    def along(length: int, size: int) -> Any:
        place = np.clip((np.arange(size) + 0.5) * length / size - 0.5, 0, length - 1)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, length - 1)
        return low, high, place - low

    low, high, part = along(values.shape[0], height)
    rows = values[low] * (1 - part)[:, None] + values[high] * part[:, None]
    low, high, part = along(values.shape[1], width)
    return rows[:, low] * (1 - part) + rows[:, high] * part


@pytest.mark.parametrize("class_index", [0, 3])
def test_the_equations_for_a_flattened_layer(class_index: int) -> None:
    """The logit is A . W + b, so that its gradient by A is W itself."""
    model = cnn(IMAGE.shape)
    maps = output(model, "conv2")
    kernel, bias = model.get_layer("scores").get_weights()
    gradients = kernel[:, class_index].reshape(maps.shape)
    weights = gradients.mean(axis=(0, 1))
    raw = (maps * weights).sum(axis=-1)
    found = grad_cam(loaded(model, IMAGE), IMAGE, class_index)
    assert found.layer == "conv2"
    np.testing.assert_allclose(found.weights, weights, atol=1e-6)
    np.testing.assert_allclose(found.raw, raw, atol=1e-5)
    np.testing.assert_allclose(found.heat, interpolated(np.maximum(raw, 0), 16, 14), atol=1e-5)
    np.testing.assert_allclose(np.asarray(found), found.heat)
    logit = maps.ravel() @ kernel[:, class_index] + bias[class_index]
    assert found.logit == pytest.approx(logit, abs=1e-5)


def test_the_equations_inside_a_nested_model() -> None:
    """After the mean over space the gradient is the same at every position."""
    model = nested(IMAGE.shape)
    maps = called(model.get_layer("backbone"), IMAGE[None])[0]
    kernel, _ = model.get_layer("scores").get_weights()
    weights = kernel[:, 2] / (maps.shape[0] * maps.shape[1])
    found = grad_cam(loaded(model, IMAGE), IMAGE, 2)
    assert found.layer == "backbone/conv2"
    np.testing.assert_allclose(found.weights, weights, atol=1e-6)
    np.testing.assert_allclose(found.raw, maps @ weights, atol=1e-5)


def test_class_0_of_a_sigmoid_is_the_other_sides_evidence() -> None:
    model = cnn(IMAGE.shape, "sigmoid", 1)
    maps = output(model, "conv2")
    kernel, _ = model.get_layer("scores").get_weights()
    weights = kernel[:, 0].reshape(maps.shape).mean(axis=(0, 1))
    one, zero = (grad_cam(loaded(model, IMAGE), IMAGE, index) for index in (1, 0))
    np.testing.assert_allclose(one.raw, maps @ weights, atol=1e-5)
    np.testing.assert_allclose(zero.raw, -(maps @ weights), atol=1e-5)
    assert zero.logit == pytest.approx(-one.logit)


def test_mixed_precision_gives_nearly_the_same() -> None:
    model = cnn(IMAGE.shape)
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        half = cnn(IMAGE.shape)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    half.set_weights(model.get_weights())
    exact = grad_cam(loaded(model, IMAGE), IMAGE, 1)
    found = grad_cam(loaded(half, IMAGE), IMAGE, 1)
    assert np.abs(found.raw - exact.raw).max() < 0.02 * np.abs(exact.raw).max()


def test_the_model_is_as_before() -> None:
    model = cnn(IMAGE.shape)
    weights, config = model.get_weights(), model.to_json()
    trainable = [layer.trainable for layer in model.layers]
    before = called(model, IMAGE[None])
    grad_cam(loaded(model, IMAGE), IMAGE)
    assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights(), strict=True))
    assert model.to_json() == config
    assert [layer.trainable for layer in model.layers] == trainable
    assert np.array_equal(called(model, IMAGE[None]), before)


def test_any_layer_with_maps_can_be_chosen() -> None:
    model = loaded(branches(IMAGE.shape), IMAGE)
    for layer in ("left", "right", "both"):
        found = grad_cam(model, IMAGE, 1, layer)
        assert found.layer == layer
        assert found.heat.shape == (16, 14)
    assert convolutions(model) == ("left", "right")


def test_a_convolution_of_another_output_is_not_the_default() -> None:
    pixels = keras.Input(IMAGE.shape)
    own = layers.Conv2D(4, 3, name="own")(pixels)
    digit = layers.Dense(3, activation="softmax", name="digit")(layers.Flatten()(own))
    other = layers.Conv2D(4, 3, name="other")(pixels)
    model = keras.Model(pixels, [digit, layers.GlobalMaxPooling2D(name="rest")(other)])
    model = loaded(model, IMAGE, output=0)
    assert grad_cam(model, IMAGE, 0).layer == "own"
    with pytest.raises(ValueError, match="no gradient by layer 'other'"):
        grad_cam(model, IMAGE, 0, "other")


def test_a_model_without_convolutions_asks_for_a_layer() -> None:
    model = keras.Sequential(
        [keras.Input(IMAGE.shape), layers.Flatten(), layers.Dense(3, activation="softmax")]
    )
    with pytest.raises(ValueError, match="no convolution with maps"):
        grad_cam(loaded(model, IMAGE), IMAGE)


def test_what_is_out_of_range_is_refused() -> None:
    model = loaded(cnn(IMAGE.shape), IMAGE)
    with pytest.raises(ValueError, match="class 9 is out of range"):
        grad_cam(model, IMAGE, 9)
    with pytest.raises(ValueError, match="'flat' has no output of 2 spatial axes"):
        grad_cam(model, IMAGE, 0, "flat")
