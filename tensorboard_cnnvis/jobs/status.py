"""How jobs stand, and those that ended kept in memory while there is room."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

from tensorboard_cnnvis.jobs.messages import Arrays, Message, Result

OPEN = ("queued", "running")
_MOST = 64
_MOST_BYTES = 64 * 10**6


@dataclass(frozen=True)
class JobStatus:
    """A job as it stands.

    Attributes:
        state: queued, running, done, failed, cancelled, or absent where nobody asked for it.
        version: grows with every change of `arrays`.
        progress: share that is done, in [0, 1].
        started: time.monotonic() when it began to run, or None.
        moving: time.monotonic() and progress when this first grew above 0, or None.
        seconds: how long it has run, or ran.
        seconds_left: expected, or None where that is not known.
        error: why it failed, or "".
        hint: what to do then, or "".
        arrays: the newest preview, or the result.
        payload: small values of the preview or the result.
    """

    state: str = "absent"
    version: int = 0
    progress: float = 0.0
    started: float | None = None
    moving: tuple[float, float] | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    error: str = ""
    hint: str = ""
    arrays: Arrays = field(default_factory=dict)
    payload: Any = field(default_factory=dict)


class Statuses:
    """Jobs by name: all that are open, and those used last. Not thread-safe."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, JobStatus] = OrderedDict()

    def __getitem__(self, job: str) -> JobStatus:
        """A job, absent where it is not known."""
        return self._known.get(job) or JobStatus()

    def get(self, job: str) -> JobStatus | None:
        """A job, None where it is not known."""
        return self._known.get(job)

    def use(self, job: str) -> None:
        """Makes a job the one used last."""
        self._known.move_to_end(job)

    def put(self, job: str, status: JobStatus) -> JobStatus:
        """Sets a job, and forgets ended ones that there is no room for."""
        self._known[job] = status
        self._known.move_to_end(job)
        closed = [name for name, item in self._known.items() if item.state not in OPEN]
        size = sum(nbytes(self._known[name].arrays) for name in closed)
        for place, name in enumerate(closed[:-1]):
            if len(closed) - place <= _MOST and size <= _MOST_BYTES:
                break
            size -= nbytes(self._known.pop(name).arrays)
        return status


def done_status(result: Result, known: JobStatus) -> JobStatus:
    """Of a job that is done, after `known`."""
    return JobStatus(
        "done",
        known.version + 1,
        1.0,
        seconds=known.seconds,
        arrays=result.arrays,
        payload=result.payload,
    )


def advanced(known: JobStatus, message: Message) -> JobStatus:
    """Of a running job, by what it told of its progress."""
    fresh, progress = bool(message.arrays), float(message.payload["progress"])
    return replace(
        known,
        version=known.version + fresh,
        progress=progress,
        moving=known.moving or ((time.monotonic(), progress) if progress > 0 else None),
        arrays=message.arrays if fresh else known.arrays,
        payload=message.payload["payload"] if fresh else known.payload,
    )


def stopped(known: JobStatus, message: Message) -> JobStatus:
    """Of a running job that failed or was cancelled, by what was told of its end."""
    error, hint = (str(message.payload.get(name, "")) for name in ("error", "hint"))
    return replace(known, state=message.kind, seconds_left=None, error=error, hint=hint)


def nbytes(arrays: Arrays) -> int:
    """What arrays take."""
    return sum(array.nbytes for array in arrays.values())


def running_for(status: JobStatus) -> JobStatus:
    """With the seconds it has run, and those it will at the pace since it moved."""
    if status.state != "running" or status.started is None:
        return status
    now, left = time.monotonic(), None
    if status.moving is not None and status.progress > status.moving[1]:
        since, first = status.moving
        left = (now - since) * (1 - status.progress) / (status.progress - first)
    return replace(status, seconds=now - status.started, seconds_left=left)
