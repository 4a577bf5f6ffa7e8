"""How far the samples moved between two epochs: in the layout, and in the layer itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.stats

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
_ROUNDING = 1e-6  # of the radius


@dataclass(frozen=True)
class Stability:
    """How far the movement that is shown is that of the layer; NaN where there is none.

    Attributes:
        movement: mean displacement in the layout, in units of its root mean square radius.
        true_movement: the same in the layer.
        correlation: Spearman's, of the samples' displacements in the layout and in the layer.
        n: number of samples that have a place at both epochs.
    """

    movement: float
    true_movement: float
    correlation: float
    n: int


def displacement(before: Array, now: Array) -> Floats:
    """How far each point moved, float32 (n,), in units of the radius of `now`.

    The radius is the root mean square distance from the mean, over the rows that are finite in
    both; other rows are NaN.

    Args:
        before: float (n, d).
        now: float (n, d), in the same frame.
    """
    out = np.full(len(now), np.nan, np.float32)
    both = np.isfinite(before).all(axis=1) & np.isfinite(now).all(axis=1)
    if not both.any():
        return out
    first, second = before[both].astype(np.float64), now[both].astype(np.float64)
    radius = _radius(second - second.mean(axis=0))
    if radius > 0:
        out[both] = np.linalg.norm(second - first, axis=1) / radius
    return out


def true_displacement(before: Array, now: Array) -> Floats:
    """How far each vector moved beside the others, float32 (n,), in units of the radius of `now`.

    A layer may turn, grow and shift as a whole with no change of what it tells: `before` is first
    moved, turned (or reflected) and scaled to lie closest to `now` (orthogonal Procrustes with
    scale; Schoenemann and Carroll 1970).

    Args:
        before: float (n, d), the layer's vectors at the earlier epoch.
        now: float (n, d), at the later one.
    """
    out = np.full(len(now), np.nan, np.float32)
    both = np.isfinite(before).all(axis=1) & np.isfinite(now).all(axis=1)
    if not both.any():
        return out
    first, second = (_centred(vectors[both]) for vectors in (before, now))
    left, strengths, right = np.linalg.svd(first.T @ second)
    size = np.square(first).sum()
    fitted = first @ (left @ right) * (strengths.sum() / size if size > 0 else 0.0)
    out[both] = displacement(fitted, second)
    return out


def stability(shown: Floats, true: Floats) -> Stability:
    """Both displacements (n,) of the samples beside one another.

    The correlation is NaN where one of them does not differ but by rounding: a layer that is
    frozen does not move.
    """
    both = np.isfinite(shown) & np.isfinite(true)
    n, nan = int(both.sum()), float("nan")
    if not n:
        return Stability(nan, nan, nan, 0)
    varied = n > 2 and min(np.ptp(shown[both]), np.ptp(true[both])) > _ROUNDING
    correlation = float(scipy.stats.spearmanr(shown[both], true[both])[0]) if varied else nan
    return Stability(
        float(shown[both].mean(dtype=np.float64)),
        float(true[both].mean(dtype=np.float64)),
        correlation,
        n,
    )


def _centred(vectors: Array) -> npt.NDArray[np.float64]:
    wide = vectors.astype(np.float64)
    return np.asarray(wide - wide.mean(axis=0))


def _radius(centred: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt(np.square(centred).sum(axis=1).mean()))
