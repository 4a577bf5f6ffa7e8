"""What covers a part of an image."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

Array = npt.NDArray[Any]
Fill = float | str
FILLS = ("zero", "mean", "blur", "noise")
_BLUR = 8  # the sigma is the shorter side's 8th part


def filled(image: Array, fill: Fill, seed: int = 0) -> Array:
    """An image that is covered from end to end, of the same shape and dtype.

    Args:
        image: (height, width, channels).
        fill: a number in the image's own unit; `zero`; `mean`, of each channel of the image;
            `blur`, the image through a Gaussian whose sigma is an eighth of its shorter side;
            `noise`, uniform between the smallest and the largest value of each channel.
        seed: of the noise.

    Raises:
        ValueError: there is no such fill, or the image's integers cannot hold the number.
    """
    exact = image.astype(np.float64)
    if isinstance(fill, str):
        return _cast(_named(exact, fill, seed), image.dtype)
    if not (isinstance(fill, Real) and np.isfinite(fill)):
        raise ValueError(f"fill must be a finite number or one of {', '.join(FILLS)}; got {fill}")
    if image.dtype.kind in "iu":
        limits = np.iinfo(image.dtype)
        if not limits.min <= fill <= limits.max:
            raise ValueError(
                f"fill {fill:g} is outside what the inputs' {image.dtype} can hold:"
                f" {limits.min} to {limits.max}"
            )
    return _cast(np.full_like(exact, fill), image.dtype)


def _named(image: npt.NDArray[np.float64], fill: str, seed: int) -> npt.NDArray[np.float64]:
    if fill == "zero":
        return np.zeros_like(image)
    if fill == "mean":
        return np.asarray(np.zeros_like(image) + image.mean(axis=(0, 1)))
    if fill == "blur":
        sigma = min(image.shape[:2]) / _BLUR
        blurred: npt.NDArray[np.float64] = gaussian_filter(image, (sigma, sigma, 0))
        return blurred
    if fill == "noise":
        low, high = image.min(axis=(0, 1)), image.max(axis=(0, 1))
        shares = np.random.default_rng(seed).random(image.shape)
        return np.asarray(low + shares * (high - low))
    raise ValueError(f"fill {fill!r} is unknown; expected a number or one of {', '.join(FILLS)}")


def _cast(values: npt.NDArray[np.float64], dtype: np.dtype[Any]) -> Array:
    """`values` in `dtype`; integers are rounded."""
    return (np.rint(values) if dtype.kind in "iu" else values).astype(dtype)
