"""The routes of docs/http.md as functions from parameters to answers, a module a noun."""

from __future__ import annotations

from collections.abc import Callable

from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes import (
    aligned,
    attribution,
    comparison,
    confusion,
    images,
    label_errors,
    layers,
    neighbors,
    own_image,
    projections,
    query,
    samples,
    slices,
    table,
    trajectories,
)
from tensorboard_cnnvis.server.routes import runs as run_routes
from tensorboard_cnnvis.server.runs import Runs
from tensorboard_cnnvis.server.wire import Answer

Route = Callable[[Runs, Params], Answer]

GET: dict[str, Route] = {
    **run_routes.GET,
    **samples.GET,
    **table.GET,
    **images.GET,
    **neighbors.GET,
    **confusion.GET,
    **layers.GET,
    **label_errors.GET,
}
POST: dict[str, Route] = {
    **projections.POST,
    **aligned.POST,
    **neighbors.POST,
    **slices.POST,
    **samples.POST,
    **table.POST,
    **query.POST,
    **trajectories.POST,
    **layers.POST,
    **attribution.POST,
    **own_image.POST,
    **label_errors.POST,
    **comparison.POST,
}
MOST_BODY_BYTES: dict[str, int] = own_image.MOST_BODY_BYTES  # where it is not the usual number
