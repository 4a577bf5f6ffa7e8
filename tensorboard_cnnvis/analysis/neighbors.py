"""The nearest vectors of one, exactly: a matrix-vector product and a partial sort.

The product in float32 leaves some more candidates than asked for, as many as its rounding could
have mistaken; theirs are computed again in float64 from the vectors as they were recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
METRICS = ("cosine", "euclidean")
_UNIT = 2.0**-24  # the largest relative error of one float32 operation
_CHUNK_VALUES = 2**22


@dataclass(frozen=True)
class Space:
    """Vectors made ready for searching.

    Attributes:
        centre: float32 (n_features,), what was taken off: a common offset costs digits.
        centred: float32 (n, n_features), contiguous; zeros where a vector is not finite.
        squares: float64 (n,), squared lengths of `centred`.
        norms: float64 (n,), lengths of the vectors as given; NaN where one is not finite.
    """

    centre: npt.NDArray[np.float32]
    centred: npt.NDArray[np.float32]
    squares: Floats
    norms: Floats

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        arrays = (self.centre, self.centred, self.squares, self.norms)
        return sum(array.nbytes for array in arrays)


@dataclass(frozen=True)
class Neighbors:
    """The nearest samples.

    Attributes:
        index: int32 (k,), nearest first, ties in sample order.
        distance: float32 (k,), ascending: 1 - cosine, or the Euclidean distance.
        of: number of samples that were searched.
        left_out: number of samples left out, since their vector is not finite.
    """

    index: npt.NDArray[np.int32]
    distance: npt.NDArray[np.float32]
    of: int
    left_out: int


def space(vectors: npt.NDArray[np.float32], centre: Array | None = None) -> Space:
    """Makes vectors (n, n_features) ready, in place: the array is the result's own afterwards.

    `centre` (n_features,) is their mean where it is not given.
    """
    finite = np.isfinite(vectors).all(axis=1)
    vectors[~finite] = 0
    norms = np.sqrt(_squares(vectors))
    norms[~finite] = np.nan
    if centre is None:
        centre = vectors.sum(axis=0, dtype=np.float64) / max(1, int(finite.sum()))
    centre = np.asarray(centre, np.float32)
    vectors -= centre
    vectors[~finite] = 0
    return Space(centre, vectors, _squares(vectors), norms)


def nearest(
    parts: Iterable[Space],
    take: Callable[[Indices], Array],
    index: int,
    k: int,
    metric: str,
    allowed: npt.NDArray[np.bool_],
) -> Neighbors:
    """The `k` nearest of the sample `index`, itself left out; fewer where fewer are allowed.

    A vector of zeros has no direction: its cosine distance to all others is 1.

    Args:
        parts: all samples' vectors, in order, in one or more parts.
        take: gives the vectors of some samples, (m, n_features), as they were recorded.
        index: the sample.
        k: how many.
        metric: one of METRICS.
        allowed: (n_samples,), which samples may be found.

    Raises:
        ValueError: the sample's own vector is not finite.
    """
    query = take(np.array([index]))[0].astype(np.float64)
    if not np.isfinite(query).all():
        raise ValueError(f"the vector of sample {index} is not finite")
    low, high, finite = _bounds(parts, query, metric)
    searched = allowed & finite
    searched[index] = False
    of, left_out = int(searched.sum()), int((allowed & ~finite).sum())
    k = min(k, of)
    if k == 0:
        return Neighbors(np.empty(0, np.int32), np.empty(0, np.float32), of, left_out)
    high[~searched] = np.inf
    candidates = np.flatnonzero(~(low > np.partition(high, k - 1)[k - 1]) & searched)
    distances = np.concatenate(
        [distance(query, take(chunk), metric) for chunk in _chunks(candidates, len(query))]
    )
    order = np.lexsort((candidates, distances))[:k]
    return Neighbors(
        candidates[order].astype(np.int32),
        distances[order].astype(np.float32),
        of,
        left_out,
    )


def distance(query: Floats, vectors: Array, metric: str) -> Floats:
    """Distances (m,) of vectors (m, n_features) to one, in float64; equal vectors give 0."""
    vectors = vectors.astype(np.float64)
    if metric == "euclidean":
        return np.sqrt(_squares(vectors - query))
    own, others = np.sqrt(_squares(query[None]))[0], np.sqrt(_squares(vectors))
    if own == 0:
        return np.ones(len(vectors))
    with np.errstate(invalid="ignore"):
        # half the squared distance of the directions: 1 - cosine without its cancellation
        apart = _squares(vectors / others[:, None] - query / own) / 2
    return np.where(others == 0, 1.0, apart)


def _bounds(
    parts: Iterable[Space], query: Floats, metric: str
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Between which two values each sample's (squared) distance lies, and which are finite."""
    found = [_part_bounds(part, query, metric) for part in parts]
    if len(found) == 1:
        return found[0]
    low, high, finite = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    return low, high, finite


def _part_bounds(
    part: Space, query: Floats, metric: str
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    # of a product's sum over n features, whatever its order (Higham 2002, eq. 3.5), and some more
    # for the roundings before and after it
    error = (len(query) + 16) * _UNIT
    finite = ~np.isnan(part.norms)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        if metric == "euclidean":
            moved = (query - part.centre).astype(np.float32)
            size = part.squares + _squares(moved[None])
            middle = size - 2 * (part.centred @ moved)
            width = error * size
        else:
            own = np.sqrt(_squares(query[None]))
            dot = part.centred @ query.astype(np.float32) + part.centre.astype(np.float64) @ query
            middle = np.where(part.norms * own == 0, 1.0, 1 - dot / (part.norms * own))
            width = error * np.sqrt(part.squares) / part.norms + 4 * _UNIT
        return middle - width, middle + width, finite


def _squares(vectors: Array) -> Floats:
    """Squared lengths (n,) of the rows, summed in float64."""
    sums = [np.einsum("ij,ij->i", chunk, chunk, dtype=np.float64) for chunk in _row_chunks(vectors)]
    return np.concatenate(sums) if sums else np.empty(0)


def _row_chunks(vectors: Array) -> list[Array]:
    rows = max(1, _CHUNK_VALUES // max(1, vectors.shape[1]))
    return [vectors[start : start + rows] for start in range(0, len(vectors), rows)]


def _chunks(indices: Indices, n_features: int) -> list[Indices]:
    rows = max(1, _CHUNK_VALUES // max(1, n_features))
    return [indices[start : start + rows] for start in range(0, len(indices), rows)]
