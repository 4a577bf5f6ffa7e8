"""The job that finds near-duplicates and leaks between splits."""

from __future__ import annotations

import numpy as np

from tensorboard_cnnvis.analysis.duplicates import chosen_threshold, near_pairs
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.task import JobError, Task
from tensorboard_cnnvis.jobs.vectors import vectors_of


def run(task: Task) -> Result:
    """Parameters metric, threshold (None: chosen), across.

    Arrays `first`, `second`, int32 sample indices, and `distance`, float32, all (m,); `pairs` is
    the number found in all.
    """
    parameters, reader = task.parameters, task.reader()
    manifest, metric = reader.manifest, parameters["metric"]
    task.report(0.0, {})
    vectors = vectors_of(reader, task.subject, np.arange(manifest.n_samples))
    index = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    if len(index) < 2:
        raise JobError(
            f"pairs need at least 2 finite vectors; there are {len(index)}",
            "choose another layer or epoch",
        )
    vectors = vectors[index]
    threshold = parameters["threshold"]
    chosen = threshold is None
    if chosen:
        threshold = chosen_threshold(vectors, metric)
    counts = [split.count for split in manifest.splits]
    splits = np.repeat(np.arange(len(counts)), counts)[index] if parameters["across"] else None
    found = near_pairs(vectors, metric, float(threshold), splits, task.share(0.01, 1.0))
    payload = {
        "pairs": found.count,
        "threshold": float(threshold),
        "chosen": chosen,
        "left_out": manifest.n_samples - len(index),
    }
    arrays = {
        "first": index[found.first].astype(np.int32),
        "second": index[found.second].astype(np.int32),
        "distance": found.distance,
    }
    return Result(payload, arrays)
