"""The data map, the derived columns and the medians of a training that really took place."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import dynamics_loops as loops
import numpy as np
import pytest
from board import Board
from browser import Tab, settle, tab_in, wait_for_points
from fashion import NAMES
from playwright.sync_api import Browser, expect
from test_explorer import ask, chip
from test_sets import saved
from trained import EPOCHS

from tensorboard_cnnvis.run import Run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
MAP = "More for the map"
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Recorded:
    """What was recorded of every sample at every epoch: (epochs, n_samples), and the labels."""

    prediction: np.ndarray[Any, Any]
    margin: np.ndarray[Any, Any]
    label_score: np.ndarray[Any, Any]
    loss: np.ndarray[Any, Any]
    label: np.ndarray[Any, Any]

    def seen(self, sample: int, step: int) -> loops.Trajectory:
        """One sample's trajectory up to and with `step`."""
        until = slice(0, step + 1)
        return loops.Trajectory(
            steps=list(range(step + 1)),
            predictions=self.prediction[until, sample].tolist(),
            margins=self.margin[until, sample].tolist(),
            scores=self.label_score[until, sample].tolist(),
            label=int(self.label[sample]),
        )


@pytest.fixture(scope="module")
def watched(trained: Run) -> Recorded:
    tables = [trained.samples(step, neighbors=False) for step in range(EPOCHS)]
    names = list(NAMES)

    def stacked(column: str) -> np.ndarray[Any, Any]:
        return np.stack([table[column].to_numpy() for table in tables])

    return Recorded(
        prediction=np.stack([[names.index(name) for name in t["prediction"]] for t in tables]),
        margin=stacked("margin"),
        label_score=stacked("label_score"),
        loss=stacked("loss"),
        label=np.array([names.index(name) for name in tables[0]["label"]]),
    )


def rows_of(tab: Tab, menu: str, item: str) -> Rows:
    """The file that an entry of a menu offers."""
    tab.frame.get_by_label(menu, exact=True).first.click()
    file = saved(tab, tab.frame.get_by_role("button", name=item))
    return list(csv.DictReader(io.StringIO(file.decode())))


def on_the_map(watched: Recorded, step: int) -> np.ndarray[Any, Any]:
    """Variability and confidence of every sample, by the papers' loops: (n_samples, 2)."""
    seen = [watched.seen(i, step) for i in range(len(watched.label))]
    return np.array([[loops.variability(one), loops.mean_label_score(one)] for one in seen])


def loneliest(places: np.ndarray[Any, Any]) -> int:
    """The sample whose nearest on the map is farthest, within what no name covers."""
    across = places * [2, 1]
    apart = np.linalg.norm(across[:, None] - across[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    alone = np.where((places[:, 1] > 0.1) & (places[:, 1] < 0.9), apart.min(axis=1), 0)
    return int(alone.argmax())


def pixel(tab: Tab, variability: float, confidence: float) -> tuple[float, float]:
    """Where the map's axes say that a place is, by its ticks."""
    ticks: Any = tab.frame.locator(".map-axes > g:has(> .gridline)").evaluate_all(
        """marks => marks.map(mark => {
            const { left, top } = mark.ownerSVGElement.getBoundingClientRect();
            const [from, to] = mark.querySelector('path').getAttribute('d').slice(1).split('L')
                .map(point => point.split(' ').map(Number));
            const value = Number(mark.querySelector('text').textContent);
            return from[0] === to[0] ? ['x', value, left + from[0]] : ['y', value, top + from[1]];
        })"""
    )
    frame = tab.frame.frame_element().bounding_box()
    assert frame is not None

    def along(axis: str, value: float) -> float:
        values, at = zip(*[tick[1:] for tick in ticks if tick[0] == axis], strict=True)
        slope, start = np.polyfit(values, at, 1)
        return float(slope * value + start)

    return frame["x"] + along("x", variability), frame["y"] + along("y", confidence)


def test_a_sample_lies_on_the_map_where_the_papers_formulas_put_it(
    trained_board: Board, browser: Browser, watched: Recorded
) -> None:
    for step in (1, EPOCHS - 1):
        places = on_the_map(watched, step)
        sample = loneliest(places)
        variability, confidence = places[sample]
        right = loops.correctness(watched.seen(sample, step))
        link = {"view": "dynamics", "step": str(step), "focus": str(sample)}
        with tab_in(browser, trained_board.url, **link) as tab:
            wait_for_points(tab)
            settle(tab)
            tab.page.mouse.move(*pixel(tab, variability, confidence))
            card = tab.frame.get_by_role("tooltip")
            expect(card).to_contain_text(f"#{sample} ")
            expect(card).to_contain_text(f"confidence {confidence:.3f}")
            expect(card).to_contain_text(f"variability {variability:.3f}")
            expect(card).to_contain_text(f"correctness {right:.3f}")
            tab.page.mouse.move(5, 5)
            rows = rows_of(tab, MAP, "Plotted values, CSV")
            plotted = [[float(row["variability"]), float(row["confidence"])] for row in rows]
            np.testing.assert_allclose(plotted, places, atol=1e-6)
            assert tab.complaints == []


def test_a_region_selects_its_samples(
    trained_board: Board, browser: Browser, watched: Recorded
) -> None:
    step = EPOCHS - 1
    variability, confidence = on_the_map(watched, step).T
    hard = (variability < 0.25) & (confidence < 0.5)
    with tab_in(browser, trained_board.url, view="dynamics", step=str(step)) as tab:
        wait_for_points(tab)
        region = tab.frame.get_by_role("button", name="hard-to-learn")
        expect(region).to_contain_text(f"{np.count_nonzero(hard):,}")
        region.focus()
        tab.page.keyboard.press("Enter")
        chip(tab, int(np.count_nonzero(hard)))
        tab.frame.get_by_label("of", exact=True).select_option("selected")
        heads = tab.frame.locator(".median-head")
        expect(heads).to_have_count(2)
        expect(heads.nth(0)).to_contain_text(f"{np.median(watched.loss[step, hard]):.3f}")
        expect(heads.nth(1)).to_contain_text(f"{np.median(watched.loss[step, ~hard]):.3f}")


def test_a_query_counts_only_what_had_happened_by_the_epoch(
    trained_board: Board, browser: Browser, watched: Recorded
) -> None:
    expected = {}
    for step in (2, EPOCHS - 1):
        seen = [watched.seen(i, step) for i in range(len(watched.label))]
        expected[step] = sum(loops.flips(one) > 1 and loops.mean_margin(one) < 0 for one in seen)
    assert len(set(expected.values())) == 2 and min(expected.values()) > 0
    for step, count in expected.items():
        with tab_in(browser, trained_board.url, view="samples", step=str(step)) as tab:
            ask(tab, "flips > 1 and mean_margin < 0")
            chip(tab, count)


def test_medians_and_bands_are_those_of_numpy(
    trained_board: Board, browser: Browser, watched: Recorded
) -> None:
    link = {"view": "dynamics", "step": "3", "medians.of": "margin"}
    with tab_in(browser, trained_board.url, **link) as tab:
        wait_for_points(tab)
        charts = tab.frame.locator(".median")
        expect(charts).to_have_count(len(np.unique(watched.label)))
        rows = rows_of(tab, "More for the medians", "Medians and quantiles, CSV")
        for name in {row["label"] for row in rows}:
            own = watched.margin[:, watched.label == NAMES.index(name)]
            expected = np.quantile(own, [0.5, 0.1, 0.25, 0.75, 0.9], axis=1).T
            shown = [
                [float(row[key]) for key in ("margin_median", "q10", "q25", "q75", "q90")]
                for row in rows if row["label"] == name
            ]  # fmt: skip
            np.testing.assert_allclose(shown, expected, atol=1e-5)
            title = f"{name}: {np.count_nonzero(watched.label == NAMES.index(name))} samples"
            head = tab.frame.locator(f".median-head[title^='{title}'] b")
            expect(head).to_have_text(f"{expected[3, 0]:.3f}".replace("-", "\u2212"))
        first = charts.first.locator("svg")
        box = first.bounding_box()
        assert box is not None
        first.click(position={"x": box["width"] - 10, "y": box["height"] / 2})
        expect(tab.frame.get_by_role("textbox", name="Epoch")).to_have_value(str(EPOCHS - 1))
        assert tab.complaints == []


def test_every_derived_column_tells_its_definition_and_source(
    trained_board: Board, browser: Browser
) -> None:
    with tab_in(browser, trained_board.url, view="dynamics") as tab:
        wait_for_points(tab)
        tab.frame.get_by_role("button", name="Definitions").click()
        told = tab.frame.get_by_role("dialog", name="Definitions of the derived columns")
        for name, source in (
            ("mean_margin", "Pleiss et al. 2020"),
            ("variability", "Swayamdipta et al. 2020"),
            ("forgetting_events", "Toneva et al. 2019"),
        ):
            entry = told.locator(f"dt:has(code:text-is('{name}')) + dd")
            expect(entry).to_contain_text(source)
        told.locator("dt").filter(has_text="flips").get_by_role("button").click()
        expect(tab.frame.get_by_label("Colour", exact=True)).to_have_value("flips")
