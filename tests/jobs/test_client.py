"""Jobs in the worker process: results, cancelling, crashes, ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from awaited import OPEN, finished, until
from recording import LAYER, Recording, record_run

from tensorboard_cnnvis.jobs import tsne as tsne_job
from tensorboard_cnnvis.jobs.client import (
    JobClient,
    JobRequest,
    JobStatus,
    QueueFullError,
    Subject,
)
from tensorboard_cnnvis.jobs.task import Task


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Numba's cache, which all tests here share."""
    return tmp_path_factory.mktemp("numba")


@pytest.fixture
def cache(tmp_path: Path, compiled: Path) -> Path:
    directory = tmp_path / "cache"
    directory.mkdir()
    (directory / "numba").symlink_to(compiled)
    return directory


@pytest.fixture
def client(cache: Path) -> Iterator[JobClient]:
    made = JobClient(cache)
    yield made
    made.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Recording:
    """All digits: enough work to be cancelled amid."""
    x, labels = digits
    return record_run(tmp_path_factory.mktemp("large") / "exp1", x, labels, epochs=1)


def tsne(recording: Recording, n: int = 2000, **other: Any) -> JobRequest:
    subject = Subject(str(recording.directory), recording.manifest.probe, "", -1, "inputs")
    parameters = {"n": n, "seed": 0, "perplexity": 10.0, "metric": "euclidean", **other}
    return JobRequest("tsne", subject, parameters)


def test_the_result_is_that_of_the_job_in_this_process(
    client: JobClient, recording: Recording
) -> None:
    request = tsne(recording, 100)
    status = finished(client, request)
    task = Task(request.subject, request.parameters, lambda share, arrays: None, lambda: False)
    expected = tsne_job.run(task)
    assert status.state == "done", status.error
    assert np.array_equal(status.arrays["xy"], expected.arrays["xy"])


def test_points_start_from_pca_and_move(client: JobClient, large: Recording) -> None:
    request = tsne(large)
    seen: dict[int, JobStatus] = {}
    client.submit(request)
    while (status := client.look(request)).state in OPEN:
        if "xy" in status.arrays:
            seen.setdefault(status.version, status)
        time.sleep(0.005)
    first, *rest = seen.values()
    assert np.array_equal(first.arrays["xy"], first.arrays["start"])
    assert rest
    shares = [item.progress for item in seen.values()]
    assert shares == sorted(shares)
    assert not np.array_equal(rest[-1].arrays["xy"], first.arrays["xy"])
    assert any(item.seconds_left is not None for item in rest)


def test_the_same_request_is_one_job(client: JobClient, large: Recording) -> None:
    request = tsne(large)
    client.submit(request)
    again = client.submit(tsne(large))
    assert again.state in OPEN
    assert client.cancel(request.job) == "cancelled"
    assert client.look(tsne(large)).state == "cancelled"


def test_where_the_record_lies_does_not_name_the_job(recording: Recording) -> None:
    one = tsne(recording)
    moved = JobRequest(
        one.kind, Subject("/elsewhere", *list(vars(one.subject).values())[1:]), one.parameters
    )
    assert moved.job == one.job
    assert tsne(recording, seed=1).job != one.job


def test_a_result_outlives_the_process(cache: Path, recording: Recording) -> None:
    request = tsne(recording, 60)
    first, second = JobClient(cache), JobClient(cache)
    made = finished(first, request)
    first.close()
    kept = second.look(request)
    assert kept.state == "done"
    assert np.array_equal(kept.arrays["xy"], made.arrays["xy"])
    assert second.pid is None


def test_a_cancelled_job_makes_way_and_the_worker_stays(
    client: JobClient, large: Recording, recording: Recording
) -> None:
    request = tsne(large)
    client.submit(request)
    until(client, request, lambda status: status.progress > 0.1)
    worker = client.pid
    assert client.cancel(request.job) == "cancelled"
    assert finished(client, tsne(recording, 60)).state == "done"
    assert client.pid == worker
    assert client.look(request).state == "cancelled"


def test_a_cancelled_job_can_be_asked_for_again(client: JobClient, large: Recording) -> None:
    request = tsne(large)
    client.submit(request)
    until(client, request, lambda status: status.progress > 0.1)
    client.cancel(request.job)
    assert finished(client, request).state == "done"


def test_a_worker_that_does_not_answer_a_cancel_is_ended(
    client: JobClient, large: Recording, recording: Recording
) -> None:
    request = tsne(large)
    client.submit(request)
    until(client, request, lambda status: status.progress > 0)
    assert client.pid is not None
    stopped = psutil.Process(client.pid)
    stopped.suspend()
    assert client.cancel(request.job) == "cancelled"
    assert finished(client, tsne(recording, 60)).state == "done"
    assert not stopped.is_running()


def test_a_waiting_job_is_cancelled_before_it_runs(
    client: JobClient, large: Recording, recording: Recording
) -> None:
    client.submit(tsne(large))
    waiting = tsne(recording, 60)
    assert client.submit(waiting).state == "queued"
    assert client.cancel(waiting.job) == "cancelled"
    assert client.cancel(tsne(large).job) == "cancelled"
    assert client.cancel("unknown") == "absent"


def test_a_crash_is_told_and_the_next_job_works(
    client: JobClient, large: Recording, recording: Recording
) -> None:
    request = tsne(large)
    client.submit(request)
    until(client, request, lambda status: status.progress > 0)
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)
    status = until(client, request, lambda status: status.state not in OPEN)
    assert status.state == "failed"
    assert "killed by signal 9" in status.error
    assert status.hint
    assert finished(client, tsne(recording, 60)).state == "done"


def test_a_worker_that_cannot_start_is_told_and_tried_again(
    client: JobClient, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        client.warm("tsne")
        status = finished(client, tsne(recording, 60))
    assert status.state == "failed"
    assert "cannot be started" in status.error and "/nowhere/python" in status.error
    assert status.hint
    assert finished(client, tsne(recording, 60)).state == "done"


def test_a_worker_that_ran_out_of_memory_is_replaced(
    client: JobClient, large: Recording, recording: Recording
) -> None:
    assert finished(client, tsne(recording, 60)).state == "done"
    assert client.pid is not None
    worker = psutil.Process(client.pid)
    worker.rlimit(psutil.RLIMIT_AS, (worker.memory_info().vms + 2**22, psutil.RLIM_INFINITY))
    status = finished(client, tsne(large))
    assert status.state == "failed"
    assert "ran out of memory" in status.error
    assert "ask for less" in status.hint
    assert finished(client, tsne(recording, 50)).state == "done"
    assert not worker.is_running()


def test_a_job_that_takes_too_long_is_given_up(cache: Path, large: Recording) -> None:
    client = JobClient(cache, limit_seconds=0.2)
    status = finished(client, tsne(large))
    client.close()
    assert status.state == "failed"
    assert "longer than 0.2 seconds" in status.error


def test_the_queue_is_bounded(client: JobClient, large: Recording) -> None:
    with pytest.raises(QueueFullError):
        for seed in range(20):
            client.submit(tsne(large, seed=seed))


@pytest.mark.parametrize(
    ("request_of", "told"),
    [
        (lambda recording: tsne(recording, 60, perplexity=40.0), "too high for 60 samples"),
        (
            lambda recording: JobRequest(
                "tsne",
                Subject(str(recording.directory), "", "x", 0, "conv9"),
                dict(tsne(recording).parameters),
            ),
            "conv9",
        ),
        (
            lambda recording: JobRequest(
                "tsne", Subject("/nowhere", "", "", -1, "inputs"), dict(tsne(recording).parameters)
            ),
            "no record",
        ),
    ],
    ids=["perplexity", "layer", "directory"],
)
def test_what_cannot_be_done_is_told(
    client: JobClient, recording: Recording, request_of: Callable[..., JobRequest], told: str
) -> None:
    status = finished(client, request_of(recording))
    assert status.state == "failed"
    assert told in status.error
    assert status.hint


def test_vectors_that_are_not_finite_are_left_out(
    client: JobClient, make_run: Callable[..., Recording], digits: Any
) -> None:
    x = digits[0][:60].astype(np.float32)
    x[[3, 7], 2, 2] = np.nan
    recording = record_run(make_run().log_dir.parent / "broken", x, digits[1][:60], epochs=1)
    status = finished(client, tsne(recording, 60))
    assert status.state == "done", status.error
    assert status.payload["left_out"] == 2
    assert np.flatnonzero(np.isnan(status.arrays["xy"]).any(axis=1)).tolist() == [3, 7]


def test_near_duplicates_and_leaks(
    client: JobClient, make_run: Callable[..., Recording], digits: Any
) -> None:
    x = digits[0][:60].copy()
    x[40], x[41] = x[5], x[50]
    recording = record_run(make_run().log_dir.parent / "copies", x, digits[1][:60], n_train=30)
    base = tsne(recording).subject
    found = {}
    for across in (False, True):
        parameters = {"metric": "euclidean", "threshold": None, "across": across}
        status = finished(client, JobRequest("duplicates", base, parameters))
        assert status.state == "done", status.error
        assert status.payload["chosen"]
        pairs = zip(*(status.arrays[name].tolist() for name in ("first", "second")), strict=True)
        found[across] = set(pairs)
    assert found == {False: {(5, 40), (41, 50)}, True: {(5, 40)}}


@pytest.mark.slow
def test_umap_forms_too(client: JobClient, recording: Recording) -> None:
    parameters = {"n": 90, "seed": 0, "neighbors": 8, "min_distance": 0.1, "metric": "cosine"}
    status = finished(client, JobRequest("umap", tsne(recording).subject, parameters))
    assert status.state == "done", status.error
    assert status.arrays["xy"].shape == (90, 2)
    assert not np.array_equal(status.arrays["xy"], status.arrays["start"])
    assert status.version > 3


def test_an_embedding_is_read_at_its_step(client: JobClient, recording: Recording) -> None:
    starts = []
    for step in (0, 5):
        subject = Subject(str(recording.directory), "", f"{step}", step, LAYER)
        status = finished(client, JobRequest("tsne", subject, dict(tsne(recording, 50).parameters)))
        assert status.state == "done", status.error
        starts.append(status.arrays["start"])
    assert not np.allclose(*starts)


def test_vectors_on_a_line_are_laid_out_in_the_plane(
    client: JobClient, make_run: Callable[..., Recording], digits: Any
) -> None:
    x, labels = digits
    recording = record_run(make_run().log_dir.parent / "line", x[:60], labels[:60], n_features=1)
    subject = Subject(str(recording.directory), "", "line", 2, LAYER)
    status = finished(client, JobRequest("tsne", subject, dict(tsne(recording, 60).parameters)))
    assert status.state == "done", status.error
    wide, high = status.arrays["xy"].std(axis=0)
    assert high > 0.01 * wide


PARENT = """
import sys, time
from tensorboard_cnnvis.jobs.client import *
client = JobClient(__import__("pathlib").Path(sys.argv[1]))
subject = Subject(sys.argv[2], "", "", -1, "inputs")
parameters = {"n": 2000, "seed": 0, "perplexity": 30.0, "metric": "cosine"}
request = JobRequest("tsne", subject, parameters)
client.submit(request)
while client.look(request).progress == 0:
    time.sleep(0.01)
print(client.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_with_tensorboards_process(
    cache: Path, large: Recording, ending: signal.Signals
) -> None:
    command = [sys.executable, "-c", PARENT, str(cache), str(large.directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(ending)
        try:
            worker.wait(20)
            parent.wait(20)
        finally:
            parent.kill()
