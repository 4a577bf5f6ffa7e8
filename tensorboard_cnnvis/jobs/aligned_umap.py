"""The job that lays samples out by UMAP over the epochs."""

from __future__ import annotations

from collections.abc import Callable

import scipy.sparse

from tensorboard_cnnvis.analysis import aligned
from tensorboard_cnnvis.analysis.umap import continue_umap, umap_layout
from tensorboard_cnnvis.jobs import umap
from tensorboard_cnnvis.jobs.aligned import Each, Floats, follow
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.task import Task


def run(task: Task) -> Result:
    """Parameters pull, neighbors, min_distance and those of `aligned.follow`."""
    return follow(task, _Umap(task))


class _Umap:
    def __init__(self, task: Task) -> None:
        self._parameters = task.parameters
        self._seed = int(task.parameters["seed"])
        self._distance = float(task.parameters["min_distance"])

    def graph(self, vectors: Floats, report: Callable[[float], None]) -> scipy.sparse.csr_array:
        return umap.fuzzy(vectors, self._parameters, report)

    def first(self, graph: scipy.sparse.csr_array, start: Floats, each: Each) -> Floats:
        return umap_layout(graph, start, self._distance, self._seed, each)

    def next(
        self, graph: scipy.sparse.csr_array, start: Floats, kept: Floats, each: Each
    ) -> Floats:
        hold = aligned.holding(kept, float(self._parameters["pull"]))
        layout = continue_umap(graph, start, hold, self._distance, self._seed, each)
        return aligned.settled(layout, start, hold)
