"""Logits to the numbers that are stored of every sample, and their means per split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]
MAX_SCORES = 100  # classes, above which only the top ones are stored
TOP_SCORES = 20


@dataclass(frozen=True)
class SampleScores:
    """What is stored of each sample at one step; see the names in `schema`.

    Attributes:
        loss: float32 (n,), cross-entropy in nats, not clipped.
        prediction: int32 (n,), -1 where a logit is NaN.
        margin: float32 (n,), label logit minus the largest other logit.
        label_score: float32 (n,).
        label_rank: int32 (n,), number of classes with a strictly larger logit; the last rank
            where a logit is NaN.
        scores: float32 (n, n_classes) or (n, TOP_SCORES), then descending.
        score_classes: int32 (n, TOP_SCORES), or None.
    """

    loss: Floats
    prediction: Integers
    margin: Floats
    label_score: Floats
    label_rank: Integers
    scores: Floats
    score_classes: Integers | None


def top_scores(n_classes: int) -> int | None:
    """How many scores are stored per sample; None for all."""
    return TOP_SCORES if n_classes > MAX_SCORES else None


def score_samples(logits: Floats, labels: Integers) -> SampleScores:
    """The record of each sample, computed from float32 logits.

    The loss is the difference to the largest logit plus `log1p` of the other exponentials, which
    loses no digits where the label's logit is the largest.

    Args:
        logits: (n, n_classes), or (n, 1) for a sigmoid, which is taken as (0, z).
        labels: int32 (n,).
    """
    if logits.shape[1] == 1:
        logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
    rows = np.arange(len(logits))
    own = logits[rows, labels]
    prediction = np.argmax(logits, axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        highest = logits[rows, prediction]
        powers = np.exp(logits - highest[:, np.newaxis])
        total = powers.sum(axis=1)
        powers_but_one = powers.copy()
        powers_but_one[rows, prediction] = 0
        loss = (highest - own) + np.log1p(powers_but_one.sum(axis=1))
        scores = powers / total[:, np.newaxis]
        others = logits.copy()
        others[rows, labels] = -np.inf
        margin = own - others.max(axis=1)
        rank = (logits > own[:, np.newaxis]).sum(axis=1)
    unknown = np.isnan(logits).any(axis=1)
    prediction[unknown] = -1
    rank[unknown] = logits.shape[1] - 1
    kept, classes = _kept(scores)
    return SampleScores(
        loss=loss.astype(np.float32),
        prediction=prediction.astype(np.int32),
        margin=margin.astype(np.float32),
        label_score=scores[rows, labels].astype(np.float32),
        label_rank=rank.astype(np.int32),
        scores=kept.astype(np.float32),
        score_classes=classes,
    )


def summarize(
    splits: Sequence[schema.SplitInfo], labels: Integers, scores: SampleScores
) -> tuple[schema.SplitSummary, ...]:
    """Means over each split; the loss over its finite values."""
    return tuple(_summary(split, labels, scores) for split in splits)


def _summary(
    split: schema.SplitInfo, labels: Integers, scores: SampleScores
) -> schema.SplitSummary:
    part = slice(split.start, split.start + split.count)
    loss, own = scores.loss[part], labels[part]
    finite = np.isfinite(loss)
    right = scores.prediction[part] == own
    occurring, place = np.unique(own, return_inverse=True)
    recall = np.bincount(place, weights=right) / np.bincount(place)
    return schema.SplitSummary(
        name=split.name,
        loss=float(loss[finite].mean(dtype=np.float64)) if finite.any() else float("nan"),
        accuracy=float(right.mean()),
        balanced_accuracy=float(recall.mean()) if len(occurring) else float("nan"),
        non_finite=int((~finite).sum()),
    )


def _kept(scores: Floats) -> tuple[Floats, Integers | None]:
    count = top_scores(scores.shape[1])
    if count is None:
        return scores, None
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    return np.take_along_axis(scores, order, 1), order.astype(np.int32)
