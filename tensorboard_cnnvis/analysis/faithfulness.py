"""How far a layout keeps its vectors' neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
NEIGHBOURS = 15
MOST_SAMPLES = 2000


@dataclass(frozen=True)
class Faithfulness:
    """Two measures in [0, 1]; NaN where there are too few samples.

    Attributes:
        trustworthiness: 1 where all neighbours in the layout are neighbours of the vectors
            (Venna and Kaski 2001, eq. 1; scikit-learn's `trustworthiness`).
        kept: mean share of the k nearest vectors that are among the k nearest in the layout.
        k: number of neighbours.
        n: number of samples that were compared.
    """

    trustworthiness: float
    kept: float
    k: int
    n: int


def faithfulness(
    vectors: Array, layout: Array, metric: str = "euclidean", k: int = NEIGHBOURS
) -> Faithfulness:
    """Compares neighbours among vectors (n, d) with those in a layout (n, 2).

    Rows that are not finite in both are left out. Of fewer than 2 * k + 2 samples k is lowered,
    since the measure of trustworthiness needs k < n / 2. All n * n distances are made.
    """
    both = np.isfinite(vectors).all(axis=1) & np.isfinite(layout).all(axis=1)
    n = int(both.sum())
    k = min(k, (n - 1) // 2)
    if k < 1:
        return Faithfulness(float("nan"), float("nan"), 0, n)
    near = _order(vectors[both], metric)[:, : n - 1]
    shown = _order(layout[both], "euclidean")[:, :k]
    rank = np.empty((n, n), np.int32)
    np.put_along_axis(rank, near, np.arange(1, n, dtype=np.int32)[None, :], axis=1)
    excess = np.take_along_axis(rank, shown, axis=1) - k
    penalty = float(np.maximum(excess, 0).sum(dtype=np.int64))
    trustworthiness = 1 - penalty * 2 / (n * k * (2 * n - 3 * k - 1))
    return Faithfulness(trustworthiness, float((excess <= 0).mean()), k, n)


def _order(points: Array, metric: str) -> npt.NDArray[np.int64]:
    """All others (n, n) by distance, ties by index; each point itself comes last."""
    points = points.astype(np.float64)
    if metric == "cosine":
        length = np.linalg.norm(points, axis=1, keepdims=True)
        points /= np.where(length > 0, length, 1)
        distance = -(points @ points.T)
    else:
        points -= points.mean(axis=0)
        squares = np.einsum("ij,ij->i", points, points)
        distance = squares[:, None] + squares - 2 * (points @ points.T)
    np.fill_diagonal(distance, np.inf)
    return np.argsort(distance, axis=1, kind="stable")
