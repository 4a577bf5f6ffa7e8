"""How many of its nearest neighbors a sample keeps from one representation to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_CHUNK_VALUES = 2**20


@dataclass(frozen=True)
class Overlap:
    """Shares in [0, 1]; NaN where there are too few samples.

    Attributes:
        overlap: mean share of the k nearest neighbors in one that are among the k in the other.
        chance: what two unrelated representations reach on average, k / (n - 1).
        k: number of neighbors.
        n: number of samples that were compared.
    """

    overlap: float
    chance: float
    k: int
    n: int


def neighbor_overlap(
    vectors: Array, other: Array, k: int, metric: str = "cosine", seed: int = 0
) -> Overlap:
    """Compares the neighbors among vectors (n, d) with those among others (n, d2), row by row.

    The mean over the samples of the share of common neighbors, the "stability" of Wendlandt et
    al. 2018. Rows that are not finite in both are left out. All n * n distances are made.
    Neighbors at the same distance are taken in one random order, the same for both: equal
    representations reach 1, and a collapsed one, where all are at the same distance, what is to be
    expected by chance.

    Args:
        vectors: the representation of the run.
        other: that of the other, of any width.
        k: how many neighbors; at most n - 1 are taken.
        metric: cosine (a vector of zeros is at distance 1 of all) or euclidean.
        seed: of that order.
    """
    both = np.flatnonzero(np.isfinite(vectors).all(axis=1) & np.isfinite(other).all(axis=1))
    n = len(both)
    k = min(k, n - 1)
    if k < 1:
        return Overlap(float("nan"), float("nan"), 0, n)
    order = both[np.random.default_rng(seed).permutation(n)]
    sides = [_Side(given[order], metric) for given in (vectors, other)]
    rows = max(1, _CHUNK_VALUES // n)
    common = 0
    for start in range(0, n, rows):
        part = slice(start, start + rows)
        common += int(np.count_nonzero(sides[0].nearest(part, k) & sides[1].nearest(part, k)))
    return Overlap(common / (n * k), k / (n - 1), k, n)


class _Side:
    """One representation; distances are up to what is the same in a row."""

    def __init__(self, vectors: Array, metric: str) -> None:
        points = vectors.astype(np.float64)
        if metric == "cosine":
            length = np.linalg.norm(points, axis=1, keepdims=True)
            points /= np.where(length > 0, length, 1)
            self._offset: Array | float = 0.0
        else:
            points -= points.mean(axis=0)
            self._offset = np.einsum("ij,ij->i", points, points) / 2
        self._points = points

    def nearest(self, rows: slice, k: int) -> npt.NDArray[np.bool_]:
        """Which samples (m, n) are among the `k` nearest of each of the rows, itself left out."""
        distance = self._offset - self._points[rows] @ self._points.T
        start = rows.start
        own = np.arange(len(distance))
        distance[own, start + own] = np.inf
        last = np.partition(distance, k - 1, axis=1)[:, k - 1 : k]
        nearer, level = distance < last, distance == last
        room = k - nearer.sum(axis=1, keepdims=True)
        return np.asarray(nearer | (level & (level.cumsum(axis=1) <= room)))


def paired_layers(
    own: Sequence[str], other: Sequence[str]
) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Layers of two networks that stand for each other, and those of either that were left over.

    Layers are paired by path. The rest are paired in their order where both have as many left:
    Keras numbers unnamed layers on from one model to the next.
    """
    rest = [layer for layer in own if layer not in other]
    other_rest = [layer for layer in other if layer not in own]
    paired = len(rest) == len(other_rest)
    stands_for = dict(zip(rest, other_rest, strict=True)) if paired else {}
    stands_for |= {layer: layer for layer in own if layer in other}
    left = () if paired else (*rest, *other_rest)
    return [(layer, stands_for[layer]) for layer in own if layer in stands_for], left
