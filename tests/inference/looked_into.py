"""Models of the kinds that are looked into, untrained, and images for them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from tensorboard_cnnvis.inference.models import LoadedModel

Array = npt.NDArray[Any]


def image_of(height: int, width: int, channels: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).random((height, width, channels), np.float32)


def cnn(shape: tuple[int, int, int], last: str | None = "softmax", n_outputs: int = 5) -> Any:
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(6, 3, activation="relu", name="conv1"),
            layers.MaxPooling2D(name="pool"),
            layers.Conv2D(8, 3, activation="relu", name="conv2"),
            layers.Flatten(name="flat"),
            layers.Dropout(0.5, name="dropout"),
            layers.Dense(n_outputs, activation=last, name="scores"),
        ]
    )


def nested(shape: tuple[int, int, int]) -> Any:
    """A backbone with BatchNorm whose statistics are not the initial ones, inside a model."""
    keras.utils.set_random_seed(1)
    inner = keras.Input(shape)
    x = layers.Conv2D(6, 3, name="conv1")(inner)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.Conv2D(8, 3, activation="relu", name="conv2")(x)
    backbone = keras.Model(inner, x, name="backbone")
    norm = backbone.get_layer("norm")
    rng = np.random.default_rng(0)
    norm.set_weights([rng.uniform(0.5, 1.5, 6).astype(np.float32) for _ in range(4)])
    pixels = keras.Input(shape)
    x = layers.GlobalAveragePooling2D(name="average")(backbone(pixels))
    return keras.Model(pixels, layers.Dense(5, activation="softmax", name="scores")(x))


def branches(shape: tuple[int, int, int]) -> Any:
    """Two branches that meet, and logits that a last Activation turns into scores."""
    keras.utils.set_random_seed(1)
    pixels = keras.Input(shape)
    left = layers.Conv2D(4, 3, padding="same", activation="relu", name="left")(pixels)
    right = layers.Conv2D(4, 5, padding="same", activation="tanh", name="right")(pixels)
    x = layers.Concatenate(name="both")([left, right])
    x = layers.GlobalMaxPooling2D(name="largest")(x)
    x = layers.Dense(5, name="logits")(x)
    return keras.Model(pixels, layers.Activation("softmax", name="scores")(x))


def loaded(model: Any, image: Array, **options: Any) -> LoadedModel:
    """A model as if it came from its file."""
    return LoadedModel(model, image[None], **options)


def output_of(model: Any, layer: str) -> Any:
    """The model as far as a layer."""
    return keras.Model(model.inputs[0], model.get_layer(layer).output)


def called(model: Any, images: Array) -> Array:
    """What the model itself gives in inference mode."""
    return np.asarray(keras.ops.convert_to_numpy(model(images, training=False)))
