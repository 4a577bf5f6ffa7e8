"""What kept models compute: the job of a request, and how it stands."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.jobs.client import MODELS, OPEN, JobClient, JobRequest, JobStatus
from tensorboard_cnnvis.server import asked_jobs
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.inside import kept_models
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.runs import OpenRun
from tensorboard_cnnvis.server.wire import Answer, columns_answer

MOST_FORWARDS = 20_000
_LOADING_SECONDS = 2.0
_NEEDS = ("keras", "tensorflow")
_INSTALL = 'pip install "tensorboard-cnnvis[tensorflow]"'
Array = npt.NDArray[Any]


def request_of(
    opened: OpenRun,
    step: int,
    kind: str,
    parameters: Mapping[str, Any],
    arrays: Mapping[str, Array] | None = None,
) -> JobRequest:
    """The job of the model of a step."""
    subject = asked_jobs.subject(opened, MODELS, step)
    return JobRequest(kind, subject, dict(parameters), arrays or {})


def check_forwards(params: Params, count: int, fewer: str) -> None:
    """Raises RequestError for more passes than are made without being confirmed."""
    if count > MOST_FORWARDS and not params.flag("confirm"):
        what = f"this needs {count:,} passes through the model, more than {MOST_FORWARDS:,}"
        raise RequestError(400, what, f"{fewer}, or confirm it")


def answer(
    opened: OpenRun, jobs: JobClient, params: Params, request: JobRequest, **told: Any
) -> Answer:
    """How the job stands, after it was started where that is asked for; see `status_of`.

    `told` are values for the JSON part. A preview that the page says to have is not sent again.
    """
    status = status_of(opened, jobs, params, request)
    old = status.state in OPEN and status.version == params.integer("known", 0)
    return columns_answer({} if old else _on_the_wire(status), payload_of(status, request) | told)


def status_of(opened: OpenRun, jobs: JobClient, params: Params, request: JobRequest) -> JobStatus:
    """How the job stands, after it was started where that is asked for.

    Args:
        opened: the run.
        jobs: of this TensorBoard.
        params: of the request: start.
        request: the job.

    Raises:
        RequestError: it must be done yet, and cannot be: no model is kept, or Keras is missing.
    """
    status = jobs.look(request)
    if status.state not in (*OPEN, "done"):
        _check(opened, request.subject.step)
        if params.posted and params.flag("start"):  # a GET, which any site can send, only looks
            return asked_jobs.submit(jobs, request)
        jobs.warm(MODELS)
    return status


def payload_of(status: JobStatus, request: JobRequest) -> dict[str, Any]:
    """The JSON part of a job's answer."""
    note = ""
    if status.state == "running" and not status.arrays and status.seconds > _LOADING_SECONDS:
        note = "the worker loads TensorFlow and the model"
    return {"note": note, **status.payload, **asked_jobs.fields(status, request.job)}


def _check(opened: OpenRun, step: int) -> None:
    """Raises RequestError where no model of a step is kept, or Keras is not installed."""
    if opened.reader.model_path(step) is None:
        kept = kept_models(opened.reader)
        hint = f"kept models: epochs {', '.join(map(str, kept))}" if kept else "none is kept"
        what = f"no model of epoch {step} is kept"
        raise RequestError(404, what, f"{hint}; CNNVis(keep_models=...) keeps more")
    missing = [name for name in _NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        what = f"to run a model {' and '.join(missing)} must be installed beside TensorBoard"
        raise RequestError(400, what, _INSTALL)


def _on_the_wire(status: JobStatus) -> dict[str, Array]:
    return {
        name: array.astype(np.float32) if array.dtype.kind == "f" else array
        for name, array in status.arrays.items()
    }
