"""Which pixels a decision rests on, by the worker: maps of one image, of many, and their test."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tensorboard_cnnvis.jobs.client import JobRequest
from tensorboard_cnnvis.server import computed
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import Picture, members_of, picture_of, step_of
from tensorboard_cnnvis.server.routes.asked_attribution import Asked, attribution_of, fill_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer

_ORDERS = 5
_MOST_STEPS = 1000
_MOST_MEMBERS = 64


def attribution(runs: Runs, params: Params) -> Answer:
    """`POST attribution`."""
    opened = runs.open(params.text("run"))
    step, picture = step_of(opened, params), picture_of(opened, runs.jobs, params)
    asked = attribution_of(opened, step, params)
    computed.check_forwards(params, asked.forwards, asked.fewer)
    request = _request_of(opened, step, asked, picture)
    return computed.answer(opened, runs.jobs, params, request)


def deletion(runs: Runs, params: Params) -> Answer:
    """`POST deletion`; a map that is made already is taken, and costs no passes."""
    opened = runs.open(params.text("run"))
    step, picture = step_of(opened, params), picture_of(opened, runs.jobs, params)
    asked = attribution_of(opened, step, params)
    steps = params.integer("deletion_steps", 32, low=1, high=_MOST_STEPS)
    made = runs.jobs.look(_request_of(opened, step, asked, picture))
    known = {"map": made.arrays["map"]} if made.state == "done" else {}
    needed = (0 if known else asked.forwards) + (1 + _ORDERS) * (steps + 1)
    computed.check_forwards(params, needed, asked.fewer or "take fewer steps")
    own = {
        "deletion_steps": steps,
        "deletion_seed": params.integer("deletion_seed", 0),
        "deletion_fill": fill_of(params, "deletion_fill", "mean"),
        "orders": _ORDERS,
    }
    parameters = {**asked.parameters, **own, **picture.parameters}
    arrays = {**picture.arrays, **known}
    request = computed.request_of(opened, step, "deletion", parameters, arrays)
    return computed.answer(opened, runs.jobs, params, request)


def attribution_sheet(runs: Runs, params: Params) -> Answer:
    """`POST attribution_sheet`."""
    opened = runs.open(params.text("run"))
    step, members = step_of(opened, params), members_of(opened, params)
    index = [] if members is None else np.flatnonzero(members).tolist()
    if not 1 <= len(index) <= _MOST_MEMBERS:
        what = f"a sheet shows 1 to {_MOST_MEMBERS} samples; {len(index)} were asked for"
        raise RequestError(400, what, "select fewer" if index else "select some")
    asked = attribution_of(opened, step, params)
    fewer = f"{asked.fewer or 'select fewer'}, or select fewer"
    computed.check_forwards(params, asked.forwards * len(index), fewer)
    parameters = {**asked.parameters, "members": index}
    request = computed.request_of(opened, step, "attribution_sheet", parameters)
    return computed.answer(opened, runs.jobs, params, request)


def _request_of(opened: OpenRun, step: int, asked: Asked, picture: Picture) -> JobRequest:
    """The job that makes the map."""
    parameters = {**asked.parameters, **picture.parameters}
    return computed.request_of(opened, step, "attribution", parameters, picture.arrays)


POST: dict[str, Callable[[Runs, Params], Answer]] = {
    "attribution": attribution,
    "deletion": deletion,
    "attribution_sheet": attribution_sheet,
}
