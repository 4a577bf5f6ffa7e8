"""A real TensorBoard application in this process, over a directory of recorded runs."""

from __future__ import annotations

from typing import Any

import pytest
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
