"""Which labels are probably wrong, from what one ordinary training showed of each sample."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.knn_graph import knn_graph

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Report = Callable[[float], None]

NEIGHBORS = 15
LEAST_EPOCHS = 3
NOTHING, MISLABELED, HARD = range(3)
REASONS = ("nothing speaks against the label", "mislabeled", "merely hard")
DEFINITION = "sigmoid of minus the mean margin over the logged epochs (AUM, Pleiss et al. 2020)"


@dataclass(frozen=True)
class Epoch:
    """What the record has of one logged step; row i is sample i.

    Attributes:
        prediction: int32 (n,), the class with the largest logit.
        margin: float32 (n,), label logit minus the largest other; NaN is left out.
        label_score: float32 (n,), score of the label; NaN is left out.
        scores: float (n, n_classes), or (n, m) the highest ones only.
        classes: int32 (n, m), whose scores these are; None where all are there.
    """

    prediction: Array
    margin: Array
    label_score: Array
    scores: Array
    classes: Array | None = None


@dataclass(frozen=True)
class LabelErrors:
    """The ranking and what speaks for it; all are (n,), row i is sample i of what was given.

    The *alternative* is the class other than the label that most speaks for.

    Attributes:
        score: float32 in [0, 1], higher is more probably mislabeled; NaN without a label.
        suggested: int32, the alternative where something speaks against the label, else the label;
            -1 without a label.
        reason: uint8, place in REASONS.
        mean_margin: float32, mean over the epochs of the label's logit minus the largest other.
        mean_label_score: float32, mean score of the label over the epochs.
        alternative_score: float32, mean score of the alternative over the epochs.
        label_share: float32, share of the epochs at which the prediction was the label.
        alternative_share: float32, share of them at which it was the alternative.
        neighbor_label_share: float32, share of the nearest NEIGHBORS labeled samples with the same
            label; NaN without embeddings.
        neighbor_share: float32, share of them whose label is the alternative.
    """

    score: Floats
    suggested: npt.NDArray[np.int32]
    reason: npt.NDArray[np.uint8]
    mean_margin: Floats
    mean_label_score: Floats
    alternative_score: Floats
    label_share: Floats
    alternative_share: Floats
    neighbor_label_share: Floats
    neighbor_share: Floats


def label_errors(
    labels: Array,
    epochs: Iterable[Epoch],
    n_classes: int,
    embedding: Array | None = None,
    report: Report = lambda share: None,
) -> LabelErrors:
    """Ranks the samples by how probably their label is wrong.

    Args:
        labels: int (n,), -1 without a label.
        epochs: the logged steps in order, taken one at a time.
        n_classes: number of classes.
        embedding: float (n, n_features) of the last step, for the neighbors.
        report: told the share of the neighbors' search that is done; may raise to stop.
    """
    n, rows = len(labels), np.arange(len(labels))
    known = labels >= 0
    own = np.where(known, labels, 0)
    margin, label_score, count = np.zeros(n), np.zeros(n), np.zeros(n)
    scores = np.zeros((n, n_classes), np.float32)
    hits = np.zeros((n, n_classes), np.int32)
    steps = 0
    for epoch in epochs:
        steps += 1
        finite = np.isfinite(epoch.margin) & np.isfinite(epoch.label_score)
        count += finite
        margin += np.where(finite, epoch.margin, 0)
        label_score += np.where(finite, epoch.label_score, 0)
        hits[rows, epoch.prediction] += 1
        found = np.nan_to_num(np.asarray(epoch.scores, np.float32))
        if epoch.classes is None:
            scores += found
        else:
            scores[rows[:, None], epoch.classes] += found
    others = scores.copy()
    others[rows, own] = -1
    alternative = others.argmax(axis=1)
    with np.errstate(invalid="ignore"):
        mean_margin = np.where(known, margin / count, np.nan)
        mean_label_score = np.where(known, label_score / count, np.nan)
    near = np.full((2, n), np.nan, np.float32)
    if embedding is not None:
        near = _neighbor_shares(labels, alternative, embedding, report)
    label_share, alternative_share = hits[rows, own] / steps, hits[rows, alternative] / steps
    against = known & (mean_margin < 0)
    consistent = alternative_share > 0.5
    reason = np.where(against, np.where(consistent, MISLABELED, HARD), NOTHING)
    suggested = np.where(known, np.where(against, alternative, labels), -1)
    blank = np.where(known, np.float32(1), np.float32(np.nan))
    return LabelErrors(
        score=(1 / (1 + np.exp(np.clip(mean_margin, -80, 80)))).astype(np.float32),
        suggested=suggested.astype(np.int32),
        reason=reason.astype(np.uint8),
        mean_margin=mean_margin.astype(np.float32),
        mean_label_score=mean_label_score.astype(np.float32),
        alternative_score=blank * scores[rows, alternative] / np.float32(steps),
        label_share=(blank * label_share).astype(np.float32),
        alternative_share=(blank * alternative_share).astype(np.float32),
        neighbor_label_share=blank * near[0],
        neighbor_share=blank * near[1],
    )


def _neighbor_shares(labels: Array, alternative: Array, embedding: Array, report: Report) -> Floats:
    """Shares of the nearest labeled samples with the label and the alternative, (2, n)."""
    found = np.full((2, len(labels)), np.nan, np.float32)
    index = np.flatnonzero((labels >= 0) & np.isfinite(embedding).all(axis=1))
    k = min(NEIGHBORS, len(index) - 1)
    if k < 1:
        return found
    near = labels[index[knn_graph(embedding[index], k, "cosine", report).index]]
    found[0, index] = (near == labels[index, None]).mean(axis=1)
    found[1, index] = (near == alternative[index, None]).mean(axis=1)
    return found
