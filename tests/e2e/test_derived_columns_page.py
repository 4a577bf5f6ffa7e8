"""Columns that follow from the epochs, as a user meets them: queried, chosen, sorted by."""

from __future__ import annotations

import pytest
from board import Board
from browser import tab_in
from playwright.sync_api import Browser, expect
from recording import Recording
from test_explorer import ask, chip

from tensorboard_cnnvis import open_run

pytestmark = pytest.mark.e2e
LAST = 7


def test_a_query_over_the_epochs_has_another_answer_at_another_epoch(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    run, text = open_run(recorded.log_dir), "flips > 1 and first_learned > 0 and mean_margin < 0"
    found = {step: len(run.query(text, step, neighbors=False)) for step in (4, LAST)}
    assert 0 < found[4] < found[LAST]
    for step, count in found.items():
        with tab_in(browser, fast_board.url, view="samples", step=str(step)) as tab:
            ask(tab, text)
            chip(tab, count)
            assert tab.complaints == []


def test_the_table_waits_for_a_slow_column_that_it_is_sorted_by(
    fast_board: Board, browser: Browser, recorded: Recording
) -> None:
    values = open_run(recorded.log_dir).samples(LAST).neighbor_disagreement
    hits = int((values > 0.9).sum())
    assert hits
    state = {"view": "samples", "step": str(LAST), "sort": "-neighbor_disagreement"}
    with tab_in(browser, fast_board.url, **state) as tab:
        cell = tab.frame.get_by_role("row").nth(1)
        expect(cell).to_contain_text(f"{values.max():.3f}", timeout=60_000)
        ask(tab, "neighbor_disagreement > 0.9")
        chip(tab, hits)
        menu = tab.frame.get_by_role("button", name="Columns of the table")
        heads = tab.frame.get_by_role("columnheader")
        expect(heads.filter(has_text="variability")).to_have_count(0)
        menu.click()
        tab.frame.get_by_role("checkbox", name="variability").check()
        tab.page.keyboard.press("Escape")
        expect(heads.filter(has_text="variability")).to_have_count(1)
        tab.reload()
        heads = tab.frame.get_by_role("columnheader")
        expect(heads.filter(has_text="neighbor disagreement")).to_have_count(1)
        expect(heads.filter(has_text="variability")).to_have_count(1)
        assert tab.complaints == []
