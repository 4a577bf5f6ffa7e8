"""Points, layouts, thresholds, slices, twins, many classes: what is shown is what NumPy finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from board import Board, tensorboard
from browser import settle, tab_in, wait_for_points
from fashion import NAMES, fashion
from playwright.sync_api import Browser, expect
from recording import LAYER, Recording, record_run
from test_explorer import PLOTS, STEP, chip, projected

pytestmark = pytest.mark.e2e

N_CLASSES = 120
TWINS = {0: 400, 7: 12, 50: 599}


@pytest.fixture(scope="module")
def predictions(recorded: Recording) -> np.ndarray[Any, Any]:
    return recorded.logits[STEP].argmax(axis=1)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """600 images of 120 classes, 300 of them `train`; three of them are there twice."""
    images = fashion()[0][:600].copy()
    for original, copy in TWINS.items():
        images[copy] = images[original]
    labels = np.random.default_rng(0).permutation(np.arange(600) % N_CLASSES)
    names = tuple(f"class {index:03d}" for index in range(N_CLASSES))
    log_dir = tmp_path_factory.mktemp("many") / "many"
    return record_run(log_dir, images, labels, class_names=names, n_train=300, epochs=2)


@pytest.fixture(scope="module")
def many_board(many: Recording) -> Iterator[Board]:
    with tensorboard(many.log_dir.parent) as running:
        yield running


def test_points_are_pictures_and_have_forms(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        wait_for_points(tab, 2000)
        settle(tab)
        plot = tab.frame.locator(PLOTS).first
        dots = plot.evaluate("canvas => canvas.toDataURL()")
        tab.frame.get_by_label("Shape", exact=True).select_option("camera")
        keys = tab.frame.locator(".shape-legend .legend-keys li")
        for name in ("left", "right", "<b>top</b>"):
            count = int((recorded.metadata["camera"] == name).sum())
            expect(keys.filter(has_text=name)).to_contain_text(str(count))
        settle(tab)
        formed = plot.evaluate("canvas => canvas.toDataURL()")
        assert formed != dots
        tab.frame.get_by_label("Points as").get_by_role("radio", name="Thumbnails").click()
        tab.page.wait_for_timeout(500)
        settle(tab)
        assert plot.evaluate("canvas => canvas.toDataURL()") not in (dots, formed)
        assert tab.complaints == []


def test_a_cancelled_tsne_keeps_its_last_picture_and_frees_the_worker(
    fast_board: Board, browser: Browser
) -> None:
    with tab_in(browser, fast_board.url, view="samples", step=str(STEP)) as tab:
        wait_for_points(tab, 2000)
        right = tab.frame.locator(PLOTS).nth(1)
        panel = tab.frame.locator(".plot").nth(1)
        tab.frame.get_by_label("Method of the right plot").select_option("tsne")
        tab.frame.get_by_label(re.compile("^Parameters: ")).click()
        tab.frame.get_by_label("Perplexity", exact=True).fill("600")
        expect(panel.get_by_role("alert")).to_contain_text("1,500 samples")
        tab.frame.get_by_label("Perplexity", exact=True).fill("400")
        tab.frame.get_by_role("button", name="Run", exact=True).click()
        expect(panel).to_contain_text("not complete", timeout=60_000)
        tab.frame.get_by_label("Cancel the layout of the right plot").click()
        expect(panel.locator(".job")).to_contain_text("cancelled")
        settle(tab)
        kept = right.evaluate("canvas => canvas.toDataURL()")
        told = projected(tab, LAYER, method="tsne", n=2000, perplexity=400, seed=0, start=0)
        assert told.payload["state"] == "cancelled"
        assert projected(tab, LAYER, method="tsne", n=100, start=1).payload["state"] != "failed"
        for _ in range(100):
            quick = projected(tab, LAYER, method="tsne", n=100, start=0).payload
            if quick["state"] == "done":
                break
            tab.page.wait_for_timeout(100)
        assert quick["state"] == "done"
        assert right.evaluate("canvas => canvas.toDataURL()") == kept
        assert tab.complaints == []


def test_the_threshold_decides_as_numpy_does(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    shirt = NAMES.index("Shirt")
    logits = recorded.logits[STEP]
    scores = np.exp(logits - logits.max(axis=1, keepdims=True))
    score = (scores / scores.sum(axis=1, keepdims=True))[:, shirt].astype(np.float32)
    own = recorded.labels == shirt
    with tab_in(browser, fast_board.url, view="confusion", step=str(STEP)) as tab:
        tab.frame.get_by_role("radio", name="Threshold").click()
        tab.frame.get_by_label("Positive class").select_option("Shirt")
        expect(tab.frame.get_by_role("row", name="Shirt")).to_be_visible()
        for at in (0.12, 0.3):
            field = tab.frame.get_by_label("Positive from a score of")
            field.fill(str(at))
            field.press("Enter")
            taken = score >= np.float32(at)
            counts = [own & taken, own & ~taken, ~own & taken, ~own & ~taken]
            boxes = tab.frame.locator(".quadrant b")
            expect(boxes).to_have_text([f"{box.sum():,}" for box in counts])
            sensitivity = counts[0].sum() / own.sum()
            expect(tab.frame.locator(".rates")).to_contain_text(f"{sensitivity:.3f}")
        field.press("Control+a")
        tab.page.keyboard.type("0.1")
        tab.frame.get_by_label("Previous epoch (,)").evaluate("button => button.click()")
        expect(tab.frame.get_by_role("textbox", name="Epoch")).to_have_value(str(STEP - 1))
        expect(boxes).not_to_have_text([f"{box.sum():,}" for box in counts])
        expect(field).to_have_value("0.1")  # drawn anew, but not under the hand that types
        field.fill("2")
        field.press("Enter")
        expect(tab.frame.get_by_role("alert")).to_contain_text("0 to 1")
        tab.frame.get_by_label("Next epoch (.)").click()
        expect(boxes).to_have_text([f"{box.sum():,}" for box in counts])
        tab.frame.locator(".quadrant").nth(2).click()
        chip(tab, int(counts[2].sum()))
        assert tab.complaints == []


def test_a_row_of_the_slices_is_the_worst_and_selects_its_samples(
    fast_board: Board, browser: Browser, recorded: Recording, predictions: np.ndarray[Any, Any]
) -> None:
    right = recorded.labels == predictions
    train = np.arange(1500) < 600
    camera = recorded.metadata["camera"]
    parts = {
        (name, split): (camera == name) & (train == (split == "train"))
        for name in ("left", "right", "<b>top</b>")
        for split in ("train", "validation")
    }
    worst = min(parts, key=lambda part: float(right[parts[part]].mean()))
    with tab_in(browser, fast_board.url, view="confusion", step=str(STEP)) as tab:
        tab.frame.get_by_role("radio", name="Slices").click()
        tab.frame.get_by_label("By", exact=True).select_option("camera")
        tab.frame.get_by_label("and", exact=True).select_option("split")
        rows = tab.frame.get_by_role("grid", name="Slices").locator(".table-row")
        expect(rows).to_have_count(6)
        first = rows.first
        for text in (*worst, str(parts[worst].sum()), f"{100 * right[parts[worst]].mean():.1f}%"):
            expect(first).to_contain_text(text)
        first.click()
        chip(tab, int(parts[worst].sum()))
        assert tab.complaints == []


def test_images_that_are_there_twice_are_found_across_splits(
    many_board: Board, browser: Browser
) -> None:
    with tab_in(browser, many_board.url, view="similar", run="many/cnnvis") as tab:
        tab.frame.get_by_role("radio", name="Near-duplicates").click()
        tab.frame.get_by_label("By", exact=True).select_option("inputs")
        tab.frame.get_by_label("Closer than").fill("0.000001")
        tab.frame.get_by_label("Closer than").press("Enter")
        tab.frame.get_by_role("button", name="Find near-duplicates").click()
        pairs = tab.frame.locator(".pair")
        expect(pairs).to_have_count(len(TWINS), timeout=60_000)
        found = set()
        for pair in pairs.all():
            names = pair.locator(".pair-member").evaluate_all(
                "members => members.map(member => member.getAttribute('aria-label'))"
            )
            found.add(frozenset(int(name.split()[1].rstrip(",")) for name in names))
            expect(pair.locator("canvas, img, .thumbnail").first).to_be_visible()
        assert found == {frozenset(pair) for pair in TWINS.items()}
        tab.frame.get_by_label("Only across splits").check()
        tab.frame.get_by_role("button", name="Find leaks").click()
        leaks = {frozenset(pair) for pair in TWINS.items() if min(pair) < 300 <= max(pair)}
        expect(pairs).to_have_count(len(leaks), timeout=60_000)
        expect(pairs.first).to_contain_text("across splits")
        tab.frame.get_by_role("button", name="Select all").click()
        chip(tab, 2 * len(leaks))
        assert tab.complaints == []


def test_a_hundred_and_twenty_classes_are_searched_and_counted(
    many_board: Board, browser: Browser, many: Recording
) -> None:
    predictions = many.logits[1].argmax(axis=1)
    with tab_in(browser, many_board.url, view="samples", run="many/cnnvis") as tab:
        wait_for_points(tab)
        tab.frame.get_by_label("Find in the legend").fill("class 07")
        entries = tab.frame.locator(".legend-rows .legend-row")
        expect(entries).to_have_count(10)
        count = int((many.labels == 77).sum())
        expect(entries.filter(has_text="class 077")).to_contain_text(str(count))
        tab.frame.get_by_label("Give class 077 a colour of its own").click()
        expect(tab.frame.get_by_label("Give class 077 a colour of its own")).to_have_attribute(
            "aria-pressed", "true"
        )
        tab.frame.get_by_role("button", name=re.compile("^Confusion")).click()
        tab.frame.get_by_label("Order of the classes").select_option("index")
        matrix = tab.frame.get_by_role("application")
        expect(matrix).to_be_visible()
        matrix.focus()
        matrix.press("ArrowRight")
        matrix.press("ArrowDown")
        status = tab.frame.locator(".matrix [role=status]")
        expect(status).to_contain_text("label class 001")
        named = re.match("label (.*), prediction ([^,]*)", status.inner_text())
        assert named is not None
        label, prediction = (int(name.split()[1]) for name in named.groups())
        both = int(((many.labels == label) & (predictions == prediction)).sum())
        expect(status).to_contain_text(str(both))
        classes = tab.frame.get_by_role("grid", name="Classes")
        expect(classes).to_have_attribute("aria-rowcount", str(N_CLASSES + 1))
        assert tab.complaints == []
