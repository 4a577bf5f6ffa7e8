"""What is kept and taken along from the sample explorer: sets, tags, the pool, files."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from board import Board
from browser import Tab, tab_in, wait_for_points
from fashion import NAMES
from playwright.sync_api import Browser, Locator, expect
from recording import Recording, cross_entropy
from test_explorer import STEP, ask, chip, indices, projected

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def losses(recorded: Recording) -> np.ndarray[Any, Any]:
    return cross_entropy(recorded.logits[STEP], recorded.labels).astype(np.float32)


@pytest.fixture(scope="module")
def predictions(recorded: Recording) -> np.ndarray[Any, Any]:
    return recorded.logits[STEP].argmax(axis=1)


def saved(tab: Tab, button: Locator) -> bytes:
    """The file that a click on the button offers."""
    with tab.page.expect_download() as offered:
        button.click()
    return Path(offered.value.path()).read_bytes()


def selection_menu(tab: Tab) -> Locator:
    tab.frame.locator(".selection > button").first.click()
    return tab.frame.locator(".selection-menu")


def rows_of(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))


def test_sets_and_tags_outlive_a_reload_and_are_words_of_the_query(
    fast_board: Board, browser: Browser, recorded: Recording,
    losses: np.ndarray[Any, Any], predictions: np.ndarray[Any, Any], tmp_path: Path,
) -> None:  # fmt: skip
    hard = set(np.flatnonzero(losses > 2))
    wrong = set(np.flatnonzero(predictions != recorded.labels))
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        ask(tab, "loss > 2")
        chip(tab, len(hard))
        menu = selection_menu(tab)
        menu.get_by_label("Name of the set", exact=True).fill("hard ones")
        menu.get_by_role("button", name="Keep").click()
        menu.get_by_label("Tag", exact=True).fill("look, again")
        menu.get_by_role("button", name="Tag", exact=True).click()
        tab.reload()
        ask(tab, 'label != prediction and not set("hard ones")')
        chip(tab, len(wrong - hard))
        menu = selection_menu(tab)
        menu.get_by_role("button", name="Add to the selection: hard ones").click()
        chip(tab, len(wrong | hard))
        menu.get_by_role("button", name="Keep only those also in: hard ones").click()
        chip(tab, len(hard))
        menu.get_by_role("button", name="Invert").click()
        chip(tab, 1500 - len(hard))
        menu.get_by_role("button", name="Undo").click()
        chip(tab, len(hard))
        file = saved(tab, menu.get_by_role("button", name="Export CSV"))
        held: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for row in rows_of(file):
            held.setdefault((row["kind"], row["name"]), set()).add(
                (row["split"], row["source_index"])
            )
        places = {
            ("train", str(10 * i)) if i < 600 else ("validation", str(10 * (i - 600))) for i in hard
        }
        assert held == {("set", "hard ones"): places, ("tag", "look, again"): places}
        assert tab.complaints == []
    path = tmp_path / "sets.csv"
    path.write_bytes(file + b"set,hard ones,validation,7\r\n")
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        menu = selection_menu(tab)
        expect(menu).not_to_contain_text("hard ones")  # another browser
        menu.locator("input[type=file]").set_input_files(path)
        expect(menu).to_contain_text("1 set and 1 tag read")
        expect(menu).to_contain_text("source index '7'")
        tab.frame.locator(".app").press("Escape")
        ask(tab, 'tag("look, again")')
        chip(tab, len(hard))


def test_the_selected_set_leaves_as_a_table_as_source_indices_and_as_a_mask(
    fast_board: Board, browser: Browser, recorded: Recording,
    losses: np.ndarray[Any, Any], predictions: np.ndarray[Any, Any],
) -> None:  # fmt: skip
    chosen = np.flatnonzero((losses > 1.5) & (recorded.metadata["camera"] == "left"))
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        ask(tab, 'loss > 1.5 and camera == "left"')
        chip(tab, len(chosen))
        menu = selection_menu(tab)
        table = rows_of(saved(tab, menu.get_by_role("button", name="Table, CSV")))
        assert [int(row["sample_index"]) for row in table] == list(chosen)
        assert [row["label"] for row in table] == [NAMES[i] for i in recorded.labels[chosen]]
        assert [row["prediction"] for row in table] == [NAMES[i] for i in predictions[chosen]]
        np.testing.assert_allclose([float(row["loss"]) for row in table], losses[chosen], 1e-6)
        places = rows_of(saved(tab, menu.get_by_role("button", name="Source indices")))
        assert [int(row["source_index"]) for row in places] == [
            10 * (i if i < 600 else i - 600) for i in chosen
        ]
        mask = np.load(io.BytesIO(saved(tab, menu.get_by_role("button", name="NPY mask"))))
        assert mask.shape == (1500,) and mask.dtype == bool
        assert list(np.flatnonzero(mask)) == list(chosen)
        tab.frame.locator(".app").press("Escape")
        tab.frame.get_by_label("More for the plot of inputs").click()
        layout = np.load(
            io.BytesIO(saved(tab, tab.frame.get_by_role("button", name="Coordinates, NPY")))
        )
        xy = projected(tab, "inputs").arrays["xy"]
        np.testing.assert_array_equal(np.stack([layout["x"], layout["y"]], axis=1), xy)
        tab.frame.get_by_label("More for the plot of inputs").click()
        picture = saved(tab, tab.frame.get_by_role("button", name="Picture, PNG"))
        assert picture.startswith(b"\x89PNG") and len(picture) > 10_000
        assert tab.complaints == []


def test_the_pool_keeps_its_pinned_and_gives_back_what_was_removed(
    fast_board: Board, browser: Browser, losses: np.ndarray[Any, Any]
) -> None:
    hardest = list(np.argsort(-losses, kind="stable")[:20])
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        ask(tab, "top(loss, 20)")
        chip(tab, 20)
        tab.frame.get_by_role("button", name="Image pool").click()
        tab.frame.get_by_role("button", name="Add the 20 selected").click()
        tiles = tab.frame.locator(".pool-tile")
        expect(tiles).to_have_count(15)  # until more are asked for
        tab.frame.get_by_label("Show", exact=True).select_option("50")
        expect(tiles).to_have_count(20)
        assert set(indices(tab, ".pool-tiles")) == set(hardest)
        third = indices(tab, ".pool-tiles")[2]
        expect(tiles.nth(2)).to_contain_text(f"{losses[third]:.3f}")
        tiles.nth(2).get_by_label(re.compile("^Pin")).click()
        assert indices(tab, ".pool-tiles")[0] == third
        tiles.nth(1).get_by_label(re.compile("^Remove")).click()
        expect(tiles).to_have_count(19)
        tab.frame.get_by_role("button", name="1 removed").click()
        expect(tiles).to_have_count(20)
        tab.frame.locator(".pool").get_by_role("button", name="Clear", exact=True).click()
        expect(tiles).to_have_count(1)
        tab.frame.get_by_role("button", name="19 removed").click()
        expect(tiles).to_have_count(20)
        tab.reload()
        tiles = tab.frame.locator(".pool-tile")
        expect(tiles).to_have_count(20)
        assert indices(tab, ".pool-tiles")[0] == third
        tiles.nth(0).locator(".tile").click()
        expect(tab.frame.locator(".inspector .index")).to_contain_text(str(third))
        assert tab.complaints == []


def test_what_is_wrong_is_underlined_where_it_stands(fast_board: Board, browser: Browser) -> None:
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        wait_for_points(tab)
        for query, bad in (
            ("loss > 1 and los > 2", "los"),
            ('label == "Snekaer"', '"Snekaer"'),
            ("margin < 0 or loss ** 2 > 1", "**"),
        ):
            ask(tab, query)
            expect(tab.frame.get_by_role("alert")).to_be_visible()
            mark = tab.frame.locator(".query-paint .underline .bad")
            assert mark.inner_text() == bad
            before = mark.evaluate("mark => mark.previousSibling.textContent")
            assert before == query[: query.rindex(bad)]
        ask(tab, "loss > " + "1" * 20_000)
        expect(tab.frame.get_by_role("alert")).to_contain_text("10,000")
