"""Layouts over the epochs: one chain of jobs' results, each named by all that it rests on."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis import projection
from tensorboard_cnnvis.analysis.projection import Limits
from tensorboard_cnnvis.analysis.stratified import stratified
from tensorboard_cnnvis.jobs.client import OPEN, JobClient, JobRequest, JobStatus, QueueFullError
from tensorboard_cnnvis.server import asked_jobs, layouts
from tensorboard_cnnvis.server.layouts import Layout, Wanted
from tensorboard_cnnvis.server.runs import OpenRun

Floats = npt.NDArray[np.float32]
_MOST_LIMITS = 20_000


@dataclass(frozen=True)
class AlignedLayout:
    """A layout of one epoch among those of all.

    Attributes:
        layout: as it stands; its limits are those of all epochs that are ready.
        steps_ready: the epochs that are laid out.
        total: number of epochs that there are to lay out.
        preview_step: the earlier epoch that is shown meanwhile, or None.
    """

    layout: Layout
    steps_ready: tuple[int, ...]
    total: int
    preview_step: int | None


class Chain:
    """The epochs of a layer as they are to be laid out, one after the other.

    Attributes:
        steps: at which the layer's embedding is logged.
        requests: the job of each; the name of each stands for all epochs up to it.
    """

    def __init__(self, opened: OpenRun, jobs: JobClient, wanted: Wanted) -> None:
        self.steps = logged_steps(opened, wanted.source)
        self.requests: list[JobRequest] = []
        self._opened, self._jobs, self._wanted = opened, jobs, wanted
        before, series = "", list[tuple[str, int]]()
        for step in self.steps:
            subject = asked_jobs.subject(opened, wanted.source, step)
            parameters = {**wanted.parameters, "before": before}
            request = JobRequest(f"aligned_{wanted.method}", subject, parameters)
            before = request.job
            self.requests.append(replace(request, series=tuple(series)))
            series.append((before, step))

    def status(self, step: int) -> JobStatus:
        """How an epoch stands by itself."""
        return self._jobs.find(self._name(step))

    def ready(self) -> tuple[int, ...]:
        """The epochs that are laid out."""
        return tuple(step for step in self.steps if self.limits(step) is not None)

    def limits(self, step: int) -> Limits | None:
        """x0, x1, y0, y1 of an epoch that is ready; None of another."""
        name = self._name(step)
        known = _LIMITS.get(name)
        if known is None:
            status = self._jobs.find(name)
            if status.state != "done":
                return None
            known = _LIMITS.put(name, projection.limits(shown(status)))
        return known

    def under_way(self, step: int) -> JobRequest | None:
        """The open job that will lay an epoch out, its own before others."""
        later = self.requests[self.steps.index(step) :]
        return next((item for item in later if self._jobs.find(item.job).state in OPEN), None)

    def start(self, step: int) -> None:
        """Has an epoch laid out and, when nothing else waits, all others.

        Raises:
            RequestError: an extra is missing, or too many jobs are waiting.
        """
        if self.status(step).state != "done" and self.under_way(step) is None:
            layouts.check_extras(self._wanted)
            asked_jobs.submit(self._jobs, self.requests[self.steps.index(step)])
        self.go_on()

    def go_on(self) -> None:
        """Lays out what is missing in the background, unless that was ended or has failed."""
        last = self.requests[-1]
        if self._jobs.find(last.job).state != "absent" or self.under_way(self.steps[-1]):
            return
        with contextlib.suppress(QueueFullError):  # the next look tries again
            self._jobs.submit(replace(last, background=True))

    def _name(self, step: int) -> str:
        return self.requests[self.steps.index(step)].job


def layout(opened: OpenRun, jobs: JobClient, wanted: Wanted, *, start: bool) -> AlignedLayout:
    """An epoch's layout as far as it has come; `start` has it made where it is not.

    Once one epoch is laid out, those that are logged later are as well, at any look.

    Raises:
        RequestError: an extra is missing, or too many jobs are waiting.
        StoreError: the embedding is not logged at this step.
    """
    pca = layouts.shown_pca(opened, wanted.source, wanted.step)
    chain = Chain(opened, jobs, wanted)
    if start:
        chain.start(wanted.step)
    ready = chain.ready()
    if wanted.step in ready and not start:
        chain.go_on()
    status, job, preview = _standing(chain, jobs, wanted, ready)
    labels = opened.table.values("label")
    index = stratified(labels, wanted.n, wanted.parameters["seed"])
    source = chain.status(preview) if preview in ready else status
    begun = "last" in source.arrays
    xy = shown(source) if begun else pca.coordinates[index]
    bounds = [known for item in ready if (known := chain.limits(item)) is not None]
    note = layouts.note(pca.note, xy, status, source.payload.get("note", ""))
    limits = projection.union(bounds or [projection.limits(xy)])
    found = Layout(index, xy, status, job, limits, pca.n_features, note, len(labels), begun)
    other = preview if begun and preview != wanted.step else None
    return AlignedLayout(found, ready, len(chain.steps), other)


def logged_steps(opened: OpenRun, layer: str) -> tuple[int, ...]:
    """The epochs at which a layer's embedding is logged."""
    array = schema.embedding_array(layer)
    return tuple(item.step for item in opened.reader.steps if array in item.arrays)


def shown(status: JobStatus) -> Floats:
    """The places (m, 2) of an epoch where they are shown, NaN where it has none."""
    last, finite = status.arrays["last"], status.arrays["finite"].astype(np.bool_)
    xy = projection.placed(last, status.arrays["place"])
    return np.where(finite[:, None], xy, np.float32(np.nan))


def _standing(
    chain: Chain, jobs: JobClient, wanted: Wanted, ready: tuple[int, ...]
) -> tuple[JobStatus, str, int | None]:
    """How the asked epoch stands, the job to be followed, and the epoch that can be shown."""
    step = wanted.step
    own = chain.status(step)
    job = chain.requests[chain.steps.index(step)].job
    if own.state == "done":
        return own, job, step
    earlier = [item for item in ready if item < step]
    working = chain.under_way(step)
    status = own if working is None else jobs.find(working.job)
    if working is not None and working.job != job:
        status = replace(status, progress=len(earlier) / _count(chain, step), seconds_left=None)
        job = working.job
    elif own.state == "absent":
        jobs.warm(wanted.method)
    version = status.version + len(ready)
    shown_step = earlier[-1] if earlier else status.payload.get("preview_step")
    return replace(status, version=version), job, shown_step


def _count(chain: Chain, step: int) -> int:
    return chain.steps.index(step) + 1


class _Limits:
    """Limits by the epoch's name; those asked for last; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Limits] = OrderedDict()

    def get(self, name: str) -> Limits | None:
        with self._lock:
            return self._known.get(name)

    def put(self, name: str, limits: Limits) -> Limits:
        with self._lock:
            self._known[name] = limits
            while len(self._known) > _MOST_LIMITS:
                self._known.popitem(last=False)
        return limits


_LIMITS = _Limits()
