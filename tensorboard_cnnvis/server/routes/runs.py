"""Runs, one run, its epochs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.server import thumbnails
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.runs import OpenRun, Runs, shown_name
from tensorboard_cnnvis.server.wire import Answer, json_answer
from tensorboard_cnnvis.store.reader import StoreError
from tensorboard_cnnvis.table.compared_table import COMPARED


def list_runs(runs: Runs, _: Params) -> Answer:
    """`GET runs`."""
    return json_answer({"runs": [_entry(runs, name) for name in runs.names()]})


def describe_run(runs: Runs, params: Params) -> Answer:
    """`GET run`."""
    opened = runs.open(params.text("run"))
    manifest = opened.reader.manifest
    atlas, atlas_small = (
        dataclasses.asdict(thumbnails.layout(manifest.input.shape, manifest.n_samples, level))
        for level in (0, 1)
    )
    opened.projections.prepare()
    return json_answer(
        {
            "run": opened.run,
            "name": opened.name,
            "manifest": json.loads(schema.dump(manifest)),
            "columns": [dataclasses.asdict(column) for column in opened.table.columns.values()],
            "compared": [dataclasses.asdict(column) for column in COMPARED],
            "atlas": atlas,
            "atlas_small": atlas_small,
            "notices": _notices(opened),
        }
    )


def list_steps(runs: Runs, params: Params) -> Answer:
    """`GET steps`."""
    opened = runs.open(params.text("run"))
    reader = opened.reader
    changes = reader.refresh()  # before the steps: what is written meanwhile is a later version's
    live = reader.live()
    steps = [_step(opened, record) for record in reader.steps]
    models = sum(step["model"] is not None for step in steps)
    return json_answer(
        {
            "version": f"{changes}-{models}-{int(live)}",
            "attempt": reader.manifest.attempt,
            "live": live,
            "steps": steps,
        }
    )


GET: dict[str, Callable[[Runs, Params], Answer]] = {
    "runs": list_runs,
    "run": describe_run,
    "steps": list_steps,
}


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
        f"An earlier attempt with {hidden.n_steps} epochs watched other samples, or had another"
        " number of classes, and is not shown."
        for hidden in reader.hidden
    ]
    return notices + [
        f"{problem.file}, byte {problem.offset}: {problem.what}." for problem in reader.problems
    ]
