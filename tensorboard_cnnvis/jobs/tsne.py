"""The job that lays samples out by t-SNE."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from tensorboard_cnnvis.analysis import tsne
from tensorboard_cnnvis.analysis.knn_graph import Report, knn_graph
from tensorboard_cnnvis.jobs.messages import Result, Settings
from tensorboard_cnnvis.jobs.task import JobError, Task
from tensorboard_cnnvis.jobs.vectors import Drawn

Floats = npt.NDArray[np.float32]
MOST_EXACT = 10_000
_NEIGHBOURS_DONE = 0.1  # progress when the neighbours are known


def run(task: Task) -> Result:
    """Parameters n, seed, perplexity, metric. Arrays `xy` and `start`, float32 (m, 2)."""
    parameters = task.parameters
    found = Drawn(task.reader(), task.subject, parameters["n"], parameters["seed"])
    start = found.whole(found.start)
    task.report(0.0, {"xy": start, "start": start})
    similarities = affinities(found.vectors, parameters, task.share(0, _NEIGHBOURS_DONE))

    def each(done: float, layout: npt.NDArray[Any]) -> None:
        if task.due():
            preview = {"xy": found.whole(layout), "start": start}
            task.report(_NEIGHBOURS_DONE + (1 - _NEIGHBOURS_DONE) * done, preview)

    layout = descend(similarities, found.start, each)
    left_out = int(np.count_nonzero(~found.finite))
    return Result({"left_out": left_out}, {"xy": found.whole(layout), "start": start})


def affinities(
    vectors: Floats, parameters: Mapping[str, Any], report: Report
) -> scipy.sparse.csr_array:
    """P of finite vectors (n, d) by the job's perplexity and metric."""
    perplexity, n = float(parameters["perplexity"]), len(vectors)
    if perplexity > tsne.most_perplexity(n):
        raise JobError(
            f"a perplexity of {perplexity:g} is too high for {n} samples with finite vectors",
            f"at most {math.floor(100 * tsne.most_perplexity(n)) / 100:g}: (samples - 1) / 3",
        )
    neighbours = tsne.neighbours_for(perplexity, n)
    return tsne.affinities(knn_graph(vectors, neighbours, parameters["metric"], report), perplexity)


def gradient(similarities: scipy.sparse.csr_array) -> tsne.Gradient:
    """The gradient for P of `affinities`, exact or interpolated."""
    if similarities.shape[0] > MOST_EXACT:
        from tensorboard_cnnvis.analysis.tsne_fft import fft_gradient

        return fft_gradient(similarities)
    return tsne.exact_gradient(similarities)


def descend(similarities: Any, start: Floats, each: Callable[[float, Floats], None]) -> Floats:
    """A layout from the beginning, exact or interpolated."""
    schedule = tsne.Schedule()
    if len(start) > MOST_EXACT:
        from tensorboard_cnnvis.analysis.tsne_fft import descend_fft

        return descend_fft(similarities, start, schedule, each)
    layout = start
    for iteration, layout in enumerate(tsne.descend(similarities, start, schedule), 1):
        each(iteration / schedule.iterations, layout)
    return layout


def warm(settings: Settings) -> None:
    """Has numba load the kernels, or compile them where its cache does not hold them yet."""
    points = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    similarities = tsne.affinities(knn_graph(points, 16, "euclidean"), 5.0)
    for _ in tsne.descend(similarities, points[:, :2], tsne.Schedule(iterations=2)):
        pass
