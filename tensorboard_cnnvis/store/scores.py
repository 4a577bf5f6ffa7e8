"""Scores of single classes, as far as they were stored: above 100 classes only the highest are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.reader import RunReader

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ClassScores:
    """What is known of one class's score of every sample.

    Attributes:
        values: float32 (n_samples,) in [0, 1], NaN where it is not stored or not finite.
        below: float32 (n_samples,): where the score is not stored, the lowest of the sample's
            stored ones, which it does not exceed; NaN elsewhere.
    """

    values: Floats
    below: Floats


def class_scores(reader: RunReader, step: int, of_class: int) -> ClassScores:
    """The scores of a class at a step. Raises StoreError where there are none."""
    stored = reader.array(schema.SCORES, step).astype(np.float32, copy=False)
    if reader.manifest.top_scores is None:
        values = np.ascontiguousarray(stored[:, of_class])
        return ClassScores(values, np.full(len(values), np.nan, np.float32))
    hits = reader.array(schema.SCORE_CLASSES, step) == of_class
    known = hits.any(axis=1)
    values = np.where(known, stored[np.arange(len(stored)), hits.argmax(axis=1)], np.nan)
    own = ~known & (reader.array(schema.LABELS) == of_class)
    values[own] = reader.array(schema.LABEL_SCORE, step)[own]
    below = np.where(known | own, np.nan, stored[:, -1])
    return ClassScores(values.astype(np.float32), below.astype(np.float32))


def confidence(reader: RunReader, step: int) -> Floats:
    """Score of the prediction, float32 (n_samples,); NaN without a prediction."""
    stored = reader.array(schema.SCORES, step).astype(np.float32, copy=False)
    prediction = reader.array(schema.PREDICTION, step)
    if reader.manifest.top_scores is not None:
        found = stored[:, 0]
    else:
        found = stored[np.arange(len(stored)), np.maximum(prediction, 0)]
    return np.where(prediction < 0, np.float32(np.nan), found)
