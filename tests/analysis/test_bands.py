"""Quantiles within groups, against NumPy's, group by group."""

import numpy as np

from tensorboard_cnnvis.analysis.bands import QUANTILES, bands


def test_bands_are_the_quantiles_of_each_group() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=500).astype(np.float32)
    values[rng.random(500) < 0.1] = np.nan
    values[3] = np.inf
    groups = rng.integers(-1, 7, 500).astype(np.int32)
    groups[groups == 4] = 5
    values[groups == 6] = np.nan
    found = bands(values, groups, 7)
    assert found.dtype == np.float32
    for group in range(7):
        known = values[(groups == group) & np.isfinite(values)]
        expected = (
            np.quantile(known.astype(np.float64), list(QUANTILES.values()))
            if len(known)
            else np.full(5, np.nan)
        )
        np.testing.assert_allclose(found[:, group], expected, rtol=1e-6, atol=1e-7)
    assert np.isnan(found[:, [4, 6]]).all()


def test_one_value_is_its_own_quantiles_and_nobody_has_none() -> None:
    one = bands(np.array([2.5, 1.0], np.float32), np.array([0, -1], np.int32), 1)
    assert one.ravel().tolist() == [2.5] * 5
    assert bands(np.empty(0), np.empty(0, np.int32), 0).shape == (5, 0)
