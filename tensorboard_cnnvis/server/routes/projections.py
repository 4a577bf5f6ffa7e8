"""Projections of inputs and embeddings, how faithful they are, and near-duplicates."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from tensorboard_cnnvis.jobs.client import JobRequest, JobStatus
from tensorboard_cnnvis.server import aligned, asked_jobs, layouts
from tensorboard_cnnvis.server.layouts import Layout, Wanted
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked_layout import (
    method_of,
    metric_of,
    source_of,
    wanted_of,
)
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer, json_answer

_MOST_THRESHOLD = 1e30


def projection(runs: Runs, params: Params) -> Answer:
    """`POST projection`."""
    opened = runs.open(params.text("run"))
    if method_of(params) == "pca":
        found = layouts.shown_pca(opened, *source_of(opened, params))
        payload = dataclasses.asdict(found)
        return columns_answer({"xy": payload.pop("coordinates")}, payload)
    wanted, start = wanted_of(opened, params), params.flag("start")
    told: dict[str, Any] = {}
    if wanted.aligned:
        among = aligned.layout(opened, runs.jobs, wanted, start=start)
        layout, ready = among.layout, among.steps_ready
        told = {"aligned": True, "done": len(ready), "total": among.total}
        told |= {"steps_ready": ready, "preview_step": among.preview_step}
    else:
        layout = layouts.layout(opened, runs.jobs, wanted, start=start)
    payload = {
        **asked_jobs.fields(layout.status, layout.job),
        "begun": layout.begun,
        "limits": layout.limits,
        "n_features": layout.n_features,
        "note": layout.note,
        "of": layout.of,
        **told,
    }
    return columns_answer({"index": layout.index, "xy": layout.xy}, payload)


def cancel(runs: Runs, params: Params) -> Answer:
    """`POST cancel`."""
    return json_answer({"state": runs.jobs.cancel(params.text("job"))})


def faithfulness(runs: Runs, params: Params) -> Answer:
    """`POST faithfulness`."""
    opened = runs.open(params.text("run"))
    if method_of(params) == "pca":
        of = opened.reader.manifest.n_samples
        found = layouts.faithful_pca(opened, *source_of(opened, params), params.integer("seed", 0))
    else:
        wanted = wanted_of(opened, params)
        layout = _looked(opened, runs, wanted)
        of, found = len(layout.index), layouts.faithful(opened, layout, wanted)
    return json_answer({**dataclasses.asdict(found), "of": of})


def _looked(opened: OpenRun, runs: Runs, wanted: Wanted) -> Layout:
    if wanted.aligned:
        return aligned.layout(opened, runs.jobs, wanted, start=False).layout
    return layouts.layout(opened, runs.jobs, wanted, start=False)


def duplicates(runs: Runs, params: Params) -> Answer:
    """`POST duplicates`."""
    opened = runs.open(params.text("run"))
    name, step = source_of(opened, params)
    layouts.shown_pca(opened, name, step)  # tells where there is no such embedding
    threshold = params.json("threshold")
    if threshold is not None:
        threshold = params.number("threshold", 0.0, low=0.0, high=_MOST_THRESHOLD)
    asked = {"metric": metric_of(params), "threshold": threshold, "across": params.flag("across")}
    request = JobRequest("duplicates", asked_jobs.subject(opened, name, step), asked)
    status = asked_jobs.stand(runs.jobs, request, start=params.flag("start"))
    arrays = status.arrays if status.state == "done" else {}
    payload = {**asked_jobs.fields(status, request.job), **status.payload, "note": _told(status)}
    return columns_answer(arrays, payload)


POST: dict[str, Callable[[Runs, Params], Answer]] = {
    "projection": projection,
    "cancel": cancel,
    "faithfulness": faithfulness,
    "duplicates": duplicates,
}


def _told(status: JobStatus) -> str:
    """What is to be known of the pairs, or ""."""
    payload, notes = status.payload, []
    if payload.get("chosen"):
        notes.append(
            f"threshold {payload['threshold']:.3g}: a quarter of the median distance to the"
            " nearest neighbour (a sixteenth for cosine), on 1,000 samples"
        )
    if payload.get("left_out"):
        notes.append(f"{payload['left_out']} samples are left out: their vectors are not finite")
    if payload.get("pairs", 0) > len(status.arrays.get("first", ())):
        notes.append(f"the closest {len(status.arrays['first']):,} pairs are listed")
    return "; ".join(notes)
