"""Labelled images from NumPy's files."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def read_arrays(paths: Sequence[Path]) -> tuple[Array, Array]:
    """The arrays x and y of one .npz, or of two .npy files, which are mapped and not read.

    Raises:
        ValueError: other files, or damaged ones.
        OSError: a file cannot be opened.
    """
    kinds = [path.suffix for path in paths]
    listed = " ".join(str(path) for path in paths)
    try:
        if kinds == [".npz"]:
            return _archive(paths[0])
        if kinds == [".npy", ".npy"]:
            x, y = (np.load(path, mmap_mode="r", allow_pickle=False) for path in paths)
            return x, y
    except (EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{listed} cannot be read: {error}; save it by numpy again") from error
    raise ValueError(
        "DATA must be an .npz with x and y, two .npy files, or a folder with a sub-folder of"
        f" images per class, got {listed}"
    )


def _archive(path: Path) -> tuple[Array, Array]:
    with np.load(path, allow_pickle=False) as archive:
        if not {"x", "y"} <= set(archive):
            raise ValueError(f"{path} must hold x and y, got {', '.join(archive)}")
        return archive["x"], archive["y"]
