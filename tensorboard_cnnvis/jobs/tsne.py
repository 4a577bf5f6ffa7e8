"""The job that lays samples out by t-SNE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis import tsne
from tensorboard_cnnvis.analysis.knn_graph import knn_graph
from tensorboard_cnnvis.jobs.messages import Result, Settings
from tensorboard_cnnvis.jobs.task import JobError, Task
from tensorboard_cnnvis.jobs.vectors import Drawn

MOST_EXACT = 10_000
_NEIGHBOURS_DONE = 0.1  # progress when the neighbours are known


def run(task: Task) -> Result:
    """Parameters n, seed, perplexity, metric. Arrays `xy` and `start`, float32 (m, 2)."""
    parameters = task.parameters
    found = Drawn(task.reader(), task.subject, parameters["n"], parameters["seed"])
    perplexity, n = float(parameters["perplexity"]), len(found.vectors)
    if perplexity > tsne.most_perplexity(n):
        raise JobError(
            f"a perplexity of {perplexity:g} is too high for {n} samples with finite vectors",
            f"at most {tsne.most_perplexity(n):.4g}: (samples - 1) / 3",
        )
    start = found.whole(found.start)
    task.report(0.0, {"xy": start, "start": start})
    neighbours = tsne.neighbours_for(perplexity, n)
    graph = knn_graph(
        found.vectors, neighbours, parameters["metric"], task.share(0, _NEIGHBOURS_DONE)
    )
    similarities = tsne.affinities(graph, perplexity)

    def each(done: float, layout: npt.NDArray[Any]) -> None:
        if task.due():
            preview = {"xy": found.whole(layout), "start": start}
            task.report(_NEIGHBOURS_DONE + (1 - _NEIGHBOURS_DONE) * done, preview)

    layout = _descend(similarities, found.start, each)
    left_out = int(np.count_nonzero(~found.finite))
    return Result({"left_out": left_out}, {"xy": found.whole(layout), "start": start})


def _descend(
    similarities: Any, start: npt.NDArray[Any], each: Callable[[float, npt.NDArray[Any]], None]
) -> npt.NDArray[Any]:
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
