"""Histograms of columns, against NumPy's own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tensorboard_cnnvis.analysis.histograms import BINS, histogram

NUMBERS = st.floats(-100, 100, width=32) | st.sampled_from(
    [float("nan"), float("inf"), -float("inf"), 0.0, 1.0]
)


@given(st.lists(st.tuples(NUMBERS, st.booleans(), st.booleans(), st.booleans())))
def test_as_numpy_counts(rows: list[tuple[float, bool, bool, bool]]) -> None:
    values = np.array([row[0] for row in rows], np.float32)
    missing, among, chosen = (np.array([row[n] for row in rows], bool) for n in (1, 2, 3))
    found = histogram(values, missing, among, chosen)
    known = among & ~missing & np.isfinite(values)
    assert found.missing == (among & ~known).sum()
    if not known.any():
        assert found.all.sum() == 0
        assert np.isnan(found.low)
        return
    finite = values[known].astype(float)
    assert (found.low, found.high) == (finite.min(), finite.max())
    assert found.all.sum() == known.sum()
    assert found.chosen is not None
    assert found.chosen.sum() == (known & chosen).sum()
    if found.high > found.low:
        theirs, edges = np.histogram(finite, BINS, (found.low, found.high))
        near = np.abs(finite[:, None] - edges).min(axis=1) < 1e-6 * (found.high - found.low)
        assert np.abs(found.all - theirs).sum() <= 2 * near.sum(), "but for values on an edge"


def test_a_constant_column_is_in_the_first_bin() -> None:
    everything = np.ones(3, bool)
    found = histogram(np.full(3, 7, np.int32), ~everything, everything, None)
    assert (found.low, found.high) == (7, 7)
    assert found.all.tolist() == [3] + [0] * (BINS - 1)
    assert found.chosen is None
