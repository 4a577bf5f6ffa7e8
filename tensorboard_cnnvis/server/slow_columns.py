"""Slow columns as the worker computes them."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.neighbor_labels import NEIGHBORS
from tensorboard_cnnvis.jobs.client import OPEN, JobClient, JobRequest, JobStatus, QueueFullError
from tensorboard_cnnvis.server import label_errors
from tensorboard_cnnvis.server.asked_jobs import subject
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.runs import OpenRun
from tensorboard_cnnvis.store.columns import LABEL_ERROR, NEIGHBOR_DISAGREEMENT
from tensorboard_cnnvis.table.slow_columns import (
    enough_epochs,
    has_neighbors,
    neighbor_layer,
    nothing,
)

_AGAIN_SECONDS = 0.5
_FORGOTTEN_SECONDS = 5.0
_KIND = "neighbor_labels"
_ARRAYS = {NEIGHBOR_DISAGREEMENT: NEIGHBOR_DISAGREEMENT, LABEL_ERROR: "score"}


class JobColumns:
    """The slow columns of an open run; a job is started where one is asked for and not there."""

    def __init__(self, opened: OpenRun, jobs: JobClient) -> None:
        self._opened = opened
        self._jobs = jobs
        self._told: set[str] = set()  # failed jobs whose error was told
        self._asked: dict[str, float] = {}  # our own open jobs -> when they were last asked for

    def values(self, name: str, step: int) -> npt.NDArray[np.float32]:
        """A column over all samples, float32 (n_samples,).

        Raises:
            RequestError: 503 while it is being computed, 400 where that failed.
        """
        request = self._request(name, step)
        if request is None:
            return nothing(self._opened.reader)
        status = self._jobs.look(request)
        if status.state == "failed" and request.job not in self._told:
            self._told.add(request.job)
            raise RequestError(400, f"{name}: {status.error}", status.hint)
        if status.state not in (*OPEN, "done"):
            self._told.discard(request.job)
            self._drop_forgotten()
            status = self._submit(request)
        if status.state != "done":
            if request.kind == _KIND:
                self._asked[request.job] = time.monotonic()
            raise _not_yet(name, status)
        return np.asarray(status.arrays[_ARRAYS[name]], np.float32)

    def _submit(self, request: JobRequest) -> JobStatus:
        try:
            return self._jobs.submit(request)
        except QueueFullError:
            return JobStatus("queued")  # it has no place yet: the page asks again

    def _drop_forgotten(self) -> None:
        """Cancels what is no longer asked for: the slider has moved on."""
        now = time.monotonic()
        for job, asked in list(self._asked.items()):
            if now - asked > _FORGOTTEN_SECONDS:
                self._jobs.cancel(job)
                self._asked.pop(job, None)

    def ready(self, name: str, step: int) -> bool:
        """Whether `values` gives them at once."""
        request = self._request(name, step)
        return request is None or self._jobs.look(request).state == "done"

    def _request(self, name: str, step: int) -> JobRequest | None:
        """The job of a column; None where it has no value at the step."""
        opened = self._opened
        if name == LABEL_ERROR:
            enough = enough_epochs(opened.reader, step)
            return label_errors.request_of(opened, step) if enough else None
        layer = neighbor_layer(opened.reader.manifest)
        if layer is None or not has_neighbors(opened.reader, step):
            return None
        return JobRequest(_KIND, subject(opened, layer, step), {"k": NEIGHBORS})


def _not_yet(name: str, status: JobStatus) -> RequestError:
    share = f"{status.progress:.0%}" if status.state == "running" else "queued"
    what = f"{name} is being computed ({share})"
    return RequestError(503, what, "ask again in a moment", retry_after=_AGAIN_SECONDS)
