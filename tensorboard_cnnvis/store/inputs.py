"""The probe set's inputs beside the events, at full fidelity."""

from __future__ import annotations

import hashlib
import operator
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.schema import InputInfo

Array = npt.NDArray[Any]
_CHUNK_BYTES = 32 * 2**20
_LEVELS = 256


@dataclass(frozen=True)
class StoredInputs:
    """A written file; where `scale` is not None it holds uint8 and `uint8 * scale + offset`."""

    file: str
    scale: float | None
    offset: float | None


class Inputs:
    """The stored inputs, mapped lazily.

    Attributes:
        shape: (n_samples, height, width, channels).
    """

    def __init__(self, directory: Path, info: InputInfo) -> None:
        """Opens the file that `info` names. Raises OSError or ValueError when it cannot be read."""
        self._stored: Array = np.load(_inside(directory, info.file), mmap_mode="r")
        self._images: Array | None = None
        if info.images_file is not None:
            self._images = np.load(_inside(directory, info.images_file), mmap_mode="r")
        self._info = info
        self.shape: tuple[int, ...] = self._stored.shape

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int | slice | Sequence[int] | Array) -> Array:
        """One input (height, width, channels), or several (n, ...) as `rows` gives them.

        Several by a slice, a sequence or an array of sample indices, or a boolean array.
        """
        if isinstance(index, slice):
            return self.rows(index)
        if isinstance(index, Sequence) or (isinstance(index, np.ndarray) and index.ndim):
            return self.rows(_chosen(np.asarray(index), len(self)))
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f"sample {index} is out of range; there are {len(self)} samples")
        start = index % len(self)
        return np.asarray(self.rows(slice(start, start + 1))[0])

    def stored(self, rows: slice) -> Array:
        """The inputs (n, height, width, channels) as they are in the file: codes where scaled."""
        return np.asarray(self._stored[rows])

    def rows(self, rows: npt.NDArray[np.int64] | slice) -> Array:
        """The inputs (n, height, width, channels) in the dtype the user gave."""
        stored = np.asarray(self._stored[rows])
        if self._info.scale is None or self._info.offset is None:
            return stored
        return _decode(stored, self._info.scale, self._info.offset, np.dtype(self._info.dtype))

    def images(self, rows: npt.NDArray[np.int64] | slice) -> Array | None:
        """What `to_image` made of them, uint8 (n, height, width, 1 or 3), if it was given."""
        return None if self._images is None else np.asarray(self._images[rows])


def _chosen(index: Array, count: int) -> npt.NDArray[np.int64]:
    """Sample indices (n,) of an index, those below 0 counted from the end. Raises IndexError."""
    if index.dtype == np.bool_ and index.shape == (count,):
        return np.flatnonzero(index)
    if index.ndim != 1 or (index.size and index.dtype.kind not in "iu"):
        raise IndexError(
            f"expected sample indices (n,) or booleans ({count},), got {index.dtype} {index.shape}"
        )
    beyond = index[(index < -count) | (index >= count)]
    if beyond.size:
        raise IndexError(f"sample {beyond[0]} is out of range; there are {count} samples")
    return index.astype(np.int64) % max(1, count)


def save_inputs(directory: Path, inputs: Array) -> StoredInputs:
    """Writes inputs (n, height, width, channels); attempts with the same samples share the file."""
    levels = _levels(inputs)
    if levels is None:
        return StoredInputs(_save("inputs", directory, inputs, _chunks(inputs)), None, None)
    scale, offset = levels
    stored = np.lib.stride_tricks.as_strided(np.empty(0, np.uint8), inputs.shape, (0,) * 4)
    chunks = (_encode(chunk, scale, offset) for chunk in _chunks(inputs))
    return StoredInputs(_save("inputs", directory, stored, chunks), scale, offset)


def save_images(directory: Path, images: npt.NDArray[np.uint8]) -> str:
    """Writes the pictures of the inputs, (n, height, width, 1 or 3); returns the file's name."""
    return _save("images", directory, images, _chunks(images))


def _save(kind: str, directory: Path, like: Array, chunks: Iterator[Array]) -> str:
    """Writes `chunks` under a name that holds their hash; `like` has their dtype and shape."""
    temporary = directory / f".partial-{kind}-{os.getpid()}.npy"
    digest = hashlib.sha256(f"{like.dtype.str}{like.shape}".encode())
    try:
        with temporary.open("wb") as file:
            header = {"descr": like.dtype.str, "fortran_order": False, "shape": like.shape}
            np.lib.format.write_array_header_1_0(file, header)
            for chunk in chunks:
                data = np.ascontiguousarray(chunk).tobytes()
                digest.update(data)
                file.write(data)
        name = f"{kind}-{digest.hexdigest()[:16]}.npy"
        temporary.replace(directory / name)
    finally:
        temporary.unlink(missing_ok=True)
    return name


def _chunks(array: Array) -> Iterator[Array]:
    rows = max(1, _CHUNK_BYTES // max(1, array.nbytes // max(1, len(array))))
    for start in range(0, len(array), rows):
        yield array[start : start + rows]


def _levels(inputs: Array) -> tuple[float, float] | None:
    """Scale and offset that give a float array back exactly from uint8, or None."""
    if inputs.dtype.kind != "f" or inputs.size == 0:
        return None
    sample = np.unique(inputs[:: max(1, len(inputs) // 64)].ravel()[: 2**18])
    if len(sample) > _LEVELS or not np.isfinite(sample).all():
        return None
    low, high = float(inputs.min()), float(inputs.max())
    for scale, offset in _candidates(sample, low, high):
        if all(_exact(chunk, scale, offset) for chunk in _chunks(inputs)):
            return scale, offset
    return None


def _candidates(
    sample: npt.NDArray[np.floating[Any]], low: float, high: float
) -> Iterator[tuple[float, float]]:
    """Pairs to try, the usual scalings first, then the values' own grid.

    A scaling that rounds in the inputs' dtype between two steps, as `x / 127.5 - 1` does in
    float32, is no pair: such inputs are stored as they are.
    """
    yield from ((1.0, 0.0), (1 / 255, 0.0), (1 / 127.5, -1.0), (1 / 256, 0.0), (1 / 255, -0.5))
    yield float(sample.dtype.type(1 / 255)), 0.0  # multiplied in the inputs' own dtype
    if len(sample) > 1:
        levels = round((high - low) / float(np.diff(sample.astype(np.float64)).min()))
        if 0 < levels < _LEVELS:
            yield (high - low) / levels, low


def _exact(values: Array, scale: float, offset: float) -> bool:
    codes = np.rint((values.astype(np.float64) - offset) / scale)
    if not (codes.min() >= 0 and codes.max() < _LEVELS):  # false with a NaN, too
        return False
    return np.array_equal(_decode(codes.astype(np.uint8), scale, offset, values.dtype), values)


def _encode(values: Array, scale: float, offset: float) -> npt.NDArray[np.uint8]:
    return np.rint((values.astype(np.float64) - offset) / scale).astype(np.uint8)


def _decode(codes: Array, scale: float, offset: float, dtype: np.dtype[Any]) -> Array:
    table = (np.arange(_LEVELS, dtype=np.float64) * scale + offset).astype(dtype)
    return np.asarray(table[codes])


def _inside(directory: Path, name: str) -> Path:
    """The path of a file that a manifest names; it must lie in the run's own directory."""
    if not name or name != Path(name).name or name.startswith("."):
        raise ValueError(f"the manifest names {name!r}; expected a file in the run's directory")
    return directory / name
