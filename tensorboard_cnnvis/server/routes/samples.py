"""Columns, the table, one sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.ordering import order
from tensorboard_cnnvis.server import one_sample
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import in_splits, index_of, step_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer

Array = npt.NDArray[Any]
_MOST_ROWS = 1000


def columns(runs: Runs, params: Params) -> Answer:
    """`GET columns`."""
    opened = runs.open(params.text("run"))
    step = step_of(opened, params)
    names = params.names("names")
    if not names:
        raise RequestError(400, "no columns are named", "add names=loss,prediction")
    return columns_answer({name: opened.table.values(name, step) for name in names}, {})


def table(runs: Runs, params: Params) -> Answer:
    """`GET table`."""
    opened = runs.open(params.text("run"))
    step = step_of(opened, params)
    ordered = _ordered(opened, step, params)
    offset = params.integer("offset", 0)
    limit = params.integer("limit", 100, low=1, high=_MOST_ROWS)
    rows = ordered[offset : offset + limit]
    arrays, text = {}, {}
    for column in opened.table.columns.values():
        if column.kind == "text":
            values = opened.table.texts(column.name)
            text[column.name] = [values[row] for row in rows]
        else:
            arrays[column.name] = opened.table.values(column.name, step)[rows]
    focus = params.integer("focus", -1, low=-1)
    found = np.flatnonzero(ordered == focus)
    position = int(found[0]) if len(found) else None
    payload = {"total": len(ordered), "offset": offset, "focus_position": position, "text": text}
    return columns_answer(arrays, payload)


def sample(runs: Runs, params: Params) -> Answer:
    """`GET sample`."""
    opened = runs.open(params.text("run"))
    step, index = step_of(opened, params), index_of(opened, params)
    reader, data = opened.reader, opened.table
    classes, scores = one_sample.top_scores(reader, data, index, step)
    arrays = {**one_sample.history(reader, data, index), "score_classes": classes, "scores": scores}
    return columns_answer(arrays, one_sample.facts(reader, data, index, step))


GET: dict[str, Callable[[Runs, Params], Answer]] = {
    "columns": columns,
    "table": table,
    "sample": sample,
}


def _ordered(opened: OpenRun, step: int, params: Params) -> npt.NDArray[np.int64]:
    """The sample indices of the table's rows."""
    data = opened.table
    column = data.column(params.text("sort", "sample_index"))
    if column.kind == "text":
        keys: Array = np.array(data.texts(column.name))
        missing = keys == ""
    else:
        keys = data.values(column.name, step)
        missing = _missing(keys, column.kind)
    rows = order(keys, missing, descending=params.flag("descending"))
    return rows[in_splits(data, params)[rows]]


def _missing(keys: Array, kind: str) -> npt.NDArray[np.bool_]:
    if kind == "number":
        return np.isnan(keys)
    return np.asarray(keys == 255 if kind == "boolean" else keys < 0)
