"""Queries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.query import QueryError, Scope, find
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import decode_members, in_splits, step_of, table_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer


def query(runs: Runs, params: Params) -> Answer:
    """`POST query`."""
    opened = runs.open(params.text("run"))
    step, text = step_of(opened, params), params.text("text")
    selected = decode_members(opened, "selected", params.json("selected"))
    if selected is None:
        selected = np.zeros(opened.reader.manifest.n_samples, np.bool_)
    among = in_splits(opened.table, params)
    sets, tags = _named(opened, params, "sets"), _named(opened, params, "tags")
    try:
        found = find(text, Scope(table_of(runs, opened, params), step, among, selected, sets, tags))
    except QueryError as error:
        place = (error.start, error.stop)
        raise RequestError(400, error.what, error.hint, position=place) from None
    hits = np.flatnonzero(found).astype(np.int32)
    total = int(np.count_nonzero(among))
    return columns_answer({"members": hits}, {"count": len(hits), "total": total})


POST: dict[str, Callable[[Runs, Params], Answer]] = {"query": query}


def _named(opened: OpenRun, params: Params, what: str) -> dict[str, npt.NDArray[np.bool_]]:
    given = params.json(what) or {}
    if not isinstance(given, dict):
        raise RequestError(400, f"{what} is no object", "expected names with their members")
    found = {}
    for name, packed in given.items():
        members = decode_members(opened, f"{what}: {name!r}", packed)
        if members is not None:
            found[name] = members
    return found
