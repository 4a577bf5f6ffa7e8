"""How far samples moved: in the badge, as paths and as colours, beside what NumPy makes of it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from board import Board
from browser import Tab, tab_in
from playwright.sync_api import Browser, expect
from scipy.spatial import procrustes
from scipy.stats import spearmanr
from test_explorer import ask, chip
from test_time import (
    LAYER,
    LINK,
    PRECISION,
    STARTED,
    Ints,
    Places,
    layouts,
    measured,
    on_screen,
)
from trained import LAST

from tensorboard_cnnvis.run import Run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SAMPLES = {"view": "samples", "right": LAYER, "right_method": LINK}
MOST_TRAILS = 200

# Notes the segments that the right plot last drew as trails: [x, y, x, y] in CSS pixels, once for
# the ground around them and once for the paths.
TRACE = """
window.traced = [];
{
    const prototype = CanvasRenderingContext2D.prototype;
    const {save, restore, beginPath, moveTo, lineTo, stroke} = prototype;
    let [all, path, at] = [[], [], null];
    const right = context => [...document.querySelectorAll('.scatter')].indexOf(
        context.canvas.parentElement) === 1;
    prototype.save = function () { if (right(this)) all = []; return save.call(this); };
    prototype.restore = function () {
        if (right(this) && all.length) window.traced = all;
        return restore.call(this);
    };
    prototype.beginPath = function () { path = []; return beginPath.call(this); };
    prototype.moveTo = function (...to) { at = to; return moveTo.apply(this, to); };
    prototype.lineTo = function (...to) {
        path.push([...at, ...to]);
        at = to;
        return lineTo.apply(this, to);
    };
    prototype.stroke = function (...of) {
        if (right(this)) all.push(...path);
        return stroke.apply(this, of);
    };
}
"""


@pytest.fixture(scope="module")
def laid_out(trained_board: Board, browser: Browser) -> tuple[Ints, Places]:
    """The drawn samples (m,), and where they are at every epoch (epochs, m, 2)."""
    with tab_in(browser, trained_board.url, **SAMPLES, step=str(LAST)) as tab:
        measured(tab)
    return layouts(trained_board)


def moved(xy: Places, since: int, step: int) -> Places:
    """How far the points (m,) moved, in root mean square radii of the later layout."""
    now = xy[step].astype(np.float64)
    radius = np.sqrt(((now - now.mean(axis=0)) ** 2).sum(axis=1).mean())
    way: Places = np.sqrt(((now - xy[since]) ** 2).sum(axis=1)) / radius
    return way


def truly_moved(run: Run, index: Ints, since: int, step: int) -> Places:
    """The same of the recorded vectors, by SciPy's Procrustes: shifted, turned, scaled to fit."""
    vectors = [run.embedding(LAYER, at)[index].astype(np.float64) for at in (step, since)]
    now, fitted, _ = procrustes(*vectors)  # the sum of squares of `now` is 1
    way: Places = np.sqrt(((now - fitted) ** 2).sum(axis=1) * len(index))
    return way


@pytest.mark.parametrize("step", [1, LAST])
def test_the_badge_tells_how_far_the_samples_moved_here_and_in_the_layer(
    trained_board: Board, browser: Browser, trained: Run, laid_out: tuple[Ints, Places], step: int
) -> None:
    index, xy = laid_out
    here, there = moved(xy, step - 1, step), truly_moved(trained, index, step - 1, step)
    with tab_in(browser, trained_board.url, **SAMPLES, step=str(step)) as tab:
        badge = tab.frame.locator(".plot").nth(1).locator(".badge.stability")
        expect(badge).to_be_visible(timeout=STARTED)
        shown = [float(text) for text in badge.locator("b").all_inner_texts()]
        assert shown == pytest.approx([here.mean(), there.mean()], abs=0.0051)
        words = badge.get_attribute("title") or ""
        told = re.fullmatch(
            rf"Since epoch {step - 1} the samples moved by ([\d.]+) of the plot.*\n"
            r"and by ([\d.]+) of the layer.*\n"
            rf"Spearman.s correlation of the two over {len(index)} samples: (.*)\.\n.*",
            words,
        )
        assert told, words
        assert float(told[1]) == pytest.approx(here.mean(), abs=6e-4)
        assert float(told[2]) == pytest.approx(there.mean(), abs=6e-4)
        correlation = float(told[3].replace("\u2212", "-"))
        assert correlation == pytest.approx(spearmanr(here, there)[0], abs=0.006)
        assert tab.complaints == []


def segments(paths: Places) -> Places:
    """[x, y, x, y] of the ways (epochs - 1) * m between places (epochs, m, 2)."""
    return np.concatenate([paths[:-1], paths[1:]], axis=2).reshape(-1, 4)


def traced(tab: Tab, expected: Places) -> Places:
    """The segments drawn, once they end where the points come to rest."""
    tab.frame.wait_for_function(
        """([wanted, near]) => window.traced.length === 2 * wanted.length && wanted.every(
            way => window.traced.some(one => one.every((x, k) => Math.abs(x - way[k]) < near)))""",
        arg=[expected.tolist(), PRECISION],
        timeout=20_000,
    )
    drawn: Any = tab.frame.evaluate("() => window.traced")
    return np.array(drawn, np.float64)


def strays(drawn: Places, known: Places) -> int:
    """How many of the drawn segments are none of the known ones."""
    apart = np.abs(drawn[:, None] - known[None]).max(axis=2)
    return int((apart.min(axis=1) >= PRECISION).sum())


def test_trails_are_the_ways_of_the_selected_samples_up_to_the_shown_epoch(
    trained_board: Board, browser: Browser, trained: Run, laid_out: tuple[Ints, Places]
) -> None:
    index, xy = laid_out
    hardest = trained.samples(LAST, neighbors=False)["loss"].nlargest(12).index
    columns = np.flatnonzero(np.isin(index, hardest))
    assert 1 < len(columns) <= 12
    link = {**SAMPLES, "step": str(LAST)}
    with tab_in(browser, trained_board.url, init=TRACE, **link) as tab:
        measured(tab)
        ask(tab, "top(loss, 12)")
        chip(tab, 12)
        tab.frame.locator("h1").click()
        assert tab.frame.evaluate("() => window.traced.length") == 0
        tab.page.keyboard.press("t")
        paths = on_screen(tab, xy)[:, columns]
        for step in (LAST, 2):
            field = tab.frame.get_by_role("textbox", name="Epoch")
            field.fill(str(step))
            field.press("Enter")
            ways = segments(paths[: step + 1])
            assert len(ways) == step * len(columns)
            assert strays(traced(tab, ways), ways) == 0
        note = tab.frame.locator(".plot").nth(1).locator(".drawn")
        expect(note).to_contain_text(f"trails of {len(columns)} of 12")
        assert tab.complaints == []


def test_of_more_than_200_selected_samples_200_have_trails_and_the_page_says_so(
    trained_board: Board, browser: Browser, trained: Run, laid_out: tuple[Ints, Places]
) -> None:
    _, xy = laid_out
    n = trained.manifest.n_samples
    link = {**SAMPLES, "step": str(LAST), "trails": "on"}
    with tab_in(browser, trained_board.url, init=TRACE, **link) as tab:
        measured(tab)
        ask(tab, "label < 10")
        chip(tab, n)
        note = tab.frame.locator(".plot").nth(1).locator(".drawn")
        expect(note).to_contain_text(f"trails of {MOST_TRAILS} of {n}")
        tab.frame.wait_for_function(
            "count => window.traced.length === count", arg=2 * MOST_TRAILS * LAST
        )
        drawn: Any = tab.frame.evaluate("() => window.traced")
        assert strays(np.array(drawn), segments(on_screen(tab, xy))) == 0
        assert tab.complaints == []


def reaches(tab: Tab, value: float) -> None:
    """Waits until the legend's ramp goes from 0 to this, in the page's four digits."""
    tab.frame.wait_for_function(
        """value => {
            const label = document.querySelector('.ramp svg')?.getAttribute('aria-label');
            const told = /^From 0 to ([0-9.]+) root mean square radii$/.exec(label ?? '');
            return told && Math.abs(told[1] - value) < 1e-3 * value;
        }""",
        arg=float(value),
        timeout=20_000,
    )


@pytest.mark.parametrize("colour", ["@moved", "@moved_in_layer"])
def test_colours_by_movement_reach_to_the_farthest_since_the_chosen_epoch(
    trained_board: Board, browser: Browser, trained: Run, laid_out: tuple[Ints, Places], colour: str
) -> None:
    index, xy = laid_out
    farthest = [
        moved(xy, since, LAST).max()
        if colour == "@moved"
        else truly_moved(trained, index, since, LAST).max()
        for since in range(LAST)
    ]
    assert len({f"{value:.2g}" for value in (farthest[0], farthest[3], farthest[4])}) == 3
    link = {**SAMPLES, "step": str(LAST), "colour": colour}
    with tab_in(browser, trained_board.url, **link) as tab:
        measured(tab)
        reaches(tab, farthest[0])
        missing = tab.frame.locator(".ramp .legend-toggle")
        expect(missing).to_contain_text(str(trained.manifest.n_samples - len(index)))
        for since in (3, 4, 1):
            tab.frame.get_by_label("Since", exact=True).select_option(str(since))
            reaches(tab, farthest[since])
        assert tab.complaints == []
