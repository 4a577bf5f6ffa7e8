"""Pairs of vectors that lie closer than a threshold: exact, in blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.knn_graph import knn_graph, ready

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
MOST_PAIRS = 5000
CHOSEN_SHARE = 0.25
_BLOCK_VALUES = 2**22
_UNIT = 2.0**-24  # the largest relative error of one float32 operation
_CHUNK_VALUES = 2**22
_SAMPLE = 1000


@dataclass(frozen=True)
class Pairs:
    """Near-duplicates.

    Attributes:
        first: int32 (m,), position of one vector, the lower of the two.
        second: int32 (m,), of the other.
        distance: float32 (m,), ascending, ties by position; Euclidean, or 1 - cosine.
        count: number of pairs found in all, of which the `m` closest are given.
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    distance: Floats
    count: int


def chosen_threshold(vectors: Array, metric: str, seed: int = 0) -> float:
    """A quarter of the median distance to the nearest neighbour, over 1,000 drawn vectors.

    Args:
        vectors: finite, (n, d).
        metric: `euclidean` or `cosine`; a cosine distance grows with the square of the angle, so
            that there it is a sixteenth.
        seed: of the draw.
    """
    n = len(vectors)
    if n < 2:
        return 0.0
    rows = np.random.default_rng(seed).permutation(n)[:_SAMPLE]
    near = np.median(knn_graph(vectors, 1, metric, rows=np.sort(rows)).distance)
    return float(near) * (CHOSEN_SHARE**2 if metric == "cosine" else CHOSEN_SHARE)


def near_pairs(
    vectors: Array,
    metric: str,
    threshold: float,
    groups: npt.NDArray[np.integer[Any]] | None = None,
    report: Callable[[float], None] = lambda share: None,
    most: int = MOST_PAIRS,
) -> Pairs:
    """All pairs at most `threshold` apart.

    A matrix product in float32 leaves some more than those, as many as its rounding could have
    mistaken; their distances are computed in float64 from the differences.

    Args:
        vectors: finite, (n, d).
        metric: `euclidean` or `cosine`; a vector of zeros has no direction and is in no pair.
        threshold: the largest distance.
        groups: int (n,); where given, only pairs from different groups.
        report: told the share that is done, before every block; may raise to stop.
        most: number of pairs to keep.
    """
    search = _Search(vectors, metric, threshold, groups, most)
    n = len(vectors)
    rows = max(1, _BLOCK_VALUES // max(1, n))
    for start in range(0, n, rows):
        report((start / n) * (2 - start / n))  # of the upper triangle
        search.block(start, min(n, start + rows))
    return search.result()


class _Search:
    """The pairs found so far, of which the closest are kept."""

    def __init__(
        self,
        vectors: Array,
        metric: str,
        threshold: float,
        groups: npt.NDArray[np.integer[Any]] | None,
        most: int,
    ) -> None:
        self._vectors = vectors
        self._metric = metric
        self._points = ready(vectors, metric)
        self._squares = np.einsum("ij,ij->i", self._points, self._points)
        self._width = 2 * (self._points.shape[1] + 16) * _UNIT
        self._shrunk = np.float32(1 - self._width) * self._squares
        self._limit = threshold
        self._squared_limit = _squared(threshold, metric)
        self._groups = groups
        self._most = most
        self._pairs = np.empty((2, 0), np.int64)
        self._distance = np.empty(0, np.float64)
        self._count = 0

    def block(self, start: int, stop: int) -> None:
        """Searches the rows from `start` to `stop` against all behind them."""
        low = self._points[start:stop] @ self._points[start:].T
        low *= -2
        low += self._shrunk[start:]
        rows, columns = np.nonzero(low <= self._squared_limit - self._shrunk[start:stop, None])
        pairs = np.stack([rows, columns]) + start
        pairs = pairs[:, self._allowed(pairs)]
        first, second = pairs
        least = low[first - start, second - start] + self._shrunk[first]
        high = least + 2 * self._width * (self._squares[first] + self._squares[second])
        surely = high <= self._squared_limit
        self._count += int(np.count_nonzero(surely))
        wanted = ~surely | (least <= self._bound(high[surely]))
        self._take(pairs[:, wanted], surely[wanted])

    def result(self) -> Pairs:
        """The closest pairs in order."""
        first, second = self._pairs
        order = np.lexsort((second, first, self._distance))
        return Pairs(
            first[order].astype(np.int32),
            second[order].astype(np.int32),
            self._distance[order].astype(np.float32),
            self._count,
        )

    def _allowed(self, pairs: Indices) -> npt.NDArray[np.bool_]:
        first, second = pairs
        allowed = first < second
        if self._groups is not None:
            allowed &= self._groups[first] != self._groups[second]
        if self._metric == "cosine":  # a vector of zeros has no direction
            allowed &= (self._squares[first] > 0.5) & (self._squares[second] > 0.5)
        return np.asarray(allowed)

    def _bound(self, high: Floats) -> float:
        """A squared distance above which no pair can be among the closest."""
        bounds = [self._squared_limit]
        if len(high) > self._most:
            bounds.append(float(np.partition(high, self._most)[self._most]))
        if len(self._distance) >= self._most:
            bounds.append(_squared(float(self._distance.max()), self._metric) * (1 + 1e-6))
        return min(bounds)

    def _take(self, pairs: Indices, surely: npt.NDArray[np.bool_]) -> None:
        distance = _distances(self._vectors, pairs, self._metric)
        near = surely | (distance <= self._limit)
        self._count += int(np.count_nonzero(near & ~surely))
        self._pairs = np.hstack([self._pairs, pairs[:, near]])
        self._distance = np.concatenate([self._distance, distance[near]])
        if len(self._distance) > self._most:
            kept = np.lexsort((*self._pairs[::-1], self._distance))[: self._most]
            self._pairs, self._distance = self._pairs[:, kept], self._distance[kept]


def _squared(distance: float, metric: str) -> float:
    """The squared Euclidean distance of `ready` vectors that are `distance` apart."""
    return 2 * distance if metric == "cosine" else distance**2


def _distances(vectors: Array, pairs: Indices, metric: str) -> npt.NDArray[np.float64]:
    """Distances (m,) of pairs (2, m), in float64 from the vectors as they are."""
    rows = max(1, _CHUNK_VALUES // max(1, vectors.shape[1]))
    out = np.empty(pairs.shape[1], np.float64)
    for start in range(0, len(out), rows):
        first, second = (vectors[side[start : start + rows]].astype(np.float64) for side in pairs)
        if metric == "cosine":
            first /= np.linalg.norm(first, axis=1, keepdims=True)
            second /= np.linalg.norm(second, axis=1, keepdims=True)
        first -= second
        squared = np.einsum("ij,ij->i", first, first)
        out[start : start + rows] = squared / 2 if metric == "cosine" else np.sqrt(squared)
    return out
