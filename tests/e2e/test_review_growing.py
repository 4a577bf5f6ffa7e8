"""The label review while training goes on: a new epoch ranks anew under the user's hands."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from board import tensorboard
from browser import Tab, tab_in
from growing import growing
from playwright.sync_api import Browser, expect
from test_review import PATIENCE, Listed, press, progress, rows, saved, shown

from tensorboard_cnnvis import open_run

pytestmark = pytest.mark.e2e
REVIEW = {"view": "dynamics", "dynamics.tab": "review"}


def ranked(tab: Tab, log_dir: Path, step: int) -> list[Listed]:
    """The queue's first rows, once they are of this epoch: as the record itself ranks them."""
    head = tab.frame.locator(".review-queue .panel-head")
    expect(head).to_contain_text(f"at epoch {step}", timeout=PATIENCE)
    tab.frame.locator(".review-rows").evaluate("list => { list.scrollTop = 0; }")
    expect(tab.frame.locator(".review-row[aria-posinset='1']")).to_be_visible()
    listed = rows(tab)
    column = open_run(log_dir).samples(step)["label_error"]
    assert [row.score for row in listed] == pytest.approx(
        [column[row.index] for row in listed], abs=6e-4
    )
    highest = column.nlargest(len(listed))
    assert [row.score for row in listed] == pytest.approx(highest.tolist(), abs=6e-4)
    return listed


def place(tab: Tab) -> int:
    """Where the shown sample stands in the queue, from 0 on."""
    words = tab.frame.locator(".review-subject .panel-head").inner_text()
    found = re.search(r"(\d+)(?:st|nd|rd|th) of", words)
    assert found, words
    return int(found[1]) - 1


def test_a_new_epoch_ranks_anew_and_leaves_the_sample_and_the_verdicts(
    tmp_path: Path, browser: Browser, digits: Any
) -> None:
    x, labels = digits[0][:240], digits[1][:240].copy()
    labels[:100:8] = (labels[:100:8] + 3) % 10
    log_dir = tmp_path / "logdir" / "live"
    with (
        growing(log_dir, x, labels, epochs=6) as run,
        tensorboard(tmp_path / "logdir") as board,
        tab_in(browser, board.url, **REVIEW) as tab,
    ):
        run.write(2)
        soon = "The ranking needs 3 logged epochs; there are 2: it shows here as soon as the 3rd"
        expect(tab.frame.locator(".review-body")).to_contain_text(soon, timeout=PATIENCE)
        run.write(1)
        before = ranked(tab, log_dir, 2)
        shown(tab, before[0].index)
        press(tab, "k")
        shown(tab, before[1].index)
        press(tab, "m", "ArrowRight")
        stays = before[3].index
        shown(tab, stays)
        assert place(tab) == 3

        run.write(1)
        after = ranked(tab, log_dir, 3)
        assert [row.index for row in after] != [row.index for row in before]
        shown(tab, stays)
        expect(tab.frame.locator(".review-subject .panel-head .warning")).to_have_count(0)
        order = [row.index for row in after]
        assert place(tab) == order.index(stays)
        judged = {before[0].index: "keep", before[1].index: "ambiguous"}
        assert {row.index: row.state for row in after if row.index in judged} == judged
        progress(tab, 2)

        press(tab, "r")
        progress(tab, 3)
        shown(
            tab,
            next(index for index in order[order.index(stays) :] if index not in {*judged, stays}),
        )
        press(tab, "Control+z", "Control+z")
        shown(tab, before[1].index)
        progress(tab, 1)
        export = tab.frame.get_by_role("button", name="Export CSV")
        with saved(tab, export, tmp_path / "verdicts.csv").open() as file:
            kept = list(csv.DictReader(file))
        assert [row["verdict"] for row in kept] == ["keep"]
        assert float(kept[0]["score"]) == pytest.approx(before[0].score, abs=6e-4)
        assert tab.complaints == []
