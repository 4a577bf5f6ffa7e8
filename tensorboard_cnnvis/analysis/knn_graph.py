"""The nearest neighbours of every vector among all: exact, in blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Report = Callable[[float], None]
METRICS = ("euclidean", "cosine")
_BLOCK_VALUES = 2**22
_DIFFERENCES = 2**16  # in the processor's cache


@dataclass(frozen=True)
class KnnGraph:
    """Neighbours by distance, ties by index; a vector is not its own neighbour.

    Which of several at the distance of the k-th are among them is left open.

    Attributes:
        index: int32 (n, k).
        distance: float32 (n, k), ascending; Euclidean, or 1 - cosine.
    """

    index: npt.NDArray[np.int32]
    distance: Floats


def ready(vectors: Array, metric: str) -> Floats:
    """Float32 vectors (n, d) whose Euclidean distances order as the metric does.

    For `cosine` they have length 1, but for vectors of zeros, which stay so and have no direction;
    for `euclidean` their mean is taken off, against cancellation.
    """
    if metric not in METRICS:
        raise ValueError(f"there is no metric {metric!r}; expected {' or '.join(METRICS)}")
    vectors = np.ascontiguousarray(vectors, np.float32)
    if metric == "euclidean":
        return np.asarray(vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32))
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    scaled = vectors / np.where(largest > 0, largest, 1)  # squares neither overflow nor vanish
    length = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))[:, None]
    return np.asarray(scaled / np.where(length > 0, length, 1), np.float32)


def knn_graph(
    vectors: Array,
    k: int,
    metric: str,
    report: Report = lambda share: None,
    rows: npt.NDArray[np.integer[Any]] | None = None,
) -> KnnGraph:
    """The k nearest neighbours of finite vectors (n, d), k < n, among all of them.

    A matrix product finds the candidates; their distances are then taken from the differences,
    since those of near vectors cancel in the product.

    Args:
        vectors: any float or integer dtype.
        k: number of neighbours.
        metric: `euclidean` or `cosine`; a vector of zeros is at a cosine distance of 1 from all.
        report: told the share that is done, in [0, 1], before every block; may raise to stop.
        rows: int (m,), whose neighbours are sought; all by default.
    """
    points = ready(vectors, metric)
    squares = np.einsum("ij,ij->i", points, points)
    none = (squares == 0) & (metric == "cosine")
    squares[none] = 1
    asked = np.arange(len(points)) if rows is None else rows
    index, distance = np.empty((len(asked), k), np.int32), np.empty((len(asked), k), np.float32)
    size = max(1, _BLOCK_VALUES // len(points))
    for start in range(0, len(asked), size):
        report(start / len(asked))
        block = asked[start : start + size]
        found = _candidates(points, squares, block, k)
        exact = _squared(points, block, found)
        exact[none[found] | none[block, None]] = 2
        order = np.lexsort((found, exact))
        index[start : start + size] = np.take_along_axis(found, order, axis=1)
        distance[start : start + size] = np.take_along_axis(exact, order, axis=1)
    shown = distance / np.float32(2) if metric == "cosine" else np.sqrt(distance)
    return KnnGraph(index, shown.astype(np.float32, copy=False))


def _candidates(
    points: Floats, squares: Floats, rows: npt.NDArray[np.integer[Any]], k: int
) -> npt.NDArray[np.int64]:
    near = squares - 2 * (points[rows] @ points.T)
    near[np.arange(len(rows)), rows] = np.inf
    return np.argpartition(near, k - 1, axis=1)[:, :k]


def _squared(
    points: Floats, rows: npt.NDArray[np.integer[Any]], others: npt.NDArray[np.int64]
) -> Floats:
    """Squared distances (m, k) of the rows to their others, a few rows at a time."""
    out = np.empty(others.shape, np.float32)
    size = max(1, _DIFFERENCES // max(1, others.shape[1] * points.shape[1]))
    for start in range(0, len(rows), size):
        some = slice(start, start + size)
        difference = points[others[some]] - points[rows[some], None]
        np.einsum("ijk,ijk->ij", difference, difference, out=out[some])
    return out
