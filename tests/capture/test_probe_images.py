"""The images of a probe set: as they were given, and as `to_image` shows them."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from samples import SMALL, X, Y, same_samples

from tensorboard_cnnvis.capture.probe import build_probe


@pytest.mark.parametrize(
    "dtype", [bool, np.uint8, np.int16, np.int64, np.float16, np.float32, np.float64]
)
def test_dtypes_stay(dtype: type) -> None:
    x = (X[:20] > 100).astype(dtype)
    probe = build_probe((x, Y[:20]))
    same_samples(probe, x, Y)
    assert probe.display == ("uint8" if dtype is np.uint8 else "unit")


def test_bfloat16_becomes_float32_exactly() -> None:
    x = (X[:20] / 255).astype(ml_dtypes.bfloat16)
    probe = build_probe((x, Y[:20]))
    assert probe.inputs.dtype == np.float32
    np.testing.assert_array_equal(probe.inputs, x.astype(np.float32))


def test_images_without_a_channel_axis() -> None:
    probe = build_probe((X[..., 0], Y), max_samples=50)
    assert not probe.channel_axis
    assert probe.inputs.shape == (50, 6, 5, 1)
    np.testing.assert_array_equal(probe.batch(10, 20), X[probe.source_index[10:20], ..., 0])
    assert build_probe((X, Y)).batch(0, 4).shape == (4, 6, 5, 3)


def test_to_image_makes_the_pictures() -> None:
    def negative(batch: np.ndarray) -> np.ndarray:
        assert batch.shape[1:] == (6, 5, 3)
        return 255 - batch[..., :1]

    probe = build_probe((X, Y), to_image=negative)
    assert probe.images is not None
    np.testing.assert_array_equal(probe.images, 255 - X[..., :1])
    assert (probe.display, probe.display_low, probe.display_high) == ("to_image", 0, 255)
    flat = build_probe((X[..., 0], Y), to_image=lambda batch: batch.astype(np.uint8))
    assert flat.images is not None
    assert flat.images.shape == (1000, 6, 5, 1)
    with pytest.raises(ValueError, match=r"40 inputs into as many uint8 images.*got float32"):
        build_probe(SMALL, to_image=lambda batch: batch.astype(np.float32))
    with pytest.raises(ValueError, match="1 or 3 channels, got 2"):
        build_probe(SMALL, to_image=lambda batch: batch[..., :2])


def test_to_image_may_work_in_place() -> None:
    def blacken(batch: np.ndarray) -> np.ndarray:
        batch[:] = 0
        return batch

    x, y = SMALL
    probe = build_probe((x.copy(), y), to_image=blacken)
    assert probe.images is not None
    assert not probe.images.any()
    same_samples(probe, x, y)


def test_a_to_image_that_fails_is_named() -> None:
    def broken(batch: np.ndarray) -> np.ndarray:
        return batch @ np.eye(7)

    with pytest.raises(ValueError, match=r"to_image failed on a batch of 40 inputs, uint8 of sh"):
        build_probe(SMALL, to_image=broken)
