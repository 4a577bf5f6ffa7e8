"""The ways through the sample explorer: each ends in numbers or pixels that NumPy has, too."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from board import Board
from browser import Tab, settle, tab_in, wait_for_points
from fashion import NAMES
from playwright.sync_api import Browser, expect
from recording import LAYER, Recording, cross_entropy
from serving import Columns, unpack
from sklearn.manifold import trustworthiness

pytestmark = pytest.mark.e2e

PLOTS = "canvas[data-renderer]"
STEP = 7


@pytest.fixture(scope="module")
def losses(recorded: Recording) -> np.ndarray[Any, Any]:
    return cross_entropy(recorded.logits[STEP], recorded.labels).astype(np.float32)


@pytest.fixture(scope="module")
def predictions(recorded: Recording) -> np.ndarray[Any, Any]:
    return recorded.logits[STEP].argmax(axis=1)


def indices(tab: Tab, where: str) -> list[int]:
    """The samples of the tiles in a part of the page, in their order."""
    names = tab.frame.locator(f"{where} button[aria-label^='Sample ']").evaluate_all(
        "tiles => tiles.map(tile => tile.getAttribute('aria-label'))"
    )
    return [int(name.split()[1].rstrip(",")) for name in names]


def ask(tab: Tab, query: str) -> None:
    line = tab.frame.get_by_role("combobox", name="Query", exact=True)
    line.fill(query)
    line.press("Enter")


def chip(tab: Tab, count: int) -> None:
    expect(tab.frame.locator(".selection")).to_contain_text(f"{count:,} selected")


def ink_pixels(tab: Tab, plot: int) -> int:
    """Pixels in the ink that outlines what is selected."""
    count: int = (
        tab.frame.locator(PLOTS)
        .nth(plot)
        .evaluate(
            """canvas => {
            const context = canvas.getContext('2d');
            const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
            let count = 0;
            for (let i = 0; i < data.length; i += 4)
                count += data[i] < 70 && data[i + 1] < 70 && data[i + 2] < 70;
            return count;
        }"""
        )
    )
    return count


def projected(tab: Tab, source: str, **method: Any) -> Columns:
    """A projection, as the server gives it."""
    body = tab.frame.evaluate(
        """async asked => {
            const answer = await fetch('projection', {method: 'POST', body: JSON.stringify(asked),
                headers: {'X-CNNVis': '1', 'Content-Type': 'application/json'}});
            return [...new Uint8Array(await answer.arrayBuffer())];
        }""",
        {"run": "fashion/cnnvis", "source": source, "step": STEP, "method": "pca", **method},
    )
    return unpack(bytes(body))


def test_a_query_selects_the_same_samples_everywhere(
    fast_board: Board, browser: Browser, recorded: Recording,
    losses: np.ndarray[Any, Any], predictions: np.ndarray[Any, Any],
) -> None:  # fmt: skip
    found = np.flatnonzero((losses > 2) & (recorded.labels != predictions))
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        wait_for_points(tab, 2000)
        settle(tab)
        before = [ink_pixels(tab, plot) for plot in range(2)]
        ask(tab, "loss > 2 and label != prediction")
        chip(tab, len(found))
        expect(tab.frame.locator(".rows-panel")).to_contain_text(f"{len(found):,} of 1,500")
        settle(tab)
        assert all(ink_pixels(tab, plot) > before[plot] + len(found) for plot in range(2))
        first = tab.frame.locator(".table-row").first
        hardest = found[np.argsort(-losses[found], kind="stable")[0]]
        expect(first).to_contain_text(f"{losses[hardest]:.3f}")
        tab.frame.get_by_role("button", name="Image pool").click()
        tab.frame.get_by_role("button", name=re.compile("^Add the .* selected$")).click()
        tab.frame.get_by_label("Show", exact=True).select_option("500")
        assert sorted(indices(tab, ".pool-tiles")) == list(found[:500])
        assert tab.complaints == []


def test_what_is_wrong_with_a_query_is_told_and_nothing_changes(
    fast_board: Board, browser: Browser
) -> None:
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        wait_for_points(tab, 2000)
        ask(tab, "loss > 1")
        expect(tab.frame.locator(".selection")).to_contain_text(re.compile(r"\d selected"))
        kept = tab.frame.locator(".selection").inner_text()
        ask(tab, "los > 1")
        expect(tab.frame.get_by_role("alert")).to_contain_text("loss")
        ask(tab, "__import__('os').system('true')")
        expect(tab.frame.get_by_role("alert")).to_be_visible()
        assert tab.frame.locator(".selection").inner_text() == kept


def test_a_box_takes_the_points_within_it_to_the_pool(fast_board: Board, browser: Browser) -> None:
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        wait_for_points(tab, 2000)
        settle(tab)
        told = projected(tab, "inputs")
        xy, (x0, x1, y0, y1) = told.arrays["xy"], told.payload["limits"]
        place = tab.frame.locator(PLOTS).nth(0).bounding_box()
        assert place is not None
        scale = min((place["width"] - 32) / (x1 - x0), (place["height"] - 32) / (y1 - y0))
        px = place["width"] / 2 + (xy[:, 0] - (x0 + x1) / 2) * scale
        py = place["height"] / 2 - (xy[:, 1] - (y0 + y1) / 2) * scale
        left, right = place["width"] * 0.25, place["width"] * 0.5
        top, bottom = place["height"] * 0.3, place["height"] * 0.6
        tab.frame.get_by_role("button", name=re.compile("^Box")).click()
        tab.page.mouse.move(place["x"] + left, place["y"] + top)
        tab.page.mouse.down()
        tab.page.mouse.move(place["x"] + right, place["y"] + bottom, steps=5)
        tab.page.mouse.up()
        inner = (px > left + 1) & (px < right - 1) & (py > top + 1) & (py < bottom - 1)
        outer = (px > left - 1) & (px < right + 1) & (py > top - 1) & (py < bottom + 1)
        expect(tab.frame.locator(".selection")).to_contain_text(re.compile(r"\d selected"))
        tab.frame.get_by_role("button", name="Image pool").click()
        tab.frame.get_by_role("button", name=re.compile("^Add the .* selected$")).click()
        tab.frame.get_by_label("Show", exact=True).select_option("500")
        pooled = set(indices(tab, ".pool-tiles"))
        assert len(pooled) > 50
        assert set(np.flatnonzero(inner)) <= pooled <= set(np.flatnonzero(outer))


def test_a_lasso_around_everything_takes_everything(fast_board: Board, browser: Browser) -> None:
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        wait_for_points(tab, 2000)
        settle(tab)
        place = tab.frame.locator(PLOTS).nth(1).bounding_box()
        assert place is not None
        tab.frame.get_by_role("button", name=re.compile("^Lasso")).click()
        corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99), (0.01, 0.02)]
        points = [
            (place["x"] + place["width"] * x, place["y"] + place["height"] * y) for x, y in corners
        ]
        tab.page.mouse.move(*points[0])
        tab.page.mouse.down()
        for point in points[1:]:
            tab.page.mouse.move(*point, steps=4)
        tab.page.mouse.up()
        chip(tab, 1500)


def test_a_cell_of_the_matrix_shows_its_images(
    fast_board: Board, browser: Browser, recorded: Recording,
    losses: np.ndarray[Any, Any], predictions: np.ndarray[Any, Any],
) -> None:  # fmt: skip
    with tab_in(browser, fast_board.url, view="confusion", step=str(STEP)) as tab:
        matrix = tab.frame.get_by_role("application")
        expect(matrix).to_be_visible()
        tab.page.wait_for_timeout(500)
        matrix.focus()
        status = tab.frame.locator(".matrix [role=status]")
        pooled: set[int] = set()
        for keys in (["ArrowRight"], ["ArrowRight", "ArrowDown"], ["ArrowDown"] * 3):
            for key in keys:
                matrix.press(key)
            named = re.match("label (.*), prediction ([^,]*)", status.inner_text())
            assert named is not None
            label, prediction = named.groups()
            both = (recorded.labels == NAMES.index(label)) & (
                predictions == NAMES.index(prediction)
            )
            matrix.press("Enter")
            expect(tab.frame.get_by_label("Images of the selection")).to_contain_text(
                f"{both.sum()} image"
            )
            members = np.flatnonzero(both)
            expected = members[np.argsort(-losses[members], kind="stable")]
            shown = indices(tab, ".images")
            assert shown == list(expected[: len(shown)])
            pooled |= set(members)
        expect(tab.frame.get_by_role("button", name="Image pool")).to_contain_text(str(len(pooled)))


def test_similar_samples_are_the_nearest_and_their_waveform_is_drawn(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    vectors = recorded.embeddings[STEP].astype(np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    distance = 1 - unit @ unit[42]
    distance[42] = np.inf
    nearest = np.argsort(distance, kind="stable")[:5]
    link = {"view": "samples", "step": str(STEP), "focus": "42"}
    with tab_in(browser, fast_board.url, **link) as tab:
        tab.frame.get_by_role("button", name=re.compile("^Find similar")).click()
        tiles = tab.frame.locator(".similar-found .tile")
        expect(tiles).to_have_count(5)
        assert indices(tab, ".similar-found") == list(nearest)
        expect(tiles.first).to_contain_text(f"{distance[nearest[0]]:.3f}")
        plot = tab.frame.locator(".waveform-plot")
        expect(plot).to_be_visible()
        inked = plot.locator("canvas").evaluate(
            """c => new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height)
                .data.buffer).filter((pixel, at, all) => pixel !== all[0]).length"""
        )
        assert inked > 500
        plot.focus()
        plot.press("Home")
        plot.press("ArrowRight")
        expect(tab.frame.get_by_label("Waveform", exact=True)).to_contain_text("1")
        expect(tab.frame.locator(".waveform")).to_contain_text(LAYER)
        assert tab.complaints == []


def test_facets_zoom_from_all_images_to_one(
    fast_board: Board, browser: Browser, recorded: Recording, predictions: np.ndarray[Any, Any]
) -> None:
    link = {"view": "facets", "step": str(STEP), "across": "label", "down": "prediction"}
    with tab_in(browser, fast_board.url, **link) as tab:
        heads = tab.frame.get_by_label("Columns")
        counts = np.bincount(recorded.labels, minlength=10)
        for name, count in zip(NAMES, counts, strict=True):
            expect(heads.get_by_label(f"Select {name}: {count} samples")).to_be_visible()
        heads.get_by_label(re.compile("^Select Sandal")).click()
        chip(tab, int(counts[NAMES.index("Sandal")]))
        tab.frame.locator(".app").press("Escape")
        view = tab.frame.locator(".facet-images")
        overview = view.locator("canvas").evaluate("canvas => canvas.toDataURL()")
        view.focus()
        for _ in range(14):
            view.press("+")
        tab.page.wait_for_timeout(800)
        assert view.locator("canvas").evaluate("canvas => canvas.toDataURL()") != overview
        place = view.bounding_box()
        assert place is not None
        found = set()
        for x, y in np.random.default_rng(0).uniform(0.1, 0.9, (12, 2)):
            tab.page.mouse.click(place["x"] + x * place["width"], place["y"] + y * place["height"])
            tab.page.wait_for_timeout(60)
            shown = tab.frame.locator(".inspector .index")
            if shown.count():
                found.add(int(re.findall(r"\d+", shown.inner_text())[0]))
        assert found
        rows = (
            tab.frame.get_by_label("Rows")
            .locator("button")
            .evaluate_all("heads => heads.map(head => head.getAttribute('aria-label'))")
        )
        seen = {NAMES[predictions[index]] for index in found}
        assert all(any(name in row for row in rows) for name in seen)
        view.press("f")
        tab.page.wait_for_timeout(600)
        assert tab.complaints == []


def test_a_tsne_forms_from_pca_and_says_how_faithful_it_is(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        wait_for_points(tab, 2000)
        settle(tab)
        plot = tab.frame.locator(PLOTS).nth(1)
        before = plot.evaluate("canvas => canvas.toDataURL()")
        left = tab.frame.locator(PLOTS).nth(0).evaluate("canvas => canvas.toDataURL()")
        tab.frame.get_by_label("Method of the right plot").select_option("tsne")
        badge = tab.frame.locator(".plot").nth(1).locator(".badge:not(.muted)")
        expect(badge).to_contain_text("trustworthiness", timeout=240_000)
        settle(tab)
        assert plot.evaluate("canvas => canvas.toDataURL()") != before
        assert tab.frame.locator(PLOTS).nth(0).evaluate("canvas => canvas.toDataURL()") == left
        told = projected(tab, LAYER, method="tsne", n=2000, perplexity=30, seed=0, start=0)
        assert told.payload["state"] == "done"
        vectors = recorded.embeddings[STEP].astype(np.float64)[told.arrays["index"]]
        expected = trustworthiness(vectors, told.arrays["xy"], n_neighbors=15)
        assert expected > 0.9
        expect(badge).to_contain_text(f"{expected:.3f}")
        assert tab.complaints == []
