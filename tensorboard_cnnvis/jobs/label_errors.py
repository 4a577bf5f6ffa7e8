"""The job that ranks the samples by how probably their label is wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.label_errors import (
    DEFINITION,
    LEAST_EPOCHS,
    MISLABELED,
    Epoch,
    label_errors,
)
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.task import JobError, Task
from tensorboard_cnnvis.store.reader import RunReader

_READ = 0.5  # of the work, about


def run(task: Task) -> Result:
    """No parameters; the record up to the subject's step counts, its source is not looked at.

    Arrays: the fields of `LabelErrors`, over all samples.
    """
    reader = task.reader()
    steps = [record.step for record in reader.steps if record.step <= task.subject.step]
    if len(steps) < LEAST_EPOCHS:
        raise JobError(
            f"the ranking needs {LEAST_EPOCHS} logged epochs; there are {len(steps)}",
            "wait for the next epoch",
        )
    manifest = reader.manifest
    layer = next(
        (
            info.layer
            for info in manifest.embeddings
            if reader.has(schema.embedding_array(info.layer), steps[-1])
        ),
        None,
    )
    found = label_errors(
        reader.array(schema.LABELS),
        _epochs(task, reader, steps),
        len(manifest.class_names),
        None if layer is None else reader.array(schema.embedding_array(layer), steps[-1]),
        task.share(_READ, 1.0),
    )
    estimated = {
        split.name: int(
            np.count_nonzero(found.reason[split.start : split.start + split.count] == MISLABELED)
        )
        for split in manifest.splits
    }
    payload = {
        "definition": DEFINITION,
        "epochs": len(steps),
        "estimated": estimated,
        "layer": layer,
    }
    arrays = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    return Result(payload, arrays)


def _epochs(task: Task, reader: RunReader, steps: list[int]) -> Iterator[Epoch]:
    for done, step in enumerate(steps):
        task.report(_READ * done / len(steps), {})
        top = reader.manifest.top_scores is not None
        yield Epoch(
            reader.array(schema.PREDICTION, step),
            reader.array(schema.MARGIN, step),
            reader.array(schema.LABEL_SCORE, step),
            reader.array(schema.SCORES, step),
            reader.array(schema.SCORE_CLASSES, step) if top else None,
        )
