"""The job that lays samples out by UMAP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from tensorboard_cnnvis.analysis.knn_graph import Report, knn_graph
from tensorboard_cnnvis.analysis.umap import fuzzy_set, umap_layout
from tensorboard_cnnvis.jobs.messages import Result, Settings
from tensorboard_cnnvis.jobs.task import JobError, Task
from tensorboard_cnnvis.jobs.vectors import Drawn

_NEIGHBOURS_DONE = 0.2
Floats = npt.NDArray[np.float32]


def run(task: Task) -> Result:
    """Parameters n, seed, neighbors, min_distance, metric. Arrays `xy` and `start` (m, 2)."""
    parameters = task.parameters
    found = Drawn(task.reader(), task.subject, parameters["n"], parameters["seed"])
    start = found.whole(found.start)
    task.report(0.0, {"xy": start, "start": start})
    weights = fuzzy(found.vectors, parameters, task.share(0, _NEIGHBOURS_DONE))

    def each(done: float, layout: npt.NDArray[Any]) -> None:
        if task.due():
            preview = {"xy": found.whole(layout), "start": start}
            task.report(_NEIGHBOURS_DONE + (1 - _NEIGHBOURS_DONE) * done, preview)

    distance, seed = float(parameters["min_distance"]), int(parameters["seed"])
    layout = umap_layout(weights, found.start, distance, seed, each)
    left_out = int(np.count_nonzero(~found.finite))
    return Result({"left_out": left_out}, {"xy": found.whole(layout), "start": start})


def fuzzy(vectors: Floats, parameters: Mapping[str, Any], report: Report) -> scipy.sparse.csr_array:
    """The fuzzy set of finite vectors (n, d) by the job's neighbors, metric and seed."""
    neighbors, n = checked_neighbors(parameters, len(vectors)), len(vectors)
    graph = knn_graph(vectors, neighbors - 1, parameters["metric"], report)
    return fuzzy_set(graph, n, int(parameters["seed"]))


def checked_neighbors(parameters: Mapping[str, Any], n: int) -> int:
    """The job's number of neighbors, the point itself counted, of n finite vectors."""
    neighbors = int(parameters["neighbors"])
    if neighbors >= n:
        raise JobError(
            f"{neighbors} neighbors are too many for {n} samples with finite vectors",
            f"at most {n - 1}",
        )
    return neighbors


def warm(settings: Settings) -> None:
    """Loads umap-learn and has it compile what it does not keep."""
    points = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    weights = fuzzy_set(knn_graph(points, 4, "euclidean"), len(points), 0)
    umap_layout(weights, points[:, :2], 0.1, 0, lambda done, layout: None)
