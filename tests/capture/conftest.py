"""Real digits for training runs of a second, and a reader of what they wrote."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest


@pytest.fixture(scope="session")
def small_digits(digits: Any) -> tuple[Any, Any]:
    """60 digits as float32 (60, 8, 8, 1) in [0, 1] and their labels."""
    x, y = digits
    return (x[:60, :, :, None] / np.float32(255)).astype(np.float32), y[:60]


@pytest.fixture(autouse=True)
def seeded() -> None:
    keras.utils.set_random_seed(0)
