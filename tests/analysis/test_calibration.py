"""Calibration against a loop over the paper's definition."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorboard_cnnvis.analysis.calibration import calibration


def of_the_paper(
    confidence: np.ndarray[Any, Any], correct: np.ndarray[Any, Any], bins: int
) -> tuple[float, float, list[int]]:
    """ECE and MCE of Guo et al. 2017, eq. 3 and 5, and the number of samples by bin."""
    ece, mce, counts = 0.0, 0.0, []
    for m in range(1, bins + 1):
        inside = (confidence > (m - 1) / bins) & (confidence <= m / bins)
        inside |= (m == 1) & (confidence == 0)
        counts.append(int(inside.sum()))
        if inside.any():
            gap = abs(correct[inside].mean() - confidence[inside].mean())
            ece += inside.sum() / len(confidence) * gap
            mce = max(mce, gap)
    return ece, mce, counts


SHARES = st.integers(0, 60).map(lambda value: value / 60) | st.floats(0, 1)


@given(st.lists(st.tuples(SHARES, st.booleans()), min_size=1), st.sampled_from([1, 10, 15, 20]))
def test_like_the_papers_sums(samples: list[tuple[float, bool]], bins: int) -> None:
    confidence = np.array([value for value, _ in samples])
    correct = np.array([right for _, right in samples])
    found = calibration(confidence, correct, bins)
    ece, mce, counts = of_the_paper(confidence, correct, bins)
    assert found.count.tolist() == counts
    assert found.ece == pytest.approx(ece, abs=1e-12)
    assert found.mce == pytest.approx(mce, abs=1e-12)
    empty = np.array(counts) == 0
    assert np.array_equal(np.isnan(found.confidence), empty)
    assert np.array_equal(np.isnan(found.accuracy), empty)
    assert np.allclose(found.low, np.arange(bins) / bins)
    assert np.allclose(found.high, np.arange(1, bins + 1) / bins)


def test_scores_that_are_what_they_say_have_no_error() -> None:
    confidence = np.repeat([0.25, 0.75], 400).astype(np.float32)
    correct = np.arange(800) % 4 < np.repeat([1, 3], 400)
    assert calibration(confidence, correct, 15).ece == pytest.approx(0, abs=1e-7)


def test_without_samples_nothing_is_known() -> None:
    found = calibration(np.empty(0), np.empty(0, bool), 3)
    assert found.count.tolist() == [0, 0, 0]
    assert np.isnan([found.ece, found.mce]).all()
    assert np.isnan(found.accuracy).all()
