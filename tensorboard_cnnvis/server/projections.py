"""Projections of one run's inputs and embeddings, aligned from epoch to epoch, kept in memory.

Of each epoch only the plane is kept (n_features x 2 numbers); coordinates are made on request.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis import projection
from tensorboard_cnnvis.analysis.projection import Basis, Limits
from tensorboard_cnnvis.store.reader import RunReader, StoreError

INPUTS = "inputs"
_INPUT_ROWS = 2048
_SHORT_CHAIN_VALUES = 2e7
_PATIENCE_SECONDS = 0.3
_HEAD_START_SECONDS = 1.5  # of the page's first pictures over a long chain


@dataclass(frozen=True)
class Projected:
    """A projection as it is shown.

    Attributes:
        coordinates: float32 (n_samples, 2), NaN where a vector is not finite.
        explained: share of all variance along each shown axis.
        limits: x0, x1, y0, y1 over all epochs that are ready.
        aligned: False while the alignment has not reached this epoch.
        done: number of epochs that are aligned.
        total: number of epochs.
        n_features: width of the vectors.
        note: what is to be known of the vectors, or "".
    """

    coordinates: npt.NDArray[np.float32]
    explained: tuple[float, float]
    limits: Limits
    aligned: bool
    done: int
    total: int
    n_features: int
    note: str = ""


class Projections:
    """The projections of one run; thread-safe."""

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._inputs_lock = threading.Lock()
        self._inputs: Projected | None = None
        self._chains: dict[str, _Chain] = {}

    def prepare(self) -> None:
        """Starts on the inputs, which the page asks for as soon as it is laid out."""
        if self._inputs is None and not self._inputs_lock.locked():
            threading.Thread(target=self._prepare, daemon=True).start()

    def _prepare(self) -> None:
        with contextlib.suppress(StoreError, OSError, ValueError):  # told to who asks for it
            self.inputs()

    def inputs(self) -> Projected:
        """PCA of the images, averaged to at most 32x32."""
        with self._inputs_lock:
            if self._inputs is None:
                self._inputs = _project_inputs(self._reader)
            return self._inputs

    def layer(self, layer: str, step: int) -> Projected:
        """PCA of a layer's embedding at a step, aligned with the epochs before.

        Raises:
            StoreError: the layer's embedding is not logged, or not at this step.
        """
        return self._chain(layer).at(step)

    def planes(self, layer: str) -> dict[int, Basis]:
        """The planes of the epochs that are aligned, by step.

        Raises:
            StoreError: the layer's embedding is not logged.
        """
        return self._chain(layer).planes()

    def _chain(self, layer: str) -> _Chain:
        logged = [item.layer for item in self._reader.manifest.embeddings]
        if layer not in logged:
            known = ", ".join([INPUTS, *logged])
            raise StoreError(f"no embedding of {layer!r} is logged; there are: {known}")
        with self._lock:
            return self._chains.setdefault(layer, _Chain(self._reader, layer))


class _Chain:
    """One layer's epochs, each aligned to the one before, in a thread of its own."""

    def __init__(self, reader: RunReader, layer: str) -> None:
        self._reader = reader
        self._array = schema.embedding_array(layer)
        self._lock = threading.Lock()
        self._keys: list[tuple[int, str]] = []  # (step, attempt) of the aligned epochs, in order
        self._ready: dict[int, tuple[Basis | None, Limits]] = {}
        self._previous: npt.NDArray[Any] | None = None
        self._thread: threading.Thread | None = None

    def at(self, step: int) -> Projected:
        vectors = self._vectors(step)
        total = len(self._wanted())
        short = total * vectors.size <= _SHORT_CHAIN_VALUES
        self._start(0.0 if short else _HEAD_START_SECONDS)
        if self._thread is not None and short:
            self._thread.join(_PATIENCE_SECONDS)  # over before the page has to ask again
        with self._lock:
            found = self._ready.get(step)
            done, bounds = len(self._keys), [limits for _, limits in self._ready.values()]
        basis = found[0] if found else None
        own = basis or projection.pca(vectors)
        coordinates = own.project(vectors)
        return Projected(
            coordinates,
            own.explained,
            projection.union([*bounds, projection.limits(coordinates)]),
            basis is not None,
            done,
            total,
            vectors.shape[1],
            _note(own),
        )

    def planes(self) -> dict[int, Basis]:
        self._start(0.0)
        with self._lock:
            found = {step: basis for step, (basis, _) in self._ready.items()}
        return {step: basis for step, basis in found.items() if basis is not None}

    def _vectors(self, step: int) -> npt.NDArray[Any]:
        """The embedding in float32: converted once, not in every pass over it."""
        return self._reader.array(self._array, step).astype(np.float32, copy=False)

    def _wanted(self) -> list[tuple[int, str]]:
        steps = self._reader.steps
        return [
            (item.step, self._reader.attempt(item.step))
            for item in steps
            if self._array in item.arrays
        ]

    def _start(self, delay: float) -> None:
        """Starts the thread unless it runs or everything is aligned."""
        with self._lock:
            if self._keys == self._wanted():
                return
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, args=(delay,), daemon=True)
                self._thread.start()

    def _run(self, delay: float) -> None:
        time.sleep(delay)
        # Matrices this small are slower on two threads, and the requests need the other core.
        with threadpool_limits(1, "blas"):
            while (key := self._next()) is not None:
                self._append(key, *self._align(key[0]))

    def _append(
        self, key: tuple[int, str], basis: Basis | None, coordinates: npt.NDArray[Any]
    ) -> None:
        with self._lock:
            self._keys.append(key)
            bounds = projection.limits(coordinates) if basis else (0.0, 0.0, 0.0, 0.0)
            self._ready[key[0]] = (basis, bounds)
            self._previous = coordinates if basis else self._previous

    def _next(self) -> tuple[int, str] | None:
        """The first epoch that is not aligned; starts over where an attempt replaced epochs."""
        wanted = self._wanted()
        with self._lock:
            if self._keys != wanted[: len(self._keys)]:
                self._keys, self._ready, self._previous = [], {}, None
            return wanted[len(self._keys)] if len(self._keys) < len(wanted) else None

    def _align(self, step: int) -> tuple[Basis | None, npt.NDArray[Any]]:
        """None where the epoch's embedding is damaged: the rest goes on without it."""
        try:
            vectors = self._vectors(step)
        except (StoreError, OSError):
            return None, np.empty((0, 2), np.float32)
        return projection.aligned(projection.pca(vectors), vectors, self._previous)


def _project_inputs(reader: RunReader) -> Projected:
    inputs = reader.inputs()
    shape = reader.manifest.input.shape
    vectors = np.concatenate(
        [
            _vectors(inputs.rows(slice(start, start + _INPUT_ROWS)))
            for start in range(0, inputs.shape[0], _INPUT_ROWS)
        ]
    )
    basis = projection.pca(vectors)
    coordinates = basis.project(vectors)
    reduced = max(shape[:2]) > 32
    note = f"images of {shape[0]}x{shape[1]} averaged to at most 32x32" if reduced else ""
    note = note or _note(basis)
    bounds = projection.limits(coordinates)
    return Projected(coordinates, basis.explained, bounds, True, 1, 1, vectors.shape[1], note)


def _note(basis: Basis) -> str:
    return "" if any(basis.explained) else "all vectors are equal: there is no variance to show"


def _vectors(images: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return projection.area_average(images).reshape(len(images), -1)
