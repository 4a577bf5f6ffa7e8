"""Projections of inputs and embeddings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.projections import INPUTS
from tensorboard_cnnvis.server.routes.asked import step_of
from tensorboard_cnnvis.server.runs import Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer


def projection(runs: Runs, params: Params) -> Answer:
    """`POST projection`."""
    opened = runs.open(params.text("run"))
    method, source = params.text("method", "pca"), params.text("source")
    if method != "pca":
        raise RequestError(400, f"there is no method {method!r}", "expected pca")
    if source == INPUTS:
        found = opened.projections.inputs()
    else:
        found = opened.projections.layer(source, step_of(opened, params))
    payload = dataclasses.asdict(found)
    return columns_answer({"xy": payload.pop("coordinates")}, payload)


POST: dict[str, Callable[[Runs, Params], Answer]] = {"projection": projection}
