"""The spread of a value within groups of samples: a median and the bands around it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.ordering import ascending, floats

QUANTILES = {"median": 0.5, "q10": 0.1, "q25": 0.25, "q75": 0.75, "q90": 0.9}


def bands(
    values: npt.NDArray[Any], groups: npt.NDArray[np.int32], n_groups: int
) -> npt.NDArray[np.float32]:
    """The quantiles of each group, interpolated linearly.

    Float32 (len(QUANTILES), n_groups), in the order of QUANTILES; NaN of a group without a value.

    Args:
        values: float (n,); what is not finite is left out.
        groups: int32 (n,), in [0, n_groups); -1 for none.
        n_groups: number of groups.
    """
    known = np.flatnonzero(np.isfinite(values) & (groups >= 0))
    ordered = np.append(_sorted(values[known].astype(np.float32), groups[known]), np.nan)
    counts = np.bincount(groups[known], minlength=n_groups)
    first = np.cumsum(counts) - counts
    place = np.array(list(QUANTILES.values()))[:, None] * np.maximum(counts - 1, 0)
    below = np.floor(place).astype(np.int64)
    low = ordered[first + below]
    high = ordered[first + np.ceil(place).astype(np.int64)]
    between = low + (high - low) * (place - below)
    return np.where(counts > 0, between, np.nan).astype(np.float32)


def _sorted(
    values: npt.NDArray[np.float32], groups: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """The values by group, ascending within: one sort of whole numbers that order as both do."""
    keys = groups.astype(np.uint64) << np.uint64(32) | ascending(values)
    return floats(np.sort(keys).astype(np.uint32)).astype(np.float64)
