"""The numbers in the Overview are those that NumPy gives for the user's own arrays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from board import Board, tensorboard
from browser import Tab, tab_in
from playwright.sync_api import Browser, expect
from watched import Watched, watch

pytestmark = pytest.mark.e2e
Array = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("overviews")


@pytest.fixture(scope="module")
def uneven(logdir: Path, digits: Any) -> Watched:
    """Three channels; `test` was scaled and `train` was not, and has values that are missing."""
    x = digits[0][:50, :, :7, None] * np.float32([1, 0.5, -0.25])
    train, test = x[:30].copy(), x[30:] / 255
    train[4, 1, 2, 0], train[9, :2, 3, 1] = np.nan, np.inf
    y = digits[1][:50]
    return watch(logdir / "uneven", {"train": (train, y[:30]), "test": (test, y[30:])})


@pytest.fixture(scope="module")
def tiny(logdir: Path, digits: Any) -> Watched:
    """Divided by 255 two times."""
    return watch(logdir / "tiny", (digits[0][:40, ..., None] / 255 / 255, digits[1][:40]))


@pytest.fixture(scope="module")
def board(logdir: Path, uneven: Watched, tiny: Watched) -> Iterator[Board]:
    with tensorboard(logdir, n_runs=2) as running:
        yield running


def open_values(tab: Tab) -> dict[str, list[str]]:
    """The cells of each row of the Values tab, by the row's head."""
    tab.frame.get_by_role("radio", name="Values").click()
    table = tab.frame.locator("table.facts").filter(has_text="input values")
    rows: list[list[str]] = table.locator("tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return {head: cells for head, *cells in rows}


def numbers(cell: str) -> list[float]:
    plain = cell.replace("\u2212", "-").replace("\u221e", "inf")
    return [float(part.replace(",", "")) for part in plain.split(", ")]


def finite(images: Array) -> Array:
    """float64 with NaN in place of what is not finite."""
    return np.where(np.isfinite(images), images.astype(float), np.nan)


def test_values_are_those_of_each_split(board: Board, browser: Browser, uneven: Watched) -> None:
    with tab_in(browser, board.url, view="overview", run="uneven/cnnvis") as tab:
        cells = open_values(tab)
        assert cells["input values"] == ["train", "test"]
        pixels = (0, 1, 2)
        for at, images in enumerate(uneven.splits.values()):
            known = finite(images)
            wanted = {
                "watched": [len(images)],
                "in all": [len(images)],
                "lowest": [np.nanmin(known)],
                "highest": [np.nanmax(known)],
                "channel means": np.nanmean(known, pixels),
                "channel deviations": np.nanstd(known, pixels),
                "NaN or infinite": [np.isnan(known).sum()],
            }
            for head, values in wanted.items():
                np.testing.assert_allclose(numbers(cells[head][at]), values, rtol=1e-3)
        assert tab.complaints == []


def test_splits_that_disagree_and_values_that_are_missing_are_warned_of(
    board: Board, browser: Browser, uneven: Watched
) -> None:
    with tab_in(browser, board.url, view="overview", run="uneven/cnnvis") as tab:
        open_values(tab)
        low, high = np.nanmin(finite(uneven.x)), np.nanmax(finite(uneven.x))
        warnings = tab.frame.locator(".data .sentences")
        expect(warnings).to_contain_text(f"'train' spans {low:.3g} to {high:.3g}, 'test'")
        expect(warnings).to_contain_text("Was one scaled and the other not?")
        expect(warnings).to_contain_text("'train' holds 3 input values that are NaN or infinite")


def test_values_that_were_scaled_twice_are_warned_of(
    board: Board, browser: Browser, tiny: Watched
) -> None:
    with tab_in(browser, board.url, view="overview", run="tiny/cnnvis") as tab:
        cells = open_values(tab)
        np.testing.assert_allclose(numbers(cells["mean"][0]), tiny.x.mean(), rtol=1e-3)
        np.testing.assert_allclose(numbers(cells["deviation"][0]), tiny.x.std(), rtol=1e-3)
        expect(tab.frame.locator(".data .sentences")).to_contain_text("look scaled twice")
