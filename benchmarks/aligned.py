"""Aligned t-SNE and UMAP beside layouts of each epoch by itself, in one run.

Without a run directory a small CNN is trained on Fashion-MNIST and watched.

    python benchmarks/aligned.py [--run DIRECTORY --layer LAYER] [--method tsne] [--samples 2000]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis import projection
from tensorboard_cnnvis.analysis.faithfulness import faithfulness
from tensorboard_cnnvis.analysis.movement import displacement, stability, true_displacement
from tensorboard_cnnvis.jobs import aligned_tsne, aligned_umap
from tensorboard_cnnvis.jobs.messages import JobRequest, Result, Subject
from tensorboard_cnnvis.jobs.task import Task
from tensorboard_cnnvis.jobs.vectors import drawn, vectors_of
from tensorboard_cnnvis.store.reader import RunReader

Array = np.ndarray[Any, Any]
NULL_EPOCHS = 10
JOBS = {"tsne": aligned_tsne, "umap": aligned_umap}
USUAL: dict[str, dict[str, Any]] = {
    "tsne": {"perplexity": 30.0},
    "umap": {"neighbors": 15, "min_distance": 0.1},
}


@dataclass(frozen=True)
class Layouts:
    """What one way gives over the epochs: places (m, 2), and CPU seconds each."""

    places: list[Array]
    seconds: list[float]


class Bench:
    """The epochs of a layer, laid out by the jobs themselves."""

    def __init__(self, run: Path, layer: str, method: str, samples: int) -> None:
        self.reader = RunReader(run / schema.SUBDIRECTORY)
        array = schema.embedding_array(layer)
        self.steps = [item.step for item in self.reader.steps if array in item.arrays]
        self.parameters = {"n": samples, "seed": 0, "metric": "euclidean", **USUAL[method]}
        self.subject = Subject(str(self.reader.directory), "", "", self.steps[0], layer)
        self.index = drawn(self.reader, samples, 0)
        self.job = JOBS[method]

    def vectors(self, step: int) -> Array:
        """The drawn samples' vectors at an epoch."""
        subject = Subject(self.subject.directory, "", "", step, self.subject.source)
        return vectors_of(self.reader, subject, self.index)

    def chain(self, steps: list[int], pull: float) -> Layouts:
        """The epochs `steps` by one job; the seconds of each from one result to the next."""
        kept: list[Result] = []
        times = [time.process_time()]

        def keep(name: str, result: Result) -> None:
            kept.append(result)
            times.append(time.process_time())

        subject = Subject(self.subject.directory, "", "", steps[-1], self.subject.source)
        series = tuple((str(place), step) for place, step in enumerate(steps[:-1]))
        request = JobRequest("", subject, {**self.parameters, "pull": pull}, series=series)
        task = Task(request.subject, request.parameters, lambda *told: None, lambda: False,
                    series=series, keep=keep)  # fmt: skip
        keep("", self.job.run(task))
        return Layouts([placed(result) for result in kept], list(np.diff(times)))

    def alone(self) -> Layouts:
        """Every epoch from the beginning."""
        each = [self.chain([step], 0.0) for step in self.steps]
        return Layouts([item.places[0] for item in each], [item.seconds[0] for item in each])


def placed(result: Result) -> Array:
    """Where a result is shown."""
    return projection.placed(result.arrays["last"], result.arrays["place"])


def turned(layout: Array, before: Array) -> Array:
    """A layout turned and shifted as a whole to lie closest to another."""
    centred, target = layout - layout.mean(axis=0), before.mean(axis=0)
    return np.asarray(centred @ projection.align(centred, before - target) + target)


def jitter(found: Layouts, fit: Callable[[Array, Array], Array]) -> float:
    """Mean displacement per epoch in units of the radius of the first."""
    first = found.places[0] - found.places[0].mean(axis=0)
    radius = np.sqrt(np.square(first).sum(axis=1).mean())
    pairs = zip(found.places[1:], found.places[:-1], strict=True)
    moves = [np.linalg.norm(fit(now, before) - before, axis=1).mean() for now, before in pairs]
    return float(np.mean(moves) / radius)


def row(name: str, bench: Bench, found: Layouts, fit: Callable[[Array, Array], Array]) -> str:
    """One line of the table, over all epochs but the first, which both lay out alike."""
    vectors = [bench.vectors(step) for step in bench.steps]
    told = [faithfulness(*pair) for pair in zip(vectors[1:], found.places[1:], strict=True)]
    moves = [
        stability(displacement(before, fit(now, before)), true_displacement(*pair))
        for now, before, pair in zip(
            found.places[1:], found.places[:-1], pairwise(vectors), strict=True
        )
    ]
    return (
        f"| {name} | {np.mean([item.trustworthiness for item in told]):.4f}"
        f" | {np.mean([item.kept for item in told]):.4f} | {jitter(found, fit):.4f}"
        f" | {np.mean([item.correlation for item in moves]):.2f}"
        f" | {np.mean(found.seconds[1:]):.2f} |"
    )


def compare(bench: Bench, pulls: list[float]) -> None:
    """Prints the table, and the ratios that are asked for at the default pull."""
    bench.chain(bench.steps[:2], 0.5)  # loads and compiles
    with threadpool_limits(1):
        alone = bench.alone()
        chains = {pull: bench.chain(bench.steps, pull) for pull in pulls}
        true = [true_displacement(bench.vectors(a), bench.vectors(b)).mean()
                for a, b in zip(bench.steps[:-1], bench.steps[1:], strict=True)]  # fmt: skip
        print("| layout | trustworthiness | 15-NN kept | jitter | correlation | CPU s |")
        print("| --- | --- | --- | --- | --- | --- |")
        print(row("each by itself, turned", bench, alone, turned))
        for pull, found in chains.items():
            print(row(f"aligned, pull {pull:g}", bench, found, lambda now, before: now))
    print(f"true movement in the layer {np.mean(true):.4f} of its radius an epoch")
    for pull, found in chains.items():
        cost = np.mean(found.seconds[1:]) / np.mean(alone.seconds[1:])
        calm = jitter(found, lambda now, before: now) / jitter(alone, turned)
        print(f"pull {pull:g}: {cost:.3f} of the cost and {calm:.3f} of the jitter")
    never_changing(bench)


def never_changing(bench: Bench) -> None:
    """How far the one moves that moves most while the embedding stays the same."""
    middle = bench.steps[len(bench.steps) // 2]
    found = bench.chain([middle] * NULL_EPOCHS, 0.5)
    moved = np.nanmax(displacement(found.places[0], found.places[-1]))
    print(f"the same embedding over {NULL_EPOCHS} epochs: at most {moved:.5f} of the radius")


def trained(directory: Path) -> tuple[Path, str]:
    """A small CNN on Fashion-MNIST, watched over ten epochs; its run and layer."""
    import keras
    from fashion import NAMES, fashion

    from tensorboard_cnnvis import CNNVis

    keras.utils.set_random_seed(0)
    images, labels = fashion("train")
    x, y = images[:8000, ..., None], labels[:8000]
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((28, 28, 1)), layers.Rescaling(1 / 255),
        layers.Conv2D(12, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(24, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(64, activation="relu", name="hidden"),
        layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy")
    watch = CNNVis(directory, {"validation": (x[6000:], y[6000:])}, class_names=NAMES)
    model.fit(x[:6000], y[:6000], epochs=10, batch_size=64, verbose=0, callbacks=[watch])
    return directory, "hidden"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="directory of a run, that holds cnnvis/")
    parser.add_argument("--layer", default="hidden")
    parser.add_argument("--method", choices=sorted(JOBS), default="tsne")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--epochs", type=int, help="only the first so many")
    parser.add_argument("--pulls", type=float, nargs="+", default=[0.0, 0.5, 0.9])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        run, layer = (given.run, given.layer) if given.run else trained(Path(directory) / "aligned")
        bench = Bench(run, layer, given.method, given.samples)
        bench.steps = bench.steps[: given.epochs]
        compare(bench, given.pulls)


if __name__ == "__main__":
    main()
