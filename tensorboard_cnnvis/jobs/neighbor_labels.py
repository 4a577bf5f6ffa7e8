"""The job that asks of every sample whether its neighbors have its label."""

from __future__ import annotations

from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.task import Task
from tensorboard_cnnvis.store.columns import NEIGHBOR_DISAGREEMENT
from tensorboard_cnnvis.table.slow_columns import disagreement


def run(task: Task) -> Result:
    """Parameter k, the number of neighbors; the subject names the layer.

    Array `neighbor_disagreement`, float32 (n_samples,).
    """
    task.report(0.0, {})
    found = disagreement(task.reader(), task.subject.step, task.share(0.0, 1.0))
    return Result({}, {NEIGHBOR_DISAGREEMENT: found})
