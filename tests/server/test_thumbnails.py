"""Thumbnails on their pages, at both levels."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from recording import record_run
from serving import Page


@pytest.mark.parametrize(("level", "name", "cell"), [(0, "atlas", 64), (1, "atlas_small", 16)])
def test_every_image_is_reduced_into_a_cell_of_its_own(
    tmp_path: Path, level: int, name: str, cell: int
) -> None:
    """Flat images of 128 x 64 in different greys: a pixel of a neighbour would show."""
    greys = np.arange(30, dtype=np.uint8) * 8
    x = np.broadcast_to(greys[:, None, None], (30, 128, 64)).copy()
    record_run(tmp_path / "run", x, np.arange(30) % 3, epochs=1)
    page = Page(tmp_path)
    layout = page.json("run", run="run/cnnvis")[name]
    assert (layout["cell_height"], layout["cell_width"]) == (cell, cell // 2)
    response = page.get("atlas", run="run/cnnvis", page=0, level=level)
    sheet = np.asarray(Image.open(io.BytesIO(response.get_data()))).astype(int)
    assert sheet.shape[1] == layout["columns"] * layout["cell_width"]
    for index, grey in enumerate(greys.tolist()):
        row, column = divmod(index, layout["columns"])
        top, left = row * cell, column * cell // 2
        shown = sheet[top : top + cell, left : left + cell // 2]
        assert np.abs(shown - grey).max() <= 3


def test_a_reduced_cell_is_the_mean_of_its_pixels(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (4, 32, 32), dtype=np.uint8)
    record_run(tmp_path / "run", x, np.arange(4) % 2, epochs=1)
    page = Page(tmp_path)
    layout = page.json("run", run="run/cnnvis")["atlas_small"]
    body = page.get("atlas", run="run/cnnvis", page=0, level=1).get_data()
    sheet = np.asarray(Image.open(io.BytesIO(body))).astype(int)
    means = x.reshape(4, 16, 2, 16, 2).mean(axis=(2, 4))
    for index in range(4):
        row, column = divmod(index, layout["columns"])
        shown = sheet[16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
        assert np.abs(shown - means[index]).mean() < 5, "JPEG loses little"


def test_small_images_have_the_same_pages_at_both_levels(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (4, 9, 12), dtype=np.uint8)
    record_run(tmp_path / "run", x, np.arange(4) % 2, epochs=1)
    page = Page(tmp_path)
    told = page.json("run", run="run/cnnvis")
    assert told["atlas"] == told["atlas_small"]
    bodies = [
        page.get("atlas", run="run/cnnvis", page=0, level=level).get_data() for level in (0, 1)
    ]
    assert bodies[0] == bodies[1]
    assert "from 0 to 1" in page.refused(page.get("atlas", run="run/cnnvis", page=0, level=2), 400)
