"""The user's own image as an input of the model."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable

import numpy as np

from tensorboard_cnnvis.jobs.client import JobRequest
from tensorboard_cnnvis.server import computed
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import picture_of, step_of
from tensorboard_cnnvis.server.routes.asked_attribution import LARGEST
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer

_MOST_BYTES = 10 * 10**6
_WAYS = ("stretch", "crop", "pad")
KIND = "own_image"


def own_image(runs: Runs, params: Params) -> Answer:
    """`POST own_image`."""
    opened = runs.open(params.text("run"))
    step, name = step_of(opened, params), params.text("name", "")
    if params.text("image", ""):
        picture = picture_of(opened, runs.jobs, params)
        request = computed.request_of(opened, step, KIND, picture.parameters, picture.arrays)
        return computed.answer(opened, runs.jobs, params, request, name=name, **picture.parameters)
    request = _asked(opened, step, params)
    return computed.answer(opened, runs.jobs, params, request, name=name, image=request.job)


POST: dict[str, Callable[[Runs, Params], Answer]] = {"own_image": own_image}
MOST_BODY_BYTES = {"own_image": _MOST_BYTES * 4 // 3 + 2**16}


def _asked(opened: OpenRun, step: int, params: Params) -> JobRequest:
    way = params.text("resize", "crop")
    if way not in _WAYS:
        raise RequestError(400, f"there is no resize {way!r}", f"expected {', '.join(_WAYS)}")
    data = _data(params)
    parameters = {
        "resize": way,
        "rescale": _rescale(params),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    arrays = {"data": np.frombuffer(data, np.uint8)}
    return computed.request_of(opened, step, KIND, parameters, arrays)


def _data(params: Params) -> bytes:
    try:
        data = base64.b64decode(params.text("data"), validate=True)
    except (binascii.Error, ValueError):
        raise RequestError(400, "data is no base64", "send the file's bytes in base64") from None
    if not 0 < len(data) <= _MOST_BYTES:
        what = f"the file has {len(data):,} bytes"
        raise RequestError(400, what, f"expected an image of at most {_MOST_BYTES:,} bytes")
    return data


def _rescale(params: Params) -> list[float] | None:
    given = params.json("rescale")
    if given is None:
        return None
    numbers = isinstance(given, list) and all(
        isinstance(item, (int, float)) and abs(item) <= LARGEST for item in given
    )
    if not numbers or len(given) != 2 or given[0] == given[1]:
        what = f"rescale={params.text('rescale')[:40]} cannot be used"
        raise RequestError(400, what, "expected the values of black and white: [0, 1]")
    return [float(item) for item in given]
