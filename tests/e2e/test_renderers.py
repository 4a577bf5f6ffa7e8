"""The points are the same picture on a GPU and on the CPU, and a lost GPU loses no points."""

from __future__ import annotations

import pytest
from board import Board
from browser import Tab, inked, settle, tab_in, wait_for_points
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.e2e

# The software GL of this Chromium, made to look like a GPU's.
AS_GPU = """
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
    return getContext.call(this, kind, {...options, failIfMajorPerformanceCaveat: false});
};
const getParameter = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
    return name === 0x9246 || name === 0x1F01 ? 'A real GPU' : getParameter.call(this, name);
};
"""


def rgb(tab: Tab) -> list[int]:
    """Mean colour of the left plot in 16 x 16 cells: robust to what a pixel's edge does."""
    found = tab.frame.locator("canvas[data-renderer]").first.evaluate(
        """canvas => {
            const copy = document.createElement('canvas');
            [copy.width, copy.height] = [16, 16];
            const context = copy.getContext('2d');
            context.imageSmoothingQuality = 'high';
            context.drawImage(canvas, 0, 0, 16, 16);
            return [...context.getImageData(0, 0, 16, 16).data];
        }"""
    )
    return [int(value) for value in found]


def renderer(tab: Tab) -> str | None:
    return tab.frame.locator("canvas[data-renderer]").first.get_attribute("data-renderer")


def test_gpu_and_cpu_draw_the_same_points(fast_board: Board, browser: Browser) -> None:
    pictures, ink = {}, {}
    for kind, init in (("cpu", ""), ("gl", AS_GPU)):
        with tab_in(browser, fast_board.url, init=init, view="samples", focus="3") as tab:
            wait_for_points(tab, 2000)
            settle(tab)
            assert renderer(tab) == kind
            pictures[kind], ink[kind] = rgb(tab), inked(tab)
    assert ink["gl"] == pytest.approx(ink["cpu"], rel=0.1)
    differences = [abs(a - b) for a, b in zip(pictures["gl"], pictures["cpu"], strict=True)]
    assert sum(differences) / len(differences) < 4
    assert max(differences) < 60


def test_a_lost_gpu_loses_no_points(fast_board: Board, browser: Browser) -> None:
    with tab_in(browser, fast_board.url, init=AS_GPU, view="samples") as tab:
        wait_for_points(tab, 2000)
        settle(tab)
        assert renderer(tab) == "gl"
        before = inked(tab)
        tab.frame.locator("canvas[data-renderer]").first.evaluate(
            "canvas => canvas.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
        )
        fallen = tab.frame.locator("canvas[data-renderer]").first
        expect(fallen).to_have_attribute("data-renderer", "cpu")
        settle(tab)
        assert inked(tab) == pytest.approx(before, rel=0.1)
