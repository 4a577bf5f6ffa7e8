"""One sample's input, and pages of thumbnails."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tensorboard_cnnvis.server import thumbnails
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import index_of
from tensorboard_cnnvis.server.runs import Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer


def sample_input(runs: Runs, params: Params) -> Answer:
    """`GET input`."""
    opened = runs.open(params.text("run"))
    index = index_of(opened, params)
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
    level = params.integer("level", 0, high=len(thumbnails.CELLS) - 1)
    pages = thumbnails.layout(manifest.input.shape, manifest.n_samples, level)
    number = params.integer("page", 0, high=pages.pages - 1)
    body = thumbnails.page(opened.reader.inputs(), manifest.input, pages, number)
    return Answer(body, "image/jpeg", fixed=True)


GET: dict[str, Callable[[Runs, Params], Answer]] = {"input": sample_input, "atlas": atlas}
