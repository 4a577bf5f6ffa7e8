"""The jobs that wait for the worker."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from tensorboard_cnnvis.jobs.messages import JobRequest

_MOST = 16


class QueueFullError(Exception):
    """More jobs are waiting than the queue holds."""


class Waiting:
    """A bounded queue; what is done in the background comes after all else. Not thread-safe."""

    def __init__(self) -> None:
        self._requests: deque[JobRequest] = deque()

    def __len__(self) -> int:
        return len(self._requests)

    def add(self, request: JobRequest) -> None:
        """Appends a job. Raises QueueFullError where as many are waiting as may."""
        if len(self._requests) >= _MOST:
            raise QueueFullError
        self._requests.append(request)

    def again(self, request: JobRequest) -> None:
        """Takes back a job that gave way to others, however many there are."""
        self._requests.appendleft(request)

    def pop(self) -> JobRequest:
        """The next job."""
        found = next((item for item in self._requests if not item.background), self._requests[0])
        self._requests.remove(found)
        return found

    def remove(self, job: str) -> None:
        """Takes a job off, if it waits."""
        self._requests = deque(item for item in self._requests if item.job != job)

    def promote(self, job: str) -> None:
        """A job that waits is no longer one of the background."""
        self._requests = deque(
            replace(item, background=False) if item.job == job else item for item in self._requests
        )

    def clear(self) -> None:
        """Forgets all."""
        self._requests.clear()
