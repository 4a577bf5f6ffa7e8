"""A user's own image becomes an input as the probe set's are."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from tensorboard_cnnvis.inference.images import ImageError, Scaling, read_image, scaling_of
from tensorboard_cnnvis.schema import InputInfo

GRADIENT = np.linspace(0, 255, 8 * 12).reshape(8, 12).astype(np.uint8)


def info(shape: tuple[int, int, int] = (8, 12, 1), dtype: str = "float32", **known: Any) -> Any:
    fields = {"scale": 1 / 255, "offset": 0.0, "display_low": 0.0, "display_high": 1.0, **known}
    return InputInfo(shape=shape, dtype=dtype, file="x.npy", display="unit", **fields)


def png(pixels: Any, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture.save(stream, kind, **options)
    return stream.getvalue()


def test_pixels_of_the_right_size_come_through_exactly() -> None:
    found = read_image(png(GRADIENT), info())
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[..., 0], GRADIENT / 255, atol=1e-7)


@pytest.mark.parametrize(
    ("described", "low", "high"),
    [
        (info(scale=1 / 127.5, offset=-1.0), -1, 1),
        (info(scale=None, offset=None, display_low=-2.0, display_high=3.0), -2, 3),
        (info(dtype="uint8", scale=None, offset=None, display_high=255.0), 0, 255),
    ],
)
def test_black_and_white_are_those_of_the_probe_set(described: Any, low: int, high: int) -> None:
    found = read_image(png(GRADIENT), described)
    assert found.dtype == np.dtype(described.dtype)
    assert found.min() == pytest.approx(low, abs=1e-6)
    assert found.max() == pytest.approx(high, abs=1e-6)
    assert scaling_of(described).high == pytest.approx(high)


def test_another_range_can_be_told() -> None:
    found = read_image(png(GRADIENT), info(), Scaling(5.0, 6.0))
    assert (found.min(), found.max()) == (5.0, 6.0)


def test_the_three_ways_to_fit() -> None:
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 10:20] = 255
    square = info((10, 10, 1))
    crop = read_image(png(wide), square, Scaling(0, 1, "crop"))
    pad = read_image(png(wide), square, Scaling(0, 1, "pad"))
    stretch = read_image(png(wide), square, Scaling(0, 1, "stretch"))
    assert crop.min() == 1, "the middle is kept"
    assert pad[0].max() == 0 and pad[5].max() > 0.9, "black above"
    assert stretch[:, 0].max() == 0 and stretch[:, 5].min() == 1


@pytest.mark.parametrize(("channels", "expected"), [(1, [54]), (3, [0, 92, 0])])
def test_channels_and_transparency(channels: int, expected: list[int]) -> None:
    """A quarter-transparent green over black; grey by ITU-R 601."""
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[..., 1], pixels[..., 3] = 184, 128
    found = read_image(png(pixels), info((4, 4, channels)), Scaling(0, 255))
    np.testing.assert_allclose(found[1, 1], expected, atol=1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_as_its_camera_was(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = png(Image.fromarray(GRADIENT), exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    turned = read_image(data, info((*expected.shape, 1)))
    np.testing.assert_allclose(turned[..., 0], expected / 255, atol=1e-6)


def test_odd_data_of_a_camera_do_not_stop_its_photo() -> None:
    turn, width = (0x0112, 3, 1, 3), (0x0100, 2, 2, ord("8"))  # a width that is text
    entries = b"".join(struct.pack("<HHII", *entry) for entry in (width, turn))
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4)
    turned = read_image(png(Image.fromarray(GRADIENT), exif=exif), info())
    np.testing.assert_allclose(turned[..., 0], GRADIENT[::-1, ::-1] / 255, atol=1e-6)


def test_sixteen_bits_are_read() -> None:
    deep = (GRADIENT.astype(np.uint16) << 8) | 0xFF
    found = read_image(png(deep), info())
    np.testing.assert_allclose(found[..., 0], GRADIENT / 255, atol=1e-6)


@pytest.mark.parametrize("data", [b"", b"nothing", png(GRADIENT)[:60], b"GIF89a"])
def test_a_broken_file_is_told(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"cannot be read as an image .* expected a whole PNG"):
        read_image(data, info())


def test_a_huge_one_is_told_before_it_is_decoded() -> None:
    with pytest.raises(ImageError, match=r"12 x 8 pixels; at most 50 are read: scale it down"):
        read_image(png(GRADIENT), info(), max_pixels=50)
    with pytest.raises(ImageError, match=r"far more than the 50,000,000 pixels that are read"):
        read_image(png(Image.new("1", (20_000, 20_000))), info())
    with pytest.raises(ImageError, match=r"10,000,001 bytes; at most 10,000,000 are read"):
        read_image(bytes(10_000_001), info())


def test_inputs_that_are_no_pictures_and_nonsense_are_refused() -> None:
    with pytest.raises(ImageError, match="the model takes 7 channels") as raised:
        read_image(png(GRADIENT), info((8, 12, 7)))
    assert raised.value.hint, "another file would not help"
    with pytest.raises(ImageError, match="fit 'tile' is unknown; expected one of crop, pad"):
        Scaling(0, 1, "tile")
    with pytest.raises(ImageError, match="two different numbers, got 1 and 1"):
        Scaling(1, 1)
