"""Slices against a loop over the rows, and quantile bins."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tensorboard_cnnvis.analysis.intervals import wilson
from tensorboard_cnnvis.analysis.slices import Slices, quantile_bins, slices

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(3)
N = 200
CAMERA = RNG.integers(-1, 3, N)
NIGHT = RNG.integers(0, 2, N)
LABELS = RNG.integers(-1, 4, N)
PREDICTIONS = np.where(RNG.random(N) < 0.6, LABELS, RNG.integers(-1, 4, N))
LOSSES = np.where(RNG.random(N) < 0.05, np.nan, RNG.gamma(1.0, size=N))
KEPT = RNG.random(N) < 0.8


def sliced(fields: list[Array], of_class: int | None = None) -> Slices:
    return slices(fields, KEPT, LABELS, PREDICTIONS, LOSSES, of_class)


@pytest.mark.parametrize("fields", [[CAMERA], [CAMERA, NIGHT]], ids=["one field", "a pair"])
def test_every_row_is_what_its_samples_give(fields: list[Array]) -> None:
    found = sliced(fields, of_class=2)
    seen = np.zeros(N, bool)
    for row, value in enumerate(found.values.tolist()):
        own = KEPT & np.all([field == v for field, v in zip(fields, value, strict=True)], axis=0)
        seen |= own
        assert np.array_equal(found.codes == row, own)
        assert found.count[row] == own.sum()
        known = own & (LABELS >= 0)
        right = known & (PREDICTIONS == LABELS)
        low, high = wilson(right.sum(), known.sum())
        shares = [found.accuracy[row], found.low[row], found.high[row]]
        assert np.allclose(shares, [right.sum() / known.sum(), low, high])
        asked = own & (LABELS == 2)
        low, high = wilson((asked & right).sum(), asked.sum())
        assert found.recall is not None
        assert found.recall_low is not None
        assert found.recall_high is not None
        recall = [found.recall[row], found.recall_low[row], found.recall_high[row]]
        expected = (asked & right).sum() / asked.sum() if asked.any() else np.nan
        assert np.allclose(recall, [expected, low, high], equal_nan=True)
        losses = LOSSES[own & np.isfinite(LOSSES)]
        error = losses.std(ddof=1) / np.sqrt(len(losses))
        interval = [losses.mean(), losses.mean() - 1.95996 * error, losses.mean() + 1.95996 * error]
        assert np.allclose([found.loss[row], found.loss_low[row], found.loss_high[row]], interval)
    assert np.array_equal(seen, KEPT)
    assert (np.diff(found.accuracy) >= 0).all(), "worst first"


def test_a_slice_without_labels_comes_last() -> None:
    field = np.where(LABELS < 0, 1, 0)
    found = sliced([field])
    assert found.values.tolist() == [[0], [1]]
    assert np.isnan(found.accuracy[1])
    assert found.count[1] == (KEPT & (LABELS < 0)).sum()


def test_without_a_class_there_is_no_recall_and_without_samples_no_row() -> None:
    assert sliced([CAMERA]).recall is None
    nothing = slices([CAMERA], np.zeros(N, bool), LABELS, PREDICTIONS, LOSSES)
    assert len(nothing.count) == 0
    assert (nothing.codes == -1).all()


@given(
    hnp.arrays(
        np.float32,
        st.integers(0, 60),
        elements=st.sampled_from([0, 1, 1, 2, 3, np.nan, np.inf]) | st.floats(-5, 5, width=32),
    ),
    st.integers(2, 6),
)
def test_bins_never_part_equal_values_and_follow_their_order(values: Array, bins: int) -> None:
    codes, ranges = quantile_bins(values, bins)
    finite = np.isfinite(values)
    assert ((codes >= 0) == finite).all()
    assert len(ranges) <= bins
    assert sorted(set(codes[finite].tolist())) == list(range(len(ranges)))
    for code, (low, high) in enumerate(ranges):
        own = values[codes == code]
        assert (own.min(), own.max()) == (low, high)
    assert all(left[1] < right[0] for left, right in itertools.pairwise(ranges))


def test_bins_are_of_equal_size_where_values_differ() -> None:
    codes, _ = quantile_bins(RNG.normal(size=1000), 5)
    assert np.bincount(codes).tolist() == [200] * 5


def test_few_different_values_are_each_their_own() -> None:
    codes, ranges = quantile_bins(np.array([7.0, 3, 3, 3, 3, 3, 3, 3, 9]), 5)
    assert ranges == [(3, 3), (7, 7), (9, 9)]
    assert codes.tolist() == [1, *[0] * 7, 2]
