"""What a position of an occlusion map costs, five ways, in one run.

    python benchmarks/occlusion.py [--repeats 5]

The bare forward is the model itself, compiled, over occluded images that were made before, at the
batch size that our engine chooses. The ways are timed in turn with it, so that a busy machine
slows all alike; medians are printed. Those that call the model for every position are timed over
a few of them.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tensorboard_cnnvis.inference.models import LoadedModel
from tensorboard_cnnvis.inference.occlusion import Patch, occlusion

TARGET = 1.15  # x bare
FEW = 24  # positions of the ways that take one call each


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


def mobilenet() -> Any:
    """Random weights; its BatchNorms have seen a batch, so that scores depend on the image."""
    model = keras.applications.MobileNetV2(weights=None)
    norms = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    for norm in norms:
        norm.momentum = 0.0
    model(np.random.default_rng(1).random((4, 224, 224, 3), np.float32), training=True)
    return model


def occluded(image: Any, patch: Patch) -> Any:
    """The image once per position, in reading order."""
    images = []
    for top in patch.tops(image.shape[0]):
        for left in patch.lefts(image.shape[1]):
            covered = image.copy()
            covered[top : top + patch.height, left : left + patch.width] = patch.fill
            images.append(covered)
    return np.stack(images)


def predict_each(model: Any, images: Any) -> Callable[[], None]:
    def run() -> None:
        for image in images[:FEW]:
            model.predict(image[None], verbose=0)

    return run


def compiled_each(model: Any, images: Any) -> Callable[[], None]:
    bare = compiled(model, images)

    def run() -> None:
        for image in images[:FEW]:
            bare(image[None]).numpy()

    return run


def as_tf_explain(model: Any, image: Any, patch: Patch) -> Callable[[], None]:
    """The way of tf-explain's occlusion sensitivity.

    All the images in one list and one `predict` in batches of Keras's default; the positions lie
    side by side, without a stride, so that its cost is given per position as well.
    """
    tops = range(0, image.shape[0], patch.height)
    lefts = range(0, image.shape[1], patch.width)

    def run() -> None:
        images = []
        for top in tops:
            for left in lefts:
                covered = np.array(image)
                covered[top : top + patch.height, left : left + patch.width] = patch.fill
                images.append(covered)
        scores = model.predict(np.array(images), batch_size=32, verbose=0)
        confidences = np.zeros((len(tops), len(lefts)))
        for place, row in enumerate(scores):
            confidences[place // len(lefts), place % len(lefts)] = 1 - row[0]

    return run


def compiled(model: Any, images: Any) -> Any:
    specs = [tf.TensorSpec((None, *images.shape[1:]), images.dtype)]
    return tf.function(lambda rows: model(rows, training=False), input_signature=specs)


def bare_forward(model: Any, images: Any, size: int) -> Callable[[], None]:
    bare = compiled(model, images)

    def run() -> None:
        for start in range(0, len(images), size):
            bare(images[start : start + size]).numpy()

    return run


def interleaved(runs: dict[str, Callable[[], None]], repeats: int) -> dict[str, float]:
    """Median seconds of each, taken in turns after a first round that compiles."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(repeats + 1):
        for name, run in runs.items():
            gc.collect()
            began = time.perf_counter()
            run()
            if turn > 0:
                seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in seconds.items()}


def measure(name: str, model: Any, patch: Patch, repeats: int) -> None:
    image = np.random.default_rng(0).random(model.inputs[0].shape[1:], np.float32)
    images = occluded(image, patch)
    loaded = LoadedModel(model, image[None])
    found = occlusion(loaded, image, patch, 0)
    size = loaded.scores.size
    beside = -(-image.shape[0] // patch.height) * -(-image.shape[1] // patch.width)
    runs = {
        "one predict each": (predict_each(model, images), min(FEW, len(images))),
        "one compiled call each": (compiled_each(model, images), min(FEW, len(images))),
        "tf-explain's loop": (as_tf_explain(model, image, patch), beside),
        "our engine": (lambda: discard(occlusion(loaded, image, patch, 0)), len(images)),
        "bare compiled batched forward": (bare_forward(model, images, size), len(images)),
    }
    medians = interleaved({way: run for way, (run, _) in runs.items()}, repeats)
    each = {way: medians[way] / count for way, (_, count) in runs.items()}
    plain = np.concatenate([model(part, training=False) for part in np.array_split(images, 8)])
    error = np.abs(plain[:, 0] - found.scores.ravel()).max()
    bare = each["bare compiled batched forward"]
    print(f"{name}: patch {patch.height}, stride {patch.stride}, {len(images)} positions,", end=" ")
    print(f"batches of {size}; scores vary by {plain[:, 0].std():.1e},", end=" ")
    print(f"largest difference from the model's own {error:.1e}")
    for way, seconds in each.items():
        print(f"  {way:32s} {1e3 * seconds:8.3f} ms/position  {seconds / bare:6.2f} x bare")
    met = "met" if each["our engine"] <= TARGET * bare else "MISSED"
    print(f"  target: our engine within {TARGET} x bare: {met}\n", flush=True)


def discard(_: object) -> None:
    """Makes a timed run of a function that returns something."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    measure("small CNN, 28x28x1", small_cnn(), Patch(8, 8, 1), repeats)
    measure("MobileNetV2, 224x224x3", mobilenet(), Patch(32, 32, 16), repeats)


if __name__ == "__main__":
    main()
