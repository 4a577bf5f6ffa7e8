"""Pages of the table, histograms of its columns, and files of its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.histograms import histogram
from tensorboard_cnnvis.analysis.ordering import place_of, rows_at, sort_keys
from tensorboard_cnnvis.server import exports
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import (
    check_slow,
    in_splits,
    members_of,
    step_of,
    table_of,
)
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer
from tensorboard_cnnvis.table.compared_table import AnyTable

Array = npt.NDArray[Any]
_MOST_ROWS = 1000
_INDICES = ("sample_index", "source_index")


def table(runs: Runs, params: Params) -> Answer:
    """`GET table` and `POST table`."""
    opened = runs.open(params.text("run"))
    step, data = step_of(opened, params), table_of(runs, opened, params)
    everything, kept = _keys(data, step, params), _kept(opened, params)
    keys = everything if kept is None else everything[kept]
    offset = params.integer("offset", 0)
    limit = params.integer("limit", 100, low=1, high=_MOST_ROWS)
    rows = rows_at(keys, offset, offset + limit)
    arrays, text = {}, {}
    pending = data.pending(step)
    for column in data.columns.values():
        if column.kind == "text":
            values = data.texts(column.name)
            text[column.name] = [values[row] for row in rows]
        elif column.name in pending:
            arrays[column.name] = np.full(len(rows), np.nan, np.float32)
        else:
            arrays[column.name] = data.rows(column.name, step, rows)
    focus = params.integer("focus", -1, low=-1)
    shown = 0 <= focus < len(everything) and (kept is None or bool(kept[focus]))
    payload = {
        "total": len(keys),
        "offset": offset,
        "focus_position": place_of(keys, everything[focus]) if shown else None,
        "text": text,
        "pending": sorted(pending),
    }
    return columns_answer(arrays, payload)


def distributions(runs: Runs, params: Params) -> Answer:
    """`POST distributions`."""
    opened = runs.open(params.text("run"))
    step, data = step_of(opened, params), table_of(runs, opened, params)
    among, chosen = in_splits(data, params), members_of(opened, params)
    arrays: dict[str, Array] = {}
    edges, missing = {}, {}
    left_out = {*_INDICES, *data.pending(step)}
    for name, column in data.columns.items():
        if column.kind not in ("number", "integer") or name in left_out:
            continue
        found = histogram(data.values(name, step), data.missing(name, step), among, chosen)
        arrays[f"all:{name}"] = found.all
        if found.chosen is not None:
            arrays[f"chosen:{name}"] = found.chosen
        edges[name] = [found.low, found.high]
        missing[name] = found.missing
    return columns_answer(arrays, {"edges": edges, "missing": missing})


def export(runs: Runs, params: Params) -> Answer:
    """`POST export`."""
    opened = runs.open(params.text("run"))
    step, kind = step_of(opened, params), params.text("kind")
    if kind not in exports.KINDS:
        raise RequestError(
            400, f"there is no export {kind!r}", f"expected {', '.join(exports.KINDS)}"
        )
    members = members_of(opened, params)
    if members is None:
        members = np.ones(opened.reader.manifest.n_samples, np.bool_)
    return exports.KINDS[kind](table_of(runs, opened, params), step, members)


GET: dict[str, Callable[[Runs, Params], Answer]] = {"table": table}
POST: dict[str, Callable[[Runs, Params], Answer]] = {
    "table": table,
    "distributions": distributions,
    "export": export,
}


def _keys(data: AnyTable, step: int, params: Params) -> npt.NDArray[np.uint64]:
    """The sort keys of all rows."""
    column = data.column(params.text("sort", "sample_index"))
    check_slow(data, step, params, [column.name])
    descending = params.flag("descending")

    def make() -> npt.NDArray[np.uint64]:
        values = data.ordered(column.name, step)
        return sort_keys(values, data.missing(column.name, step), descending=descending)

    return data.kept(("order", data.key(column.name, step), descending), step, make)


def _kept(opened: OpenRun, params: Params) -> npt.NDArray[np.bool_] | None:
    """The rows that splits and members leave; None where that is all."""
    members = members_of(opened, params)
    if not params.names("splits"):
        return members
    kept = in_splits(opened.table, params)
    return kept if members is None else kept & members
