"""The vectors of a run's samples, and those searched last kept ready in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.neighbors import Space, space
from tensorboard_cnnvis.analysis.projection import area_average
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.projections import INPUTS
from tensorboard_cnnvis.store.reader import RunReader

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
MOST_BYTES = 512 * 2**20
_CHUNK_BYTES = 32 * 2**20
_ROW_BYTES = 2**16  # as many are read in bulk while one row is read by itself


@dataclass(frozen=True)
class Source:
    """One vector a sample: a layer's embedding at a step, or the images.

    Attributes:
        key: names it among all runs, attempts and steps.
        n_samples: number of vectors.
        n_features: their width.
        note: what is to be known of them, or "".
        rows: gives vectors from one sample to another, float32 (n, n_features).
    """

    key: tuple[str, ...]
    n_samples: int
    n_features: int
    note: str
    rows: Callable[[int, int], Floats]

    def take(self, indices: Indices) -> Floats:
        """The vectors of some samples, ascending, float32 (m, n_features)."""
        if len(indices) * _ROW_BYTES <= 4 * self.n_samples * self.n_features:
            return np.concatenate([self.rows(index, index + 1) for index in indices.tolist()])
        parts = []
        for start, chunk in self.chunks():
            low, high = np.searchsorted(indices, [start, start + len(chunk)])
            parts.append(chunk[indices[low:high] - start])
        return np.concatenate(parts)

    def chunks(self) -> Iterator[tuple[int, Floats]]:
        """All vectors, some at a time, each with the first one's sample."""
        rows = max(1, _CHUNK_BYTES // max(1, 4 * self.n_features))
        for start in range(0, self.n_samples, rows):
            yield start, self.rows(start, min(start + rows, self.n_samples))


def source(reader: RunReader, name: str, step: int) -> Source:
    """The vectors that `name` stands for: `inputs`, or a layer's path.

    Raises:
        RequestError: no such embedding is logged.
    """
    if name == INPUTS:
        return _inputs(reader)
    manifest = reader.manifest
    found = [item for item in manifest.embeddings if item.layer == name]
    if not found:
        known = ", ".join([INPUTS, *(item.layer for item in manifest.embeddings)])
        raise RequestError(400, f"no embedding of {name!r} is logged", f"sources: {known}")
    array = schema.embedding_array(name)

    def rows(start: int, stop: int) -> Floats:
        return reader.rows(array, step, start, stop).astype(np.float32)

    key = (str(reader.directory), reader.attempt(step), name, str(step))
    note = "each channel's mean over space" if found[0].pooled else ""
    return Source(key, manifest.n_samples, found[0].n_features, note, rows)


class Vectors:
    """Vectors ready for searching; those used last, at most `most_bytes` of them; thread-safe."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._spaces: OrderedDict[tuple[str, ...], Space] = OrderedDict()

    @property
    def nbytes(self) -> int:
        """What is kept, in bytes."""
        with self._lock:
            return sum(item.nbytes for item in self._spaces.values())

    def parts(self, of: Source, query: Floats) -> Iterable[Space]:
        """The vectors of all samples in order: whole, or in parts where they are too large to keep.

        `query` (n_features,) is whose neighbours are sought: parts are centred on it.
        """
        if 4 * of.n_samples * of.n_features > self._most_bytes:
            return (space(chunk, query) for _, chunk in of.chunks())
        return [self._whole(of)]

    def _whole(self, of: Source) -> Space:
        kept = self._kept(of.key)
        if kept is not None:
            return kept
        with self._making:  # once, when two requests come at the same time
            kept = self._kept(of.key)
            if kept is None:
                vectors = np.empty((of.n_samples, of.n_features), np.float32)
                for start, chunk in of.chunks():
                    vectors[start : start + len(chunk)] = chunk
                kept = space(vectors)
                self._keep(of.key, kept)
        return kept

    def _kept(self, key: tuple[str, ...]) -> Space | None:
        with self._lock:
            if key in self._spaces:
                self._spaces.move_to_end(key)
            return self._spaces.get(key)

    def _keep(self, key: tuple[str, ...], new: Space) -> None:
        with self._lock:
            self._spaces[key] = new
            while sum(item.nbytes for item in self._spaces.values()) > self._most_bytes:
                self._spaces.popitem(last=False)


def image_vectors(images: npt.NDArray[Any]) -> Floats:
    """Images (n, height, width, channels) as vectors (n, n_features), averaged to at most 32x32."""
    return np.asarray(area_average(images).reshape(len(images), -1))


def _inputs(reader: RunReader) -> Source:
    inputs, info = reader.inputs(), reader.manifest.input
    height, width, channels = info.shape
    n_features = min(32, height) * min(32, width) * channels

    def rows(start: int, stop: int) -> Floats:
        return image_vectors(inputs.rows(slice(start, stop)))

    reduced = max(height, width) > 32
    note = f"images of {height}x{width} averaged to at most 32x32" if reduced else ""
    key = (str(reader.directory), info.file, INPUTS, "")
    return Source(key, len(inputs), n_features, note, rows)
