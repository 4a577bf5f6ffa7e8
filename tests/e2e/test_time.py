"""Over the epochs of a run that was really trained: the aligned animation, changes, events."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from board import Board
from browser import Tab, tab_in
from fashion import NAMES
from playwright.sync_api import Browser, Locator, expect
from serving import unpack
from trained import EPOCHS, LAST

from tensorboard_cnnvis.run import Run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
LAYER = "hidden"
STARTED = 180_000  # milliseconds for a worker that has to load its code first
METHOD = {"method": "tsne", "n": 300, "perplexity": 20, "seed": 0, "aligned": 1, "pull": 0.5}
LINK = "tsne n=300 perplexity=20 aligned"
MARGIN = 16  # CSS pixels between the limits and the plot's edge
PRECISION = 0.75  # CSS pixels

# Notes where the rings of the focused sample are drawn on the right plot, in CSS pixels.
FOLLOW = """
window.followed = [];
const arc = CanvasRenderingContext2D.prototype.arc;
CanvasRenderingContext2D.prototype.arc = function (x, y, ...rest) {
    const plots = [...document.querySelectorAll('.scatter')];
    if (plots.indexOf(this.canvas.parentElement) === 1) window.followed.push([x, y]);
    return arc.call(this, x, y, ...rest);
};
"""

Places = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int_]


def asked(board: Board, route: str, **body: Any) -> bytes:
    request = urllib.request.Request(
        f"{board.url}data/plugin/cnnvis/{route}",
        json.dumps({"run": "exp1/cnnvis", "source": LAYER, **body}).encode(),
        {"X-CNNVis": "1", "Content-Type": "application/json", "Origin": board.url.rstrip("/")},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return bytes(answer.read())


def layouts(board: Board) -> tuple[Ints, Places]:
    """The drawn samples (m,), and where they are at every epoch (epochs, m, 2)."""
    answers = [unpack(asked(board, "projection", **METHOD, step=step)) for step in range(EPOCHS)]
    assert [answer.payload["state"] for answer in answers] == ["done"] * EPOCHS
    assert len({tuple(answer.payload["limits"]) for answer in answers}) == 1
    return answers[0].arrays["index"], np.stack([answer.arrays["xy"] for answer in answers])


def measured(tab: Tab) -> None:
    """Waits until the right plot is complete: its faithfulness is known."""
    badge = tab.frame.locator(".plot").nth(1).locator(".badge").first
    expect(badge).to_contain_text(re.compile(r"trust\w* 0\.\d"), timeout=STARTED)


def on_screen(tab: Tab, xy: Places) -> Places:
    """Pixels of places in a plot whose limits hold all epochs."""
    box = tab.frame.locator(".scatter").nth(1)
    size: Any = box.evaluate("plot => [plot.clientWidth, plot.clientHeight]")
    low, high = xy.min(axis=(0, 1)), xy.max(axis=(0, 1))
    scale = ((np.array(size) - 2 * MARGIN) / (high - low)).min()
    return np.array(size) / 2 + (xy - (low + high) / 2) * scale * [1, -1]


def forget(tab: Tab) -> None:
    tab.frame.evaluate("() => void (window.followed = [])")


def followed(tab: Tab) -> Places:
    places: Any = tab.frame.evaluate("() => window.followed")
    return np.array(places, dtype=np.float64).reshape(-1, 2)


def rest_at(tab: Tab, place: Places) -> None:
    """Waits until the focused sample has arrived."""
    tab.frame.wait_for_function(
        """([x, y, near]) => {
            const [at] = window.followed.slice(-1);
            return at && Math.hypot(at[0] - x, at[1] - y) < near;
        }""",
        arg=[float(place[0]), float(place[1]), PRECISION],
    )


def glides(path: Places, start: Places, end: Places) -> bool:
    """Whether each point of the path lies on the segment, none behind one before it.

    All within PRECISION, since so far from its start the last movement may not have ended.
    """
    way = end - start
    length = np.linalg.norm(way)
    along = (path - start) @ way / length
    beside = np.abs((path - start) @ np.array([way[1], -way[0]])) / length
    inside = (along > -PRECISION) & (along < length + PRECISION)
    behind = np.maximum.accumulate(along) - along
    return bool((beside < PRECISION).all() and inside.all() and (behind < PRECISION).all())


def farthest(index: Ints, xy: Places) -> tuple[int, Places]:
    """The sample that moves most, and its places (epochs, 2)."""
    moved = np.linalg.norm(np.diff(xy, axis=0), axis=2).sum(axis=0)
    at = int(moved.argmax())
    return int(index[at]), xy[:, at]


def test_points_glide_from_epoch_to_epoch_within_constant_limits(
    trained_board: Board, browser: Browser
) -> None:
    link = {"view": "samples", "right": LAYER, "right_method": LINK}
    with tab_in(browser, trained_board.url, **link, step=str(LAST)) as tab:
        measured(tab)
        assert tab.complaints == []
    index, xy = layouts(trained_board)
    sample, _ = farthest(index, xy)
    column = int(np.flatnonzero(index == sample)[0])
    with tab_in(
        browser, trained_board.url, init=FOLLOW, **link, step="0", focus=str(sample)
    ) as tab:
        measured(tab)
        places = on_screen(tab, xy)[:, column]
        rest_at(tab, places[0])
        between = 0
        for step in range(1, EPOCHS):
            forget(tab)
            tab.frame.get_by_role("button", name="Next epoch").click()
            rest_at(tab, places[step])
            path = followed(tab)
            assert glides(path, places[step - 1], places[step])
            between += int((np.linalg.norm(path - places[step], axis=1) > PRECISION).sum())
        assert between > 0
        tab.frame.get_by_role("button", name="Play").click()
        epoch = tab.frame.get_by_role("textbox", name="Epoch")
        expect(epoch).not_to_have_value(str(LAST))
        expect(epoch).to_have_value(str(LAST), timeout=30_000)
        rest_at(tab, places[LAST])
        assert tab.complaints == []


def kind_of(label: str, old: str, new: str) -> str:
    return "lost" if old == label else "gained" if new == label else "other"


def counted(run: Run, before: int, after: int) -> Counter[tuple[str, str, str]]:
    """Samples whose prediction changed, by label, and prediction before and after."""
    first, second = (run.samples(step, neighbors=False) for step in (before, after))
    flows: Counter[tuple[str, str, str]] = Counter()
    for sample in first.index:
        label = first["label"][sample]
        old, new = first["prediction"][sample], second["prediction"][sample]
        if old != new:
            flows[label, old, new] += 1
    return flows


def exported(tab: Tab, item: str) -> list[list[str]]:
    """The rows of a CSV file that the tab's menu offers."""
    tab.frame.get_by_role("button", name="More for what changed").click()
    with tab.page.expect_download() as offered:
        tab.frame.get_by_role("button", name=item).click()
    return list(csv.reader(io.StringIO(Path(offered.value.path()).read_text())))


def total(tab: Tab, kind: str) -> Locator:
    return tab.frame.locator(f".change-total.{kind} b")


def test_what_changed_between_two_epochs_is_what_open_run_tells(
    trained_board: Board, browser: Browser, trained: Run
) -> None:
    flows = counted(trained, 1, LAST)
    kinds: Counter[str] = Counter()
    cells = np.zeros((len(NAMES), len(NAMES)), int)
    for (label, old, new), count in flows.items():
        kinds[kind_of(label, old, new)] += count
        cells[NAMES.index(label), NAMES.index(old)] -= count
        cells[NAMES.index(label), NAMES.index(new)] += count
    link = {"view": "confusion", "confusion.tab": "change", "change.from": "1", "step": str(LAST)}
    with tab_in(browser, trained_board.url, **link) as tab:
        for kind in ("gained", "lost", "other"):
            expect(total(tab, kind)).to_have_text(str(kinds[kind]))
        rows = exported(tab, "Flows, CSV")[1:]
        assert {(row[0], row[1], row[2]): int(row[4]) for row in rows} == flows
        differences = exported(tab, "Differences, CSV")[1:]
        assert [[int(value) for value in row[1:]] for row in differences] == cells.tolist()
        (label, old, new), count = flows.most_common(1)[0]
        tab.frame.locator(".change-list [role=row]").nth(1).click()
        expect(tab.frame.locator(".images h2")).to_have_text(f"{count} images")
        tab.frame.get_by_role("radio", name="Flow", exact=True).click()
        drawn = tab.frame.locator("path.flow")
        expect(drawn).to_have_count(len({(*flow[1:], kind_of(*flow)) for flow in flows}))
        assert tab.complaints == []


def told(run: Run, sample: int) -> list[str]:
    """What the inspector says happened to a sample, by a loop over its predictions."""
    learned, forgotten, flips, last = None, 0, 0, None
    before, was_right = None, False
    for step in range(EPOCHS):
        row = run.samples(step, neighbors=False).loc[sample]
        right = row["prediction"] == row["label"]
        if right and learned is None:
            learned = step
        if was_right and not right:
            forgotten += 1
        if before is not None and row["prediction"] != before:
            flips, last = flips + 1, step
        before, was_right = row["prediction"], right
    return [
        "never learned" if learned is None else f"learned {learned}",
        f"forgotten {forgotten}\u00d7",
        "no flips" if last is None else f"{flips} flip{'' if flips == 1 else 's'}, last {last}",
    ]


def test_the_inspector_marks_what_happened_to_a_sample(
    trained_board: Board, browser: Browser, trained: Run
) -> None:
    table = trained.samples(LAST, neighbors=False)
    chosen = [
        int(table["forgetting_events"].idxmax()),
        int(table["first_learned"].idxmax()),
        int(table["flips"].idxmin()),
    ]
    for sample in chosen:
        words = told(trained, sample)
        link = {"view": "samples", "step": str(LAST), "focus": str(sample)}
        with tab_in(browser, trained_board.url, **link) as tab:
            said = tab.frame.locator(".events-legend > span")
            expect(said).to_have_count(3, timeout=20_000)
            assert [text.strip() for text in said.all_inner_texts()] == words
            assert tab.complaints == []
