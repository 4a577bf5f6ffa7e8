"""The vectors a job works on, read from the record."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.projection import area_average, pca
from tensorboard_cnnvis.analysis.stratified import stratified
from tensorboard_cnnvis.jobs.messages import Subject
from tensorboard_cnnvis.jobs.task import JobError
from tensorboard_cnnvis.store.reader import RunReader

INPUTS = "inputs"
_INPUT_ROWS = 2048
_FLAT = 1e-2
_NOTHING = "all vectors are equal: there is nothing to lay out"
_OTHER = "choose another layer or epoch"
Floats = npt.NDArray[np.float32]


def drawn(reader: RunReader, size: int, seed: int) -> npt.NDArray[np.int32]:
    """Indices of a draw that is stratified by label, ascending."""
    return stratified(reader.array(schema.LABELS), size, seed)


def vectors_of(reader: RunReader, subject: Subject, index: npt.NDArray[Any]) -> Floats:
    """Float32 vectors (len(index), n_features): embeddings, or images of at most 32x32."""
    if subject.source != INPUTS:
        stored = reader.array(schema.embedding_array(subject.source), subject.step)
        return np.asarray(stored[index], np.float32)
    inputs = reader.inputs()
    parts = [
        area_average(inputs.rows(index[start : start + _INPUT_ROWS]))
        for start in range(0, len(index), _INPUT_ROWS)
    ]
    return np.concatenate(parts).reshape(len(index), -1).astype(np.float32, copy=False)


class Drawn:
    """The finite ones of the drawn vectors, and where a layout of them starts.

    Attributes:
        index: int32 (m,), sample indices.
        finite: bool (m,), which of them are laid out.
        vectors: float32 (n, n_features), those.
    """

    def __init__(self, reader: RunReader, subject: Subject, size: int, seed: int) -> None:
        self.index = drawn(reader, size, seed)
        found = vectors_of(reader, subject, self.index)
        self.finite = np.asarray(np.isfinite(found).all(axis=1))
        self.vectors: Floats = found[self.finite]
        if len(self.vectors) < 3:
            raise JobError(
                f"a layout needs at least 3 finite vectors; there are {len(self.vectors)}",
                "draw more samples, or choose another layer or epoch",
            )
        if not np.any(self.vectors != self.vectors[0]):
            raise JobError(_NOTHING, _OTHER)
        self._seed = seed

    @cached_property
    def start(self) -> Floats:
        """Their principal components, float32 (n, 2)."""
        start: Floats = pca(self.vectors).project(self.vectors)
        deviations = start.std(axis=0)
        if deviations[0] == 0:
            raise JobError(_NOTHING, _OTHER)
        if deviations[1] < _FLAT * deviations[0]:  # no force would ever lead off the line
            noise = np.random.default_rng(self._seed).normal(size=len(start))
            start[:, 1] += (_FLAT * deviations[0] * noise).astype(np.float32)
        return start

    def whole(self, layout: npt.NDArray[Any]) -> Floats:
        """A layout of the finite ones as one of all drawn, float32 (m, 2), NaN elsewhere."""
        out = np.full((len(self.index), 2), np.nan, np.float32)
        out[self.finite] = layout
        return out
