"""What follows from a sample's whole record: a fold over the logged epochs.

Nothing here looks ahead: the state after an epoch holds what had happened by then, and a later
epoch only adds to it. `docs/dynamics.md` has the definitions with their sources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int32]
NEVER = -1


@dataclass(frozen=True)
class Dynamics:
    """The state after some epochs; all arrays are (n_samples,).

    Attributes:
        labels: int32, -1 where unknown.
        n_steps: number of epochs.
        prediction: int32, at the last of them; -1 where there was none.
        margin_sum: float64, of the finite margins.
        margin_count: int32, how many these are.
        score_mean: float64, mean of the finite label scores.
        score_spread: float64, sum of their squared deviations from it.
        score_count: int32, how many these are.
        times_right: int32, at how many epochs the prediction was the label.
        forgotten: int32, how often that ended from one epoch to the next.
        first_learned: int32, the first step at which it was so; -1 never.
        flips: int32, how often the prediction changed from one epoch to the next.
        last_change: int32, the last step at which it did; -1 never.
    """

    labels: Integers
    n_steps: int
    prediction: Integers
    margin_sum: Doubles
    margin_count: Integers
    score_mean: Doubles
    score_spread: Doubles
    score_count: Integers
    times_right: Integers
    forgotten: Integers
    first_learned: Integers
    flips: Integers
    last_change: Integers

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Dynamics:
        """The state of some samples alone."""
        arrays = {
            name: value[rows] for name, value in vars(self).items() if isinstance(value, np.ndarray)
        }
        return replace(self, **arrays)

    @property
    def nbytes(self) -> int:
        """What it takes of memory, the labels apart, which all states share."""
        return sum(
            value.nbytes for name, value in vars(self).items() if name not in ("labels", "n_steps")
        )


def before(labels: Integers) -> Dynamics:
    """The state before the first epoch, of samples with these labels, -1 where unknown."""
    n = len(labels)
    counts = np.zeros(n, np.int32)
    sums = np.zeros(n, np.float64)
    never = np.full(n, NEVER, np.int32)
    return Dynamics(
        labels, 0, never, sums, counts, sums, sums, counts, counts, counts, never, counts, never
    )


def after(state: Dynamics, step: int, prediction: Array, margin: Array, score: Array) -> Dynamics:
    """The state after one more epoch; `state` stays as it is.

    Args:
        state: after the logged epochs before it.
        step: its number.
        prediction: int (n_samples,), -1 for none, which is wrong, and a change where there was one.
        margin: float (n_samples,); what is not finite is left out.
        score: float (n_samples,), that of the label; what is not finite is left out.
    """
    prediction = prediction.astype(np.int32, copy=False)
    right, was = _right(state.labels, prediction), _right(state.labels, state.prediction)
    changed = (prediction != state.prediction) & (state.n_steps > 0)
    learned = right & (state.first_learned == NEVER)
    known = np.isfinite(margin)
    count, mean, spread = _with_score(state, score)
    return Dynamics(
        labels=state.labels,
        n_steps=state.n_steps + 1,
        prediction=prediction,
        margin_sum=state.margin_sum + np.where(known, margin, 0),
        margin_count=state.margin_count + known,
        score_mean=mean,
        score_spread=spread,
        score_count=count,
        times_right=state.times_right + right,
        forgotten=state.forgotten + (was & ~right),
        first_learned=np.where(learned, np.int32(step), state.first_learned),
        flips=state.flips + changed,
        last_change=np.where(changed, np.int32(step), state.last_change),
    )


def mean_margin(state: Dynamics) -> Floats:
    """Mean margin up to the epoch, the area under the margin (Pleiss et al. 2020, eq. 2).

    Float32 (n_samples,), in units of the logits; NaN where there is none.
    """
    return _share(state.margin_sum, state.margin_count)


def mean_label_score(state: Dynamics) -> Floats:
    """Mean score of the label, *confidence* (Swayamdipta et al. 2020, section 2).

    Float32 (n_samples,), in [0, 1]; NaN where there is none.
    """
    return np.where(state.score_count > 0, state.score_mean, np.nan).astype(np.float32)


def variability(state: Dynamics) -> Floats:
    """Population standard deviation of the label's score (Swayamdipta et al. 2020, section 2).

    Float32 (n_samples,), in [0, 0.5]; NaN where there is no score.
    """
    return np.sqrt(_share(state.score_spread, state.score_count, np.float64)).astype(np.float32)


def correctness(state: Dynamics) -> Floats:
    """Share of the epochs at which the prediction was the label (Swayamdipta et al. 2020).

    Float32 (n_samples,), in [0, 1]; NaN without a label.
    """
    epochs = np.where(state.labels >= 0, state.n_steps, 0)
    return _share(state.times_right, epochs)


def forgetting_events(state: Dynamics) -> Integers:
    """How often it went from right to wrong (Toneva et al. 2019, section 3).

    Int32 (n_samples,); -1 without a label.
    """
    return np.where(state.labels >= 0, state.forgotten, NEVER).astype(np.int32, copy=False)


COLUMNS: dict[str, Callable[[Dynamics], Array]] = {
    "mean_margin": mean_margin,
    "mean_label_score": mean_label_score,
    "variability": variability,
    "correctness": correctness,
    "forgetting_events": forgetting_events,
    "first_learned": lambda state: state.first_learned,
    "flips": lambda state: state.flips,
    "last_change": lambda state: state.last_change,
}


def loss_z(losses: Array, labels: Integers, splits: Integers) -> Floats:
    """Each loss as a z-score among the samples of the same label and split.

    Float32 (n_samples,), in population standard deviations. NaN without a label, for a loss that
    is not finite, and where fewer than two are or all are equal.

    Args:
        losses: float (n_samples,); what is not finite is left out.
        labels: int32 (n_samples,), -1 where unknown.
        splits: int32 (n_samples,), code of the split.
    """
    known = np.isfinite(losses) & (labels >= 0)
    values = losses[known].astype(np.float64)
    group = splits[known].astype(np.int64) * (int(labels.max(initial=0)) + 1) + labels[known]
    n_groups = int(group.max(initial=0)) + 1
    counts = np.maximum(np.bincount(group, minlength=n_groups), 1)
    means = np.bincount(group, values, n_groups) / counts
    apart = values - means[group]
    deviations = np.sqrt(np.bincount(group, apart**2, n_groups) / counts)
    found = np.full(len(losses), np.nan, np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        found[known] = np.where(deviations[group] > 0, apart / deviations[group], np.nan)
    return found


@dataclass(frozen=True)
class Events:
    """What happened to one sample, as steps.

    Attributes:
        first_learned: at which its prediction was first the label, or None.
        forgotten: at which it went from right to wrong.
        last_change: at which its prediction last changed, or None.
        flips: how often it did.
    """

    first_learned: int | None
    forgotten: tuple[int, ...]
    last_change: int | None
    flips: int


def events(steps: Integers, predictions: Integers, label: int) -> Events:
    """The events of one sample from its predictions (n_steps,), -1 for none."""
    right = predictions == label if label >= 0 else np.zeros(len(steps), np.bool_)
    changes = steps[1:][predictions[1:] != predictions[:-1]]
    return Events(
        int(steps[right][0]) if right.any() else None,
        tuple(steps[1:][right[:-1] & ~right[1:]].tolist()),
        int(changes[-1]) if len(changes) else None,
        len(changes),
    )


def _right(labels: Integers, prediction: Integers) -> npt.NDArray[np.bool_]:
    return np.asarray((prediction == labels) & (labels >= 0))


def _with_score(state: Dynamics, score: Array) -> tuple[Integers, Doubles, Doubles]:
    """Count, mean and squared deviations with one more score (Welford 1962)."""
    known = np.isfinite(score)
    count = state.score_count + known
    apart = np.where(known, score - state.score_mean, 0.0)
    mean = state.score_mean + apart / np.maximum(count, 1)
    return count, mean, state.score_spread + apart * np.where(known, score - mean, 0.0)


def _share(total: Array, count: Array, dtype: Any = np.float32) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan), dtype)
