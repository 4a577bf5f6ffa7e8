"""Statistics are those of numpy over the finite values; ranges and warnings follow from them."""

from __future__ import annotations

import numpy as np
import pytest

from tensorboard_cnnvis.capture.value_range import (
    DisplayRange,
    display_range,
    split_info,
    split_warnings,
    statistics,
    unscaled_warning,
)
from tensorboard_cnnvis.schema import SplitInfo

FLOAT = np.dtype(np.float32)


def test_statistics_are_numpys_over_several_chunks() -> None:
    inputs = np.random.default_rng(0).normal(1000, 2, (600, 80, 100, 2)).astype(np.float32)
    assert inputs.nbytes > 2**25
    found = statistics(inputs)
    wide = inputs.astype(np.float64)
    np.testing.assert_allclose(found.means, wide.mean((0, 1, 2)), rtol=1e-12)
    np.testing.assert_allclose(found.stds, wide.std((0, 1, 2)), rtol=1e-9)
    assert (found.low, found.high) == (inputs.min(), inputs.max())
    assert found.non_finite == 0


def test_values_that_are_not_finite_are_counted_and_left_out() -> None:
    inputs = np.array([1.0, np.nan, 3.0, np.inf, np.nan, np.nan], np.float16).reshape(1, 1, 3, 2)
    inputs[0, 0, 2] = [5.0, -np.inf]
    found = statistics(inputs)
    assert (found.low, found.high, found.non_finite) == (1.0, 5.0, 3)
    np.testing.assert_allclose(found.means, [3.0, np.nan])
    np.testing.assert_allclose(found.stds, [np.sqrt(8 / 3), np.nan])


def test_nothing_finite_and_many_channels() -> None:
    found = statistics(np.full((2, 1, 1, 70), np.nan))
    assert np.isnan(found.low)
    assert len(found.means) == 64
    assert statistics(np.arange(140.0).reshape(2, 1, 1, 70)).high == 139


@pytest.mark.parametrize(
    ("dtype", "low", "high", "expected"),
    [
        (np.uint8, 3, 9, DisplayRange(0, 255, "uint8")),
        (bool, 0, 1, DisplayRange(0, 1, "unit")),
        (np.float32, 0, 1, DisplayRange(0, 1, "unit")),
        (np.float32, 0.1, 0.4, DisplayRange(0, 1, "unit")),
        (np.float32, -1e-4, 1.0001, DisplayRange(0, 1, "unit")),
        (np.float32, -0.9, 1, DisplayRange(-1, 1, "symmetric")),
        (np.float32, 0, 255, DisplayRange(0, 255, "byte")),
        (np.int32, 0, 200, DisplayRange(0, 255, "byte")),
        (np.float32, 0, 2.5, DisplayRange(0, 2.5, "stretched")),
        (np.float32, -2.1, 2.6, DisplayRange(-2.1, 2.6, "stretched")),
        (np.uint16, 0, 4095, DisplayRange(0, 4095, "stretched")),
        (np.float32, 7, 7, DisplayRange(7, 8, "stretched")),
        (np.float32, np.nan, np.nan, DisplayRange(0, 1, "stretched")),
    ],
)
def test_display(dtype: type, low: float, high: float, expected: DisplayRange) -> None:
    assert display_range(np.dtype(dtype), low, high) == expected


def split(name: str, low: float, high: float, non_finite: int = 0) -> SplitInfo:
    return SplitInfo(name, 0, 1, 1, low, high, (0.0,), (1.0,), non_finite)


@pytest.mark.parametrize(
    ("train", "other", "warns"),
    [
        ((0, 1), (0, 0.97), False),
        ((0, 255), (0, 1), True),
        ((0, 1), (-1, 1), True),
        ((-2, 2.5), (-2.2, 2.4), False),
        ((-2, 2.5), (0, 1), True),
        ((100, 110), (120, 130), True),
    ],
)
def test_splits_that_disagree(
    train: tuple[float, float], other: tuple[float, float], warns: bool
) -> None:
    found = split_warnings([split("train", *train), split("test", *other)], [FLOAT, FLOAT])
    assert [("disagree" in sentence, "'test'" in sentence) for sentence in found] == (
        [(True, True)] if warns else []
    )


def test_bytes_and_the_same_as_floats_agree() -> None:
    splits = [split("train", 0, 255), split("test", 0, 250)]
    assert split_warnings(splits, [np.dtype(np.uint8), FLOAT]) == []


def test_scaled_twice_not_finite_and_not_scaled() -> None:
    assert "scaled twice" in split_warnings([split("s", 0, 1 / 255)], [FLOAT])[0]
    assert "3 input values" in split_warnings([split("s", 0, 1, 3)], [FLOAT])[0]
    raw, unit = [split("s", 0, 255)], [split("s", 0, 1)]
    assert "not scaled" in (unscaled_warning(raw, ["Conv2D", "Dense"]) or "")
    assert unscaled_warning(raw, ["Rescaling", "Conv2D"]) is None
    assert unscaled_warning(unit, ["Conv2D"]) is None
    centred = [split("s", -123.7, 151)]  # as VGG and ResNet50 are trained
    assert unscaled_warning(centred, ["Conv2D"]) is None


def test_split_info() -> None:
    info = split_info("train", np.array([0, 2], np.uint8).reshape(2, 1, 1, 1), 5, 60)
    assert info == SplitInfo("train", 5, 2, 60, 0.0, 2.0, (1.0,), (1.0,), 0)
