"""The record as one table: a row a sample, columns from labels, step arrays and metadata."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis import dynamics
from tensorboard_cnnvis.store import columns
from tensorboard_cnnvis.store.array_cache import ArrayCache
from tensorboard_cnnvis.store.columns import Column
from tensorboard_cnnvis.store.index import StoreError
from tensorboard_cnnvis.store.reader import RunReader
from tensorboard_cnnvis.table.dynamics_by_step import DynamicsByStep
from tensorboard_cnnvis.table.slow_columns import ComputedHere, SlowColumns, slow_columns

Array = npt.NDArray[Any]
_KEPT_BYTES = 48 * 2**20  # two orders and the columns of one step at a million samples


_DERIVED = {*dynamics.COLUMNS, columns.LOSS_Z.name}
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


class SampleTable:
    """The table of one run.

    Attributes:
        columns: name -> Column, in the order of the page.
    """

    def __init__(self, reader: RunReader, slow: SlowColumns | None = None) -> None:
        """`slow` gives the slow columns; None has them computed where they are asked for."""
        self._reader = reader
        self._slow = slow or ComputedHere(reader)
        self._manifest = reader.manifest
        self._cache: dict[str, Array] = {}
        self._exact: dict[str, Array] = {}
        self._texts: dict[str, list[str]] = {}
        self._kept = ArrayCache(_KEPT_BYTES)
        self._text_places: dict[str, Array] = {}
        self._stored: dict[str, schema.ColumnInfo] = {}  # of metadata, by the name in the table
        for info in self._manifest.columns:
            self._stored[columns.free_name(info.name, self._stored)] = info
        self._dynamics = DynamicsByStep(reader, lambda: self.values("label"))
        self.columns = {column.name: column for column in self._found()}

    def _found(self) -> Iterator[Column]:
        manifest = self._manifest
        splits = tuple(split.name for split in manifest.splits)
        yield from columns.STATIC
        if manifest.has_ids:
            yield columns.ID
        for column in columns.LABELS:
            yield replace(column, values=splits) if column.name == "split" else column
        if manifest.objective:
            yield columns.OBJECTIVE
        yield from (*columns.SCORES, *columns.DYNAMICS, columns.LOSS_Z)
        yield from slow_columns(manifest)
        yield from map(self._metadata_column, self._stored)

    @property
    def metadata(self) -> tuple[str, ...]:
        """The names of the metadata columns, in the order they were given."""
        return tuple(self._stored)

    @property
    def class_names(self) -> tuple[str, ...]:
        """One per class."""
        return self._manifest.class_names

    def column(self, name: str) -> Column:
        """A column by name. Raises StoreError with the names that exist."""
        if name not in self.columns:
            raise StoreError(f"there is no column {name!r}; there are: {', '.join(self.columns)}")
        return self.columns[name]

    def values(self, name: str, step: int | None = None) -> Array:
        """A column's values over all samples, in the dtype its kind says; not to be written to.

        Raises:
            StoreError: no such column or step, or a column of text.
        """
        column = self.column(name)
        if column.kind == "text":
            raise StoreError(f"column {name!r} holds text; it has no numeric values")
        if not column.per_step:
            if name not in self._cache:
                self._cache[name] = self._static(column)
            return self._cache[name]
        if step is None:
            raise StoreError(f"column {name!r} differs by epoch; name one")
        make = self._derived if name in _DERIVED or column.slow else self._of_step
        return self.kept(self.key(name, step), step, lambda: make(column, step))

    def numbers(self, name: str, step: int | None = None) -> Array:
        """A column's values as `values`, but float64 where float32 makes two whole numbers one.

        So are keys and times: matched, compared and sorted they must stay what they are.
        """
        values = self.values(name, step)
        if name not in self._stored or self.columns[name].kind != "number":
            return values
        if name not in self._exact:
            given = self._reader.array(self._array_of(name)).astype(np.float64)
            whole = np.isfinite(given) & (given == np.rint(given))
            self._exact[name] = given if np.any(whole & (given != values)) else values
        return self._exact[name]

    def ordered(self, name: str, step: int | None = None) -> Array:
        """What rows are sorted by: 32 bits a sample, in the order of the column's values."""
        if self.column(name).kind == "text":
            return self.places(name)
        values = self.numbers(name, step)
        if values.dtype != np.float64:
            return values
        return np.unique(values, return_inverse=True)[1].astype(np.int32)

    def rows(self, name: str, step: int, rows: npt.NDArray[np.integer[Any]]) -> Array:
        """A column's values of some samples: for a few of many, sooner than `values`."""
        if name in dynamics.COLUMNS:
            return dynamics.COLUMNS[name](self._dynamics.at(step).take(rows))
        return np.asarray(self.values(name, step)[rows])

    def key(self, name: str, step: int) -> Hashable:
        """Names a column's values at a step: they are the same while this is."""
        folded = name in dynamics.COLUMNS or self.column(name).slow
        return (name, self._dynamics.epochs(step)) if folded else name

    def pending(self, step: int) -> frozenset[str]:
        """The slow columns whose values are not there at once."""
        slow = (column.name for column in self.columns.values() if column.slow)
        return frozenset(name for name in slow if not self._slow.ready(name, step))

    def kept(self, key: Hashable, step: int, make: Callable[[], Array]) -> Array:
        """What `make` gives of a step's columns, kept in memory while there is room."""
        return self._kept.get((key, step, self._reader.attempt(step)), make)

    def texts(self, name: str) -> list[str]:
        """A text column's values."""
        column = self.column(name)
        if column.kind != "text":
            raise StoreError(f"column {name!r} is no text")
        if name not in self._texts:
            stored = schema.IDS if column is columns.ID else self._array_of(name)
            self._texts[name] = self._reader.strings(stored)
        return self._texts[name]

    def places(self, name: str) -> Array:
        """Where a text column's values stand in their order, int32 (n_samples,); -1 where empty."""
        if name not in self._text_places:
            texts = self.texts(name)
            place = {text: number for number, text in enumerate(sorted(set(texts) - {""}))}
            self._text_places[name] = np.array([place.get(text, -1) for text in texts], np.int32)
        return self._text_places[name]

    def missing(self, name: str, step: int | None = None) -> npt.NDArray[np.bool_]:
        """Which samples (n_samples,) have no value in a column."""
        column = self.column(name)
        values = self.places(name) if column.kind == "text" else self.values(name, step)
        if column.kind == "number":
            return np.isnan(values)
        return np.asarray(values == 255 if column.kind == "boolean" else values < 0)

    def class_scores(self, index: int, step: int) -> Array:
        """A class's score, float32 (n_samples,), NaN where it is not among those stored."""
        return self.kept(("score", index), step, lambda: self._class_scores(index, step))

    def confidence(self, step: int) -> Array:
        """The prediction's score, float32 (n_samples,), NaN where there is no prediction."""
        scores = self._reader.array(schema.SCORES, step).astype(np.float32, copy=False)
        chosen = self.values("prediction", step)
        if self._manifest.top_scores is None:
            found = np.take_along_axis(scores, np.maximum(chosen, 0)[:, None], axis=1)[:, 0]
        else:
            found = scores[:, 0]
        return np.where(chosen < 0, np.float32(np.nan), found)

    def show(self, name: str, index: int, step: int | None = None) -> str:
        """One value as text, `-` where it is missing."""
        column = self.column(name)
        if column.kind == "text":
            return self.texts(name)[index]
        value = self.numbers(name, step)[index]
        if column.kind == "boolean":
            return {0: "no", 1: "yes"}.get(int(value), "-")
        if column.kind in ("index", "category"):
            names = self._manifest.class_names if column.kind == "index" else column.values or ()
            return names[value] if 0 <= value < len(names) else "-"
        if value.dtype == np.float64 and float(value).is_integer():
            return str(int(value))
        return f"{float(value):.6g}" if np.isfinite(value) else _NOT_FINITE[str(float(value))]

    def _derived(self, column: Column, step: int) -> Array:
        if column.slow:
            return self._slow.values(column.name, step)
        if column is columns.LOSS_Z:
            losses = self.values("loss", step)
            return dynamics.loss_z(losses, self.values("label"), self.values("split"))
        return dynamics.COLUMNS[column.name](self._dynamics.at(step))

    def _of_step(self, column: Column, step: int) -> Array:
        name = column.name
        if name == "correct":
            labels = self.values("label")
            correct = (self.values("prediction", step) == labels).astype(np.uint8)
            return np.where(labels < 0, np.uint8(255), correct)
        if name == "rank":
            above = self._reader.array(schema.LABEL_RANK, step)
            return np.where(self.values("label") < 0, -1, above + 1).astype(np.int32, copy=False)
        if name == schema.OBJECTIVE and not self._reader.has(name, step):
            # the compiled loss failed on these samples; the record went on without it
            return np.full(self._manifest.n_samples, np.nan, np.float32)
        array = self._reader.array(name, step)
        kind = np.float32 if column.kind == "number" else np.int32
        return array.astype(kind, copy=False)

    def _class_scores(self, index: int, step: int) -> Array:
        scores = self._reader.array(schema.SCORES, step).astype(np.float32, copy=False)
        if self._manifest.top_scores is None:
            return scores[:, index].copy()
        rows, places = np.nonzero(self._reader.array(schema.SCORE_CLASSES, step) == index)
        own = self.values("label_score", step)
        found = np.where(self.values("label") == index, own, np.float32(np.nan))
        found[rows] = scores[rows, places]
        return found

    def _static(self, column: Column) -> Array:
        manifest = self._manifest
        if column.name == "sample_index":
            return np.arange(manifest.n_samples, dtype=np.int32)
        if column.name == "source_index":
            return self._reader.array(schema.SOURCE_INDEX).astype(np.int32)
        if column.name == "label":
            return self._reader.array(schema.LABELS).astype(np.int32)
        if column.name == "split":
            counts = [split.count for split in manifest.splits]
            return np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        if column.kind == "category":
            codes = {value: code for code, value in enumerate(column.values or ())}
            stored = self._reader.strings(self._array_of(column.name))
            return np.array([codes.get(value, -1) for value in stored], dtype=np.int32)
        array = self._reader.array(self._array_of(column.name))
        return array.astype(np.uint8 if column.kind == "boolean" else np.float32)

    def _array_of(self, name: str) -> str:
        return schema.metadata_array(self._stored[name].name)

    def _metadata_column(self, name: str) -> Column:
        info, definition = self._stored[name], "metadata column that was given with the data"
        if name != info.name:
            definition += f" as {info.name!r}, which is a column of CNN Vis"
        column = Column(name, name, info.kind, False, definition)
        if info.kind != "category":
            return column
        stored = set(self._reader.strings(schema.metadata_array(info.name)))
        return replace(column, values=tuple(sorted(stored - {""})))
