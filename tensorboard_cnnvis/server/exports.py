"""Rows of the table as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.server.wire import Answer
from tensorboard_cnnvis.store.columns import Column
from tensorboard_cnnvis.table.compared_table import AnyTable

Mask = npt.NDArray[np.bool_]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FLAGS = {0: "False", 1: "True"}


def rows_csv(data: AnyTable, step: int, members: Mask) -> Answer:
    """All columns of the members, in sample order; a missing value is an empty cell.

    Slow columns that are yet to be computed are left out.
    """
    rows, pending = np.flatnonzero(members), data.pending(step)
    shown = [column for name, column in data.columns.items() if name not in pending]
    cells = [_cells(data, column, step, rows) for column in shown]
    return _csv([as_text(column.name) for column in shown], zip(*cells, strict=True))


def source_indices(data: AnyTable, _: int, members: Mask) -> Answer:
    """Split and place in its data of every member, a line each."""
    rows = np.flatnonzero(members)
    names = ("split", "source_index")
    cells = [_cells(data, data.column(name), None, rows) for name in names]
    return _csv(names, zip(*cells, strict=True), end="\n")


def mask(_: AnyTable, __: int, members: Mask) -> Answer:
    """A bool (n_samples,) as .npy."""
    file = io.BytesIO()
    np.save(file, members)
    return Answer(file.getvalue(), "application/octet-stream")


KINDS: dict[str, Callable[[AnyTable, int, Mask], Answer]] = {
    "csv": rows_csv,
    "indices": source_indices,
    "npy": mask,
}


def as_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(head: Sequence[str], rows: Iterable[Iterable[object]], end: str = "\r\n") -> Answer:
    """Rows as RFC 4180 has them: cells with a character of `end` are quoted."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator=end)
    writer.writerow(head)
    writer.writerows(rows)
    return Answer(file.getvalue().encode("utf-8"), "text/csv")


def _cells(
    data: AnyTable, column: Column, step: int | None, rows: npt.NDArray[np.int64]
) -> list[Any]:
    if column.kind == "text":
        texts = data.texts(column.name)
        return [as_text(texts[row]) for row in rows]
    values = data.numbers(column.name, step)[rows]
    if column.kind == "number":
        return ["" if text == "nan" else text for text in values.astype(np.str_).tolist()]
    if column.kind == "boolean":
        return [_FLAGS.get(value, "") for value in values.tolist()]
    if column.kind == "integer":
        missing = data.missing(column.name, step)[rows]
        return ["" if gone else value for value, gone in zip(values, missing, strict=True)]
    words = data.class_names if column.kind == "index" else column.values or ()
    shown = [*map(as_text, words), ""]
    return [shown[value] for value in values.tolist()]
