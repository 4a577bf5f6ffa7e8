"""Waits for jobs."""

from __future__ import annotations

import time
from collections.abc import Callable

from tensorboard_cnnvis.jobs.client import JobClient, JobRequest, JobStatus

PATIENCE_SECONDS = 600.0  # umap-learn is compiled the first time
OPEN = ("queued", "running")


def until(client: JobClient, request: JobRequest, wanted: Callable[[JobStatus], bool]) -> JobStatus:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not wanted(status := client.look(request)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {status.state} at {status.progress:.0%}: {status.error}")
        time.sleep(0.01)
    return status


def finished(client: JobClient, request: JobRequest) -> JobStatus:
    client.submit(request)
    return until(client, request, lambda status: status.state not in OPEN)
