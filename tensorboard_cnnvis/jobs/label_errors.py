"""The job that ranks the samples by how probably their label is wrong."""

from __future__ import annotations

import dataclasses

import numpy as np

from tensorboard_cnnvis.analysis.label_errors import DEFINITION, LEAST_EPOCHS, MISLABELED
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.task import JobError, Task
from tensorboard_cnnvis.table.slow_columns import enough_epochs, ranking


def run(task: Task) -> Result:
    """No parameters; the record up to the subject's step counts, its source is not looked at.

    Arrays: the fields of `LabelErrors`, over all samples.
    """
    reader, step = task.reader(), task.subject.step
    if not enough_epochs(reader, step):
        raise JobError(f"the ranking needs {LEAST_EPOCHS} logged epochs", "wait for the next epoch")
    ranked = ranking(reader, step, task.share(0.0, 1.0))
    found = ranked.found
    estimated = {
        split.name: int(
            np.count_nonzero(found.reason[split.start : split.start + split.count] == MISLABELED)
        )
        for split in reader.manifest.splits
    }
    payload = {
        "definition": DEFINITION,
        "epochs": ranked.epochs,
        "estimated": estimated,
        "layer": ranked.layer,
    }
    arrays = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    return Result(payload, arrays)
