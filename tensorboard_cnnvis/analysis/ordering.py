"""The order of a table's rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_ROW_BITS = np.uint64(31)
_ROWS = np.uint64(2**31 - 1)
_MISSING = np.uint64(2**63)
_SIGN = np.uint32(2**31)


def sort_keys(
    values: npt.NDArray[Any], missing: npt.NDArray[np.bool_], *, descending: bool
) -> npt.NDArray[np.uint64]:
    """One number a row, all different: rows in their order have ascending keys.

    Rows with `missing` (n,) are last, ties are in row order. A key holds the value in the upper
    half and the row number in the lower, so that a page needs no sort of the whole.

    Args:
        values: float32, int32 or uint8 (n,), n below 2**31.
        missing: bool (n,), the rows without a value.
        descending: whether the largest value comes first.
    """
    ranks = ascending(values)
    keys = (~ranks if descending else ranks).astype(np.uint64) << _ROW_BITS
    keys[missing] = _MISSING
    return keys | np.arange(len(values), dtype=np.uint64)


def rows_at(keys: npt.NDArray[np.uint64], start: int, stop: int) -> npt.NDArray[np.int64]:
    """Row numbers at places `start` to `stop` of the order; fewer at its end."""
    stop = min(stop, len(keys))
    if start >= stop:
        return np.empty(0, np.int64)
    page = np.partition(keys, (start, stop - 1))[start:stop]
    return (np.sort(page) & _ROWS).astype(np.int64)


def place_of(keys: npt.NDArray[np.uint64], key: np.uint64) -> int:
    """The place that the row with `key` has in the order."""
    return int(np.count_nonzero(keys < key))


def ascending(values: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    """Unsigned numbers (n,) in the order of the values: float32, int32 or uint8."""
    if values.dtype == np.uint8:
        return values.astype(np.uint32)
    if values.dtype == np.int32:
        return values.view(np.uint32) ^ _SIGN
    bits = (values.astype(np.float32) + np.float32(0)).view(np.uint32)  # -0 is 0
    return bits ^ np.where(bits >= _SIGN, ~np.uint32(0), _SIGN)


def floats(ranks: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """The values that `ascending` made these of."""
    return (ranks ^ np.where(ranks >= _SIGN, _SIGN, ~np.uint32(0))).view(np.float32)
