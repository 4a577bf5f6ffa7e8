"""What a person sees and does in the tab, on a recorded run of real images."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from board import Board
from browser import Tab, inked, settle, tab_in, wait_for_points
from fashion import NAMES
from playwright.sync_api import Browser, expect
from recording import LAYER, Recording, cross_entropy

pytestmark = pytest.mark.e2e

PLOTS = "canvas[data-renderer]"


def index_shown(tab: Tab) -> int:
    """The sample in the inspector."""
    shown = tab.frame.locator(".inspector .index")
    expect(shown).to_have_text(re.compile(r"#\d+"))
    return int(re.findall(r"\d+", shown.inner_text())[0])


def image_shown(tab: Tab) -> np.ndarray[Any, Any]:
    """The inspector's image as gray levels, pixel by pixel."""
    pixels = tab.frame.locator(".mat canvas").evaluate(
        "c => [c.width, c.height, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    width, height, *values = pixels
    return np.array(values).reshape(height, width, 4)[..., 0]


def inked_places(tab: Tab, plot: int, wanted: int, seed: int) -> list[tuple[int, int]]:
    """Some pixels of a plot that are not ground, in CSS pixels from its corner."""
    found = (
        tab.frame.locator(PLOTS)
        .nth(plot)
        .evaluate(
            """canvas => {
            const copy = document.createElement('canvas');
            [copy.width, copy.height] = [canvas.width, canvas.height];
            const context = copy.getContext('2d');
            context.drawImage(canvas, 0, 0);
            const data = context.getImageData(0, 0, copy.width, copy.height).data;
            const pixels = new Uint32Array(data.buffer), scale = canvas.clientWidth / canvas.width;
            const out = [];
            pixels.forEach((pixel, at) => pixel === pixels[0] ||
                out.push([at % copy.width * scale, Math.floor(at / copy.width) * scale]));
            return out;
        }"""
        )
    )
    chosen = np.random.default_rng(seed).choice(len(found), wanted, replace=False)
    return [(int(found[at][0]), int(found[at][1])) for at in chosen]


def click_points(tab: Tab, plot: int, seed: int) -> list[tuple[int, tuple[int, int]]]:
    """Clicks ten points; tells which sample each click focused."""
    clicked = []
    for x, y in inked_places(tab, plot, 10, seed):
        tab.frame.locator(PLOTS).nth(plot).click(position={"x": x, "y": y}, force=True)
        tab.page.wait_for_timeout(150)
        clicked.append((index_shown(tab), (x, y)))
    return clicked


def test_points_are_seen_and_a_click_opens_the_right_image(
    board: Board, browser: Browser, recorded: Recording
) -> None:
    with tab_in(browser, board.url, view="samples", step="7") as tab:
        wait_for_points(tab, 2000)
        clicked = click_points(tab, 1, seed=1)
        assert len({index for index, _ in clicked}) > 5
        last = clicked[-1][0]
        expect(tab.frame.get_by_label(f"Input of sample {last}", exact=True)).to_be_visible()
        assert np.array_equal(image_shown(tab), recorded.inputs[last, ..., 0])
        assert tab.complaints == []


def test_the_clicked_samples_lie_where_their_projection_is(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    """One scale for both axes takes the coordinates to the pixels that were clicked."""
    with tab_in(browser, fast_board.url, view="samples", step="7") as tab:
        wait_for_points(tab, 2000)
        vectors = recorded.inputs.reshape(len(recorded.inputs), -1).astype(float)
        centred = vectors - vectors.mean(axis=0)
        axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
        own = centred @ axes.T
        clicked = click_points(tab, 0, seed=2)
        places = np.array([place for _, place in clicked], float)
        points = own[[index for index, _ in clicked]]
        scales = []
        for axis in range(2):
            slope, offset = np.polyfit(points[:, axis], places[:, axis], 1)
            assert np.abs(slope * points[:, axis] + offset - places[:, axis]).max() < 12
            scales.append(abs(slope))
        assert scales[0] == pytest.approx(scales[1], rel=0.05)


def test_hover_shows_the_sample_and_marks_it_in_both_plots(
    fast_board: Board, browser: Browser
) -> None:
    with tab_in(browser, fast_board.url, view="samples") as tab:
        wait_for_points(tab, 2000)
        ((x, y),) = inked_places(tab, 0, 1, seed=3)
        tab.frame.locator(PLOTS).nth(0).hover(position={"x": x, "y": y}, force=True)
        card = tab.frame.locator(".hovered-index")
        expect(card).to_be_visible()
        index = int(card.inner_text().split()[0].removeprefix("#"))
        tab.frame.locator(PLOTS).nth(0).click(position={"x": x, "y": y}, force=True)
        tab.page.wait_for_timeout(100)
        assert index_shown(tab) == index


def test_the_table_sorts_all_samples_on_the_server(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    with tab_in(browser, fast_board.url, view="samples", step="5") as tab:
        losses = cross_entropy(recorded.logits[5], recorded.labels)
        head = tab.frame.get_by_role("columnheader").filter(has_text="loss")
        expect(head).to_have_attribute("aria-sort", "descending")  # hardest first by itself
        rows = tab.frame.locator(".table-row")
        hardest = np.argsort(-losses.astype(np.float32), kind="stable")
        for place in range(3):
            expect(rows.nth(place)).to_contain_text(f"{losses[hardest[place]]:.3f}")
        rows.nth(1).click()
        tab.page.wait_for_timeout(200)
        assert index_shown(tab) == hardest[1]
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", "ascending")
        tab.frame.locator("[role=grid], .table").first.press("Home")
        expect(tab.frame.locator("[aria-rowindex='2']")).to_contain_text(f"{losses.min():.3f}")


def test_every_epoch_can_be_reached_and_the_axes_stay(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    with tab_in(browser, fast_board.url, view="samples", focus="40") as tab:
        wait_for_points(tab, 2000)
        seen = []
        for step in range(8):
            field = tab.frame.locator("label.epoch input")
            field.fill(str(step))
            field.press("Enter")
            loss = cross_entropy(recorded.logits[step], recorded.labels)[40]
            expect(tab.frame.locator(".verdict .loss")).to_have_text(f"{loss:.3f}")
            settle(tab)
            seen.append(inked(tab, 0))
        assert max(seen) - min(seen) < 0.2 * max(seen), "the input plot does not move"


def test_play_goes_from_epoch_to_epoch_to_the_last(fast_board: Board, browser: Browser) -> None:
    with tab_in(browser, fast_board.url, view="samples", step="4") as tab:
        wait_for_points(tab, 2000)
        field = tab.frame.locator("label.epoch input")
        tab.frame.get_by_role("button", name=re.compile("^Play")).click()
        for step in ("5", "6", "7"):
            expect(field).to_have_value(step, timeout=10_000)
        expect(tab.frame.get_by_role("button", name=re.compile("^Play"))).to_be_visible()


def test_the_wheel_zooms_a_drag_pans_and_fit_brings_all_back(
    fast_board: Board, browser: Browser
) -> None:
    with tab_in(browser, fast_board.url, view="samples") as tab:
        wait_for_points(tab, 2000)
        settle(tab)
        plot = tab.frame.locator(PLOTS).first
        place = plot.bounding_box()
        assert place is not None
        x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        seen = [plot.evaluate("canvas => canvas.toDataURL()")]
        tab.page.mouse.move(x, y)
        tab.page.mouse.wheel(0, -600)
        settle(tab)
        seen.append(plot.evaluate("canvas => canvas.toDataURL()"))
        tab.page.mouse.down()
        tab.page.mouse.move(x + 60, y + 30, steps=4)
        tab.page.mouse.up()
        tab.page.mouse.move(place["x"] + 2, place["y"] - 20)
        settle(tab)
        seen.append(plot.evaluate("canvas => canvas.toDataURL()"))
        tab.frame.get_by_role("button", name=re.compile("^Fit both")).click()
        settle(tab)
        seen.append(plot.evaluate("canvas => canvas.toDataURL()"))
        assert len(set(seen[:3])) == 3
        assert seen[3] == seen[0]


def test_the_legend_hides_and_isolates_a_class(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    with tab_in(browser, fast_board.url, view="samples") as tab:
        wait_for_points(tab, 2000)
        settle(tab)
        everything = inked(tab)
        row = tab.frame.locator(".legend-toggle").filter(has_text="Trouser")
        expect(row).to_contain_text(str(int((recorded.labels == 1).sum())))
        row.click()
        settle(tab)
        without = inked(tab)
        assert without < everything
        row.click()
        settle(tab)
        assert abs(inked(tab) - everything) < 0.02 * everything
        row.dblclick()
        settle(tab)
        alone = inked(tab)
        assert 0 < alone < 0.5 * everything


@pytest.mark.parametrize("colour", ["loss", "correct", "margin", "brightness", "camera"])
def test_every_kind_of_column_colours_the_points(
    fast_board: Board, browser: Browser, colour: str
) -> None:
    with tab_in(browser, fast_board.url, view="samples", colour=colour) as tab:
        wait_for_points(tab, 2000)
        legend = tab.frame.locator("section.legend")
        expect(legend).to_have_attribute("aria-label", f"Legend: {colour}")
        assert tab.complaints == []


def test_a_deep_link_restores_what_was_seen(fast_board: Board, browser: Browser) -> None:
    with tab_in(browser, fast_board.url, view="samples", step="3", focus="77") as tab:
        wait_for_points(tab, 2000)
        assert index_shown(tab) == 77
        expect(tab.frame.locator("label.epoch input")).to_have_value("3")
        tab.frame.get_by_role("link", name="Overview").or_(
            tab.frame.get_by_role("button", name="Overview")
        ).first.click()
        tab.page.wait_for_timeout(300)
        hash_now = tab.page.evaluate("location.hash")
        assert "p.cnnvis.focus=77" in hash_now
        assert "p.cnnvis.step=3" in hash_now
        assert "samples" not in hash_now


def test_the_overview_tells_the_runs_numbers(
    board: Board, browser: Browser, recorded: Recording
) -> None:
    with tab_in(browser, board.url, view="overview", step="7") as tab:
        view = tab.frame.locator("main.view")
        hits = recorded.logits[7].argmax(axis=1) == recorded.labels
        expect(view).to_contain_text("1,500")
        expect(view).to_contain_text(f"{100 * hits[600:].mean():.1f}%")
        expect(view).to_contain_text(str(int((~hits).sum())))
        for name in (NAMES[3], LAYER, "28\u00d728\u00d71"):
            expect(view).to_contain_text(name)
        assert tab.complaints == []


def test_the_scalars_tab_shows_the_probe_losses(board: Board, browser: Browser) -> None:
    with tab_in(browser, board.url) as tab:
        tab.page.goto(f"{board.url}#timeseries")
        expect(tab.page.get_by_text("probe", exact=False).first).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700)])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "view",
    ["samples", "overview", "similar", "confusion", "facets", "layers", "attribution", "dynamics"],
)
def test_the_page_itself_never_scrolls(
    fast_board: Board, browser: Browser, size: tuple[int, int], theme: str, view: str
) -> None:
    options: dict[str, Any] = {"size": size, "theme": theme, "view": view, "focus": "5"}
    with tab_in(browser, fast_board.url, **options) as tab:
        expect(tab.frame.locator(f".app[data-theme={theme}]")).to_be_visible()
        tab.page.wait_for_timeout(500)
        scrolls = tab.frame.evaluate(
            "() => { const e = document.scrollingElement;"
            " return [e.scrollWidth > e.clientWidth, e.scrollHeight > e.clientHeight]; }"
        )
        assert scrolls == [False, False]
