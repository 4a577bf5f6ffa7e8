"""What the page says when there is nothing, when something is wrong, and when names are hostile."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from board import tensorboard
from browser import inked, settle, tab_in, wait_for_points
from playwright.sync_api import Browser, expect
from recording import record_run

pytestmark = pytest.mark.e2e
HOSTILE = "<img src=x onerror=\"parent.document.title='owned'\">"


def test_an_empty_logdir_says_what_to_do(tmp_path: Path, browser: Browser) -> None:
    with (
        tensorboard(tmp_path, n_runs=0) as board,
        tab_in(browser, board.url) as tab,
    ):
        expect(tab.frame.locator("body")).to_contain_text("CNNVis(")
        assert tab.complaints == []


def test_a_run_that_appears_later_is_shown(tmp_path: Path, browser: Browser, digits: Any) -> None:
    x, labels = digits
    with (
        tensorboard(tmp_path, n_runs=0) as board,
        tab_in(browser, board.url) as tab,
    ):
        expect(tab.frame.locator("body")).to_contain_text("CNNVis(")
        record_run(tmp_path / "late", x[:50], labels[:50])
        expect(tab.frame.locator(".bar")).to_contain_text("late", timeout=30_000)


def test_hostile_names_are_text(tmp_path: Path, browser: Browser, digits: Any) -> None:
    x, labels = digits
    names = tuple(f"{HOSTILE}{index}" for index in range(10))
    record_run(tmp_path / "exp1", x[:80], labels[:80], class_names=names)
    with (
        tensorboard(tmp_path) as board,
        tab_in(browser, board.url, view="samples", focus="3") as tab,
    ):
        wait_for_points(tab)
        expect(tab.frame.locator(".verdict")).to_contain_text(HOSTILE)
        expect(tab.frame.locator("section.legend")).to_contain_text(HOSTILE)
        tab.page.goto(f"{board.url}#cnnvis&p.cnnvis.view=overview&p.cnnvis.run={HOSTILE}")
        tab.page.wait_for_timeout(1000)
        assert tab.page.title() != "owned"
        assert tab.frame.locator("img[src=x]").count() == 0


def test_nan_and_infinite_losses_break_no_view(
    tmp_path: Path, browser: Browser, digits: Any
) -> None:
    x, labels = digits
    record_run(tmp_path / "exp1", x[:80], labels[:80], broken_losses=True)
    with tensorboard(tmp_path) as board:
        for colour in ("loss", "label"):
            with tab_in(browser, board.url, view="samples", focus="0", colour=colour) as tab:
                wait_for_points(tab)
                expect(tab.frame.locator(".verdict .loss")).to_have_text("NaN")
                expect(tab.frame.locator(".table-row").first).not_to_contain_text("NaN")
                assert tab.complaints == []
        with tab_in(browser, board.url, view="overview") as tab:
            expect(tab.frame.locator("main.view")).to_contain_text("80")
            assert tab.complaints == []


def test_one_sample_of_one_class_is_a_run_too(
    tmp_path: Path, browser: Browser, digits: Any
) -> None:
    x, labels = digits
    record_run(tmp_path / "exp1", x[:1], labels[:1] * 0, class_names=("only",), epochs=1)
    with tensorboard(tmp_path) as board:
        for view in ("samples", "overview"):
            with tab_in(browser, board.url, view=view, focus="0") as tab:
                expect(tab.frame.locator(".verdict")).to_contain_text("only")
                assert tab.complaints == []


def test_missing_inputs_are_told_in_place_and_the_rest_stays(
    tmp_path: Path, browser: Browser, digits: Any
) -> None:
    x, labels = digits
    recording = record_run(tmp_path / "exp1", x[:80], labels[:80])
    next(recording.directory.glob("inputs-*.npy")).unlink()
    with (
        tensorboard(tmp_path) as board,
        tab_in(browser, board.url, view="samples", focus="2") as tab,
    ):
        expect(tab.frame.locator("main.view")).to_contain_text("cannot be read")
        expect(tab.frame.locator(".table-row").first).to_be_visible()
        expect(tab.frame.locator(".verdict .loss")).to_be_visible()


def test_a_record_that_went_away_leaves_the_last_picture(
    tmp_path: Path, browser: Browser, digits: Any
) -> None:
    x, labels = digits
    record_run(tmp_path / "logdir" / "exp1", x[:80], labels[:80])
    with (
        tensorboard(tmp_path / "logdir") as board,
        tab_in(browser, board.url, view="samples") as tab,
    ):
        wait_for_points(tab)
        settle(tab)
        shutil.rmtree(tmp_path / "logdir")
        expect(tab.frame.get_by_role("alert").first).to_contain_text("no run", timeout=30_000)
        assert inked(tab) > 100
