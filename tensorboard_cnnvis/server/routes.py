"""The routes of docs/http.md as functions from parameters to answers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.ordering import order
from tensorboard_cnnvis.server import one_sample, thumbnails
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.projections import INPUTS
from tensorboard_cnnvis.server.runs import OpenRun, Runs, shown_name
from tensorboard_cnnvis.server.wire import Answer, columns_answer, json_answer
from tensorboard_cnnvis.store.reader import StoreError
from tensorboard_cnnvis.store.table import SampleTable

Array = npt.NDArray[Any]
_MOST_ROWS = 1000


def list_runs(runs: Runs, _: Params) -> Answer:
    """`GET runs`."""
    return json_answer({"runs": [_entry(runs, name) for name in runs.names()]})


def describe_run(runs: Runs, params: Params) -> Answer:
    """`GET run`."""
    opened = runs.open(params.text("run"))
    manifest = opened.reader.manifest
    atlas = thumbnails.layout(manifest.input.shape, manifest.n_samples)
    opened.projections.prepare()
    return json_answer(
        {
            "run": opened.run,
            "name": opened.name,
            "manifest": json.loads(schema.dump(manifest)),
            "columns": [dataclasses.asdict(column) for column in opened.table.columns.values()],
            "atlas": dataclasses.asdict(atlas),
            "notices": _notices(opened),
        }
    )


def list_steps(runs: Runs, params: Params) -> Answer:
    """`GET steps`."""
    opened = runs.open(params.text("run"))
    reader = opened.reader
    live = reader.live()
    steps = [_step(opened, record) for record in reader.steps]
    models = sum(step["model"] is not None for step in steps)
    return json_answer(
        {
            "version": f"{reader.refresh()}-{models}-{int(live)}",
            "attempt": reader.manifest.attempt,
            "live": live,
            "steps": steps,
        }
    )


def columns(runs: Runs, params: Params) -> Answer:
    """`GET columns`."""
    opened = runs.open(params.text("run"))
    step = _step_of(opened, params)
    names = params.names("names")
    if not names:
        raise RequestError(400, "no columns are named", "add names=loss,prediction")
    return columns_answer({name: opened.table.values(name, step) for name in names}, {})


def table(runs: Runs, params: Params) -> Answer:
    """`GET table`."""
    opened = runs.open(params.text("run"))
    step = _step_of(opened, params)
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
    step, index = _step_of(opened, params), _index_of(opened, params)
    reader, data = opened.reader, opened.table
    classes, scores = one_sample.top_scores(reader, data, index, step)
    arrays = {**one_sample.history(reader, data, index), "score_classes": classes, "scores": scores}
    return columns_answer(arrays, one_sample.facts(reader, data, index, step))


def sample_input(runs: Runs, params: Params) -> Answer:
    """`GET input`."""
    opened = runs.open(params.text("run"))
    index = _index_of(opened, params)
    info, inputs = opened.reader.manifest.input, opened.reader.inputs()
    values = inputs.rows(slice(index, index + 1))[0]
    arrays = {"input": values if values.dtype == np.uint8 else values.astype(np.float32)}
    image = inputs.images(slice(index, index + 1))
    if image is not None:
        arrays["image"] = image[0]
    payload = {
        "low": info.display_low,
        "high": info.display_high,
        "display": info.display,
        "source_dtype": info.dtype,
    }
    return columns_answer(arrays, payload, fixed=True)


def atlas(runs: Runs, params: Params) -> Answer:
    """`GET atlas`."""
    opened = runs.open(params.text("run"))
    manifest = opened.reader.manifest
    pages = thumbnails.layout(manifest.input.shape, manifest.n_samples)
    number = params.integer("page", 0, high=pages.pages - 1)
    body = thumbnails.page(opened.reader.inputs(), manifest.input, pages, number)
    return Answer(body, "image/jpeg", fixed=True)


def projection(runs: Runs, params: Params) -> Answer:
    """`POST projection`."""
    opened = runs.open(params.text("run"))
    method, source = params.text("method", "pca"), params.text("source")
    if method != "pca":
        raise RequestError(400, f"there is no method {method!r}", "expected pca")
    if source == INPUTS:
        found = opened.projections.inputs()
    else:
        found = opened.projections.layer(source, _step_of(opened, params))
    payload = dataclasses.asdict(found)
    return columns_answer({"xy": payload.pop("coordinates")}, payload)


GET: dict[str, Callable[[Runs, Params], Answer]] = {
    "runs": list_runs,
    "run": describe_run,
    "steps": list_steps,
    "columns": columns,
    "table": table,
    "sample": sample,
    "input": sample_input,
    "atlas": atlas,
}
POST: dict[str, Callable[[Runs, Params], Answer]] = {"projection": projection}


def _entry(runs: Runs, run: str) -> dict[str, Any]:
    empty = {"n_samples": 0, "n_classes": 0, "n_steps": 0, "last_step": None, "created": 0.0}
    try:
        reader = runs.open(run).reader
        manifest, steps = reader.manifest, reader.steps
    except (StoreError, RequestError, OSError) as error:
        return {"run": run, "name": shown_name(run), **empty, "error": str(error)}
    return {
        "run": run,
        "name": shown_name(run),
        "n_samples": manifest.n_samples,
        "n_classes": len(manifest.class_names),
        "n_steps": len(steps),
        "last_step": steps[-1].step if steps else None,
        "created": manifest.created,
        "error": None,
    }


def _step(opened: OpenRun, record: schema.StepRecord) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(schema.dump(record))
    del stored["arrays"]
    stored["attempt"] = opened.reader.attempt(record.step)
    if opened.reader.model_path(record.step) is None:
        stored["model"] = None
    return stored


def _notices(opened: OpenRun) -> list[str]:
    reader = opened.reader
    notices = [*reader.manifest.warnings, *reader.manifest.reductions]
    notices += [
        f"An earlier attempt with {hidden.n_steps} epochs watched other samples and is not shown."
        for hidden in reader.hidden
    ]
    return notices + [
        f"{problem.file}, byte {problem.offset}: {problem.what}." for problem in reader.problems
    ]


def _step_of(opened: OpenRun, params: Params) -> int:
    step = params.integer("step", low=-(2**31))
    opened.reader.step(step)
    return step


def _index_of(opened: OpenRun, params: Params) -> int:
    return params.integer("index", high=opened.reader.manifest.n_samples - 1)


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
    return rows[_shown(data, params)[rows]]


def _missing(keys: Array, kind: str) -> npt.NDArray[np.bool_]:
    if kind == "number":
        return np.isnan(keys)
    return np.asarray(keys == 255 if kind == "boolean" else keys < 0)


def _shown(data: SampleTable, params: Params) -> npt.NDArray[np.bool_]:
    names, known = params.names("splits"), data.column("split").values or ()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RequestError(400, f"there is no split {unknown[0]!r}", f"splits: {', '.join(known)}")
    wanted = [code for code, name in enumerate(known) if not names or name in names]
    return np.isin(data.values("split"), wanted)
