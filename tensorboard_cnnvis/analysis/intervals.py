"""95% intervals of shares and of means."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_Z = 1.959963984540054  # the normal distribution's 97.5% quantile


def wilson(hits: npt.ArrayLike, counts: npt.ArrayLike) -> tuple[Floats, Floats]:
    """The ends of the score interval of `hits` out of `counts`, in [0, 1]; NaN where none count.

    Wilson 1927, without a continuity correction. Never leaves [0, 1], and has a width where all
    or none are hits, which the usual normal interval has not.
    """
    n = np.asarray(counts, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(hits, np.float64) / n
        shrink = 1 + _Z**2 / n
        middle = (share + _Z**2 / (2 * n)) / shrink
        half = _Z / shrink * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def group_means(
    values: npt.NDArray[Any], groups: npt.NDArray[np.integer[Any]], n_groups: int
) -> tuple[Floats, Floats, Floats]:
    """Means of the finite `values` (n,) by group, and the ends of their normal intervals.

    The ends are the mean -/+ 1.96 standard errors; NaN for groups with fewer than two values.

    Args:
        values: float (n,); what is not finite is left out.
        groups: (n,), each in [0, n_groups).
        n_groups: number of groups.
    """
    finite = np.isfinite(values)
    kept, own = values[finite].astype(np.float64), groups[finite]
    counts = np.bincount(own, minlength=n_groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.bincount(own, kept, n_groups) / counts
        squares = np.bincount(own, (kept - means[own]) ** 2, n_groups)
        spread = np.where(counts < 2, np.nan, squares / (counts - 1))
        half = _Z * np.sqrt(spread / counts)
    return means, means - half, means + half
