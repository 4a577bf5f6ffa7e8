"""A recorded run with the inside of a network: made up, of few layers, without TensorFlow."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from recording import Recording, record_run

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.writer import RunWriter

REFERENCE = (1, 4)
_LAYERS = (
    schema.LayerInfo("pixels", "InputLayer", "input", (3, 4, 1), 0, 0),
    schema.LayerInfo("conv", "Conv2D", "convolution", (3, 4, 3), 30, 0, ("pixels",), "linear"),
    schema.LayerInfo("relu", "ReLU", "activation", (3, 4, 3), 0, 0, ("conv",), "relu"),
    schema.LayerInfo("squash", "Conv2D", "convolution", (3, 4, 2), 8, 0, ("relu",), "tanh"),
    schema.LayerInfo("scores", "Dense", "dense", (3,), 75, 0, ("squash",), "softmax"),
)


def record_inside(log_dir: Path, steps: int = 3) -> Recording:
    """Six samples of three classes; of `relu` channel 1 is dead and 2 nearly so."""
    x = np.random.default_rng(7).integers(0, 256, (6, 3, 4), dtype=np.uint8)

    def change(manifest: schema.Manifest) -> schema.Manifest:
        return dataclasses.replace(manifest, layers=_LAYERS, reference_samples=REFERENCE)

    return record_run(log_dir, x, np.arange(6) % 3, epochs=steps, change=change, also=_write)


def _write(writer: RunWriter, step: int) -> None:
    rng = np.random.default_rng(step)
    fires = {"conv": [1, 1, 1], "relu": [0.5, 0, 0.01], "squash": [1, 1]}
    for path, shares in fires.items():
        n = len(shares)
        rows = np.stack([rng.normal(size=n) for _ in range(3)] + [np.array(shares)] * 2)
        full = np.full(n, np.nan) if path != "squash" else np.array([0.2, 0.99])
        statistics = np.concatenate([rows, full[None]]).astype(np.float32)
        writer.array(schema.channel_array(path), statistics, step)
        top = np.stack([rng.permutation(6)[:4] for _ in shares]).astype(np.int32)
        writer.array(schema.top_samples_array(path), top, step)
        values = -np.sort(-rng.random((n, 4)).astype(np.float32), axis=1)
        writer.array(schema.top_values_array(path), values, step)
        maps = rng.random((len(REFERENCE), 3, 4, n)).astype(np.float16)
        writer.array(schema.maps_array(path), maps, step)
    for path, shape in (("conv", (3, 3, 1, 3)), ("squash", (1, 1, 3, 2))):
        kernel = rng.normal(size=shape).astype(np.float32)
        writer.array(schema.kernel_array(path), kernel, step)
