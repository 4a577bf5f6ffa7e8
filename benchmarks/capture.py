"""What logging an epoch costs: one pass over the probe set, four ways, in one run.

    python benchmarks/capture.py [--repeats 7]

The bare forward is the model itself, compiled, at the batch size that our pass chooses. The
others are timed in turn with it, so that a busy machine slows all alike; medians are printed.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tensorboard_cnnvis import CNNVis, schema
from tensorboard_cnnvis.capture.probe import build_probe
from tensorboard_cnnvis.capture.record import Options, Recorder
from tensorboard_cnnvis.store.reader import RunReader

TARGETS = {"small CNN, 28x28x1": 1.8, "ResNet-20, 32x32x3": 1.5}
ONCE = {"predict per layer"}  # takes a minute, and compiles anew every time


def small_cnn() -> Any:
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def resnet20() -> Any:
    """He et al. 2016, section 4.2, with n = 3."""
    pixels = keras.Input((32, 32, 3))
    x = _normalized(layers.Conv2D(16, 3, padding="same", use_bias=False)(pixels))
    for filters in (16, 32, 64):
        for block in range(3):
            strides = 2 if filters > 16 and block == 0 else 1
            y = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
            y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(_normalized(y))
            y = layers.BatchNormalization()(y)
            if strides == 2:
                x = layers.Conv2D(filters, 1, 2, use_bias=False)(x)
            x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(pixels, layers.Dense(10, activation="softmax")(x))


def _normalized(x: Any) -> Any:
    return layers.ReLU()(layers.BatchNormalization()(x))


def bare_forward(model: Any, x: Any, size: int) -> Callable[[], None]:
    specs = [tf.TensorSpec((None, *x.shape[1:]), x.dtype)]
    compiled = tf.function(lambda rows: model(rows, training=False), input_signature=specs)

    def run() -> None:
        for start in range(0, len(x), size):
            compiled(x[start : start + size]).numpy()

    return run


def predict_per_layer(model: Any, x: Any, paths: tuple[str, ...]) -> Callable[[], None]:
    """What a user would write: one extractor per layer, `predict`, then NumPy."""

    def run() -> None:
        for path in paths:
            output = keras.Model(model.inputs, model.get_layer(path).output)
            values = output.predict(x, batch_size=128, verbose=0)
            axes = tuple(range(values.ndim - 1))
            values.mean(axis=axes), values.std(axis=axes), (values > 0).mean(axis=axes)
        model.predict(x, batch_size=128, verbose=0)

    return run


def histograms(model: Any, directory: str) -> Callable[[], None]:
    """Keras's own callback: histograms of the weights; it sees no sample."""
    callback = keras.callbacks.TensorBoard(directory, histogram_freq=1)
    callback.set_model(model)
    callback.set_params({"epochs": 1, "steps": 1})
    callback.on_train_begin()

    def run() -> None:
        callback.on_epoch_begin(0)
        callback.on_epoch_end(0, {})

    return run


def interleaved(runs: dict[str, Callable[[], None]], repeats: int) -> dict[str, float]:
    """Median seconds of each, taken in turns after a first round that compiles.

    Garbage is collected between turns: otherwise what `predict` leaves slows the others.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(repeats + 1):
        for name, run in runs.items():
            if name in ONCE and turn > 0:
                continue
            gc.collect()
            began = time.perf_counter()
            run()
            if turn > 0 or name in ONCE:
                seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in seconds.items()}


def written_bytes(model: Any, data: Any, directory: str) -> tuple[int, int]:
    """Bytes that two epochs wrote: the events of one of them, and the kept model."""
    callback = CNNVis(Path(directory) / "run", data, keep_models=1)
    callback.set_model(model)
    callback.set_params({"epochs": 2})
    callback.on_train_begin()
    callback.on_epoch_end(0, {})
    events = next((Path(directory) / "run" / schema.SUBDIRECTORY).glob("events.*"))
    before = events.stat().st_size
    callback.on_epoch_end(1, {})
    callback.on_train_end()
    kept = RunReader(events.parent).model_path(1)
    return events.stat().st_size - before, 0 if kept is None else kept.stat().st_size


def discard(_: object) -> None:
    """Makes a timed run of a function that returns something."""


def measure(name: str, model: Any, n_samples: int, repeats: int, target: float) -> None:
    shape = model.inputs[0].shape[1:]
    x = np.random.default_rng(0).random((n_samples, *shape), np.float32)
    y = np.arange(n_samples) % 10
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    recorder = Recorder(model, build_probe((x, y)), Options())
    with tempfile.TemporaryDirectory() as directory:
        runs = {
            "bare compiled forward": bare_forward(model, x, recorder.batch_size),
            "our pass": lambda: discard(recorder.record()),
            "predict per layer": predict_per_layer(model, x, recorder.plan.statistics),
            "TensorBoard callback, histograms": histograms(model, f"{directory}/keras"),
        }
        medians = interleaved(runs, repeats)
        step, kept = written_bytes(model, (x, y), directory)
    bare = medians["bare compiled forward"]
    print(f"{name}: {n_samples:,} samples, batches of {recorder.batch_size},", end=" ")
    print(f"{len(recorder.plan.statistics)} layers watched")
    for kind, seconds in medians.items():
        each = 1e3 * seconds / n_samples
        print(f"  {kind:34s} {seconds:8.3f} s  {each:7.3f} ms/sample  {seconds / bare:6.2f} x bare")
    met = "met" if medians["our pass"] <= target * bare else "MISSED"
    print(f"  target: our pass within {target} x bare: {met}")
    print(f"  written per epoch: {step:,} bytes, {step / n_samples:,.0f} per sample;", end=" ")
    print(f"kept model: {kept:,} bytes\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    for (name, target), build in zip(TARGETS.items(), (small_cnn, resnet20), strict=True):
        measure(name, build(), 2000, repeats, target)


if __name__ == "__main__":
    main()
