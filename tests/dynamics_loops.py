"""The definitions of docs/dynamics.md as plain loops over one sample's epochs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Trajectory:
    """One sample: what was recorded of it at the logged steps, in order."""

    steps: list[int]
    predictions: list[int]
    margins: list[float]
    scores: list[float]
    label: int


def mean_margin(seen: Trajectory) -> float:
    """AUM(x, y) = 1/T sum over t of M(t)(x, y) (Pleiss et al. 2020, eq. 2)."""
    total, epochs = 0.0, 0
    for margin in seen.margins:
        if math.isfinite(margin):
            total += margin
            epochs += 1
    return total / epochs if epochs else math.nan


def mean_label_score(seen: Trajectory) -> float:
    """mu_i = 1/E sum over e of p(y*_i | x_i) (Swayamdipta et al. 2020)."""
    known = [score for score in seen.scores if math.isfinite(score)]
    return math.fsum(known) / len(known) if known else math.nan


def variability(seen: Trajectory) -> float:
    """sigma_i = sqrt(sum over e of (p(y*_i | x_i) - mu_i)^2 / E) (the same)."""
    known = [score for score in seen.scores if math.isfinite(score)]
    if not known:
        return math.nan
    mean = mean_label_score(seen)
    return math.sqrt(math.fsum((score - mean) ** 2 for score in known) / len(known))


def correctness(seen: Trajectory) -> float:
    """The fraction of times the model labels x_i as y*_i across epochs (the same)."""
    if seen.label < 0:
        return math.nan
    right = 0
    for prediction in seen.predictions:
        if prediction == seen.label:
            right += 1
    return right / len(seen.predictions)


def forgetting_events(seen: Trajectory) -> int:
    """Times that acc_i(t) > acc_i(t + 1) (Toneva et al. 2019, section 3)."""
    if seen.label < 0:
        return -1
    events = 0
    for before, now in zip(seen.predictions, seen.predictions[1:], strict=False):
        if (before == seen.label) > (now == seen.label):
            events += 1
    return events


def first_learned(seen: Trajectory) -> int:
    """The first step with acc_i(t) = 1; -1 for never."""
    for step, prediction in zip(seen.steps, seen.predictions, strict=True):
        if seen.label >= 0 and prediction == seen.label:
            return step
    return -1


def flips(seen: Trajectory) -> int:
    count = 0
    for before, now in zip(seen.predictions, seen.predictions[1:], strict=False):
        if now != before:
            count += 1
    return count


def last_change(seen: Trajectory) -> int:
    last = -1
    for at in range(1, len(seen.steps)):
        if seen.predictions[at] != seen.predictions[at - 1]:
            last = seen.steps[at]
    return last


LOOPS = {
    "mean_margin": mean_margin,
    "mean_label_score": mean_label_score,
    "variability": variability,
    "correctness": correctness,
    "forgetting_events": forgetting_events,
    "first_learned": first_learned,
    "flips": flips,
    "last_change": last_change,
}
INTEGERS = ("forgetting_events", "first_learned", "flips", "last_change")


def z_scores(losses: list[float], groups: list[Any]) -> list[float]:
    """(x - mean) / population standard deviation within the sample's group; None has no group."""
    found = []
    for loss, group in zip(losses, groups, strict=True):
        peers = [
            other
            for other, its in zip(losses, groups, strict=True)
            if its == group and group is not None and math.isfinite(other)
        ]
        if len(peers) < 2 or not math.isfinite(loss) or max(peers) == min(peers):
            found.append(math.nan)
            continue
        mean = math.fsum(peers) / len(peers)
        spread = math.sqrt(math.fsum((other - mean) ** 2 for other in peers) / len(peers))
        found.append((loss - mean) / spread)
    return found
