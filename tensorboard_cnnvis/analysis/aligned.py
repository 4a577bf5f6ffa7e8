"""One layout over the epochs: each is laid out from where the one before left the points.

A point is held at its place as far as its neighbourhood is the one that it had: what did not
change does not move, and what changed is free to go where it now belongs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from tensorboard_cnnvis.analysis import projection
from tensorboard_cnnvis.analysis.tsne import Descent, Gradient, Schedule

Floats = npt.NDArray[np.float32]
STEADY = 1e-5
STOCHASTIC = 2e-4
_LEAST_CHANGE = 1e-6
_APART = 1e-3
_STRANGE = 0.25


@dataclass(frozen=True)
class WarmSchedule:
    """How a descent goes on from an earlier layout.

    Some exaggeration lets a point whose neighbours have gone slip through those between; with the
    12 of a descent from the beginning the whole would be laid out anew.

    Attributes:
        iterations: in all.
        rising: of them, in which the learning rate grows to its full value.
        early: of them, with exaggerated attraction.
        exaggeration: factor on P in these.
        early_momentum: momentum while the rate is rising.
        momentum: momentum afterwards.
        speed: learning rate beside that of a descent from the beginning, for there are few
            iterations and every point is near its place already.
    """

    iterations: int = 45
    rising: int = 10
    early: int = 20
    exaggeration: float = 1.5
    early_momentum: float = 0.5
    momentum: float = 0.8
    speed: float = 30.0


def neighbors_kept(before: scipy.sparse.csr_array, now: scipy.sparse.csr_array) -> Floats:
    """The share, float32 (n,), of each point's similarity that stayed where it was.

    1 minus the total variation distance between a point's similarities to the others at two
    epochs: 1 where they are the same, 0 where no neighbour is left.

    Args:
        before: float (n, n), not negative; a row of zeros has nothing that could be kept.
        now: the same at the later epoch.
    """
    both = _rows_of_one(before).minimum(_rows_of_one(now))
    return np.asarray(both.sum(axis=1), np.float32).ravel()


def holding(kept: Floats, pull: float, stiffness: float = STEADY) -> Floats:
    """How far each point is taken back to its place after every step, float32 (n,), in [0, 1].

    A spring of stiffness k takes a point back by k / (1 + k) of its way (an implicit step, stable
    however stiff it is). A place is expected to move in proportion to the change of its
    neighbourhood; the stiffness is the inverse of that squared, as that of a Gaussian prior.

    Args:
        kept: of `neighbors_kept`.
        pull: how strongly the user has the points held; 0 not at all, 1 wholly.
        stiffness: at a pull of a half, of a point whose neighbourhood has changed by half; more for
            steps that follow drawn edges (`STOCHASTIC`) than for those down a gradient (`STEADY`).
    """
    if pull >= 1:
        return np.asarray(kept > 0, np.float32)
    change = np.maximum(1 - kept, _LEAST_CHANGE)
    spring = stiffness * pull / (1 - pull) * np.square(kept / change)
    return np.asarray(spring / (1 + spring), np.float32)


def continue_descent(
    gradient: Gradient, start: Floats, hold: Floats, schedule: WarmSchedule
) -> Iterator[Floats]:
    """t-SNE from an earlier layout: the layout (n, 2) after each iteration, the same array.

    Args:
        gradient: of the divergence at this epoch.
        start: float32 (n, 2), where the points were.
        hold: of `holding`.
        schedule: of the descent.
    """
    state, places = Descent(gradient, start), np.ascontiguousarray(start.T, dtype=np.float32)
    rate = schedule.speed * Schedule().rate(len(start))
    for iteration in range(schedule.iterations):
        rising, early = iteration < schedule.rising, iteration < schedule.early
        share = (iteration + 1) / schedule.rising if rising else 1.0
        exaggeration = schedule.exaggeration if early else 1.0
        momentum = schedule.early_momentum if rising else schedule.momentum
        state.step(exaggeration, momentum, rate * share / exaggeration)
        state.hold(places, hold)
        yield state.layout


def settled(layout: Floats, start: Floats, weights: Floats) -> Floats:
    """A layout turned and moved as a whole to lie closest to where it was, float32 (n, 2).

    No objective here knows orientation or place, so that a move of the whole has no meaning.

    Args:
        layout: float32 (n, 2).
        start: float32 (n, 2), where the points were.
        weights: float32 (n,), how much each point counts; those without a place 0.
    """
    if not np.any(weights > 0):
        return layout
    root = np.sqrt(weights)[:, None]
    centre = np.average(layout, axis=0, weights=weights)
    target = np.average(start, axis=0, weights=weights)
    turn = projection.align((layout - centre) * root, (start - target) * root)
    return np.asarray((layout - centre) @ turn + target, np.float32)


def strangers(kept: Floats, similarities: scipy.sparse.csr_array) -> npt.NDArray[np.bool_]:
    """Which points, (n,), have lost nearly all neighbours and belong to others that stayed.

    From its last place such a point would have to cross the whole layout in a few iterations.

    Args:
        kept: of `neighbors_kept`.
        similarities: float (n, n), of this epoch.
    """
    stay = kept >= _STRANGE
    among = np.asarray(_rows_of_one(similarities) @ stay)
    return np.asarray(~stay & (among > 0.5))


def beginning(last: Floats, similarities: scipy.sparse.csr_array, seed: int) -> Floats:
    """Where each point starts, float32 (n, 2): its last place, else amid its neighbours.

    Args:
        last: float32 (n, 2), NaN where a point never had a place.
        similarities: float (n, n), of this epoch.
        seed: of the noise that parts those who would start at one place.
    """
    known = np.asarray(np.isfinite(last).all(axis=1))
    if known.all():
        return last
    old = similarities[:, known]
    weight = np.asarray(old.sum(axis=1)).reshape(-1, 1)
    amid = np.asarray(old @ last[known]) / np.where(weight > 0, weight, 1)
    amid = np.where(weight > 0, amid, last[known].mean(axis=0))
    noise = np.random.default_rng(seed).normal(size=last.shape) * last[known].std() * _APART
    return np.where(known[:, None], last, amid + noise).astype(np.float32)


def _rows_of_one(matrix: Any) -> Any:
    total = np.asarray(matrix.sum(axis=1, dtype=np.float64)).ravel()
    rows = scipy.sparse.csr_array(matrix)
    inverse = np.repeat(1 / np.where(total > 0, total, 1), np.diff(rows.indptr))
    return scipy.sparse.csr_array((rows.data * inverse, rows.indices, rows.indptr), rows.shape)
