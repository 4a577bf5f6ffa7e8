"""The job that ranks the samples by how probably their label is wrong."""

from __future__ import annotations

import dataclasses

import numpy as np

from tensorboard_cnnvis.analysis.label_errors import DEFINITION, LEAST_EPOCHS, MISLABELED
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.task import JobError, Task
from tensorboard_cnnvis.table.slow_columns import enough_epochs, ranking

_NO_EMBEDDING = "no embedding is logged at this epoch: the ranking is from the scores alone"
_BY_CHANCE = (
    "up to this epoch the network agrees with the labels no more often than by chance, so that it"
    " tells nothing of them"
)
_NAN = "up to this epoch no score is finite"


def run(task: Task) -> Result:
    """The record up to the subject's step counts; parameters and source are for the name alone.

    Arrays: the fields of `LabelErrors`, over all samples. `estimated` counts the samples of each
    split that are more probably mislabeled than not, `expected` sums the probabilities.
    """
    reader, step = task.reader(), task.subject.step
    if not enough_epochs(reader, step):
        raise JobError(f"the ranking needs {LEAST_EPOCHS} logged epochs", "wait for the next epoch")
    ranked = ranking(reader, step, task.share(0.0, 1.0))
    found = ranked.found
    estimated, expected = {}, {}
    notes = [] if ranked.layer else [_NO_EMBEDDING]
    for split in reader.manifest.splits:
        rows = slice(split.start, split.start + split.count)
        estimated[split.name] = int(np.count_nonzero(found.reason[rows] == MISLABELED))
        expected[split.name] = float(np.nansum(found.score[rows], dtype=np.float64))
        if (found.suggested[rows] >= 0).any() and np.isnan(found.score[rows]).all():
            finite = np.isfinite(found.mean_label_score[rows]).any()
            notes.append(f"no label of {split.name!r} is ranked: {_BY_CHANCE if finite else _NAN}")
    payload = {
        "definition": DEFINITION,
        "epochs": ranked.epochs,
        "estimated": estimated,
        "expected": expected,
        "layer": ranked.layer,
        "notes": notes,
    }
    arrays = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    return Result(payload, arrays)
