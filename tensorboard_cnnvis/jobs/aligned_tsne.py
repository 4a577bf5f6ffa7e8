"""The job that lays samples out by t-SNE over the epochs."""

from __future__ import annotations

from collections.abc import Callable

from tensorboard_cnnvis.analysis import aligned
from tensorboard_cnnvis.jobs import tsne
from tensorboard_cnnvis.jobs.aligned import Each, Floats, Graph, Graphs, follow
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.task import Task


def run(task: Task) -> Result:
    """Parameters pull, perplexity and those of `aligned.follow`."""
    return follow(task, _Tsne(task))


class _Tsne:
    def __init__(self, task: Task) -> None:
        self._parameters = task.parameters

    def graphs(self, vectors: Floats, report: Callable[[float], None]) -> Graphs:
        similarities = tsne.affinities(vectors, self._parameters, report)
        return Graphs(similarities, similarities)

    def first(self, objective: Graph, start: Floats, each: Each) -> Floats:
        return tsne.descend(objective, start, each).copy()

    def next(self, objective: Graph, start: Floats, kept: Floats, each: Each) -> Floats:
        hold = aligned.holding(kept, float(self._parameters["pull"]))
        schedule = aligned.WarmSchedule()
        gradient = tsne.gradient(objective)
        steps = aligned.continue_descent(gradient, start, hold, schedule)
        layout = start
        for iteration, layout in enumerate(steps, 1):
            each(iteration / schedule.iterations, layout)
        return aligned.settled(layout, start, hold)
