"""Fashion-MNIST as Debian's package `dataset-fashion-mnist` installs it (`make test` does)."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(os.environ.get("FASHION", "/usr/share/datasets/fashion-mnist"))
NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

Array = np.ndarray[Any, Any]


def fashion(part: str = "t10k") -> tuple[Array, Array]:
    """Images uint8 (n, 28, 28) and labels int64 (n,); `part` is `t10k` or `train`."""
    with gzip.open(FOLDER / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(FOLDER / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return images, labels.astype(np.int64)
