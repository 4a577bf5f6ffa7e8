"""One class against the rest: ROC and precision-recall over all decision thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
MOST_POINTS = 2000


@dataclass(frozen=True)
class Curves:
    """What the decision `score >= threshold` gives, from no sample taken to all.

    The first point of each curve is at threshold infinity, where no sample is taken; its precision
    is put at 1. Shares are NaN where there is no positive (or no negative) sample.

    Attributes:
        fpr: false positive rate, 1 - specificity, ascending.
        tpr: true positive rate (sensitivity).
        roc_threshold: descending.
        precision: by descending threshold.
        recall: ascending.
        pr_threshold: descending.
        roc_auc: area under all points of the ROC curve, by trapezoids.
        average_precision: sum over all thresholds of recall gained times precision.
        positives: number of samples of the class.
        negatives: number of the others.
        points: of each curve before it was thinned.
    """

    fpr: Floats
    tpr: Floats
    roc_threshold: Floats
    precision: Floats
    recall: Floats
    pr_threshold: Floats
    roc_auc: float
    average_precision: float
    positives: int
    negatives: int
    points: int


def curves(scores: npt.NDArray[Any], positive: npt.NDArray[np.bool_]) -> Curves:
    """The curves of finite `scores` (n,) where `positive` (n,) marks the class's samples.

    Curves of more than 2,000 points are thinned to at most that many, evenly along their length;
    the areas are of all points.
    """
    thresholds, hits, alarms = _cumulated(scores, positive)
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    with np.errstate(invalid="ignore"):
        tpr, fpr = hits / n_positive, alarms / n_negative
    precision = np.ones(len(hits))
    precision[1:] = hits[1:] / (hits[1:] + alarms[1:])
    on_roc, on_pr = _evenly(fpr, tpr), _evenly(tpr, precision)
    return Curves(
        fpr=fpr[on_roc].astype(np.float32),
        tpr=tpr[on_roc].astype(np.float32),
        roc_threshold=thresholds[on_roc].astype(np.float32),
        precision=precision[on_pr].astype(np.float32),
        recall=tpr[on_pr].astype(np.float32),
        pr_threshold=thresholds[on_pr].astype(np.float32),
        roc_auc=_sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2),
        average_precision=_sum(np.diff(tpr) * precision[1:]),
        positives=n_positive,
        negatives=n_negative,
        points=len(thresholds),
    )


def _cumulated(
    scores: npt.NDArray[Any], positive: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Thresholds, descending from infinity, and how many of either kind reach each."""
    order = np.argsort(-scores, kind="stable")
    ranked, own = scores[order], positive[order]
    taken = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)[: len(ranked)]
    hits = np.cumsum(own)[taken]
    start = np.zeros(1)
    return (
        np.concatenate([[np.inf], ranked[taken].astype(np.float64)]),
        np.concatenate([start, hits]),
        np.concatenate([start, taken + 1 - hits]),
    )


def _sum(parts: npt.NDArray[np.float64]) -> float:
    return float(parts.sum()) if len(parts) else float("nan")


def _evenly(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """At most 2,000 points of a curve in the unit square, evenly along it, ends included."""
    if len(x) <= MOST_POINTS:
        return np.arange(len(x))
    steps = np.nan_to_num(np.abs(np.diff(x))) + np.nan_to_num(np.abs(np.diff(y)))
    length = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0, length[-1], MOST_POINTS)
    found = np.searchsorted(length, wanted)
    found[-1] = len(x) - 1
    return np.unique(found)
