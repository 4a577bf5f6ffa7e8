"""A user's own image, made into an input."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from tensorboard_cnnvis.schema import InputInfo

Array = npt.NDArray[Any]
MAX_BYTES = 10 * 10**6
MAX_PIXELS = 50 * 10**6
FITS = ("crop", "pad", "stretch")
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # of EXIF's orientations


class ImageError(ValueError):
    """An image that cannot be used; `hint` says what to do where another file would not help."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


@dataclass(frozen=True)
class Scaling:
    """How pictures become inputs.

    Attributes:
        low: the input's value where a picture is black.
        high: where it is white.
        fit: `crop` cuts what is too long off, `pad` adds black borders, `stretch` distorts.
    """

    low: float
    high: float
    fit: str = "crop"

    def __post_init__(self) -> None:
        """Raises ImageError for what cannot be done."""
        if self.fit not in FITS:
            raise ImageError(f"fit {self.fit!r} is unknown; expected one of {', '.join(FITS)}")
        if not (np.isfinite(self.low) and np.isfinite(self.high)) or self.low == self.high:
            raise ImageError(
                f"black and white must become two different numbers, got {self.low} and {self.high}"
            )


def scaling_of(info: InputInfo, fit: str = "crop") -> Scaling:
    """The scaling that the probe set's inputs seem to have had.

    Exact where they are bytes in another unit; else the range in which they are shown.
    """
    if info.scale is not None and info.offset is not None:
        return Scaling(info.offset, 255 * info.scale + info.offset, fit)
    return Scaling(info.display_low, info.display_high, fit)


def read_image(
    data: bytes, info: InputInfo, scaling: Scaling | None = None, *, max_pixels: int = MAX_PIXELS
) -> Array:
    """An input (height, width, channels) as the probe set's, from an image file.

    Args:
        data: a PNG, JPEG, WebP, BMP or GIF file (its first picture).
        info: of the probe set's inputs.
        scaling: None for `scaling_of(info)`.
        max_pixels: of the file; a small file can hold a huge picture.

    Raises:
        ImageError: the file is too large or no such image, or the inputs are no pictures.
    """
    height, width, channels = info.shape
    if channels not in _MODES:
        raise ImageError(
            f"the model takes {channels} channels, and a picture has 1, 3 or 4",
            "own images can be used with runs of such inputs only",
        )
    picture = _fitted(
        _decoded(data, channels, max_pixels), width, height, (scaling or scaling_of(info)).fit
    )
    shares = np.asarray(picture, np.float64).reshape(height, width, channels) / 255
    return _scaled(shares, scaling or scaling_of(info), np.dtype(info.dtype))


def _decoded(data: bytes, channels: int, max_pixels: int) -> Image.Image:
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read: scale the image"
            " down first"
        )
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            width, height = opened.size
            if width * height > max_pixels:
                raise ImageError(
                    f"the image has {width:,} x {height:,} pixels; at most {max_pixels:,} are"
                    " read: scale it down first"
                )
            return _in_channels(_turned(opened), channels)
    except ImageError:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ImageError(
            f"the file cannot be read as an image ({type(error).__name__}); expected a whole PNG,"
            " JPEG, WebP, BMP or GIF file"
        ) from error
    except Image.DecompressionBombError as error:
        raise ImageError(
            f"the image has far more than the {max_pixels:,} pixels that are read: scale it down"
            " first"
        ) from error


def _turned(picture: Image.Image) -> Image.Image:
    """Upright. Pillow's own way writes the EXIF data anew, which some cameras' do not stand."""
    turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    return picture if turn is None else picture.transpose(turn)


def _in_channels(picture: Image.Image, channels: int) -> Image.Image:
    """With this many channels; what is transparent becomes black where there is no alpha."""
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if channels != 4 and (picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info):
        own = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", own.size, (0, 0, 0, 255)), own)
    return picture.convert(_MODES[channels])


def _fitted(picture: Image.Image, width: int, height: int, fit: str) -> Image.Image:
    way = Image.Resampling.BILINEAR
    if fit == "crop":
        return ImageOps.fit(picture, (width, height), way)
    if fit == "pad":
        return ImageOps.pad(picture, (width, height), way)
    return picture.resize((width, height), way)


def _scaled(shares: npt.NDArray[np.float64], scaling: Scaling, dtype: np.dtype[Any]) -> Array:
    values = scaling.low + shares * (scaling.high - scaling.low)
    if dtype.kind not in "iu":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)
