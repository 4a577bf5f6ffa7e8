"""Thumbnails of all samples on a few large pages."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from tensorboard_cnnvis.schema import InputInfo
from tensorboard_cnnvis.store.inputs import Inputs

PAGE_SIZE = 4096
CELLS = (64, 16)  # by level; larger images are reduced to fit, smaller ones stay as they are
_BATCH = 256


@dataclass(frozen=True)
class Atlas:
    """How thumbnails lie on the pages: row-major, sample i on page i // per_page."""

    cell_width: int
    cell_height: int
    columns: int
    rows: int
    per_page: int
    pages: int


def layout(shape: tuple[int, int, int], n_samples: int, level: int = 0) -> Atlas:
    """The pages for inputs of (height, width, channels), with cells of up to CELLS[level] px."""
    height, width, _ = shape
    scale = min(1.0, CELLS[level] / max(height, width))
    cell_width, cell_height = max(1, round(width * scale)), max(1, round(height * scale))
    square = math.ceil(math.sqrt(n_samples * cell_height / cell_width))
    columns = max(1, min(PAGE_SIZE // cell_width, square))
    rows = max(1, min(PAGE_SIZE // cell_height, math.ceil(n_samples / columns)))
    per_page = columns * rows
    return Atlas(
        cell_width, cell_height, columns, rows, per_page, max(1, math.ceil(n_samples / per_page))
    )


def page(inputs: Inputs, info: InputInfo, atlas: Atlas, number: int) -> bytes:
    """One page as a JPEG without chroma subsampling."""
    start = number * atlas.per_page
    stop = min(start + atlas.per_page, inputs.shape[0])
    colours = 1 if picture(inputs, info, slice(start, start + 1)).shape[3] == 1 else 3
    used = math.ceil((stop - start) / atlas.columns)
    size = (used * atlas.cell_height, atlas.columns * atlas.cell_width, colours)
    canvas = np.zeros(size, np.uint8)
    for first in range(start, stop, _BATCH):
        images = picture(inputs, info, slice(first, min(first + _BATCH, stop)))
        for index, cell in enumerate(_fit(images, atlas), first - start):
            row, column = divmod(index, atlas.columns)
            top, left = row * atlas.cell_height, column * atlas.cell_width
            canvas[top : top + atlas.cell_height, left : left + atlas.cell_width] = cell
    file = io.BytesIO()
    shown = Image.fromarray(canvas[..., 0] if colours == 1 else canvas)
    shown.save(file, "JPEG", quality=92, subsampling=0)
    return file.getvalue()


def picture(inputs: Inputs, info: InputInfo, rows: slice) -> npt.NDArray[np.uint8]:
    """Inputs as they are shown, uint8 (n, height, width, 1 or 3).

    Two channels show the first, more than three the first three. NaN shows black.
    """
    given = inputs.images(rows)
    if given is not None:
        return given
    values = inputs.rows(rows)
    values = values[..., : 3 if values.shape[3] >= 3 else 1]
    return to_bytes(values, info.display_low, info.display_high)


def to_bytes(values: npt.NDArray[Any], low: float, high: float) -> npt.NDArray[np.uint8]:
    """Values mapped from [low, high] to [0, 255], rounded and clipped."""
    if values.dtype == np.uint8 and (low, high) == (0, 255):
        return values
    span = high - low or 1.0
    scaled = (values.astype(np.float32) - low) * (255.0 / span)
    return np.asarray(np.nan_to_num(np.clip(np.rint(scaled), 0, 255)), np.uint8)


def _fit(images: npt.NDArray[np.uint8], atlas: Atlas) -> npt.NDArray[np.uint8]:
    """Images (n, height, width, 1 or 3) reduced to their cells."""
    count, height, width, colours = images.shape
    cell_height, cell_width = atlas.cell_height, atlas.cell_width
    if (height, width) == (cell_height, cell_width):
        return images
    # one above the other, so that one call reduces them all: no cell reaches into the next image
    column = images.reshape(count * height, width, colours)
    shown = Image.fromarray(column[..., 0] if colours == 1 else column)
    small = shown.resize((cell_width, count * cell_height), Image.Resampling.BOX)
    return np.asarray(small).reshape(count, cell_height, cell_width, colours)
