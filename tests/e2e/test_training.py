"""A real `model.fit` is watched while it goes on, killed, and looked at afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from board import tensorboard
from browser import tab_in, wait_for_points
from growing import growing
from playwright.sync_api import Browser, expect

from tensorboard_cnnvis import open_run
from tensorboard_cnnvis.run import Run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
TESTS = Path(__file__).parent.parent


@contextmanager
def training(log_dir: Path, epochs: int) -> Iterator[subprocess.Popen[bytes]]:
    """The user's script in a process of its own."""
    script = str(TESTS / "e2e" / "train.py")
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen(
        [sys.executable, script, str(log_dir), str(epochs)], env=environment, cwd=log_dir.parent
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def logged(log_dir: Path, at_least: int, process: subprocess.Popen[bytes]) -> Run:
    """The run, once it has so many epochs."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        try:
            run = open_run(log_dir)
            if len(run.steps) >= at_least:
                return run
        except ValueError:
            assert process.poll() is None, "the training ended early"
        time.sleep(0.2)
    raise TimeoutError(f"{at_least} epochs were not logged")


@pytest.mark.parametrize("fast", ["true", "false"])
def test_epochs_appear_while_training_and_survive_a_kill(
    fast: str, tmp_path: Path, browser: Browser
) -> None:
    log_dir = tmp_path / "exp1"
    with training(log_dir, 10_000) as process:
        run = logged(log_dir, 2, process)
        with (
            tensorboard(tmp_path, f"--load_fast={fast}") as board,
            tab_in(browser, board.url, view="samples", focus="3") as tab,
        ):
            wait_for_points(tab, 500)
            last = tab.frame.locator("label.epoch .muted")
            seen = int(last.inner_text().removeprefix("/ "))
            expect(last).not_to_have_text(f"/ {seen}", timeout=60_000)
            assert int(last.inner_text().removeprefix("/ ")) > seen
            process.send_signal(signal.SIGKILL)
            process.wait()
            steps = run.steps
            assert steps == tuple(range(len(steps)))
            assert run.problems == ()
            expect(last).to_have_text(f"/ {steps[-1]}", timeout=20_000)
            loss = run.samples(steps[-1]).loss[3]
            expect(tab.frame.locator(".verdict .loss")).to_have_text(f"{loss:.3f}")
            assert tab.complaints == []


@pytest.mark.parametrize("fast", ["true", "false"])
def test_150_epochs_show_150_while_they_are_written(
    fast: str, tmp_path: Path, browser: Browser, digits: Any
) -> None:
    x, labels = digits
    log_dir = tmp_path / "logdir" / "long"
    with (
        growing(log_dir, x[:60], labels[:60], epochs=151) as run,
        tensorboard(tmp_path / "logdir", f"--load_fast={fast}") as board,
        tab_in(browser, board.url, view="samples", focus="7") as tab,
    ):
        run.write(75)
        last = tab.frame.locator("label.epoch .muted")
        expect(last).to_have_text("/ 74", timeout=60_000)
        run.write(75)
        expect(last).to_have_text("/ 149", timeout=60_000)
        expect(tab.frame.locator(".slider .pulse")).to_be_visible()
        expect(tab.frame.locator(".slider .tick")).to_have_count(150)
        steps = tab.frame.evaluate(
            "async () => (await (await fetch('steps?run=long%2Fcnnvis')).json())"
            ".steps.map(step => step.step)"
        )
        assert steps == list(range(150))
        for step in (0, 75, 149):
            field = tab.frame.locator("label.epoch input")
            field.fill(str(step))
            field.press("Enter")
            loss = open_run(log_dir).samples(step).loss[7]
            expect(tab.frame.locator(".verdict .loss")).to_have_text(f"{loss:.3f}")
        assert tab.complaints == []


def test_the_sliders_end_pulses_until_training_has_ended(
    tmp_path: Path, browser: Browser, digits: Any
) -> None:
    x, labels = digits
    with (
        growing(tmp_path / "exp1", x[:60], labels[:60], epochs=6) as run,
        tensorboard(tmp_path) as board,
        tab_in(browser, board.url, view="samples", focus="7") as tab,
    ):
        slider = tab.frame.get_by_role("slider", name="Epoch")
        pulse, ticks = slider.locator(".pulse"), slider.locator(".tick")
        run.write(2)
        expect(ticks).to_have_count(2, timeout=30_000)
        expect(pulse).to_be_visible()
        assert pulse.evaluate("mark => mark.getAnimations().map(each => each.playState)") == [
            "running"
        ]
        assert pulse.get_attribute("cx") == slider.locator(".handle").get_attribute("cx")
        run.write(1)
        expect(ticks).to_have_count(3)
        expect(slider).to_have_attribute("aria-valuenow", "2")  # the last one is followed
        slider.press("Home")
        run.write(2)
        expect(ticks).to_have_count(5)
        expect(slider).to_have_attribute("aria-valuemax", "4")
        expect(slider).to_have_attribute("aria-valuenow", "0")  # the user's choice stays
        expect(pulse).to_be_visible()
        run.write(1)
        expect(pulse).to_have_count(0, timeout=15_000)
        expect(ticks).to_have_count(6)
        assert tab.complaints == []
