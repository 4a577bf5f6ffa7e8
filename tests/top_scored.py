"""A run of which only the highest scores of each sample are stored, as above 100 classes."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np
from recording import record_run

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.writer import RunWriter

Array = np.ndarray[Any, Any]


def record_top_scored(
    log_dir: Path, x: Array, labels: Array, scores: Array, *, top: int
) -> schema.Manifest:
    """Writes step 0 of a run whose samples have `scores` (n, n_classes), the `top` ones kept."""
    names = tuple(f"class {index}" for index in range(scores.shape[1]))
    bare = record_run(log_dir, x, labels, class_names=names, epochs=0).manifest
    rows = np.arange(len(labels))
    kept = np.argsort(-scores, axis=1, kind="stable")[:, :top]
    own = scores[rows, labels]
    with RunWriter(log_dir) as writer:  # a later attempt, which wins
        manifest = dataclasses.replace(bare, top_scores=top, has_ids=False, columns=())
        writer.array(schema.LABELS, labels.astype(np.int32))
        writer.array(schema.SOURCE_INDEX, rows.astype(np.int64))
        writer.manifest(manifest)
        arrays = {
            schema.LOSS: -np.log(own).astype(np.float32),
            schema.PREDICTION: kept[:, 0].astype(np.int32),
            schema.MARGIN: np.zeros(len(labels), np.float32),
            schema.LABEL_SCORE: own.astype(np.float32),
            schema.LABEL_RANK: (scores > own[:, None]).sum(axis=1).astype(np.int32),
            schema.SCORES: np.take_along_axis(scores, kept, 1).astype(np.float32),
            schema.SCORE_CLASSES: kept.astype(np.int32),
        }
        for name, values in arrays.items():
            writer.array(name, values, 0)
        writer.commit(schema.StepRecord(0, time.time(), ()))
    return manifest
