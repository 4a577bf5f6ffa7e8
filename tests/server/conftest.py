"""A real TensorBoard application in this process, over a directory of recorded runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from computing import Computing
from kept_run import KeptRun
from recording import record_run
from serving import Page, Served


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Served:
    """Six epochs over 240 digits as `exp1`, and a run with broken losses as `group/broken`."""
    logdir = tmp_path_factory.mktemp("logdir")
    x, labels = digits
    recording = record_run(logdir / "exp1", x[:240], labels[:240], n_train=100, epochs=6)
    record_run(logdir / "group" / "broken", x[:50], labels[:50], broken_losses=True)
    return Served(Page(logdir), recording, "exp1/cnnvis")


@pytest.fixture(scope="session")
def computing(kept: KeptRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computing]:
    """The kept run, with one worker and a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))
        page = Page(kept.log_dir.parent)
    yield Computing(page, kept)
