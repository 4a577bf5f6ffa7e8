"""Histograms of a column: of all samples and of the chosen ones, over the same bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 24


@dataclass(frozen=True)
class Histogram:
    """A column's histogram over bins of equal width.

    Attributes:
        low: lower edge of the first bin, the smallest finite value; NaN where there is none.
        high: upper edge of the last, which holds it.
        all: int32 (BINS,), the number of samples.
        chosen: the same of the chosen samples, or None.
        missing: number of samples without a finite value.
    """

    low: float
    high: float
    all: npt.NDArray[np.int32]
    chosen: npt.NDArray[np.int32] | None
    missing: int


def histogram(
    values: npt.NDArray[Any],
    missing: npt.NDArray[np.bool_],
    among: npt.NDArray[np.bool_],
    chosen: npt.NDArray[np.bool_] | None,
) -> Histogram:
    """The histogram of `values` (n,) `among` the samples; of a constant all is in the first bin.

    Args:
        values: numbers, those that are not finite count as missing.
        missing: which others are missing.
        among: the samples that are counted.
        chosen: those of them that are counted besides, or None.
    """
    known = among & ~missing & np.isfinite(values)
    finite = values[known].astype(np.float64)
    n_missing = int(np.count_nonzero(among)) - len(finite)
    low, high = (finite.min(), finite.max()) if len(finite) else (np.nan, np.nan)
    scale = BINS / (high - low) if high > low else 0.0
    bins = np.minimum((finite - low) * scale, BINS - 1).astype(np.int32)
    counted = None if chosen is None else _counts(bins[chosen[known]])
    return Histogram(float(low), float(high), _counts(bins), counted, n_missing)


def _counts(bins: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    return np.bincount(bins, minlength=BINS).astype(np.int32)
