"""The inspector's picture: on screen is what bands, window and gamma make of a sample."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from board import Board, tensorboard
from browser import Tab, tab_in
from PIL import Image
from playwright.sync_api import Browser, expect
from watched import Watched, watch

pytestmark = pytest.mark.e2e
Array = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inspected")


@pytest.fixture(scope="module")
def bands(logdir: Path, digits: Any) -> Watched:
    """Five bands of floats in no usual range; sample 3 has a NaN and an infinity."""
    x = np.repeat(digits[0][:24, :, :7, None].astype(np.float32), 5, axis=-1)
    x = x * np.float32([0.02, 0.1, -0.05, 0.01, 1.0]) + np.float32([-3, 7, 0, 0.5, 100])
    x[:, :, :, 3] = x[:, ::-1, :, 3]
    x[3, 2, 4, 0], x[3, 5, 1, 0] = np.nan, np.inf
    return watch(logdir / "bands", (x, digits[1][:24]))


@pytest.fixture(scope="module")
def colour(logdir: Path, digits: Any) -> Watched:
    """Red, green and blue in [0, 1]."""
    x = digits[0][:24, :, :, None] / np.float32(255) * np.float32([1, 0.5, 0.25])
    return watch(logdir / "colour", (x, digits[1][:24]))


@pytest.fixture(scope="module")
def board(logdir: Path, bands: Watched, colour: Watched) -> Iterator[Board]:
    with tensorboard(logdir, n_runs=2) as running:
        yield running


def painted(tab: Tab, index: int) -> Array:
    """The inspector's canvas, RGBA as the browser holds it, once it shows this sample."""
    canvas = tab.frame.get_by_label(f"Input of sample {index}", exact=True)
    expect(canvas).to_be_visible()
    expect(canvas).not_to_have_class("hatched waiting")
    tab.frame.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    pixels = canvas.evaluate(
        "c => [c.width, c.height, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    width, height, *values = pixels
    return np.array(values).reshape(height, width, 4)


def expected(image: Array, shown: list[int], window: Any = None, gamma: float = 1.0) -> Array:
    """255 ((v - low) / (high - low))^(1 / gamma), clipped; 1 to 99% of the shown bands where no
    window is given; transparent where a shown value is not a number.
    """
    values = image[..., shown].astype(float)
    finite = values[np.isfinite(values)]
    low, high = window or np.percentile(finite, [1, 99], method="nearest")
    share = np.clip((values - low) / (high - low), 0, 1) ** (1 / gamma)
    rgb = np.broadcast_to(255 * share, (*image.shape[:2], 3))
    known = ~np.isnan(values).any(axis=-1, keepdims=True)
    return np.concatenate([np.where(known, rgb, 0), 255.0 * known], axis=-1)


def same(seen: Array, wanted: Array) -> None:
    np.testing.assert_allclose(seen, wanted, atol=1)
    assert wanted[..., :3].std() > 20, "a picture of nothing proves nothing"


def shows(tab: Tab, index: int, wanted: Array) -> None:
    """Waits until the canvas shows this: what was pressed is drawn a frame or two later."""
    for _ in range(50):
        seen = painted(tab, index)
        if seen.shape == wanted.shape and np.allclose(seen, wanted, atol=1):
            break
        tab.page.wait_for_timeout(100)
    same(seen, wanted)


def choose(tab: Tab, label: str, band: int) -> None:
    tab.frame.get_by_label(label, exact=True).select_option(str(band))


def test_bands_of_an_unknown_range_are_stretched_between_their_percentiles(
    board: Board, browser: Browser, bands: Watched
) -> None:
    with tab_in(browser, board.url, view="samples", run="bands/cnnvis", focus="5") as tab:
        shows(tab, 5, expected(bands.x[5], [0, 1, 2]))
        choose(tab, "R", 4)
        choose(tab, "B", 3)
        shows(tab, 5, expected(bands.x[5], [4, 1, 3]))
        tab.frame.get_by_role("radio", name="Band", exact=True).click()
        shows(tab, 5, expected(bands.x[5], [4]))
        choose(tab, "Band", 3)
        shows(tab, 5, expected(bands.x[5], [3]))
        assert tab.complaints == []


def test_what_is_not_a_number_is_transparent_and_counted(
    board: Board, browser: Browser, bands: Watched
) -> None:
    with tab_in(browser, board.url, view="samples", run="bands/cnnvis", focus="3") as tab:
        seen = painted(tab, 3)
        same(seen, expected(bands.x[3], [0, 1, 2]))
        assert (seen[2, 4, 3], seen[5, 1, 0]) == (0, 255)
        expect(tab.frame.locator(".picture-note")).to_contain_text("2 NaN or infinite")


def test_window_and_gamma_are_kept_for_the_next_sample_and_the_next_visit(
    board: Board, browser: Browser, bands: Watched
) -> None:
    window = (100.5, 260.0)
    with tab_in(browser, board.url, view="samples", run="bands/cnnvis", focus="5") as tab:
        tab.frame.get_by_role("radio", name="Band", exact=True).click()
        choose(tab, "Band", 4)
        tab.frame.get_by_role("button", name="Window and gamma").click()
        for label, value in zip(("Low", "High"), window, strict=True):
            field = tab.frame.get_by_label(label, exact=True)
            field.fill(str(value))
            field.press("Enter")
        shows(tab, 5, expected(bands.x[5], [4], window))
        tab.frame.get_by_role("slider", name="Gamma").fill("1")  # 2 to the power of it
        shows(tab, 5, expected(bands.x[5], [4], window, gamma=2))
        tab.frame.get_by_role("button", name="Next sample").click()
        shows(tab, 6, expected(bands.x[6], [4], window, gamma=2))
        tab.reload()
        shows(tab, 6, expected(bands.x[6], [4], window, gamma=2))
        tab.frame.get_by_role("button", name="Window and gamma").click()
        tab.frame.get_by_role("button", name="Reset", exact=True).click()
        shows(tab, 6, expected(bands.x[6], [4]))
        assert tab.complaints == []


def test_colours_are_shown_as_they_are_and_one_band_in_grey(
    board: Board, browser: Browser, colour: Watched
) -> None:
    with tab_in(browser, board.url, view="samples", run="colour/cnnvis", focus="2") as tab:
        shows(tab, 2, expected(colour.x[2], [0, 1, 2], (0, 1)))
        tab.frame.get_by_role("radio", name="G", exact=True).click()
        shows(tab, 2, expected(colour.x[2], [1], (0, 1)))
        tab.frame.get_by_role("button", name="Window and gamma").click()
        tab.frame.get_by_role("radio", name="1\u201399%").click()
        shows(tab, 2, expected(colour.x[2], [1]))


def test_each_pixel_of_the_input_is_a_sharp_square_on_the_screen(
    board: Board, browser: Browser, colour: Watched
) -> None:
    with tab_in(browser, board.url, view="samples", run="colour/cnnvis", focus="2") as tab:
        pixels = painted(tab, 2)[..., :3]
        canvas = tab.frame.get_by_label("Input of sample 2", exact=True)
        tab.page.mouse.move(5, 5)
        box = canvas.bounding_box()
        assert box
        scale = round(box["width"]) // 8
        corner = {"x": math.ceil(box["x"]), "y": math.ceil(box["y"])}
        shot = tab.page.screenshot(clip={**corner, "width": 8 * scale, "height": 8 * scale})
        screen = np.array(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)
        assert scale > 20
        wanted = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
        under_the_button = (slice(-48, None), slice(-48, None)), (slice(0, 48), slice(-48, None))
        for hidden in under_the_button:
            screen[hidden] = wanted[hidden]
        np.testing.assert_allclose(screen, wanted, atol=2)
