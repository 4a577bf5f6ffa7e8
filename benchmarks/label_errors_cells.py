"""The cells of `label_errors.py`: noisy labels, one ordinary fit, and cleanlab's five folds.

Each piece is kept in its own file and made only where it is missing, so that a run of several
hours can be stopped at any moment and gone on with.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fashion import NAMES, fashion

EPOCHS, BATCH, FOLDS, CLASSES = 10, 64, 5, 10
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Cell:
    """One experiment.

    Attributes:
        noise: `symmetric` (another class, all alike), `pair` (the next class: each class has one
            neighbor, (label + 1) mod 10) or `confusable` (see CONFUSABLE).
        share: of the labels that are wrong, exactly.
        size: training images, drawn without replacement.
        seed: of the draw, the noise, the folds, the weights and the batches.
    """

    noise: str
    share: float
    size: int
    seed: int

    @property
    def name(self) -> str:
        """Of its directory."""
        return f"{self.noise}-{round(100 * self.share)}-{self.size}-{self.seed}"


# T-shirt and shirt, pullover and coat, sandal and sneaker, and so on: what is mistaken in earnest
CONFUSABLE = np.array([6, 3, 4, 0, 2, 7, 0, 9, 5, 7])


@dataclass(frozen=True)
class Samples:
    """Images float32 (n, 28, 28, 1) in [0, 1], `true` and `given` labels int64 (n,)."""

    x: Array
    true: Array
    given: Array

    @property
    def wrong(self) -> Array:
        """Bool (n,)."""
        return self.true != self.given


def cells() -> Iterator[Cell]:
    """Those of the table: 10,000 images with three seeds, 60,000 with one."""
    for size, seeds in ((10_000, 3), (60_000, 1)):
        for seed in range(seeds):
            for noise, share in (("symmetric", 0.05), ("symmetric", 0.1), ("pair", 0.1)):
                yield Cell(noise, share, size, seed)


def samples(cell: Cell) -> Samples:
    """The data of a cell, the same at every call."""
    images, labels = fashion("train")
    rng = np.random.default_rng([cell.seed, cell.size])
    index = rng.permutation(len(labels))[: cell.size]
    true = labels[index]
    given = true.copy()
    wrong = rng.permutation(cell.size)[: round(cell.share * cell.size)]
    if cell.noise == "symmetric":
        given[wrong] = (true[wrong] + rng.integers(1, CLASSES, len(wrong))) % CLASSES
    elif cell.noise == "pair":
        given[wrong] = (true[wrong] + 1) % CLASSES
    else:
        given[wrong] = CONFUSABLE[true[wrong]]
    x = images[index].astype(np.float32)[..., None] / np.float32(255)
    return Samples(x, true, given)


def make(cell: Cell, cache: Path) -> None:
    """Trains what a cell lacks: the recorded fit, then the folds."""
    place = cache / cell.name
    place.mkdir(parents=True, exist_ok=True)
    data: Samples | None = None
    for name in missing(cell, cache):
        data = data or samples(cell)
        print(f"{cell.name}: {name}", flush=True)
        if name == "run":
            _recorded_fit(cell, data, place)
        else:
            _fold(cell, data, int(name.removeprefix("fold")), place / f"{name}.npy")


def missing(cell: Cell, cache: Path) -> list[str]:
    """Which pieces of a cell are not there yet."""
    names = ["run", *(f"fold{fold}" for fold in range(FOLDS))]
    place = cache / cell.name
    return [
        name for name in names if not (place / (name if name == "run" else f"{name}.npy")).exists()
    ]


def cross_validated(cell: Cell, cache: Path) -> Array:
    """Scores (n, 10) of each sample by the fold that was not trained on it."""
    data = samples(cell)
    found = np.zeros((cell.size, CLASSES))
    for fold, held_out in enumerate(_folds(data.given, cell.seed)):
        found[held_out] = np.load(cache / cell.name / f"fold{fold}.npy")
    return found


def _recorded_fit(cell: Cell, data: Samples, place: Path) -> None:
    """One ordinary fit that CNNVis watches, all of its training set."""
    from tensorboard_cnnvis import CNNVis

    unfinished = place / "run.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    watched = {"train": (data.x, data.given)}
    callback = CNNVis(
        unfinished,
        watched,
        class_names=NAMES,
        metadata={"train": {"true_label": [NAMES[label] for label in data.true]}},
        max_samples=None,
        keep_models=0,
    )
    _fit(data.x, data.given, cell.seed, [callback])
    unfinished.rename(place / "run")


def _fold(cell: Cell, data: Samples, fold: int, file: Path) -> None:
    held_out = _folds(data.given, cell.seed)[fold]
    kept = np.setdiff1d(np.arange(cell.size), held_out)
    model = _fit(data.x[kept], data.given[kept], cell.seed, [])
    scores = model.predict(data.x[held_out], batch_size=1024, verbose=0)
    unfinished = file.with_suffix(".unfinished.npy")
    np.save(unfinished, scores)
    unfinished.rename(file)


def _folds(given: Array, seed: int) -> list[Array]:
    """The samples each fold holds out, stratified by given label as cleanlab does."""
    from sklearn.model_selection import StratifiedKFold

    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return [held_out for _, held_out in splitter.split(given, given)]


def _fit(x: Array, y: Array, seed: int, callbacks: list[Any]) -> Any:
    """A small CNN after ten epochs of Adam, with Keras's defaults."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, callbacks=callbacks, verbose=0)
    return model
