"""Inside a network that was really trained: kernels, dead channels, occlusion, an image dropped."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from board import Board, held_worker
from browser import Tab, tab_in
from fashion import NAMES
from PIL import Image
from playwright.sync_api import Browser, Locator, expect
from trained import LAST

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.run import Run
from tensorboard_cnnvis.store.reader import RunReader

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
PATCH, STRIDE = 6, 1  # what the page takes for 28x28
STARTED = 120_000  # milliseconds for a worker that has to load Keras first


def figures(tab: Tab, method: str) -> Locator:
    """Of a method: mean score, unchanged, largest, at x and y, passes, gap."""
    return tab.frame.locator(".deletion-figures tr").filter(has_text=method).locator("td")


def rounded(value: float) -> str:
    return f"{float(f'{value:.3g}'):.4g}".replace("-", "\u2212")


def test_occlusion_is_cancelled_asked_again_and_is_what_python_gives(
    trained_board: Board, browser: Browser, trained: Run
) -> None:
    found = trained.model(LAST).occlusion(5, size=PATCH, stride=STRIDE, fill="zero")
    drop = found.pixel_drop()
    with tab_in(browser, trained_board.url, view="samples", step=str(LAST), focus="5") as tab:
        first = tab.frame.get_by_label("Map 1", exact=True)
        with held_worker(trained_board):
            tab.frame.get_by_role("button", name="Explain").click()
            first.get_by_role("button", name="Cancel this map").click(timeout=30_000)
            expect(first).to_contain_text("cancelled")
        first.get_by_role("button", name="Run", exact=True).click()
        cells = figures(tab, "Occlusion")
        expect(cells.nth(4)).to_have_text(f"{found.scores.size}", timeout=STARTED)
        expect(cells.nth(1)).to_have_text(f"{found.baseline:.3f}")
        expect(cells.nth(2)).to_have_text(rounded(float(drop.max())))
        assert tab.complaints == []


def test_kernels_follow_the_epochs(trained_board: Board, browser: Browser, trained: Run) -> None:
    seen = []
    for step in (0, LAST):
        largest = float(np.abs(trained.kernels("conv1", step)).max())
        link = {"view": "layers", "layer": "conv1", "step": str(step)}
        with tab_in(browser, trained_board.url, **link) as tab:
            panel = tab.frame.get_by_label("Kernels", exact=True)
            expect(panel).to_contain_text(f"{largest:.4g}", timeout=20_000)
            tab.page.wait_for_timeout(300)
            seen.append(panel.locator("canvas").first.evaluate("canvas => canvas.toDataURL()"))
    assert seen[0] != seen[1]


def test_the_report_of_dead_channels_leads_to_the_images(
    trained_board: Board, browser: Browser, trained: Run, trained_log_dir: Path
) -> None:
    fires = trained.channel_stats("conv2", LAST)["samples_above_zero"].to_numpy()
    dead = np.flatnonzero(fires == 0)
    assert 5 in dead
    link = {"view": "layers", "layer": "conv2", "layers.tab": "channels", "step": str(LAST)}
    with tab_in(browser, trained_board.url, **link) as tab:
        chosen = tab.frame.get_by_role("option", name="conv2", selected=True)
        expect(chosen).to_contain_text(f"{len(dead)} dead")
        report = tab.frame.get_by_label("Dead and saturated channels")
        expect(report).to_contain_text(f"{len(dead)} dead")
        report.get_by_role("button", name="5", exact=True).first.click()
        panel = tab.frame.get_by_label("Channel 5", exact=True)
        expect(panel).to_contain_text("fires on none", ignore_case=True)
    alive = int(fires.argmax())
    top = RunReader(trained_log_dir / schema.SUBDIRECTORY).row(
        schema.top_samples_array("conv2"), LAST, alive
    )
    with tab_in(browser, trained_board.url, **link, channel=str(alive)) as tab:
        tiles = tab.frame.locator(".top-samples .tile")
        expect(tiles).to_have_count(len(top))
        shown = tiles.evaluate_all("tiles => tiles.map(tile => tile.getAttribute('aria-label'))")
        assert [int(name.split()[1].rstrip(",")) for name in shown] == list(top)


def test_an_image_of_ones_own_is_predicted(
    trained_board: Board, browser: Browser, trained: Run, tmp_path: Path
) -> None:
    pixels = trained.inputs[7][..., 0]
    Image.fromarray(pixels).save(tmp_path / "mine.png")
    scores = trained.model(LAST).scores(7)
    link = {"view": "attribution", "step": str(LAST), "focus": "1"}
    with tab_in(browser, trained_board.url, **link) as tab:
        tab.frame.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
        verdict = tab.frame.locator(".map-verdict")
        expect(tab.frame.locator(".view-head")).to_contain_text("mine.png", timeout=STARTED)
        expect(verdict).to_contain_text(f"{scores.max():.3f}", timeout=STARTED)
        expect(verdict).to_contain_text(NAMES[int(scores.argmax())])


def test_an_image_of_ones_own_has_neighbors(
    trained_board: Board, browser: Browser, trained: Run, tmp_path: Path
) -> None:
    pixels = trained.inputs[7][..., 0]
    Image.fromarray(pixels).save(tmp_path / "mine.png")
    link = {"view": "attribution", "step": str(LAST), "focus": "1"}
    with tab_in(browser, trained_board.url, **link) as tab:
        tab.frame.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
        panel = tab.frame.get_by_label("Focused sample")
        expect(panel.locator(".neighbor")).to_have_count(5, timeout=STARTED)
        panel.get_by_role("button", name="Find similar").click()
        tiles = tab.frame.locator(".similar-found .tile")
        expect(tiles).to_have_count(5, timeout=STARTED)
        expect(tiles.first).to_have_attribute("aria-label", re.compile("^Sample 7, "))
        expect(tab.frame.locator(".waveform-key")).to_contain_text("your image")
        tiles.nth(1).click()
        expect(panel).not_to_contain_text("mine.png")
        tab.frame.get_by_role("button", name="Your image mine.png").click()
        expect(panel).to_contain_text("mine.png")
        score = panel.locator(".score .number").first
        before = score.inner_text()
        black = panel.get_by_role("textbox", name="Black")
        black.fill("120")
        black.press("Enter")
        expect(score).not_to_have_text(before, timeout=STARTED)
        panel.get_by_role("button", name="As in this run").click()
        expect(score).to_have_text(before, timeout=STARTED)
        assert tab.complaints == []


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700)])
@pytest.mark.parametrize(
    "state",
    [
        {"view": "layers", "layers.tab": "kernels", "channel": "1"},
        {"view": "layers", "layers.tab": "maps", "channel": "1"},
        {"view": "layers", "layers.tab": "channels", "channel": "1"},
        {"view": "attribution"},
        {"view": "attribution", "attribution": "epochs"},
    ],
)
def test_the_page_itself_never_scrolls_inside(
    trained_board: Board, browser: Browser, size: tuple[int, int], state: dict[str, str]
) -> None:
    with tab_in(browser, trained_board.url, size=size, step=str(LAST), focus="3", **state) as tab:
        expect(tab.frame.locator(".view-body")).to_be_visible(timeout=STARTED)
        tab.page.wait_for_timeout(800)
        scrolls = tab.frame.evaluate(
            "() => { const e = document.scrollingElement;"
            " return [e.scrollWidth > e.clientWidth, e.scrollHeight > e.clientHeight]; }"
        )
        assert scrolls == [False, False]
