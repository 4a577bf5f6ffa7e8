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
Floats32 = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
METRICS = ("cosine", "euclidean")
_UNIT = 2.0**-24  # the largest relative error of one float32 operation
_SHORT, _LONG = 1e-15, 1e15  # lengths whose squares and products float32 can hold
_TINY = 1e-37  # below it float32 rounds to fewer digits
_CHUNK_VALUES = 2**22


@dataclass(frozen=True)
class Space:
    """Vectors made ready for searching.

    A vector's distance to a query is at least `floor + slope * product`, up to what is the same
    for all vectors; the product is that of the query and `centred`.

    Attributes:
        centre: float32 (n_features,), what was taken off: a common offset costs digits.
        centred: float32 (n, n_features), contiguous; zeros where a vector is not finite.
        finite: bool (n,), which vectors are.
        floors: by metric, float32 (n,): what the distance owes to the vector alone, less all that
            rounding may have added; infinite where a vector is not finite.
        slopes: float32 (n,), for cosine: minus one over the vector's length, 0 for zeros.
        widths: by metric, float32 (n,): by how much more the distance may be.
        tame: whether all values are such that float32 can be trusted with them.
    """

    centre: npt.NDArray[np.float32]
    centred: npt.NDArray[np.float32]
    finite: npt.NDArray[np.bool_]
    floors: dict[str, npt.NDArray[np.float32]]
    slopes: npt.NDArray[np.float32]
    widths: dict[str, npt.NDArray[np.float32]]
    tame: bool

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        arrays = (self.centre, self.centred, self.finite, self.slopes)
        kept = (*arrays, *self.floors.values(), *self.widths.values())
        return sum(array.nbytes for array in kept)


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
    finite = np.asarray(np.isfinite(vectors).all(axis=1))
    vectors[~finite] = 0
    lengths = np.sqrt(_squares(vectors))
    if centre is None:
        centre = vectors.sum(axis=0, dtype=np.float64) / max(1, int(finite.sum()))
    centre = np.asarray(centre, np.float32)
    with np.errstate(over="ignore"):
        vectors -= centre
    vectors[~finite] = 0
    apart = np.sqrt(_squares(vectors))
    used = lengths[lengths > 0]
    tame = not len(used) or bool(used.min() > _SHORT and max(used.max(), apart.max()) < _LONG)
    error = _relative_error(vectors.shape[1])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        directed = np.where(lengths > 0, 1 / lengths, 0.0)
        off = {
            "cosine": np.where(lengths > 0, error * apart * directed + 16 * _UNIT, 0.0),
            "euclidean": error * apart**2,
        }
        floors = {"cosine": -off["cosine"], "euclidean": apart**2 - off["euclidean"]}
        for floor in floors.values():
            floor[~finite] = np.inf
        return Space(
            centre,
            vectors,
            finite,
            {name: floor.astype(np.float32) for name, floor in floors.items()},
            -directed.astype(np.float32),
            {name: 2 * width.astype(np.float32) for name, width in off.items()},
            tame,
        )


def nearest(
    parts: Iterable[Space],
    take: Callable[[Indices], Array],
    index: int,
    k: int,
    metric: str,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> Neighbors:
    """The `k` nearest of the sample `index`, itself left out; fewer where fewer are allowed.

    A vector of zeros has no direction: its cosine distance to all others is 1.

    Args:
        parts: all samples' vectors, in order, in one or more parts.
        take: gives the vectors of some samples, (m, n_features), as they were recorded.
        index: the sample.
        k: how many.
        metric: one of METRICS.
        allowed: bool (n_samples,), which samples may be found; None for all.

    Raises:
        ValueError: the sample's own vector is not finite.
    """
    query = take(np.array([index]))[0]
    if not np.isfinite(query).all():
        raise ValueError(f"the vector of sample {index} is not finite")
    return nearest_to(parts, take, query, k, metric, allowed, without=index)


def nearest_to(
    parts: Iterable[Space],
    take: Callable[[Indices], Array],
    query: Array,
    k: int,
    metric: str,
    allowed: npt.NDArray[np.bool_] | None = None,
    without: int | None = None,
) -> Neighbors:
    """The `k` nearest of a vector, as `nearest`.

    Args:
        parts: see `nearest`.
        take: see `nearest`.
        query: (n_features,).
        k: how many.
        metric: one of METRICS.
        allowed: see `nearest`.
        without: a sample that is not searched, None for none.

    Raises:
        ValueError: the vector is not finite.
    """
    query = np.asarray(query, np.float64)
    if not np.isfinite(query).all():
        raise ValueError("the vector is not finite")
    low, width, searched = _bounds(parts, query, metric)
    n_finite = int(np.count_nonzero(searched))
    of, left_out = n_finite, len(low) - n_finite
    if allowed is not None:
        searched = searched & allowed
        low[~searched] = np.inf
        of = int(np.count_nonzero(searched))
        left_out = int(np.count_nonzero(allowed)) - of
    if without is not None:
        of -= int(searched[without])
        low[without] = np.inf
    k = min(k, of)
    if k == 0:
        return Neighbors(np.empty(0, np.int32), np.empty(0, np.float32), of, left_out)
    candidates = _candidates(low, width, k)
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


def _candidates(low: Floats32, width: Floats32, k: int) -> Indices:
    """Samples (m,) among which the `k` nearest are: `low` is the least distance of each."""
    first = np.flatnonzero(low <= np.partition(low, k - 1)[k - 1])
    if np.isneginf(low[first]).any():
        return np.flatnonzero(low < np.inf)
    return np.flatnonzero(low <= (low[first] + width[first]).max() + _TINY)


def _bounds(
    parts: Iterable[Space], query: Floats, metric: str
) -> tuple[Floats32, Floats32, npt.NDArray[np.bool_]]:
    """The least distance of each sample, how much more it may be, and which are finite.

    Euclidean distances are squared; both are up to what is the same for all samples. -inf is the
    least where nothing is known.
    """
    found = [(*_part_bounds(part, query, metric), part.finite) for part in parts]
    if len(found) == 1:
        return found[0]
    low, width, finite = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    return low, width, finite


def _part_bounds(part: Space, query: Floats, metric: str) -> tuple[Floats32, Floats32]:
    floor, width = part.floors[metric], part.widths[metric]
    moved = query - part.centre
    square = _squares(moved[None])[0]
    if not part.tame or square > _LONG**2:
        return np.where(part.finite, np.float32(-np.inf), np.float32(np.inf)), width
    if metric == "euclidean":
        low = part.centred @ (-2 * moved).astype(np.float32)
        low += floor
        return low, width + np.float32(2 * _relative_error(len(query)) * square)
    direction = query / (np.sqrt(_squares(query[None]))[0] or 1.0)
    low = part.centred @ direction.astype(np.float32)
    low += np.float32(part.centre.astype(np.float64) @ direction)
    low *= part.slopes
    low += floor
    return low, width


def _relative_error(n_features: int) -> float:
    """Of a product's sum in float32, whatever its order (Higham 2002, eq. 3.5).

    And some more for the roundings before and after it.
    """
    return (n_features + 32) * _UNIT


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
