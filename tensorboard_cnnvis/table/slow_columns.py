"""The columns that take long: what they need of the record, and who computes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis import label_errors
from tensorboard_cnnvis.analysis.label_errors import Epoch, LabelErrors
from tensorboard_cnnvis.analysis.neighbor_labels import NEIGHBORS, neighbor_disagreement
from tensorboard_cnnvis.store.columns import LABEL_ERROR, NEIGHBOR_DISAGREEMENT, Column
from tensorboard_cnnvis.store.index import StoreError
from tensorboard_cnnvis.store.reader import RunReader

Floats = npt.NDArray[np.float32]
Report = Callable[[float], None]
_READ = 0.5  # of the ranking's work, about


class SlowColumns(Protocol):
    """Gives the values of slow columns, or tells that they are yet to be computed."""

    def values(self, name: str, step: int) -> Floats:
        """A column over all samples; raises where it is being computed, or cannot be."""

    def ready(self, name: str, step: int) -> bool:
        """Whether `values` gives them at once."""


class ComputedHere:
    """Computes them when they are asked for."""

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader

    def values(self, name: str, step: int) -> Floats:
        """A column over all samples, float32 (n_samples,); NaN where what it needs is damaged."""
        try:
            if name == NEIGHBOR_DISAGREEMENT:
                return disagreement(self._reader, step)
            return ranking(self._reader, step, neighbors=False).found.score
        except StoreError:
            return nothing(self._reader)

    def ready(self, name: str, step: int) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class Ranking:
    """The label errors as ranked by the record up to a step.

    Attributes:
        found: over all samples.
        epochs: how many logged epochs it is made from.
        layer: whose embedding gave the neighbors; None where none is logged at the step.
    """

    found: LabelErrors
    epochs: int
    layer: str | None


def slow_columns(manifest: schema.Manifest) -> Iterator[Column]:
    """The slow columns that a run has."""
    layer = neighbor_layer(manifest)
    if layer is not None:
        definition = (
            f"share of the {NEIGHBORS} nearest samples (by cosine distance, in the embedding of"
            f" {layer!r}, of all splits) that have another label"
        )
        yield _slow(NEIGHBOR_DISAGREEMENT, "neighbor disagreement", definition)
    yield _slow(
        LABEL_ERROR,
        "label error",
        f"{label_errors.DEFINITION}; missing before {label_errors.LEAST_EPOCHS} epochs are logged",
    )


def neighbor_layer(manifest: schema.Manifest) -> str | None:
    """The layer whose embedding tells the neighbors: the first, the penultimate as a rule."""
    return manifest.embeddings[0].layer if manifest.embeddings else None


def nothing(reader: RunReader) -> Floats:
    """A column without any value."""
    return np.full(reader.manifest.n_samples, np.nan, np.float32)


def enough_epochs(reader: RunReader, step: int) -> bool:
    """Whether the labels can be ranked at a step."""
    return len(_steps(reader, step)) >= label_errors.LEAST_EPOCHS


def has_neighbors(reader: RunReader, step: int) -> bool:
    """Whether the embedding that tells the neighbors is logged at a step."""
    layer = neighbor_layer(reader.manifest)
    return layer is not None and reader.has(schema.embedding_array(layer), step)


def disagreement(reader: RunReader, step: int, report: Report = lambda share: None) -> Floats:
    """The column neighbor_disagreement; without any value where no embedding is logged."""
    layer = neighbor_layer(reader.manifest)
    if layer is None or not has_neighbors(reader, step):
        return nothing(reader)
    vectors = reader.array(schema.embedding_array(layer), step)
    return neighbor_disagreement(reader.array(schema.LABELS), vectors, report)


def ranking(
    reader: RunReader,
    step: int,
    report: Report = lambda share: None,
    *,
    neighbors: bool = True,
) -> Ranking:
    """Ranks the labels by the record up to a step.

    Args:
        reader: the record.
        step: the last epoch that counts.
        report: told the share that is done, in [0, 1]; may raise to stop.
        neighbors: whether to look for them, as evidence beside the score.

    Raises:
        StoreError: fewer than LEAST_EPOCHS are logged, or can be read.
    """
    steps = _steps(reader, step)
    layer = neighbor_layer(reader.manifest) if has_neighbors(reader, step) else None
    counts = [split.count for split in reader.manifest.splits]
    found = label_errors.label_errors(
        reader.array(schema.LABELS),
        _epochs(reader, steps, report),
        len(reader.manifest.class_names),
        np.repeat(np.arange(len(counts)), counts),
        lambda share: report(_READ + (1 - _READ) * share),
        neighbors=neighbors,
    )
    return Ranking(found, len(steps), layer)


def _slow(name: str, title: str, definition: str) -> Column:
    return Column(name, title, "number", True, definition, slow=True)


def _steps(reader: RunReader, step: int) -> list[int]:
    return [record.step for record in reader.steps if record.step <= step]


def _epochs(reader: RunReader, steps: list[int], report: Report) -> Iterator[Epoch]:
    """What is logged of the steps; a damaged one is left out."""
    found, judged = 0, label_errors.judged_epochs(len(steps))
    for done, step in enumerate(steps):
        report(_READ * done / len(steps))
        try:
            epoch = _epoch(reader, step, done in judged)
        except StoreError:
            continue
        found += 1
        yield epoch
    if found < label_errors.LEAST_EPOCHS:
        needed = f"the ranking needs {label_errors.LEAST_EPOCHS} logged epochs"
        raise StoreError(f"{needed}; there are {len(steps)}, of which {found} can be read")


def _epoch(reader: RunReader, step: int, judged: bool) -> Epoch:
    top = reader.manifest.top_scores is not None
    layer = neighbor_layer(reader.manifest) if judged and has_neighbors(reader, step) else None
    return Epoch(
        reader.array(schema.PREDICTION, step),
        reader.array(schema.MARGIN, step),
        reader.array(schema.LABEL_SCORE, step),
        reader.array(schema.SCORES, step),
        reader.array(schema.SCORE_CLASSES, step) if top else None,
        None if layer is None else reader.array(schema.embedding_array(layer), step),
        judged,
    )
