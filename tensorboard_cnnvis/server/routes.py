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
from tensorboard_cnnvis.server import thumbnails
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
    score_classes, scores = _scores(opened, index, step)
    arrays = {**_history(opened, index), "score_classes": score_classes, "scores": scores}
    return columns_answer(arrays, _facts(opened, index, step))


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


def _scores(opened: OpenRun, index: int, step: int) -> tuple[Array, Array]:
    """Classes and scores of a sample, the highest first, the label's always among them."""
    reader, most = opened.reader, 20
    stored = reader.row(schema.SCORES, step, index).astype(np.float32)
    label = int(opened.table.values("label")[index])
    if reader.manifest.top_scores is None:
        classes = np.argsort(-stored, kind="stable").astype(np.int32)
        scores = stored[classes]
    else:
        classes, scores = reader.row(schema.SCORE_CLASSES, step, index).astype(np.int32), stored
    if label >= 0 and label not in classes[:most]:
        own = reader.row(schema.LABEL_SCORE, step, index).astype(np.float32)
        classes = np.append(classes[: most - 1], np.int32(label))
        scores = np.append(scores[: most - 1], own)
    return classes[:most], scores[:most]


def _history(opened: OpenRun, index: int) -> dict[str, Array]:
    reader, data = opened.reader, opened.table
    peers = (data.values("label") == data.values("label")[index]) & (
        data.values("split") == data.values("split")[index]
    )
    steps = [record.step for record in reader.steps]
    kept: dict[str, list[float]] = {name: [] for name in _HISTORY}
    medians = []
    for step in steps:
        for name in _HISTORY:
            kept[name].append(float(reader.row(name, step, index)))
        losses = reader.array(schema.LOSS, step)[peers]
        known = losses[~np.isnan(losses)]
        medians.append(np.median(known) if len(known) else np.nan)
    return {
        "steps": np.array(steps, np.int32),
        **{name: np.array(kept[name], dtype) for name, dtype in _HISTORY.items()},
        "class_median_loss": np.array(medians, np.float32),
    }


_HISTORY: dict[str, type[np.generic]] = {
    schema.LOSS: np.float32,
    schema.PREDICTION: np.int32,
    schema.MARGIN: np.float32,
    schema.LABEL_SCORE: np.float32,
}


def _facts(opened: OpenRun, index: int, step: int) -> dict[str, Any]:
    reader, data = opened.reader, opened.table
    losses = data.values("loss", step)
    own, finite = losses[index], losses[np.isfinite(losses)]
    names = [column.name for column in reader.manifest.columns]
    split = data.values("split")[index]
    return {
        "sample_index": index,
        "source_index": data.values("source_index")[index],
        "id": data.texts("id")[index] if reader.manifest.has_ids else None,
        "split": reader.manifest.splits[split].name,
        "label": data.values("label")[index],
        "prediction": data.values("prediction", step)[index],
        "loss": own,
        "margin": data.values("margin", step)[index],
        "label_score": data.values("label_score", step)[index],
        "rank": 1 + int((finite > own).sum()) if np.isfinite(own) else None,
        "ranked": len(finite),
        "metadata": [[name, data.show(name, index)] for name in names],
    }
