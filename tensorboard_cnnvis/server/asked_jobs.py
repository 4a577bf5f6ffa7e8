"""Jobs as requests ask for them: named by a record, started, and told of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from tensorboard_cnnvis.jobs.client import (
    OPEN,
    JobClient,
    JobRequest,
    JobStatus,
    QueueFullError,
    Subject,
)
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.projections import INPUTS
from tensorboard_cnnvis.server.runs import OpenRun


def subject(opened: OpenRun, source: str, step: int) -> Subject:
    """Whose vectors a job is to work on; the inputs are the same at all steps."""
    reader = opened.reader
    directory, probe = str(reader.directory.resolve()), reader.manifest.probe
    if source == INPUTS:
        return Subject(directory, probe, "", -1, INPUTS)
    record = f"{reader.attempt(step)}/{reader.step(step).wall_time!r}"
    return Subject(directory, probe, record, step, source)


def stand(
    jobs: JobClient,
    request: JobRequest,
    *,
    start: bool,
    check: Callable[[], None] = lambda: None,
) -> JobStatus:
    """How a job stands; with `start` it is submitted unless it is under way or done.

    `check` is called before, and raises what stands against it.
    """
    status = jobs.look(request)
    if not start or status.state in (*OPEN, "done"):
        return status
    check()
    return submit(jobs, request)


def submit(jobs: JobClient, request: JobRequest) -> JobStatus:
    """Submits a job. Raises RequestError 409 where too many are waiting."""
    try:
        return jobs.submit(request)
    except QueueFullError as error:
        hint = "wait for one to end, or cancel one"
        raise RequestError(409, "too many jobs are waiting", hint) from error


def fields(status: JobStatus, job: str) -> dict[str, Any]:
    """A job's state for the JSON part of an answer."""
    told = {
        field.name: getattr(status, field.name)
        for field in dataclasses.fields(status)
        if field.name not in ("arrays", "payload", "started", "moving")
    }
    return {**told, "job": job}
