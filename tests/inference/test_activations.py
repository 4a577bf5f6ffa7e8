"""Activation maps and kernels against the layers themselves."""

from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from keras import layers
from looked_into import branches, called, cnn, image_of, loaded, nested, output_of

from tensorboard_cnnvis.inference.activations import activation_maps, kernel, spatial_layers

IMAGE = image_of(16, 14, 3)


def test_maps_are_those_of_a_direct_call() -> None:
    model = cnn(IMAGE.shape)
    found = activation_maps(loaded(model, IMAGE), IMAGE, "conv2")
    direct = output_of(model, "conv2")
    assert found.shape == (5, 4, 8)
    np.testing.assert_allclose(found, called(direct, IMAGE[None])[0], atol=1e-6)


@pytest.mark.parametrize("path", ["backbone/relu", "relu", "backbone/conv2"])
def test_maps_inside_a_nested_model(path: str) -> None:
    model = nested(IMAGE.shape)
    backbone = model.get_layer("backbone")
    layer = backbone.get_layer(path.rpartition("/")[2])
    direct = keras.Model(backbone.inputs[0], layer.output)
    found = activation_maps(loaded(model, IMAGE), IMAGE, path)
    np.testing.assert_allclose(found, called(direct, IMAGE[None])[0], atol=1e-5)


def test_channels_come_last_whatever_the_models_order() -> None:
    keras.utils.set_random_seed(0)
    pixels = keras.Input((16, 14, 3))
    x = layers.Permute((3, 1, 2))(pixels)
    pooled = layers.AveragePooling2D(2, data_format="channels_first", name="pool")(x)
    flat = layers.Flatten()(pooled)
    model = keras.Model(pixels, layers.Dense(3, activation="softmax")(flat))
    found = activation_maps(loaded(model, IMAGE), IMAGE, "pool")
    expected = IMAGE.reshape(8, 2, 7, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("name", ["norm", "relu", "add", "last"])
def test_what_follows_channels_that_come_first_is_turned_too(name: str) -> None:
    model = tiny_models.channels_first()
    image = image_of(*tiny_models.SHAPE)
    direct = called(keras.Model(model.input, model.get_layer(name).output), image[None])[0]
    found = activation_maps(loaded(model, image), image, name)
    expected = direct if name == "last" else np.moveaxis(direct, 0, -1)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_maps_of_one_axis() -> None:
    keras.utils.set_random_seed(0)
    pixels = keras.Input((16, 14, 3))
    rows = layers.Reshape((16, 42))(pixels)
    x = layers.Conv1D(5, 3, name="conv")(rows)
    x = layers.GlobalMaxPooling1D()(x)
    model = keras.Model(pixels, layers.Dense(3, activation="softmax")(x))
    direct = keras.Model(pixels, model.get_layer("conv").output)
    found = activation_maps(loaded(model, IMAGE), IMAGE, "conv")
    assert found.shape == (14, 5)
    np.testing.assert_allclose(found, called(direct, IMAGE[None])[0], atol=1e-5)


def test_which_layers_have_maps() -> None:
    model = loaded(tiny_models.mobile(), image_of(8, 8, 1))
    assert spatial_layers(model.network) == ("depthwise", "pointwise", "relu")


def test_a_layer_without_maps_names_those_that_have() -> None:
    model = loaded(cnn(IMAGE.shape), IMAGE)
    with pytest.raises(ValueError, match=r"'flat' has no spatial output .*\(160,\).*: conv1, pool"):
        activation_maps(model, IMAGE, "flat")
    with pytest.raises(ValueError, match="layer 'conv9' is not in the model; its layers are: "):
        activation_maps(model, IMAGE, "conv9")


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Conv2D(4, 3, name="conv"), (3, 3, 3, 4)),
        (layers.Conv2DTranspose(4, 3, name="conv"), (3, 3, 4, 3)),
        (layers.DepthwiseConv2D(3, depth_multiplier=2, name="conv"), (3, 3, 3, 2)),
        (layers.SeparableConv2D(4, 3, name="conv"), (3, 3, 3, 1)),
    ],
)
def test_kernels_of_every_kind_of_convolution(layer: Any, shape: Any) -> None:
    model = keras.Sequential(
        [keras.Input(IMAGE.shape), layer, layers.Flatten(), layers.Dense(3, activation="softmax")]
    )
    found = kernel(loaded(model, IMAGE), "conv")
    assert found.shape == shape
    np.testing.assert_array_equal(found, layer.get_weights()[0])


def test_a_separable_convolution_has_two_kernels() -> None:
    layer = layers.SeparableConv2D(4, 3, depth_multiplier=2, name="conv")
    model = loaded(
        keras.Sequential([keras.Input(IMAGE.shape), layer, layers.Flatten(), layers.Dense(3)]),
        IMAGE,
        from_logits=True,
    )
    np.testing.assert_array_equal(kernel(model, "conv", pointwise=True), layer.get_weights()[1])
    with pytest.raises(ValueError, match="'conv2' has one kernel: only separable"):
        kernel(loaded(cnn(IMAGE.shape), IMAGE), "conv2", pointwise=True)


def test_a_layer_without_a_kernel_names_the_convolutions() -> None:
    with pytest.raises(ValueError, match="layer 'both' is no convolution; convolutions: left, ri"):
        kernel(loaded(branches(IMAGE.shape), IMAGE), "both")
