"""The job that lays samples out by UMAP over the epochs."""

from __future__ import annotations

from collections.abc import Callable

from tensorboard_cnnvis.analysis import aligned
from tensorboard_cnnvis.analysis.umap import continue_umap, fuzzy_set_and_near, umap_layout
from tensorboard_cnnvis.jobs import umap
from tensorboard_cnnvis.jobs.aligned import Each, Floats, Graph, Graphs, follow
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

    def graphs(self, vectors: Floats, report: Callable[[float], None]) -> Graphs:
        neighbors = umap.checked_neighbors(self._parameters, len(vectors))
        metric = str(self._parameters["metric"])
        return Graphs(*fuzzy_set_and_near(vectors, neighbors, metric, self._seed, report))

    def first(self, objective: Graph, start: Floats, each: Each) -> Floats:
        return umap_layout(objective, start, self._distance, self._seed, each)

    def next(self, objective: Graph, start: Floats, kept: Floats, each: Each) -> Floats:
        hold = aligned.holding(kept, float(self._parameters["pull"]), aligned.STOCHASTIC)
        layout = continue_umap(objective, start, hold, self._distance, self._seed, each)
        return aligned.settled(layout, start, hold)
