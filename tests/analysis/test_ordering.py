"""The order of rows: missing last, ties in row order, both ways."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tensorboard_cnnvis.analysis.ordering import order


@given(st.lists(st.sampled_from([0.0, 1.0, -2.0, float("nan"), float("inf")])), st.booleans())
def test_like_pythons_own_sort(values: list[float], descending: bool) -> None:
    keys = np.array(values, float)
    found = order(keys, np.isnan(keys), descending=descending).tolist()
    known = [row for row in range(len(values)) if not np.isnan(keys[row])]
    missing = [row for row in range(len(values)) if np.isnan(keys[row])]
    expected = sorted(known, key=lambda row: -keys[row] if descending else keys[row])
    assert found == expected + missing


def test_text_sorts_too() -> None:
    keys = np.array(["b", "", "a", "b"])
    assert order(keys, keys == "", descending=True).tolist() == [0, 3, 2, 1]
