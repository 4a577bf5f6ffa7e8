"""A run whose model is kept: a small CNN with planted dead filters, trained for a few epochs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DEAD = {"conv": (1, 4), "relu": (0, 5)}  # filters that never fire
ALMOST = {"conv": (2,)}  # fires on sample 0 alone
STEPS = (0, 1, 2)


@dataclass(frozen=True)
class KeptRun:
    """`model` as it is at the last epoch; `x` (n, 8, 8, 1) float32 as it was watched."""

    log_dir: Path
    x: np.ndarray[Any, Any]
    labels: np.ndarray[Any, Any]
    model: Any

    @property
    def directory(self) -> Path:
        return self.log_dir / "cnnvis"


def keep(log_dir: Path, x: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> KeptRun:
    """Records three epochs; only the models of the last two are kept."""
    import keras

    from tensorboard_cnnvis import CNNVis

    keras.utils.set_random_seed(0)
    x = x[..., None].astype(np.float32) / 255
    x[0, 0, 0] = 40.0  # far above all others
    model = _model()
    _plant(model)
    for name in ("conv", "norm", "conv2"):
        model.get_layer(name).trainable = False
    model.compile(keras.optimizers.SGD(0.002), "sparse_categorical_crossentropy")
    watched = CNNVis(log_dir, (x, labels), keep_models=2, reference_samples=3)
    model.fit(x, labels, epochs=len(STEPS), batch_size=20, verbose=0, callbacks=[watched])
    return KeptRun(log_dir, x, labels, model)


def _model() -> Any:
    import keras
    from keras import layers

    pixels = keras.Input((8, 8, 1), name="pixels")
    x = layers.Conv2D(6, 3, activation="relu", name="conv")(pixels)
    x = layers.Conv2D(6, 3, use_bias=False, name="conv2")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.DepthwiseConv2D(2, depth_multiplier=2, name="depthwise")(x)
    x = layers.Conv2D(5, 1, activation="tanh", name="squash")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(pixels, layers.Dense(10, activation="softmax", name="scores")(x))


def _plant(model: Any) -> None:
    """Filters that cannot fire, by their bias or by what the BatchNorm shifts."""
    kernel, bias = model.get_layer("conv").get_weights()
    kernel[..., 2], bias[:] = 1.0, 0.1
    bias[list(DEAD["conv"])] = -1e3
    bias[2] = -20.0
    model.get_layer("conv").set_weights([kernel, bias])
    gamma, beta, mean, variance = model.get_layer("norm").get_weights()
    beta[:] = 0.5
    gamma[list(DEAD["relu"])], beta[list(DEAD["relu"])] = 0.0, -1.0
    model.get_layer("norm").set_weights([gamma, beta, mean, variance])
    kernel, bias = model.get_layer("scores").get_weights()
    model.get_layer("scores").set_weights([20 * kernel, bias])  # scores that depend on all pixels
