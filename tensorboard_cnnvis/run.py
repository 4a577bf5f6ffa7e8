"""A recorded run for notebooks and scripts, without TensorBoard."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.comparison import CHANGES, churn, mcnemar, outcome
from tensorboard_cnnvis.analysis.projection import pca
from tensorboard_cnnvis.analysis.query import QueryError, Scope, find
from tensorboard_cnnvis.store.columns import Column
from tensorboard_cnnvis.store.inputs import Inputs
from tensorboard_cnnvis.store.kernels import stored_name
from tensorboard_cnnvis.store.reader import Problem, RunReader, StoreError
from tensorboard_cnnvis.table.compared_table import COMPARED, AnyTable, ComparedTable
from tensorboard_cnnvis.table.matching import MatchError, Matching, Record, match_samples
from tensorboard_cnnvis.table.sample_table import SampleTable

if TYPE_CHECKING:
    from tensorboard_cnnvis.run_model import RunModel

_COMPARED = ("label", "prediction", "correct", "loss", "margin")


def open_run(path: str | os.PathLike[str]) -> Run:
    """Opens the record below `path`: the `log_dir` that was given to `CNNVis`.

    Raises:
        ValueError: there is no record; the message lists the ones found below the path.
    """
    given = Path(path)
    for directory in (given / schema.SUBDIRECTORY, given):
        if directory.is_dir() and any(directory.glob("events.out.tfevents.*.cnnvis")):
            try:
                return Run(RunReader(directory))
            except StoreError as error:
                raise ValueError(f"{str(path)!r} cannot be opened: {error}") from error
    found = sorted({str(file.parent.parent) for file in given.rglob("*/events.out.*.cnnvis")})
    below = f"; runs below it: {', '.join(found)}" if found else ""
    raise ValueError(
        f"no CNN Vis record in {str(path)!r}; expected the log_dir of CNNVis or log_model{below}"
    )


def compare(
    run: Run, other: Run, step: int, other_step: int | None = None, *, by: str = "auto"
) -> pd.DataFrame:
    """What changed from `other` to `run`, or between two epochs of one: see `Run.compare`."""
    return run.compare(other, step, other_step, by=by)


class Run:
    """The record of a run; follows one that is still being written.

    Every method that takes a `step` takes the 0-based epoch and raises ValueError where it is not
    logged, or what was logged is damaged.
    """

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader

    def __repr__(self) -> str:
        steps = self.steps
        epochs = f"epochs {steps[0]} to {steps[-1]}" if steps else "no epoch yet"
        return f"<Run {str(self._reader.directory)!r}: {self.manifest.n_samples} samples, {epochs}>"

    @property
    def manifest(self) -> schema.Manifest:
        """What holds for the whole run."""
        return self._reader.manifest

    @property
    def steps(self) -> tuple[int, ...]:
        """The logged epochs, complete ones only, as of now."""
        self._reader.refresh()
        return tuple(record.step for record in self._reader.steps)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Damaged records: file, byte offset and what is lost."""
        return self._reader.problems

    @property
    def inputs(self) -> Inputs:
        """The probe set's inputs, mapped lazily: `run.inputs[3]`, `run.inputs[:10]`."""
        return self._reader.inputs()

    def model(
        self, step: int, *, unsafe: bool = False, import_modules: Sequence[str] = ()
    ) -> RunModel:
        """The model kept of a step, to be run on samples: occlusion, Grad-CAM, ...

        Args:
            step: one of which a model was kept (`keep_models`).
            unsafe: whether code in the file may be run, which Lambda layers need.
            import_modules: modules that define layers or functions of the model.

        Raises:
            ValueError: none was kept, or it cannot be read.
        """
        from tensorboard_cnnvis.run_model import open_model

        return open_model(self._reader, step, unsafe=unsafe, import_modules=import_modules)

    def record(self, step: int) -> schema.StepRecord:
        """Summaries, learning rate and what else was noted of a step."""
        with _as_value_error():
            return self._reader.step(step)

    def samples(self, step: int, *, neighbors: bool = True) -> pd.DataFrame:
        """One row a sample, indexed by sample_index.

        Columns: source_index, id (if given), split, label, prediction (class names as categories),
        correct, loss (nats), objective (if stored), margin, label_score, rank, those that follow
        from the epochs up to this one (docs/dynamics.md; -1 where a count or an epoch is missing),
        and the metadata.

        Args:
            step: epoch.
            neighbors: whether neighbor_disagreement and label_error are computed, too: every
                embedding is compared with all others, seconds at 10,000 samples and minutes at
                60,000.
        """
        self.record(step)
        return self._frame(SampleTable(self._reader), step, neighbors)

    def query(self, text: str, step: int | None = None, *, neighbors: bool = True) -> pd.DataFrame:
        """The rows of `samples(step)` that a query finds, as the page does: `"loss > 2"`.

        Args:
            text: see docs/query.md.
            step: the last where it is None.
            neighbors: as of `samples`; the query itself may name any column.

        Raises:
            ValueError: the query cannot be understood; the message names the place.
        """
        if step is None:
            if not self.steps:
                raise ValueError(f"{str(self._reader.directory)!r} has no complete epoch yet")
            step = self.steps[-1]
        self.record(step)
        table = SampleTable(self._reader)
        try:
            with _as_value_error():
                found = find(text, Scope(table, step, np.ones(self.manifest.n_samples, np.bool_)))
        except QueryError as error:
            place = text[error.start : error.stop][:40]
            raise ValueError(
                f"{error.what}; {error.hint} (at character {error.start + 1}: {place!r})"
            ) from None
        return self._frame(table, step, neighbors)[found]

    def compare(
        self, other: Run, step: int, other_step: int | None = None, *, by: str = "auto"
    ) -> pd.DataFrame:
        """What changed from another run to this one: a row for each sample that both watch.

        Indexed by this run's sample_index. Columns: other_index, label, prediction, correct, loss
        and margin as of `samples`, and of the other, judged by this run's label: other_prediction
        (missing where this run has no class of that name), other_correct, other_loss,
        other_margin; loss_difference and margin_difference, this run's minus the other's, missing
        where the two have other labels; change. `attrs` has `by`, `notes` on what was left out,
        `counts` by change, `churn`, the share of other predictions, and `mcnemar_p` (see
        docs/compare.md).

        Args:
            other: the other run; this one to compare two of its epochs.
            step: epoch of this run.
            other_step: epoch of the other; the same where it is None.
            by: how samples are matched: "auto", "position", "image", or a key column.

        Raises:
            ValueError: an epoch is not logged, or no sample can be matched.
        """
        other_step = step if other_step is None else other_step
        self.record(step)
        other.record(other_step)
        try:
            with _as_value_error():
                found = match_samples(self._side(), other._side(), by)
                return self._compared(other, step, other_step, found)
        except MatchError as error:
            raise ValueError(f"{error}; {error.hint}") from error

    def _compared(self, other: Run, step: int, other_step: int, found: Matching) -> pd.DataFrame:
        own, there = SampleTable(self._reader), SampleTable(other._reader)
        table = ComparedTable(own, there, other_step, found, key=None)
        names = (*_COMPARED, *(column.name for column in COMPARED))
        series = {name: self._series(table, table.columns[name], step) for name in names}
        frame = pd.DataFrame(series).iloc[found.matched.index]
        frame.insert(0, "other_index", found.matched.other_index)
        frame.index.name = "sample_index"
        frame.attrs.update(_told(table, found, step))
        return frame

    def _side(self) -> Record:
        directory = self._reader.directory
        name = directory.parent if directory.name == schema.SUBDIRECTORY else directory
        return Record(str(name), self._reader, SampleTable(self._reader))

    def scores(self, step: int) -> npt.NDArray[np.float32]:
        """Scores, float32 (n_samples, n_classes).

        Raises:
            ValueError: only the highest were stored, which is so above 100 classes.
        """
        if self.manifest.top_scores is not None:
            raise ValueError(
                f"only the {self.manifest.top_scores} highest scores of a sample are stored;"
                " the label's is the column label_score of samples(step)"
            )
        return self._array(schema.SCORES, step)

    def embedding(self, layer: str, step: int) -> npt.NDArray[Any]:
        """A layer's embedding, float16 or float32 (n_samples, n_features)."""
        return self._array(schema.embedding_array(layer), step, "embedding/", layer)

    def projection(self, layer: str, step: int) -> npt.NDArray[np.float32]:
        """A layer's embedding in its two leading principal axes, float32 (n_samples, 2)."""
        vectors = self.embedding(layer, step)
        return np.asarray(pca(vectors).project(vectors), np.float32)

    def kernels(self, layer: str, step: int, pointwise: bool = False) -> npt.NDArray[np.float32]:
        """A convolution's kernel in Keras's axis order, (..., in channels, filters).

        A later use of a shared layer has that of the first. Of a separable one it is the depthwise
        kernel, or the `pointwise` one.
        """
        kind = "pointwise/" if pointwise else "kernels/"
        name = stored_name(layer, self.record(step).arrays, pointwise) or f"{kind}{layer}"
        return self._array(name, step, kind, layer)

    def channel_stats(self, layer: str, step: int) -> pd.DataFrame:
        """One row a channel; columns `schema.CHANNEL_STATISTICS`."""
        stored = self._array(schema.channel_array(layer), step, "channels/", layer)
        frame = pd.DataFrame(stored.T, columns=list(schema.CHANNEL_STATISTICS))
        frame.index.name = "channel"
        return frame

    def _frame(self, table: SampleTable, step: int, neighbors: bool) -> pd.DataFrame:
        with _as_value_error():
            frame = pd.DataFrame(
                {
                    name: self._series(table, column, step)
                    for name, column in table.columns.items()
                    if name != "sample_index" and (neighbors or not column.slow)
                }
            )
        frame.index.name = "sample_index"
        return frame

    def _array(self, name: str, step: int, kind: str = "", layer: str = "") -> npt.NDArray[Any]:
        arrays = self.record(step).arrays
        if name not in arrays:
            logged = [item.removeprefix(kind) for item in arrays if kind and item.startswith(kind)]
            what = f"no {kind}{layer}" if kind else f"no {name}"
            raise ValueError(f"{what} at epoch {step}; logged are: {', '.join(logged) or 'none'}")
        with _as_value_error():
            return self._reader.array(name, step)

    def _series(self, table: AnyTable, column: Column, step: int) -> Any:
        if column.kind == "text":
            return table.texts(column.name)
        values = table.numbers(column.name, step)
        if column.kind in ("index", "category"):
            named = self.manifest.class_names if column.kind == "index" else column.values or ()
            if len(set(named)) < len(named):  # pandas refuses repeated categories
                return [named[value] if value >= 0 else None for value in values]
            return pd.Categorical.from_codes(values.tolist(), categories=pd.Index(list(named)))
        if column.kind == "boolean":
            return pd.array(
                [None if value == 255 else bool(value) for value in values], dtype="boolean"
            )
        return values


@contextlib.contextmanager
def _as_value_error() -> Iterator[None]:
    """Makes a ValueError of what the record does not have, or not undamaged."""
    try:
        yield
    except StoreError as error:
        raise ValueError(str(error)) from error


def _told(table: ComparedTable, found: Matching, step: int) -> dict[str, Any]:
    """What a comparison says of all its rows."""
    index = found.matched.index
    counted = outcome(table.values("change", step)[index])
    return {
        "by": found.by,
        "notes": [*found.notes, *table.notes()],
        "counts": dict(zip(CHANGES, counted.counts, strict=True)),
        "churn": churn(*(of[index] for of in table.predictions(step))),
        "mcnemar_p": mcnemar(counted.lost, counted.won),
    }
