"""Tiny Keras models of every kind that is watched: 8x8x1 inputs, as scikit-learn's digits are."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

SHAPE = (8, 8, 1)


def sequential(last: str | None = "softmax", n_outputs: int = 10) -> Any:
    return keras.Sequential(
        [
            keras.Input(SHAPE, name="pixels"),
            layers.Conv2D(8, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.5, name="dropout"),
            layers.Dense(n_outputs, activation=last, name="scores"),
        ]
    )


def branches() -> Any:
    """A residual block with BatchNorm, and `keras.ops.relu` between its layers."""
    pixels = keras.Input(SHAPE, name="pixels")
    stem = layers.Conv2D(8, 3, padding="same", name="stem")(pixels)
    x = layers.BatchNormalization(name="norm")(stem)
    x = keras.ops.relu(x)
    x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="conv")(x)
    x = layers.Add(name="add")([stem, x])
    x = layers.Activation("tanh", name="squash")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dense(10, name="logits")(x)
    return keras.Model(pixels, layers.Activation("softmax", name="scores")(x))


def backbone() -> Any:
    pixels = keras.Input(SHAPE, name="image")
    x = layers.Conv2D(4, 3, padding="same", name="conv1")(pixels)
    x = layers.ReLU(name="relu1")(x)
    return keras.Model(pixels, layers.MaxPooling2D(name="pool1")(x), name="backbone")


def nested() -> Any:
    """A functional backbone and a Sequential head inside a model."""
    pixels = keras.Input(SHAPE, name="pixels")
    x = backbone()(pixels)
    head = keras.Sequential(
        [layers.Flatten(name="flat"), layers.Dense(10, activation="softmax", name="scores")],
        name="head",
    )
    return keras.Model(pixels, head(x))


def shared() -> Any:
    """One backbone used twice, on the image and on its mirror image."""
    pixels = keras.Input(SHAPE, name="pixels")
    twin = backbone()
    mirrored = layers.Lambda(lambda x: x[:, :, ::-1, :], name="mirror", output_shape=SHAPE)(pixels)
    both = layers.Concatenate(name="both")([twin(pixels), twin(mirrored)])
    x = layers.Flatten(name="flat")(both)
    return keras.Model(pixels, layers.Dense(10, activation="softmax", name="scores")(x))


@keras.saving.register_keras_serializable("tiny_models")
class Block(layers.Layer):  # type: ignore[misc]
    """Convolution and ReLU in its own code."""

    def __init__(self, filters: int, **options: Any) -> None:
        super().__init__(**options)
        self.filters = filters
        self.conv = layers.Conv2D(filters, 3, padding="same", name="conv")
        self.relu = layers.ReLU(name="relu")

    def call(self, x: Any) -> Any:
        return self.relu(self.conv(x))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("tiny_models")
class Subclassed(keras.Model):  # type: ignore[misc]
    """Applies the softmax in its own code, where no layer shows it."""

    def __init__(self, softmax: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.softmax = softmax
        self.block = Block(6, name="block")
        self.pool = layers.GlobalAveragePooling2D(name="average")
        self.drop = layers.Dropout(0.5, name="dropout")
        self.logits = layers.Dense(10, name="logits")

    def call(self, x: Any, training: bool = False) -> Any:
        x = self.logits(self.drop(self.pool(self.block(x)), training=training))
        return keras.ops.softmax(x) if self.softmax else x


@keras.saving.register_keras_serializable("tiny_models")
class Greedy(layers.Layer):  # type: ignore[misc]
    """Wants 64 TB for more than 20 samples."""

    def call(self, x: Any) -> Any:
        import tensorflow as tf

        size = tf.where(tf.shape(x)[0] > 20, tf.constant(2**44, tf.int64), 1)
        return x + 0 * tf.reduce_sum(tf.fill([size], 1.0))


def mobile() -> Any:
    """Ends as MobileNet does: pooling, Dropout, 1x1 convolution, Reshape, Activation."""
    pixels = keras.Input(SHAPE, name="pixels")
    x = layers.DepthwiseConv2D(3, name="depthwise")(pixels)
    x = layers.Conv2D(12, 1, name="pointwise")(x)
    x = layers.ReLU(6.0, name="relu")(x)
    x = layers.GlobalAveragePooling2D(keepdims=True, name="average")(x)
    x = layers.Dropout(0.1, name="dropout")(x)
    x = layers.Conv2D(10, 1, name="preds")(x)
    x = layers.Reshape((10,), name="reshape")(x)
    return keras.Model(pixels, layers.Activation("softmax", name="predictions")(x))


def channels_first() -> Any:
    """Its convolutions have the channels first, and so what follows them; shapes tell no axis."""
    first = {"data_format": "channels_first"}
    pixels = keras.Input(SHAPE, name="pixels")
    x = layers.Permute((3, 1, 2), name="turn")(pixels)
    x = layers.Conv2D(5, 3, name="conv", **first)(x)
    x = layers.BatchNormalization(axis=1, name="norm")(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.Add(name="add")([x, layers.Activation("tanh", name="squash")(x)])
    back = layers.Permute((2, 3, 1), name="back")(x)
    x = layers.ReLU(name="last")(back)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(pixels, layers.Dense(10, activation="softmax", name="scores")(x))


def two_heads() -> Any:
    pixels = keras.Input(SHAPE, name="pixels")
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(pixels)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    digit = layers.Dense(10, activation="softmax", name="digit")(x)
    return keras.Model(pixels, [digit, layers.Dense(1, name="angle")(x)])
