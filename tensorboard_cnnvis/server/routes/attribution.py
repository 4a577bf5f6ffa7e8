"""Which pixels a decision rests on, by the worker: maps of one image, of many, and their test."""

from __future__ import annotations

from collections.abc import Callable

from tensorboard_cnnvis.server import computed
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import picture_of, step_of
from tensorboard_cnnvis.server.routes.asked_attribution import attribution_of
from tensorboard_cnnvis.server.runs import Runs
from tensorboard_cnnvis.server.wire import Answer


def attribution(runs: Runs, params: Params) -> Answer:
    """`POST attribution`."""
    opened = runs.open(params.text("run"))
    step, picture = step_of(opened, params), picture_of(opened, runs.jobs, params)
    asked = attribution_of(opened, params)
    computed.check_forwards(params, asked.forwards, asked.fewer)
    request = computed.request_of(
        opened, step, "attribution", {**asked.parameters, **picture.parameters}, picture.arrays
    )
    return computed.answer(runs, params, request)


POST: dict[str, Callable[[Runs, Params], Answer]] = {"attribution": attribution}
