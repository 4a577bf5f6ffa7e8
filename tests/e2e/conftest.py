"""TensorBoards over one recorded run of Fashion-MNIST, and a browser for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from board import Board, tensorboard
from browser import chromium
from fashion import NAMES, fashion
from playwright.sync_api import Browser
from recording import Recording, record_run
from trained import EPOCHS, train

from tensorboard_cnnvis import open_run
from tensorboard_cnnvis.run import Run

N_SAMPLES = 1500
MODES = {
    "fast": ("--load_fast=true",),
    "slow": ("--load_fast=false",),
    "prefix": ("--load_fast=true", "--path_prefix=/boards/mine"),
}


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """1,500 images, 600 of them `train`, over eight epochs; 16 features."""
    images, labels = fashion()
    return record_run(
        tmp_path_factory.mktemp("logdir") / "fashion",
        images[:N_SAMPLES],
        labels[:N_SAMPLES],
        class_names=NAMES,
        n_train=600,
        epochs=8,
        n_features=16,
    )


@pytest.fixture(scope="session", params=list(MODES))
def board(request: pytest.FixtureRequest, recorded: Recording) -> Iterator[Board]:
    """TensorBoard in each loader mode, and below a path prefix."""
    with tensorboard(recorded.log_dir.parent, *MODES[request.param]) as running:
        yield running


@pytest.fixture(scope="session")
def fast_board(recorded: Recording) -> Iterator[Board]:
    """TensorBoard as it is started by default."""
    with tensorboard(recorded.log_dir.parent) as running:
        yield running


@pytest.fixture(scope="session")
def trained_log_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six epochs of train.py, models kept of the last two; filter 5 of conv2 is dead."""
    log_dir = tmp_path_factory.mktemp("trained") / "exp1"
    train("train.py", log_dir, EPOCHS)
    return log_dir


@pytest.fixture(scope="session")
def trained(trained_log_dir: Path) -> Run:
    return open_run(trained_log_dir)


@pytest.fixture(scope="session")
def trained_board(trained_log_dir: Path) -> Iterator[Board]:
    """TensorBoard over the trained run alone."""
    with tensorboard(trained_log_dir.parent) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started
