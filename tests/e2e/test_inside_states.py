"""Inside a network, in between: links that do not fit, files that cannot be read, many passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from board import Board
from browser import tab_in
from PIL import Image
from playwright.sync_api import Browser, expect
from trained import LAST

from tensorboard_cnnvis.run import Run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
STARTED = 120_000  # milliseconds for a worker that has to load Keras first


@pytest.mark.parametrize("channel", ["-3", "1.5", "999", "toString"])
def test_a_channel_that_is_none_chooses_none(
    trained_board: Board, browser: Browser, channel: str
) -> None:
    link = {"view": "layers", "layer": "conv1", "step": str(LAST), "channel": channel}
    with tab_in(browser, trained_board.url, **link) as tab:
        panel = tab.frame.get_by_label("Kernels", exact=True)
        expect(panel.locator(".tile-foot")).to_contain_text("filters")
        expect(tab.frame.locator(".filter-strip")).to_have_count(0)
        tab.page.wait_for_timeout(300)
        assert tab.complaints == []


def test_the_choices_of_the_layers_live_in_the_link(trained_board: Board, browser: Browser) -> None:
    link = {"view": "layers", "layer": "conv2", "layers.tab": "maps", "focus": "1"}
    with tab_in(browser, trained_board.url, step=str(LAST), **link) as tab:
        sort = tab.frame.get_by_label("Sort", exact=True)
        sort.select_option("mean", timeout=STARTED)
        tab.frame.get_by_role("radio", name="Own").click()
        tab.frame.get_by_label("Over the image").check()
        tab.page.wait_for_timeout(500)
        tab.reload()
        expect(tab.frame.get_by_label("Sort", exact=True)).to_have_value("mean", timeout=STARTED)
        expect(tab.frame.get_by_role("radio", name="Own")).to_be_checked()
        expect(tab.frame.get_by_label("Over the image")).to_be_checked()


def test_a_broken_image_leaves_no_maps_of_the_one_before(
    trained_board: Board, browser: Browser, trained: Run, tmp_path: Path
) -> None:
    good, broken = tmp_path / "good.png", tmp_path / "broken.png"
    Image.fromarray(trained.inputs[7][..., 0]).save(good)
    broken.write_bytes(good.read_bytes()[:200])
    link = {"view": "attribution", "step": str(LAST), "focus": "1", "layers.tab": "maps"}
    with tab_in(browser, trained_board.url, **link) as tab:
        tab.frame.locator("input[type=file]").set_input_files(good)
        expect(tab.frame.locator(".map-verdict")).to_be_visible(timeout=STARTED)
        tab.frame.get_by_role("button", name="Layers").click()
        maps = tab.frame.get_by_label("Activation maps", exact=True)
        expect(maps.locator("canvas")).to_be_visible(timeout=STARTED)
        tab.frame.get_by_role("button", name="Attribution").click()
        tab.frame.locator("input[type=file]").set_input_files(broken)
        expect(tab.frame.locator(".view .error-strip")).to_contain_text("cannot be read")
        tab.frame.get_by_role("button", name="Layers").click()
        expect(maps).to_contain_text("Your image could not be read")
        expect(maps.locator("canvas")).to_have_count(0)
        expect(tab.frame.locator(".inspector .error-strip")).to_contain_text("cannot be read")


def test_a_sheet_of_many_passes_shows_its_samples_and_asks(
    trained_board: Board, browser: Browser
) -> None:
    with tab_in(browser, trained_board.url, view="samples", step=str(LAST)) as tab:
        query = tab.frame.locator(".query-line input").first
        query.fill("sample_index < 64")
        query.press("Enter")
        expect(tab.frame.locator(".selection")).to_contain_text("64 selected")
        tab.frame.get_by_role("button", name="Attribution").click()
        tab.frame.get_by_role("radio", name="Sheet").click()
        view = tab.frame.locator(".view")
        expect(view).to_contain_text(f"{64 * 23 * 23:,} passes through the model")
        expect(view.locator(".map-sheet-tile")).to_have_count(64)
        expect(view.get_by_role("button", name="Sample 63: not made yet")).to_be_visible()


def test_the_form_of_a_map_stays_whole_where_it_warns(
    trained_board: Board, browser: Browser
) -> None:
    """Fields stand one below the other, and the keyboard goes on where the form was opened."""
    maps = '[{"method": "smooth_grad", "samples": 10}]'
    link = {"view": "attribution", "step": str(LAST), "focus": "2", "maps": maps}
    with tab_in(browser, trained_board.url, **link) as tab:
        button = tab.frame.get_by_role("button", name="Parameters: 10 samples")
        button.press("Enter", timeout=STARTED)
        form = tab.frame.locator(".map-form")
        form.get_by_label("Samples").fill("0")
        expect(form).to_contain_text("A whole number, 1 to 1,000")
        expect(form.get_by_role("button", name="Run")).to_be_disabled()
        # as for more than 20,000 passes, which no map of such small images takes
        form.locator("p").evaluate("passes => passes.classList.add('warning')")
        lefts = form.locator("label").evaluate_all(
            "labels => labels.map(label => label.getBoundingClientRect().left)"
        )
        assert len(lefts) == 4
        assert len(set(lefts)) == 1
        form.get_by_label("Samples").fill("12")
        form.get_by_label("Samples").press("Enter")
        expect(form).to_have_count(0)
        expect(tab.frame.get_by_role("button", name="Parameters: 12 samples")).to_be_focused()
