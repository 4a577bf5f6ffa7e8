"""Columns, and one sample."""

from __future__ import annotations

from collections.abc import Callable

from tensorboard_cnnvis.server import one_sample
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import check_slow, index_of, step_of, table_of
from tensorboard_cnnvis.server.runs import Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer


def columns(runs: Runs, params: Params) -> Answer:
    """`GET columns` and `POST columns`."""
    opened = runs.open(params.text("run"))
    step = step_of(opened, params)
    names = params.names("names")
    if not names:
        raise RequestError(400, "no columns are named", "add names=loss,prediction")
    data = table_of(runs, opened, params)
    check_slow(data, step, params, names)
    return columns_answer({name: data.values(name, step) for name in names}, {})


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
    "sample": sample,
}
POST: dict[str, Callable[[Runs, Params], Answer]] = {"columns": columns}
