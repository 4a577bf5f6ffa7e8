"""Intervals against their definitions."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from tensorboard_cnnvis.analysis.intervals import group_means, wilson

Z = norm.ppf(0.975)


@pytest.mark.parametrize(("hits", "count"), [(3, 10), (1, 2), (95, 100), (59_000, 60_000)])
def test_wilsons_ends_are_the_shares_whose_own_deviation_reaches_the_found_one(
    hits: int, count: int
) -> None:
    share = hits / count

    def score(p: float) -> float:
        return abs(share - p) - Z * np.sqrt(p * (1 - p) / count)

    low, high = wilson(hits, count)
    assert low == pytest.approx(brentq(score, 1e-12, share - 1e-12), abs=1e-9)
    assert high == pytest.approx(brentq(score, share + 1e-12, 1 - 1e-12), abs=1e-9)


def test_all_or_none_have_a_width_and_nothing_has_no_interval() -> None:
    low, high = wilson([0, 10, 0], [10, 10, 0])
    bound = Z**2 / (10 + Z**2)  # where p solves p^2 = z^2 p (1 - p) / n
    assert np.allclose([low[0], high[0]], [0, bound])
    assert np.allclose([low[1], high[1]], [1 - bound, 1])
    assert np.isnan([low[2], high[2]]).all()


def test_means_by_group_leave_out_what_is_not_finite() -> None:
    rng = np.random.default_rng(0)
    values = (rng.gamma(2.0, size=300) + 1e4).astype(np.float32)
    groups = rng.integers(0, 4, 300)
    values[:20:2], values[1:20:2] = np.nan, np.inf
    mean, low, high = group_means(values, groups, 6)
    for group in range(4):
        own = values[(groups == group) & np.isfinite(values)].astype(float)
        error = own.std(ddof=1) / np.sqrt(len(own))
        expected = [own.mean(), own.mean() - Z * error, own.mean() + Z * error]
        assert np.allclose([mean[group], low[group], high[group]], expected, rtol=1e-12)
    assert np.isnan([mean[4:], low[4:], high[4:]]).all()


def test_one_value_has_a_mean_and_no_interval() -> None:
    mean, low, high = group_means(np.array([2.5]), np.array([0]), 1)
    assert mean.tolist() == [2.5]
    assert np.isnan([low, high]).all()
