"""Two runs that were really trained, side by side; every number recomputed from the records."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from board import Board, tensorboard
from browser import Tab, settle, tab_in
from playwright.sync_api import Browser, Locator, expect
from scipy.stats import binomtest
from trained import train

from tensorboard_cnnvis import open_run
from tensorboard_cnnvis.run import Run

pytestmark = pytest.mark.e2e
LAST = 2
PATIENCE = 60_000


@dataclass(frozen=True)
class Pair:
    """A board over the runs of train_pair.py."""

    board: Board
    wide: Run
    narrow: Run
    backwards: Run


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    logdir = tmp_path_factory.mktemp("pair")
    train("train_pair.py", logdir, LAST + 1)
    with tensorboard(logdir, n_runs=3) as board:
        yield Pair(board, *(open_run(logdir / name) for name in ("wide", "narrow", "backwards")))


def compared(pair: Pair, browser: Browser, other: str = "narrow", **state: str) -> Any:
    link = {"run": "wide/cnnvis", "view": "dynamics", "dynamics.tab": "compare", "step": str(LAST)}
    return tab_in(browser, pair.board.url, **link, other=f"{other}/cnnvis", **state)


def correct(run: Run, step: int) -> npt.NDArray[np.bool_]:
    return run.samples(step, neighbors=False)["correct"].to_numpy(bool)


def statistic(tab: Tab, title: str) -> Locator:
    return tab.frame.locator(".compare-statistics > div").filter(has_text=title)


def pictures(tab: Tab) -> list[str]:
    """What either plot shows, marks included."""
    found: list[str] = tab.frame.locator(".compare-plot").evaluate_all(
        "plots => plots.map(plot =>"
        " [...plot.querySelectorAll('canvas')].map(canvas => canvas.toDataURL()).join())"
    )
    assert len(found) == 2
    return found


def test_statistics_are_those_of_the_two_records(pair: Pair, browser: Browser) -> None:
    after, before = correct(pair.wide, LAST), correct(pair.narrow, LAST)
    lost, won = int((before & ~after).sum()), int((after & ~before).sum())
    p = binomtest(lost, lost + won).pvalue
    assert lost and won
    predictions = [
        run.samples(LAST, neighbors=False)["prediction"].astype(str)
        for run in (pair.wide, pair.narrow)
    ]
    churn = float((predictions[0] != predictions[1]).mean())
    with compared(pair, browser) as tab:
        expect(statistic(tab, "matched by position")).to_contain_text("400", timeout=PATIENCE)
        expect(statistic(tab, "this run")).to_contain_text(f"{100 * after.mean():.1f}%")
        expect(statistic(tab, "accuracy of narrow")).to_contain_text(f"{100 * before.mean():.1f}%")
        expect(statistic(tab, "churn")).to_contain_text(f"{100 * churn:.1f}%")
        expect(statistic(tab, "McNemar")).to_contain_text(f"{lost} lost, {won} won")
        if p >= 0.001:
            expect(statistic(tab, "McNemar").locator("b")).to_have_text(f"{p:.3f}")
        kinds = tab.frame.locator(".compare-kinds button")
        both = int((after & before).sum())
        for row, count in ((0, lost), (1, won), (4, both)):
            expect(kinds.nth(row).locator("b")).to_have_text(str(count))
        assert tab.complaints == []


def test_a_change_shows_its_images_which_focus_and_become_the_selection(
    pair: Pair, browser: Browser
) -> None:
    after, before = correct(pair.wide, LAST), correct(pair.narrow, LAST)
    won = np.flatnonzero(after & ~before)
    losses = [
        run.samples(LAST, neighbors=False)["loss"].to_numpy() for run in (pair.wide, pair.narrow)
    ]
    moved = np.abs(losses[0] - losses[1])[won]
    first = int(won[np.lexsort((won, -moved))][0])
    with compared(pair, browser) as tab:
        tab.frame.get_by_role("radio", name="wrong to right").click(timeout=PATIENCE)
        tile = tab.frame.locator(".compare-tiles .image-tile").first
        expect(tile).to_contain_text(f"#{first}")
        tile.click()
        expect(tab.frame.locator(".inspector-head")).to_contain_text(f"#{first}")
        tab.frame.get_by_role("button", name=f"Select {len(won)}").click()
        expect(tab.frame.locator(".selection")).to_contain_text(f"{len(won)} selected")
        assert tab.complaints == []


def test_the_matrix_of_both_predictions(pair: Pair, browser: Browser, tmp_path: Path) -> None:
    predictions = [
        run.samples(LAST, neighbors=False)["prediction"].cat.codes.to_numpy()
        for run in (pair.wide, pair.narrow)
    ]
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (predictions[1], predictions[0]), 1)
    with compared(pair, browser, **{"compare.part": "predictions"}) as tab:
        expect(tab.frame.get_by_label("Matrix of both predictions")).to_be_visible(timeout=PATIENCE)
        tab.frame.get_by_role("button", name="More for the comparison").click()
        with tab.page.expect_download() as download:
            tab.frame.get_by_role("button", name="Matrix, CSV").click()
        download.value.save_as(tmp_path / "matrix.csv")
        rows = list(csv.reader((tmp_path / "matrix.csv").open()))
        assert [[int(cell) for cell in row[1:]] for row in rows[1:]] == matrix.tolist()
        box = tab.frame.get_by_label("Matrix of both predictions")
        box.focus()
        for key in ("ArrowRight", "ArrowUp", "Enter"):  # the head of the first column
            box.press(key)
        count = int(matrix[:, 0].sum())
        listed = tab.frame.get_by_role("region", name="Samples: any → T-shirt/top")
        expect(listed).to_contain_text(f"{count} any → T-shirt/top")
        assert tab.complaints == []


def test_layers_tell_how_many_neighbors_are_common_and_both_plots_are_linked(
    pair: Pair, browser: Browser
) -> None:
    vectors = [run.embedding("hidden", LAST).astype(float) for run in (pair.wide, pair.narrow)]
    near = []
    for rows in vectors:
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        cosine = unit @ unit.T
        np.fill_diagonal(cosine, -np.inf)
        near.append([set(row) for row in np.argsort(-cosine, axis=1)[:, :15].tolist()])
    share = np.mean([len(a & b) / 15 for a, b in zip(*near, strict=True)])
    with compared(pair, browser, **{"compare.part": "layers"}) as tab:
        bar = tab.frame.locator(".compare-overlap button").filter(has_text="hidden")
        expect(bar).to_be_visible(timeout=PATIENCE)
        shown = float(bar.locator("b").inner_text().rstrip("%"))
        assert shown == pytest.approx(100 * share, abs=0.2)
        assert (
            f"by chance {100 * 15 / 399:.1f}%" in tab.frame.locator(".compare-overlap").inner_text()
        )
        plots = tab.frame.locator(".compare-plot canvas[data-renderer]")
        expect(plots).to_have_count(2)
        expect(tab.frame.get_by_text("400 drawn in both")).to_be_visible()
        settle(tab)
        before = pictures(tab)
        tab.frame.get_by_role("button", name="Next sample").click()
        expect(tab.frame.locator(".inspector-head")).to_contain_text("#0")
        settle(tab)
        assert all(old != new for old, new in zip(before, pictures(tab), strict=True))
        assert tab.complaints == []


def test_another_order_is_matched_by_image(pair: Pair, browser: Browser) -> None:
    after = correct(pair.wide, LAST)[:250]
    step = pair.backwards.steps[-1]
    before = correct(pair.backwards, step)[::-1]
    lost, won = int((before & ~after).sum()), int((after & ~before).sum())
    with compared(pair, browser, other="backwards") as tab:
        matched = statistic(tab, "matched by image")
        expect(matched).to_contain_text("250", timeout=PATIENCE)
        expect(matched).to_contain_text("of 400")
        expect(statistic(tab, "McNemar")).to_contain_text(f"{lost} lost, {won} won")
        assert tab.complaints == []


def test_what_cannot_be_matched_is_said_in_place(pair: Pair, browser: Browser) -> None:
    with compared(pair, browser, other="backwards", other_by="position") as tab:
        alert = tab.frame.get_by_role("alert")
        expect(alert).to_contain_text("their places tell nothing", timeout=PATIENCE)
        expect(alert).to_contain_text("Match them by a column or by the image")
        by = tab.frame.get_by_label("by", exact=True)
        by.select_option("auto")
        expect(statistic(tab, "matched by image")).to_contain_text("250", timeout=PATIENCE)


def test_an_epoch_with_the_one_before_and_its_columns_in_the_table(
    pair: Pair, browser: Browser
) -> None:
    after, before = correct(pair.wide, LAST), correct(pair.wide, LAST - 1)
    won = int((after & ~before).sum())
    with compared(pair, browser, other="wide") as tab:
        expect(statistic(tab, f"accuracy of epoch {LAST - 1}")).to_be_visible(timeout=PATIENCE)
        expect(statistic(tab, "McNemar")).to_contain_text(f"{won} won")
        tab.frame.get_by_role("button", name="Samples", exact=True).click()
        line = tab.frame.get_by_role("combobox", name="Query", exact=True)
        line.fill('change == "wrong to right"')
        line.press("Enter")
        expect(tab.frame.locator(".selection")).to_contain_text(f"{won} selected", timeout=PATIENCE)
        assert tab.complaints == []
