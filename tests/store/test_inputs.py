"""Inputs are kept so that the model sees exactly what it saw in training."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording import Recording

from tensorboard_cnnvis.schema import InputInfo
from tensorboard_cnnvis.store.inputs import Inputs, save_images, save_inputs
from tensorboard_cnnvis.store.reader import RunReader


def restored(directory: Path, inputs: np.ndarray[Any, Any]) -> tuple[Inputs, float | None]:
    stored = save_inputs(directory, inputs)
    shape = inputs.shape[1:]
    info = InputInfo(
        (shape[0], shape[1], shape[2]), str(inputs.dtype), stored.file, stored.scale,
        stored.offset, 0, 1, "unit",
    )  # fmt: skip
    return Inputs(directory, info), stored.scale


BYTES = np.random.default_rng(0).integers(0, 256, (40, 5, 7, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "inputs",
    [
        BYTES / np.float32(255),
        (BYTES / 255).astype(np.float32),
        BYTES.astype(np.float32) * np.float32(1 / 255),
        BYTES.astype(np.float16) * np.float16(1 / 255),
        BYTES.astype(np.float32),
        (BYTES / 127.5 - 1).astype(np.float32),
        BYTES.astype(np.float64) * 0.037 - 3.1,
        BYTES.astype(np.float16),
    ],
    ids=[
        "f32/255",
        "f64/255->f32",
        "f32*(1/255)",
        "f16*(1/255)",
        "bytes",
        "symmetric",
        "own grid",
        "float16",
    ],
)
def test_scaled_bytes_take_a_byte_each(tmp_path: Path, inputs: np.ndarray[Any, Any]) -> None:
    back, scale = restored(tmp_path, inputs)
    assert scale is not None
    assert np.load(next(tmp_path.glob("inputs-*.npy"))).dtype == np.uint8
    given_back = back.rows(slice(0, 40))
    assert given_back.dtype == inputs.dtype
    assert np.array_equal(given_back, inputs)


@pytest.mark.parametrize(
    "inputs",
    [
        np.random.default_rng(1).normal(size=(10, 4, 4, 1)).astype(np.float32),
        np.random.default_rng(1).integers(0, 60000, (10, 4, 4, 2)).astype(np.uint16),
        np.where(np.eye(4)[None, :, :, None] > 0, np.nan, np.zeros((3, 4, 4, 1))),
        np.full((3, 2, 2, 1), np.inf, np.float32),
        np.zeros((2, 2, 2, 1), bool),
        BYTES.astype(np.float32) / np.float32(127.5) - np.float32(1),
    ],
    ids=["normal", "uint16", "NaN", "infinite", "bool", "rounded twice"],
)
def test_everything_else_is_kept_as_it_is(tmp_path: Path, inputs: np.ndarray[Any, Any]) -> None:
    back, scale = restored(tmp_path, inputs)
    assert scale is None
    assert np.array_equal(back.rows(slice(0, len(inputs))), inputs, equal_nan=inputs.dtype != bool)


@settings(max_examples=50, deadline=None)
@given(
    scale=st.floats(1e-4, 50),
    offset=st.floats(-100, 100),
    seed=st.integers(0, 100),
    levels=st.integers(1, 256),
)
def test_nothing_is_ever_changed(
    tmp_path_factory: pytest.TempPathFactory, scale: float, offset: float, seed: int, levels: int
) -> None:
    codes = np.random.default_rng(seed).integers(0, levels, (6, 3, 3, 1))
    inputs = (codes * scale + offset).astype(np.float32)
    back, _ = restored(tmp_path_factory.mktemp("inputs"), inputs)
    assert np.array_equal(back.rows(slice(0, 6)), inputs)


def test_the_same_inputs_share_a_file_and_others_do_not(tmp_path: Path) -> None:
    first, again = save_inputs(tmp_path, BYTES), save_inputs(tmp_path, BYTES)
    other = save_inputs(tmp_path, BYTES[:, ::-1])
    assert first.file == again.file != other.file
    assert len(list(tmp_path.iterdir())) == 2


def test_pictures_are_kept_beside(tmp_path: Path) -> None:
    stored = save_inputs(tmp_path, BYTES)
    name = save_images(tmp_path, BYTES[..., :1])
    info = InputInfo((5, 7, 3), "uint8", stored.file, None, None, 0, 255, "to_image", name)
    images = Inputs(tmp_path, info).images(slice(2, 4))
    assert images is not None
    assert np.array_equal(images, BYTES[2:4, ..., :1])


@pytest.mark.parametrize("name", ["../secret.npy", "/etc/passwd", "", ".partial", "a/b.npy"])
def test_a_manifest_cannot_name_a_file_elsewhere(tmp_path: Path, name: str) -> None:
    info = InputInfo((1, 1, 1), "uint8", name, None, None, 0, 255, "uint8")
    with pytest.raises(ValueError, match="expected a file in the run's directory"):
        Inputs(tmp_path, info)


def test_a_pickle_in_place_of_the_inputs_is_not_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "inputs-evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    info = InputInfo((1, 1, 1), "uint8", "inputs-evil.npy", None, None, 0, 255, "uint8")
    with pytest.raises(ValueError, match=r"Array can't be memory-mapped|allow_pickle"):
        Inputs(tmp_path, info)


def test_inputs_are_indexed_like_an_array(recording: Recording) -> None:
    inputs = RunReader(recording.directory).inputs()
    stored = recording.inputs
    for index in (slice(2, 8), slice(None, None, 50), [3, -1, 3], np.array([5, 0])):
        assert np.array_equal(inputs[index], stored[index])
    assert inputs[[]].shape == (0, 8, 8, 1)
    flags = np.arange(240) % 7 == 0
    assert np.array_equal(inputs[flags], stored[flags])
    assert np.array_equal(inputs[np.int64(4)], stored[4])
    assert inputs[np.array(4)].shape == stored[4].shape
    with pytest.raises(IndexError, match="sample 240 is out of range; there are 240 samples"):
        inputs[[1, 240]]
    with pytest.raises(IndexError, match=r"expected sample indices \(n,\) or booleans \(240,\)"):
        inputs[np.zeros(3, bool)]
