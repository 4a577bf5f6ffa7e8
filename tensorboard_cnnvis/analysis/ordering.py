"""The order of a table's rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def order(
    keys: npt.NDArray[Any], missing: npt.NDArray[np.bool_], *, descending: bool
) -> npt.NDArray[np.int64]:
    """Row numbers (n,) sorted by `keys` (n,), rows with `missing` last, ties in row order."""
    present = np.flatnonzero(~missing)
    values = keys[present]
    if descending:  # stable from the back, so that ties stay in row order
        last = len(values) - 1
        ranked = last - np.argsort(values[::-1], kind="stable")[::-1]
    else:
        ranked = np.argsort(values, kind="stable")
    return np.concatenate([present[ranked], np.flatnonzero(missing)])
