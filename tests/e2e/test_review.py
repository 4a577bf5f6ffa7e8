"""The label review over a real training with wrong labels: by keyboard, to CSV, back into y."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from board import Board, tensorboard
from browser import Tab, tab_in
from fashion import NAMES
from playwright.sync_api import Browser, Locator, expect
from trained import train

from tensorboard_cnnvis import apply_verdicts, read_verdicts

pytestmark = pytest.mark.e2e
RUN, EPOCHS = "noisy/cnnvis", 5
PATIENCE = 60_000


@dataclass(frozen=True)
class Noisy:
    """A board over the run, `y` as it was trained on and as it is `true`."""

    board: Board
    y: np.ndarray[Any, Any]
    true: np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Noisy]:
    logdir = tmp_path_factory.mktemp("logdir")
    train("train_noisy.py", logdir / "noisy", EPOCHS)
    labels = np.load(logdir / "noisy.npz")
    with tensorboard(logdir) as board:
        yield Noisy(board, labels["y"], labels["true"])


@dataclass(frozen=True)
class Listed:
    """A row of the queue."""

    index: int
    given: str
    suggested: str
    score: float
    state: str


def review(noisy: Noisy, browser: Browser, **state: str) -> Any:
    link = {"run": RUN, "view": "dynamics", "dynamics.tab": "review", "splits": '["train"]'}
    return tab_in(browser, noisy.board.url, **{**link, **state})


def rows(tab: Tab) -> list[Listed]:
    """The rows in sight, once there are any, and their labels."""
    labelled = ".review-row button:not([aria-label*=', unknown, '])"
    tab.frame.wait_for_selector(labelled, timeout=PATIENCE)
    told = tab.frame.locator(".review-row button").evaluate_all(
        "rows => rows.map(row => row.getAttribute('aria-label'))"
    )
    pattern = r"Sample (\d+), (.*), suggested (.*?)(?:, merely hard)?, score ([\d.]+), (\w+)"
    found = [re.fullmatch(pattern, text) for text in told]
    return [Listed(int(m[1]), m[2], m[3], float(m[4]), m[5]) for m in found if m]


def shown(tab: Tab, index: int) -> None:
    """Sample `index` is under review: its number and its image stand there."""
    expect(tab.frame.locator(".review-subject .panel-head b").first).to_have_text(f"#{index}")
    picture = tab.frame.locator(".review-subject canvas")
    expect(picture).to_have_attribute("aria-label", f"Input of sample {index}")


def progress(tab: Tab, decided: int) -> None:
    expect(tab.frame.locator(".review-progress b")).to_have_text(str(decided))


def press(tab: Tab, *keys: str) -> None:
    for key in keys:
        tab.page.keyboard.press(key)


def saved(tab: Tab, button: Locator, path: Path) -> Path:
    with tab.page.expect_download() as offered:
        button.press("Enter")
    offered.value.save_as(path)
    return path


def judged_by_keyboard(tab: Tab, listed: list[Listed]) -> str:
    """Relabels the first, keeps, finds ambiguous, skips, and relabels to a class of its own."""
    shown(tab, listed[0].index)
    press(tab, "r")
    shown(tab, listed[1].index)
    press(tab, "k")
    shown(tab, listed[2].index)
    press(tab, "m", "ArrowRight")
    shown(tab, listed[4].index)
    other: str = next(name for name in NAMES if name not in (listed[4].given, listed[4].suggested))
    tab.frame.get_by_label("Relabel to", exact=True).select_option(label=other)
    expect(tab.frame.get_by_role("button", name=f"Relabel to {other}")).to_be_visible()
    tab.frame.get_by_label("Relabel to", exact=True).press("Escape")
    press(tab, "r")
    progress(tab, 4)
    return other


def test_a_review_by_keyboard_comes_back_into_the_labels(
    noisy: Noisy, browser: Browser, tmp_path: Path
) -> None:
    with review(noisy, browser) as tab:
        listed = rows(tab)
        assert [row.score for row in listed] == sorted((row.score for row in listed), reverse=True)
        assert all(row.given == NAMES[noisy.y[row.index]] for row in listed)
        first = [noisy.y[row.index] != noisy.true[row.index] for row in listed[:10]]
        assert sum(first) >= 7, "the most suspicious are mostly those with a planted wrong label"
        shown(tab, listed[0].index)
        expect(tab.frame.locator(".inspector")).to_be_hidden()
        other = judged_by_keyboard(tab, listed)

        tab.reload()
        states = ["relabel", "keep", "ambiguous", "undecided", "relabel"]
        assert [row.state for row in rows(tab)[:5]] == states
        progress(tab, 4)
        press(tab, "Control+z")
        progress(tab, 3)
        shown(tab, listed[4].index)
        press(tab, "Control+z")
        progress(tab, 2)
        shown(tab, listed[2].index)
        press(tab, "m")
        progress(tab, 3)
        shown(tab, listed[3].index)
        press(tab, "ArrowRight")
        tab.frame.get_by_label("Relabel to", exact=True).select_option(label=other)
        tab.frame.get_by_role("button", name=f"Relabel to {other}").press("Enter")
        progress(tab, 4)

        export = tab.frame.get_by_role("button", name="Export CSV")
        verdicts = read_verdicts(saved(tab, export, tmp_path / "verdicts.csv"))
        assert tab.complaints == []

    chosen = {row.index: row for row in listed}
    assert sorted(verdicts.source_index.tolist()) == sorted(listed[k].index for k in (0, 1, 2, 4))
    for source, word, score in zip(
        verdicts.source_index.tolist(), verdicts.verdict, verdicts.score, strict=True
    ):
        assert score == pytest.approx(chosen[source].score, abs=6e-4)
        assert word == states[[row.index for row in listed].index(source)]
    expected = noisy.y.copy()
    expected[listed[0].index] = NAMES.index(listed[0].suggested)
    expected[listed[4].index] = NAMES.index(other)
    assert np.array_equal(apply_verdicts(noisy.y, verdicts, class_names=NAMES), expected)
    one_hot = apply_verdicts(np.eye(10)[noisy.y], verdicts, class_names=NAMES, split="train")
    assert np.array_equal(one_hot, np.eye(10)[expected])


def test_verdicts_from_a_file_join_those_that_are_kept(
    noisy: Noisy, browser: Browser, tmp_path: Path
) -> None:
    file, foreign = tmp_path / "verdicts.csv", tmp_path / "foreign.csv"
    foreign.write_text("kind,name,split,source_index\nset,a,train,1\n")
    with review(noisy, browser) as tab:
        first, second, third = rows(tab)[:3]
        head = "source_index,label,suggested_label,verdict,score,split"
        lines = [
            f"{row.index},{row.given},{row.suggested},keep,0.5,train" for row in (first, third)
        ]
        file.write_text("\n".join([head, *lines, "1,horse,horse,keep,0.5,train", ""]))
        shown(tab, first.index)
        press(tab, "r")
        shown(tab, second.index)
        picker = tab.frame.locator("input[type=file][aria-label='File of verdicts']")
        picker.set_input_files(file)
        told = f"2 verdicts read. 1 row could not be: row 4: the label is '{NAMES[noisy.y[1]]}'"
        expect(tab.frame.locator(".toast")).to_contain_text(told)
        progress(tab, 2)
        assert [row.state for row in rows(tab)[:3]] == ["keep", "undecided", "keep"]
        press(tab, "Control+z")
        progress(tab, 1)
        picker.set_input_files(foreign)
        told = "should name the columns source_index, label, suggested_label, verdict, score, split"
        expect(tab.frame.locator(".toast")).to_contain_text(told)
        progress(tab, 1)


def test_what_is_reviewed_can_be_chosen_and_selected(noisy: Noisy, browser: Browser) -> None:
    with review(noisy, browser) as tab:
        rows(tab)
        pair = tab.frame.get_by_label("Pair", exact=True)
        text = pair.locator("option").nth(1).inner_text()
        pair.select_option(index=1)
        given, suggested, count = re.fullmatch(r"(.*) → (.*) \((\d+)\)", text).groups()  # type: ignore[union-attr]
        expect(tab.frame.locator(".review-queue .panel-head")).to_contain_text(f"{count} at epoch")
        assert {(row.given, row.suggested) for row in rows(tab)} == {(given, suggested)}
        press(tab, "Escape")
        tab.frame.locator(".review-row button").first.click()
        shown(tab, rows(tab)[0].index)
        press(tab, "r")
        progress(tab, 1)
        tab.frame.get_by_role("checkbox", name="Undecided").check()
        expect(tab.frame.locator(".review-queue .panel-head")).to_contain_text(
            f"{int(count) - 1} at epoch"
        )
        tab.frame.get_by_role("button", name="More for the review").click()
        tab.frame.get_by_role("button", name="Select relabelled (1)").click()
        expect(tab.frame.locator(".selection > button").first).to_contain_text("1 selected")
        assert tab.complaints == []


def test_the_keys_are_the_reviews_only_where_it_is_shown_and_nothing_is_typed(
    noisy: Noisy, browser: Browser
) -> None:
    with review(noisy, browser) as tab:
        first = rows(tab)[0]
        shown(tab, first.index)
        tab.frame.locator(".epoch input").focus()
        press(tab, "k", "m", "r", "ArrowRight")
        progress(tab, 0)
        shown(tab, first.index)
        tab.frame.locator(".epoch input").press("Escape")
        tab.frame.get_by_role("radio", name="Cartography").click()
        expect(tab.frame.locator(".review")).to_be_hidden()
        expect(tab.frame.locator(".inspector")).to_be_visible()
        press(tab, "k", "m", "r")
        tab.frame.get_by_role("radio", name="Label errors").click()
        shown(tab, rows(tab)[0].index)
        progress(tab, 0)
        press(tab, "ArrowRight", "k")
        progress(tab, 1)


def test_before_the_third_epoch_it_says_what_is_needed(noisy: Noisy, browser: Browser) -> None:
    with review(noisy, browser, step="1") as tab:
        told = "The ranking needs 3 logged epochs; up to epoch 1 there are 2."
        expect(tab.frame.locator(".review-body")).to_contain_text(told)
        tab.frame.get_by_role("button", name=f"Go to epoch {EPOCHS - 1}").click()
        assert len(rows(tab)) > 3


def test_a_browser_that_keeps_nothing_is_told(noisy: Noisy, browser: Browser) -> None:
    refusing = (
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };"
    )
    with review(noisy, browser, init=refusing) as tab:
        shown(tab, rows(tab)[0].index)
        press(tab, "k", "m")
        progress(tab, 2)
        expect(tab.frame.get_by_role("alert")).to_contain_text("refuses to keep the verdicts")
