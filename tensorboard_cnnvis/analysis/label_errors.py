"""Which labels are probably wrong, from what one ordinary training showed of each sample.

Two witnesses are asked what a sample is, both before it is looked at how it is labeled: the
network's mean scores over the epochs, and a Gaussian classifier on the last hidden layer that has
not seen the sample (see `gaussian_classes`). What they say, and how the labels lie against it, goes
into a model of noise and likeness (see `label_noise`), which tells errors from hard samples.

A network learns clean labels first and wrong ones later, by heart (Arpit et al. 2017), and what it
has learned by heart it no longer contradicts. So the model is made at up to MOST_JUDGED of the
epochs, each time from the epochs so far, and asked how many wrong labels it expects to find, by its
own probabilities: errors that are being learned blur it. The last epoch before that counts (see
`memorizing`). Of each split by itself, for what is not trained on is not learned by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.gaussian_classes import (
    held_out_highest,
    held_out_log_scores,
)
from tensorboard_cnnvis.analysis.label_noise import (
    Evidence,
    agreement,
    noise_model,
    probability,
)
from tensorboard_cnnvis.analysis.mean_scores import MeanScores, by_class, repeated, rest_of
from tensorboard_cnnvis.analysis.memorizing import Blurring
from tensorboard_cnnvis.analysis.neighbor_labels import nearest_labels

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Report = Callable[[float], None]

LEAST_EPOCHS = 3
MOST_JUDGED = 16
NOTHING, MISLABELED, HARD = range(3)
REASONS = ("nothing speaks against the label", "mislabeled", "merely hard")
DEFINITION = (
    "the probability that the label is wrong, by a model that tells labels which no likeness of the"
    " classes explains from those of hard samples; its evidence: the mean scores over the epochs,"
    " and a Gaussian classifier on the last hidden layer that has not seen the sample"
)
_LEAST = 1e-9  # of a class probability


@dataclass(frozen=True)
class Epoch:
    """What the record has of one logged step; row i is sample i.

    Attributes:
        prediction: int32 (n,), the class with the largest logit.
        margin: float32 (n,), label logit minus the largest other; NaN is left out.
        label_score: float32 (n,), score of the label; NaN is left out.
        scores: float (n, n_classes), or (n, m) the highest ones only.
        classes: int32 (n, m), whose scores these are; None where all are there.
        embedding: float (n, n_features) of the last hidden layer, where it is logged.
        judged: whether to make the model after this epoch; see `judged_epochs`.
    """

    prediction: Array
    margin: Array
    label_score: Array
    scores: Array
    classes: Array | None = None
    embedding: Array | None = None
    judged: bool = True


@dataclass(frozen=True)
class LabelErrors:
    """The ranking and what speaks for it; all are (n,), row i is sample i of what was given.

    The *alternative* is the class other than the label that the sample most probably is. A sample
    whose label is probably wrong is *mislabeled*; where the evidence prefers another class, but
    many samples look like that and bear such a label rightly, it is *merely hard*.

    Attributes:
        score: float32 in [0, 1], the probability that the label is wrong; NaN without a label or
            without any finite score by the epoch that counts, and in a split of whose labels the
            network tells nothing yet (see `label_noise.Agreement`).
        suggested: int32, the alternative where something speaks against the label, else the label;
            -1 without a label.
        reason: uint8, place in REASONS.
        mean_margin: float32, mean over the epochs of the label's logit minus the largest other.
        mean_label_score: float32, mean score of the label over the epochs.
        alternative_score: float32, mean score of the alternative over the epochs; see `MeanScores`
            for epochs at which it is not among the highest ones, where only these are known.
        label_share: float32, share of the epochs at which the prediction was the label.
        alternative_share: float32, share of them at which it was the alternative.
        neighbor_label_share: float32, share of the nearest NEIGHBORS labeled samples with the same
            label; NaN without embeddings and where nothing speaks against the label.
        neighbor_share: float32, share of them whose label is the alternative; NaN likewise.
        judged_epochs: int32, how many of the epochs the score is from; 0 where it is NaN.
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
    judged_epochs: npt.NDArray[np.int32]


def judged_epochs(n_epochs: int) -> frozenset[int]:
    """Places, from 0, of the epochs at which to make the model: the last is one of them.

    The distances grow with the epochs, since a network forms early.
    """
    places = np.geomspace(LEAST_EPOCHS, max(n_epochs, LEAST_EPOCHS), MOST_JUDGED)
    return frozenset((np.rint(places).astype(int) - 1).tolist())


def label_errors(
    labels: Array,
    epochs: Iterable[Epoch],
    n_classes: int,
    splits: Array | None = None,
    report: Report = lambda share: None,
    *,
    neighbors: bool = True,
) -> LabelErrors:
    """Ranks the samples by how probably their label is wrong.

    Args:
        labels: int (n,), -1 without a label.
        epochs: the logged steps in order, taken one at a time.
        n_classes: number of classes.
        splits: int (n,), which samples are of one split; None for one.
        report: told the share of the neighbors' search that is done; may raise to stop.
        neighbors: whether to look for them: they are evidence to show, the score needs none.

    Raises:
        ValueError: there are fewer than LEAST_EPOCHS epochs, or none to be judged from there on.
    """
    history = _History(labels, n_classes)
    found = _Found(labels, np.zeros(len(labels), np.int64) if splits is None else splits)
    vectors: Array | None = None
    for epoch in epochs:
        history.add(epoch)
        vectors = epoch.embedding
        if epoch.judged and history.steps >= LEAST_EPOCHS:
            found.judge(history, vectors)
    if not found.done:
        raise ValueError(f"expected at least {LEAST_EPOCHS} epochs, got {history.steps}")
    reason = found.reasons()
    near = np.full((2, len(labels)), np.nan, np.float32)
    if neighbors and vectors is not None:
        of, seen = nearest_labels(labels, vectors, reason != NOTHING, report)
        near[0, of] = (seen == labels[of, None]).mean(axis=1)
        near[1, of] = (seen == found.alternative[of, None]).mean(axis=1)
    return history.errors(found, reason, near)


class _History:
    """What is summed up over the epochs: a pass over the record needs one of them at a time."""

    def __init__(self, labels: Array, n_classes: int) -> None:
        self.labels, self.n_classes, self.steps = labels, n_classes, 0
        n = len(labels)
        self.known = labels >= 0
        self._own, self._rows = np.where(self.known, labels, 0), np.arange(n)
        self._margin, self._margins = np.zeros(n), np.zeros(n)
        self._scores = MeanScores(self._own, n_classes)
        self._hits: Any = 0  # (n, n_classes), sparse
        self._classes: Array | None = None

    def add(self, epoch: Epoch) -> None:
        """Takes in the next epoch."""
        self.steps += 1
        finite = np.isfinite(epoch.margin)
        self._margins += finite
        self._margin += np.where(finite, epoch.margin, 0)
        ones = np.ones((len(self._rows), 1), np.int32)
        self._hits = by_class(ones, epoch.prediction[:, None], self.n_classes) + self._hits
        self._scores.add(epoch.scores, epoch.label_score, epoch.classes)
        self._classes = epoch.classes

    @property
    def told(self) -> npt.NDArray[np.bool_]:
        """Which samples have a label and a score."""
        return np.asarray(self.known & (self._scores.counts > 0))

    def evidence(self, vectors: Array | None) -> Evidence:
        """What the epochs so far and the vectors of the last of them say of all samples."""
        if self._classes is None:
            log = np.log(self._scores.of() + _LEAST)
            if vectors is not None:
                log = _both(log, held_out_log_scores(vectors, self.labels, self.n_classes))
            return Evidence(log, log[self._rows, self._own])
        return self._evidence_of_highest(self._classes, vectors)

    def _evidence_of_highest(self, classes: Array, vectors: Array | None) -> Evidence:
        """Of the classes (n, m) and of as many that the vectors look like most.

        The network may as yet be the worse witness, which then must not choose what is looked at.
        """
        own, c = self._own[:, None], self.n_classes
        asked = np.concatenate([own, classes], axis=1)
        if vectors is not None:
            told, asked = held_out_highest(vectors, self.labels, c, asked, classes.shape[1])
        classes = asked[:, 1:]
        log, least = (np.log(of + _LEAST) for of in (self._scores.of(asked), self._scores.rest))
        if vectors is not None:
            twice = repeated(classes)
            scores = np.exp(told)
            known = np.where(twice, -1, classes)
            rest = rest_of(scores[:, 1:], scores[:, 0], known, self._own, c)
            log, least = _both(log, told), _both(least, np.log(rest + _LEAST))
            log[:, 1:] = np.where(twice, least[:, None], log[:, 1:])
        return Evidence(log[:, 1:], log[:, 0], classes, least)

    def errors(self, found: _Found, reason: Array, near: Floats) -> LabelErrors:
        """All that is told, of what was found."""
        score, alternative = probability(found.log_odds), found.alternative
        suggested = np.where(reason == NOTHING, self.labels, alternative)
        with np.errstate(invalid="ignore"):
            margin = self._margin / np.where(self._margins > 0, self._margins, np.nan)
            scored = np.where(self._scores.counts > 0, 1.0, np.nan)
        blank = np.where(self.known, 1.0, np.nan)
        at = self._rows, alternative
        label_share = np.asarray(self._hits[self._rows, self._own]) / self.steps
        shares = {
            "score": np.where(found.epochs > 0, score, np.nan),
            "mean_margin": margin,
            "mean_label_score": self._scores.label * scored,
            "alternative_score": self._scores.of(alternative[:, None])[:, 0] * scored,
            "label_share": label_share,
            "alternative_share": np.asarray(self._hits[at]) / self.steps,
            "neighbor_label_share": near[0],
            "neighbor_share": near[1],
        }
        return LabelErrors(
            suggested=np.where(self.known, suggested, -1).astype(np.int32),
            reason=reason,
            judged_epochs=found.epochs.astype(np.int32),
            **{name: (blank * values).astype(np.float32) for name, values in shares.items()},
        )


def _both(seen: Array, told: Array) -> Array:
    """The mean of two logarithms of probabilities; the first where the other is NaN."""
    return np.where(np.isnan(told), seen, (seen + np.maximum(told, np.log(_LEAST))) / 2)


class _Found:
    """The judgement that counts so far, of each split by itself."""

    def __init__(self, labels: Array, splits: Array) -> None:
        n = len(labels)
        self._labels = labels
        self._splits = [
            (np.flatnonzero(splits == split), Blurring()) for split in np.unique(splits)
        ]
        self.log_odds, self.alternative = np.full(n, -np.inf), np.zeros(n, np.int64)
        self.contradicted, self.epochs = np.zeros(n, np.bool_), np.zeros(n, np.int64)
        self.done = False

    def judge(self, history: _History, vectors: Array | None) -> None:
        """Makes the model from the epochs so far; it counts unless its ranking is blurred."""
        self.done = True
        clear = [split for split in self._splits if not split[1].lasting]
        if not clear:
            return
        evidence, c = history.evidence(vectors), history.n_classes
        known = np.flatnonzero(history.told)
        of_all = agreement(self._labels[known], evidence.rows(known), c)
        for rows, blurring in clear:
            index = rows[history.told[rows]]
            labels, part = self._labels[index], evidence.rows(index)
            of_one = len(np.unique(labels)) == 1  # which shows nothing of what is told
            agreed = of_all if of_one else agreement(labels, part, c)
            if not agreed.tells:
                continue
            log_odds, alternative = noise_model(labels, part, c).log_odds(labels, part)
            if not blurring.counts(log_odds, agreed.kappa):
                continue
            self.log_odds[index], self.alternative[index] = log_odds, alternative
            self.contradicted[index] = part.best()[0] != labels
            self.epochs[index] = history.steps

    def reasons(self) -> npt.NDArray[np.uint8]:
        """Places in REASONS (n,)."""
        hard = np.where(self.contradicted, HARD, NOTHING)
        return np.where(self.log_odds > 0, MISLABELED, hard).astype(np.uint8)
