"""The same image is found again in another run, and only the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tensorboard_cnnvis.schema import InputInfo
from tensorboard_cnnvis.store import input_hashes as module
from tensorboard_cnnvis.store.input_hashes import input_hashes
from tensorboard_cnnvis.store.inputs import Inputs, save_inputs

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (50, 5, 4, 3), dtype=np.uint8)


def stored(folder: Path, images: npt.NDArray[Any]) -> Inputs:
    folder.mkdir(exist_ok=True)
    kept = save_inputs(folder, images)
    height, width, channels = images.shape[1:]
    return Inputs(
        folder,
        InputInfo(
            (height, width, channels), str(images.dtype), kept.file, kept.scale, kept.offset,
            0.0, 255.0, "uint8",
        ),
    )  # fmt: skip


def test_equal_images_and_only_they_have_equal_hashes(tmp_path: Path) -> None:
    images = IMAGES[[0, 1, 2, 1, 3]]
    images[4, 2, 2, 1] ^= 1
    hashes = input_hashes(stored(tmp_path, images))
    assert hashes[1] == hashes[3]
    assert len(set(hashes.tolist())) == 4
    assert (hashes >= 0).all()
    other = input_hashes(stored(tmp_path / "other", IMAGES[3::-1]))
    assert other[1:].tolist() == hashes[2::-1].tolist()
    assert other[0] != hashes[4]


def test_an_image_is_the_same_whatever_its_scale(tmp_path: Path) -> None:
    hashes = input_hashes(stored(tmp_path / "bytes", IMAGES))
    scaled = input_hashes(stored(tmp_path / "unit", (IMAGES / 255).astype(np.float32)))
    assert hashes.tolist() == scaled.tolist()


def test_values_of_any_kind_are_told_apart(tmp_path: Path) -> None:
    images = RNG.normal(size=(30, 4, 4, 1)).astype(np.float32)
    images[7] = images[3]
    hashes = input_hashes(stored(tmp_path, images))
    assert len(set(hashes.tolist())) == 29


def test_the_chunks_in_memory_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = stored(tmp_path, IMAGES)
    whole = input_hashes(inputs)
    monkeypatch.setattr(module, "_CHUNK_BYTES", 3 * 60)
    assert input_hashes(inputs).tolist() == whole.tolist()
