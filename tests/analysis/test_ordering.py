"""The order of rows: missing last, ties in row order, both ways, whole and by the page."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorboard_cnnvis.analysis.ordering import ascending, floats, place_of, rows_at, sort_keys

NUMBERS = st.sampled_from([0.0, -0.0, 1.0, -2.0, 1e-45, float("nan"), float("inf"), -float("inf")])


def expected_rows(values: list[Any], missing: list[bool], descending: bool) -> list[int]:
    known = [row for row in range(len(values)) if not missing[row]]
    gone = [row for row in range(len(values)) if missing[row]]
    return sorted(known, key=lambda row: -values[row] if descending else values[row]) + gone


@given(st.lists(NUMBERS), st.booleans(), st.integers(0, 9), st.integers(0, 9))
def test_like_pythons_own_sort(
    values: list[float], descending: bool, start: int, count: int
) -> None:
    numbers = np.array(values, np.float32)
    keys = sort_keys(numbers, np.isnan(numbers), descending=descending)
    expected = expected_rows(values, np.isnan(numbers).tolist(), descending)
    assert rows_at(keys, 0, len(values)).tolist() == expected
    assert rows_at(keys, start, start + count).tolist() == expected[start : start + count]
    for place, row in enumerate(expected):
        assert place_of(keys, keys[row]) == place


@pytest.mark.parametrize(
    ("dtype", "low", "high"), [(np.int32, -(2**31), 2**31 - 1), (np.uint8, 0, 255)]
)
@given(data=st.data(), descending=st.booleans())
def test_whole_numbers_of_the_whole_range(
    dtype: type, low: int, high: int, data: st.DataObject, descending: bool
) -> None:
    some = st.one_of(st.integers(low, high), st.sampled_from([low, high]))
    values = data.draw(st.lists(some))
    missing = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    keys = sort_keys(np.array(values, dtype), np.array(missing, bool), descending=descending)
    assert rows_at(keys, 0, len(values)).tolist() == expected_rows(values, missing, descending)


def test_some_rows_keep_their_numbers() -> None:
    values = np.array([5, 3, 9, 1], np.float32)
    keys = sort_keys(values, np.isnan(values), descending=True)
    kept = keys[np.array([True, False, True, True])]
    assert rows_at(kept, 0, 4).tolist() == [2, 0, 3]
    assert place_of(kept, keys[0]) == 1


def test_ranks_tell_the_floats_they_are_of() -> None:
    values = np.array([-np.inf, -2.5, -1e-30, 0.0, 1e-30, 0.5, 3e30, np.inf], np.float32)
    ranks = ascending(values)
    assert (np.diff(ranks.astype(np.int64)) > 0).all()
    assert np.array_equal(floats(ranks), values)
