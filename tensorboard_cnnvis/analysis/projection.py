"""Principal components of an array and the alignment of one projection with another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Limits = tuple[float, float, float, float]  # x0, x1, y0, y1
_DENSE_FEATURES = 1536  # up to here the covariance matrix is made whole
_SMALL_MATRIX = 64  # up to here all eigenvectors cost less than the Lanczos steps for two
_CHUNK_VALUES = 2**22


@dataclass(frozen=True)
class Basis:
    """A plane in feature space and how much of the data's variance it holds.

    Attributes:
        mean: float32 (n_features,), over the finite rows.
        axes: float32 (n_features, 2), orthonormal; a missing second axis is zero.
        explained: share of the total variance along each axis, in [0, 1].
    """

    mean: npt.NDArray[np.float32]
    axes: npt.NDArray[np.float32]
    explained: tuple[float, float]

    def project(self, vectors: Array) -> npt.NDArray[np.float32]:
        """Coordinates (n, 2) of vectors (n, n_features); NaN where a vector is not finite."""
        out = np.empty((len(vectors), 2), np.float32)
        for rows, chunk in _chunks(vectors):
            with np.errstate(invalid="ignore", over="ignore"):
                out[rows] = (chunk - self.mean) @ self.axes
        out[~np.isfinite(out).all(axis=1)] = np.nan
        return out

    def rotated(self, rotation: npt.NDArray[np.float64], explained: tuple[float, float]) -> Basis:
        """The same plane with other axes in it; `rotation` is orthogonal (2, 2)."""
        return Basis(self.mean, (self.axes @ rotation).astype(np.float32), explained)


def pca(vectors: Array) -> Basis:
    """The two leading principal axes of vectors (n, n_features) of any float or integer dtype.

    Rows that are not finite are left out. Each axis is given the sign that makes its largest
    component positive. Pearson 1901; computed from the covariance matrix, or by Lanczos steps
    (`scipy.sparse.linalg.eigsh`) above 1,536 features.
    """
    n_features = vectors.shape[1]
    mean, count = _mean(vectors)
    axes = np.zeros((n_features, 2), np.float32)
    if count < 2:
        return Basis(mean, axes, (0.0, 0.0))
    if n_features <= _DENSE_FEATURES:
        values, found, total = _dense(vectors, mean)
    else:
        values, found, total = _lanczos(vectors, mean)
    if total <= 0:
        return Basis(mean, axes, (0.0, 0.0))
    signs = np.sign(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])])
    axes[:, : found.shape[1]] = found * np.where(signs == 0, 1, signs)
    shares = [min(1.0, max(0.0, float(value) / total)) for value in values] + [0.0]
    return Basis(mean, axes, (shares[0], shares[1]))


def align(moving: Array, fixed: Array) -> npt.NDArray[np.float64]:
    """The orthogonal matrix (2, 2) that turns coordinates `moving` (n, 2) closest to `fixed`.

    Rotation and reflection, no scaling: orthogonal Procrustes, Schoenemann 1966. Rows that are
    not finite in both are left out.
    """
    both = np.isfinite(moving).all(axis=1) & np.isfinite(fixed).all(axis=1)
    product = moving[both].astype(np.float64).T @ fixed[both].astype(np.float64)
    left, _, right = np.linalg.svd(product)
    return np.asarray(left @ right)


def aligned(basis: Basis, vectors: Array, previous: Array | None) -> tuple[Basis, Array]:
    """`basis` turned in its plane towards the coordinates `previous`, and the new coordinates.

    `explained` of the result is the share along the axes as they are shown.
    """
    coordinates = basis.project(vectors)
    if previous is None:
        return basis, coordinates
    rotation = align(coordinates, previous)
    first, second = np.square(rotation).T @ np.array(basis.explained)
    turned = basis.rotated(rotation, (float(first), float(second)))
    return turned, turned.project(vectors)


def placement(layout: Array, start: Array, shown: Array) -> npt.NDArray[np.float64]:
    """What gives a layout the orientation and the extent of the principal components shown.

    Neither objective has an orientation, nor has its scale a meaning: the layout began at its own
    principal components, and what turns these into the shown ones turns the layout.

    Args:
        layout: float (n, 2).
        start: float (n, 2), the components that it began from.
        shown: float (n, 2), those that the page shows.

    Returns:
        float64 (3, 2): a point p of the layout is shown at `p @ matrix[:2] + matrix[2]`. Rows that
        are not finite are left out; without any the matrix changes nothing.
    """
    known = np.isfinite(layout).all(axis=1) & np.isfinite(shown).all(axis=1)
    if not known.any():
        return np.eye(3, 2)
    centre, target = layout[known].mean(axis=0), shown[known].mean(axis=0)
    turn = align(start - start[known].mean(axis=0), shown - target)
    size, wanted = _extent(layout[known] - centre), _extent(shown[known] - target)
    turn = turn * (wanted / size if size > 0 and wanted > 0 else 1.0)
    return np.vstack([turn, target - centre @ turn])


def placed(layout: Array, matrix: Array) -> npt.NDArray[np.float32]:
    """A layout (n, 2) where it is shown; `matrix` is of `placement`."""
    return np.asarray(layout @ matrix[:2] + matrix[2], np.float32)


def _extent(centred: Array) -> float:
    """Root mean square distance from the origin."""
    return float(np.sqrt(np.square(centred, dtype=np.float64).sum(axis=1).mean()))


def limits(coordinates: Array) -> Limits:
    """x0, x1, y0, y1 of the finite coordinates (n, 2); zeros without any."""
    finite = coordinates[np.isfinite(coordinates).all(axis=1)]
    if not len(finite):
        return (0.0, 0.0, 0.0, 0.0)
    low, high = finite.min(axis=0), finite.max(axis=0)
    return (float(low[0]), float(high[0]), float(low[1]), float(high[1]))


def union(bounds: Sequence[Limits]) -> Limits:
    """The limits that hold all of `bounds`."""
    table = np.array(bounds)
    low, high = table.min(axis=0), table.max(axis=0)
    return (float(low[0]), float(high[1]), float(low[2]), float(high[3]))


def area_average(images: Array, most: int = 32) -> Array:
    """Images (n, h, w, c) averaged to at most `most` on each side, float32 (n, h', w', c).

    Every output pixel is the mean over its equal share of the input's area.
    """
    _, height, width, _ = images.shape
    out = images.astype(np.float32)
    if height > most:
        out = np.einsum("nhwc,hk->nkwc", out, _shares(height, most), optimize=True)
    if width > most:
        out = np.einsum("nhwc,wk->nhkc", out, _shares(width, most), optimize=True)
    return out


def _shares(size: int, parts: int) -> npt.NDArray[np.float32]:
    """Weights (size, parts) of the cells of `size` pixels in `parts` equal intervals."""
    edges = np.linspace(0, size, parts + 1)
    start, stop = np.arange(size)[:, None], np.arange(1, size + 1)[:, None]
    overlap = np.minimum(stop, edges[1:]) - np.maximum(start, edges[:-1])
    return np.asarray(np.clip(overlap, 0, None) / (size / parts), np.float32)


def _chunks(vectors: Array) -> list[tuple[slice, npt.NDArray[np.float32]]]:
    rows = max(1, _CHUNK_VALUES // max(1, vectors.shape[1]))
    return [
        (slice(start, start + rows), vectors[start : start + rows].astype(np.float32, copy=False))
        for start in range(0, len(vectors), rows)
    ]


def _finite(chunk: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    keep = np.isfinite(chunk).all(axis=1)
    if keep.all():
        return chunk
    return np.asarray(chunk[keep], np.float32)


def _mean(vectors: Array) -> tuple[npt.NDArray[np.float32], int]:
    total, count = np.zeros(vectors.shape[1], np.float64), 0
    for _, chunk in _chunks(vectors):
        finite = _finite(chunk)
        total += finite.sum(axis=0, dtype=np.float64)
        count += len(finite)
    return (total / max(1, count)).astype(np.float32), count


def _dense(vectors: Array, mean: npt.NDArray[np.float32]) -> tuple[Array, Array, float]:
    n_features = vectors.shape[1]
    scatter = np.zeros((n_features, n_features), np.float64)
    for _, chunk in _chunks(vectors):
        centred = _finite(chunk) - mean
        scatter += centred.T @ centred
    values, found = _leading(scatter)
    return values[::-1], found[:, ::-1], float(np.trace(scatter))


def _leading(scatter: Array) -> tuple[Array, Array]:
    """The two largest eigenvalues, ascending, and their vectors; fewer of a smaller matrix."""
    if len(scatter) > _SMALL_MATRIX and np.trace(scatter) > 0:
        import scipy.sparse.linalg

        try:
            values, found = scipy.sparse.linalg.eigsh(scatter, k=2, v0=np.ones(len(scatter)))
            return values, found
        except scipy.sparse.linalg.ArpackError:
            pass  # no convergence: the two are as good as equal
    values, found = np.linalg.eigh(scatter)
    return values[-2:], found[:, -2:]


def _lanczos(vectors: Array, mean: npt.NDArray[np.float32]) -> tuple[Array, Array, float]:
    import scipy.sparse.linalg

    centred = [_finite(chunk) - mean for _, chunk in _chunks(vectors)]
    total = float(sum(np.einsum("ij,ij->", part, part, dtype=np.float64) for part in centred))
    n_features = vectors.shape[1]

    def product(vector: Array) -> Array:
        vector = vector.astype(np.float32).ravel()
        return sum((part.T @ (part @ vector) for part in centred), np.zeros(n_features, np.float32))

    operator = scipy.sparse.linalg.LinearOperator(
        (n_features, n_features), matvec=product, dtype=np.float32
    )
    start = np.ones(n_features, np.float32)
    values, found = scipy.sparse.linalg.eigsh(operator, k=2, v0=start)
    order = np.argsort(values)[::-1]
    return values[order], found[:, order], total
