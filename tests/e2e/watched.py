"""A run of any images, recorded as a user records it: by `log_model`, of a model of Keras."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Watched:
    """`x` (n, height, width, channels) as given, the samples of all splits in order."""

    log_dir: Path
    x: np.ndarray[Any, Any]
    splits: dict[str, np.ndarray[Any, Any]]


def watch(log_dir: Path, data: Any) -> Watched:
    """Records (x, y) or a dict of splits, at one step."""
    import keras

    from tensorboard_cnnvis import log_model

    keras.utils.set_random_seed(0)
    splits = data if isinstance(data, dict) else {"validation": data}
    images = {name: x for name, (x, _) in splits.items()}
    together = np.concatenate(list(images.values()))
    model = keras.Sequential(
        [
            keras.Input(together.shape[1:]),
            keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
            keras.layers.GlobalAveragePooling2D(name="average"),
            keras.layers.Dense(10, activation="softmax", name="scores"),
        ]
    )
    log_model(log_dir, model, data, step=0)
    return Watched(log_dir, together, images)
