"""What every test may use: real images, and one recorded run for all that only look."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept_run import KeptRun, keep
from recording import Recording, record_run
from sklearn.datasets import load_digits


def pytest_sessionstart() -> None:
    """A shell starts its background jobs with SIGINT ignored, which all processes inherit."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def digits() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """1,797 real 8x8 digits as uint8 (n, 8, 8), and their labels."""
    data = load_digits()
    return (data.images * 15).astype(np.uint8), data.target.astype(np.int64)


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Recording:
    """Six epochs over 240 digits, 100 of them `train`. Never written to by a test."""
    x, labels = digits
    return record_run(
        tmp_path_factory.mktemp("runs") / "exp1", x[:240], labels[:240], n_train=100, epochs=6
    )


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> KeptRun:
    """A trained CNN over 120 digits, its last two models kept. Never written to by a test."""
    x, labels = digits
    return keep(tmp_path_factory.mktemp("kept") / "exp1", x[:120], labels[:120])


@pytest.fixture
def make_run(tmp_path: Path, digits: Any) -> Callable[..., Recording]:
    """Writes a small run of its own for a test that changes it; `name` is its directory."""

    def make(name: str = "exp1", n_samples: int = 60, **options: Any) -> Recording:
        x, labels = digits
        return record_run(tmp_path / name, x[:n_samples], labels[:n_samples], **options)

    return make
