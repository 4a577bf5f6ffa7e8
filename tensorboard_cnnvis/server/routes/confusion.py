"""The confusion matrix, calibration, and one class against the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.calibration import calibration
from tensorboard_cnnvis.analysis.confusion import (
    OPTIMAL_ORDER_CLASSES,
    confusion,
    similar_together,
)
from tensorboard_cnnvis.analysis.intervals import wilson
from tensorboard_cnnvis.analysis.thresholds import MOST_POINTS, curves
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import class_of, in_splits, step_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer

Floats = npt.NDArray[np.float32]
_MOST_BINS = 100
_TOP = 5


def matrix(runs: Runs, params: Params) -> Answer:
    """`GET confusion`."""
    opened = runs.open(params.text("run"))
    step = step_of(opened, params)
    chosen = in_splits(opened.table, params)
    labels = opened.table.values("label")[chosen]
    predictions = opened.table.values("prediction", step)[chosen]
    found = confusion(labels, predictions, len(opened.reader.manifest.class_names))
    low, high = wilson(found.hits, found.n)
    ranks = opened.table.values("rank", step)[chosen]
    among = (ranks >= 1) & (ranks <= _TOP) & (predictions >= 0)
    arrays = {
        "matrix": found.matrix,
        "order": similar_together(found.matrix),
        "precision": found.precision,
        "recall": found.recall,
        "f1": found.f1,
        "support": found.support,
        "predicted": found.predicted,
    }
    payload = {
        "n": found.n,
        "unknown": found.unknown,
        "no_prediction": found.no_prediction,
        "accuracy": found.accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "balanced_accuracy": found.balanced_accuracy,
        "top5_accuracy": float(among.sum() / found.n) if found.n else float("nan"),
        "interval": "Wilson 95%",
        "optimal_order": len(found.matrix) <= OPTIMAL_ORDER_CLASSES,
    }
    return columns_answer(arrays, payload)


def reliability(runs: Runs, params: Params) -> Answer:
    """`GET calibration`."""
    opened = runs.open(params.text("run"))
    step = step_of(opened, params)
    bins = params.integer("bins", 15, low=1, high=_MOST_BINS)
    labels = opened.table.values("label")
    scores = opened.table.confidence(step)
    counted = in_splits(opened.table, params) & (labels >= 0) & np.isfinite(scores)
    right = labels[counted] == opened.table.values("prediction", step)[counted]
    arrays, payload = _parted(calibration(scores[counted], right, bins))
    return columns_answer(arrays, {**payload, "n": int(counted.sum())})


def threshold(runs: Runs, params: Params) -> Answer:
    """`GET threshold`."""
    opened = runs.open(params.text("run"))
    step, of_class = step_of(opened, params), class_of(opened, params)
    labels = opened.table.values("label")
    asked = in_splits(opened.table, params) & (labels >= 0)
    scores = opened.table.class_scores(of_class, step)
    below = _not_stored(opened, scores, step)
    # as 0, a score that is not stored is on the right side of every threshold above `exact_above`
    ranked = np.where(np.isnan(below), scores, np.float32(0))
    counted = asked & np.isfinite(ranked)
    drawn, payload = _parted(curves(ranked[counted], labels[counted] == of_class))
    arrays = {"scores": np.where(asked, scores, np.float32(np.nan)), **drawn}
    points = payload.pop("points")
    payload["thinned"] = points if points > MOST_POINTS else None
    payload["left_out"] = int((asked & ~counted).sum())
    payload["not_stored"] = int(np.isfinite(below[asked]).sum())
    payload["exact_above"] = np.nanmax(below[asked], initial=0.0)
    return columns_answer(arrays, payload)


GET: dict[str, Callable[[Runs, Params], Answer]] = {
    "confusion": matrix,
    "calibration": reliability,
    "threshold": threshold,
}


def _parted(found: Any) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """A dataclass's arrays and its other fields, each by name."""
    fields = vars(found)
    arrays = {name: value for name, value in fields.items() if isinstance(value, np.ndarray)}
    return arrays, {name: value for name, value in fields.items() if name not in arrays}


def _not_stored(opened: OpenRun, scores: Floats, step: int) -> Floats:
    """Where a class's score is not stored: the lowest of the sample's that are, else NaN."""
    missing = np.full(len(scores), np.nan, np.float32)
    if opened.reader.manifest.top_scores is None:
        return missing
    lowest = opened.reader.array(schema.SCORES, step)[:, -1]
    return np.where(np.isnan(scores), lowest, missing)
