"""Slow columns as the worker computes them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.neighbor_labels import NEIGHBORS
from tensorboard_cnnvis.jobs.client import JobClient, JobRequest, JobStatus
from tensorboard_cnnvis.server import label_errors, layouts
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
_KIND = "neighbor_labels"
_ARRAYS = {NEIGHBOR_DISAGREEMENT: NEIGHBOR_DISAGREEMENT, LABEL_ERROR: "score"}


class JobColumns:
    """The slow columns of an open run; a job is started where one is asked for and not there."""

    def __init__(self, opened: OpenRun, jobs: JobClient) -> None:
        self._opened = opened
        self._jobs = jobs
        self._told: set[str] = set()  # failed jobs whose error was told

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
        if status.state not in ("queued", "running", "done"):
            self._told.discard(request.job)
            status = layouts.submit(self._jobs, request)
        if status.state != "done":
            raise _not_yet(name, status)
        return np.asarray(status.arrays[_ARRAYS[name]], np.float32)

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
        return JobRequest(_KIND, layouts.subject(opened, layer, step), {"k": NEIGHBORS})


def _not_yet(name: str, status: JobStatus) -> RequestError:
    share = f"{status.progress:.0%}" if status.state == "running" else "queued"
    what = f"{name} is being computed ({share})"
    return RequestError(503, what, "ask again in a moment", retry_after=_AGAIN_SECONDS)
