"""Jobs that run kept models: previews, cancelling, crashes, what the user lets a model do."""

from __future__ import annotations

import dataclasses
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from awaited import OPEN, finished, until
from kept_run import STEPS, KeptRun

from tensorboard_cnnvis import log_model
from tensorboard_cnnvis.jobs import (
    attribution,
    attribution_sheet,
    deletion,
    kernels,
    models,
    own_image,
)
from tensorboard_cnnvis.jobs.client import JobClient, JobRequest, Settings, Subject
from tensorboard_cnnvis.jobs.messages import USUAL, Arrays, Result
from tensorboard_cnnvis.jobs.task import CancelledError, JobError, Task

OCCLUSION = {"method": "occlusion", "class": 1, "index": 3, "height": 2, "width": 2, "stride": 1}
OCCLUSION |= {"fill": "zero", "seed": 0}
NOISY = {"method": "smooth_grad", "class": 1, "index": 3, "noise": 0.1, "sigma": 0.0, "seed": 0}


def subject(directory: Path, step: int = STEPS[-1]) -> Subject:
    return Subject(str(directory), "probe", f"{directory}/{step}", step, "models")


def task_of(
    kept: KeptRun,
    parameters: Mapping[str, Any],
    report: Callable[..., None] = lambda *told: None,
    settings: Settings = USUAL,
) -> Task:
    return Task(subject(kept.directory), parameters, report, lambda: True, settings=settings)


class Told:
    """Keeps what a job reports."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.previews: list[Result] = []

    def __call__(
        self, share: float, arrays: Arrays, payload: Mapping[str, Any] | None = None
    ) -> None:
        self.shares.append(share)
        if arrays:
            copied = {name: array.copy() for name, array in arrays.items()}
            self.previews.append(Result(payload or {}, copied))


@pytest.fixture
def small_batches(kept: KeptRun) -> Iterator[None]:
    """The model runs ten images at a time."""
    scores = models.model_of(task_of(kept, {})).scores
    before, scores.size = scores.size, 10
    yield
    scores.size = before


def test_an_occlusion_map_is_seen_as_it_becomes_known(kept: KeptRun, small_batches: None) -> None:
    told = Told()
    result = attribution.run(task_of(kept, OCCLUSION, told))
    done = [item.payload["done"] for item in told.previews]
    assert done == [10, 20, 30, 40]
    assert (result.payload["done"], result.payload["positions"]) == (49, 49)
    assert told.shares == sorted(told.shares)
    assert all(item.arrays["map"].shape == (8, 8) for item in told.previews)
    assert [item.payload["baseline"] for item in told.previews] == [result.payload["baseline"]] * 4
    same = [int((item.arrays["grid"] == result.arrays["grid"]).sum()) for item in told.previews]
    assert same == sorted(same)
    assert all(count >= known for count, known in zip(same, done, strict=True))
    assert np.isfinite(told.previews[1].arrays["grid"]).all(), "coarse positions stand for all"


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (attribution, OCCLUSION),
        (attribution, {**NOISY, "samples": 10**6}),
        (deletion, {**OCCLUSION, "deletion_steps": 900, "deletion_seed": 0}),
        (attribution_sheet, {**OCCLUSION, "members": list(range(60))}),
    ],
    ids=["occlusion", "smooth_grad", "deletion", "sheet"],
)
def test_a_job_stops_at_its_next_batch(
    kept: KeptRun, small_batches: None, kind: Any, parameters: dict[str, Any]
) -> None:
    calls = []

    def report(share: float, *_: Any) -> None:
        calls.append(share)
        if len(calls) == 3:
            raise CancelledError

    with pytest.raises(CancelledError):
        kind.run(task_of(kept, {**parameters, "deletion_fill": "zero", "orders": 5}, report))
    assert len(calls) == 3
    assert calls[-1] < 1


def test_deletion_takes_the_map_that_is_made_already(kept: KeptRun) -> None:
    asked = {**OCCLUSION, "deletion_steps": 64, "deletion_seed": 0, "deletion_fill": "zero"}
    task = task_of(kept, {**asked, "orders": 1})
    found = attribution.run(task_of(kept, OCCLUSION)).arrays["map"]
    itself, given, other = (
        deletion.run(dataclasses.replace(task, arrays=arrays)).arrays["score"]
        for arrays in ({}, {"map": found}, {"map": -found})
    )
    assert np.array_equal(given, itself)
    assert not np.array_equal(other, itself), "it is not made again"


def test_a_sheet_fills_as_it_is_made(kept: KeptRun) -> None:
    told = Told()
    members = [2, 5, 9]
    result = attribution_sheet.run(task_of(kept, {**OCCLUSION, "members": members}, told))
    made = [np.isfinite(item.arrays["maps"]).all(axis=(1, 2)).sum() for item in told.previews]
    assert made == [1, 2, 3]
    assert np.isfinite(result.arrays["maps"]).all()


class Seldom(Told):
    """Passes every fifth report on, as where they come faster than they are sent."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def due(self) -> bool:
        self.asked += 1
        return self.asked >= 5

    def __call__(
        self, share: float, arrays: Arrays, payload: Mapping[str, Any] | None = None
    ) -> None:
        if self.asked >= 5:
            self.asked = 0
            super().__call__(share, arrays, payload)


def test_a_sheet_is_seen_to_fill_however_often_its_progress_is_told(
    kept: KeptRun, small_batches: None
) -> None:
    told = Seldom()
    task = task_of(kept, {**OCCLUSION, "members": list(range(20))}, told)
    attribution_sheet.run(dataclasses.replace(task, due=told.due))
    assert len(told.previews) >= len(told.shares) // 2 > 2
    assert [item.payload["done"] for item in told.previews] == [
        int(np.isfinite(item.arrays["maps"]).all(axis=(1, 2)).sum()) for item in told.previews
    ]


def test_a_kernel_is_read_from_the_kept_model(kept: KeptRun) -> None:
    found = kernels.run(task_of(kept, {"layer": "depthwise", "pointwise": False}))
    expected = kept.model.get_layer("depthwise").get_weights()[0]
    assert np.array_equal(found.arrays["kernel"], expected)


def test_what_a_model_cannot_do_is_told(kept: KeptRun) -> None:
    asked = {"method": "grad_cam", "class": 1, "index": 0, "layer": "average"}
    with pytest.raises(JobError, match="'average' has no output of 2 spatial axes") as raised:
        attribution.run(task_of(kept, asked))
    assert raised.value.hint


def test_scores_that_are_nan_are_no_prediction(kept: KeptRun, tmp_path: Path) -> None:
    model = keras.models.clone_model(kept.model)
    model.get_layer("scores").bias.assign(np.full(10, np.nan))
    log_model(tmp_path / "exp1", model, (kept.x[:4], kept.labels[:4]))
    of = subject(tmp_path / "exp1" / "cnnvis", 0)
    own = Task(of, {"image": "mine"}, Told(), lambda: True, {"image": kept.x[0]})
    found = own_image.run(own).payload
    assert (found["prediction"], found["class_name"]) == (-1, "")
    assert attribution.run(Task(of, OCCLUSION, Told(), lambda: True)).payload["prediction"] == -1


def test_code_in_a_model_runs_only_where_the_user_allows_it(kept: KeptRun, tmp_path: Path) -> None:
    pixels = keras.Input((8, 8, 1))
    x = keras.layers.Lambda(lambda x: x * 2, output_shape=(8, 8, 1))(pixels)
    x = keras.layers.Flatten()(x)
    model = keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(x))
    log_model(tmp_path, model, (kept.x[:20], kept.labels[:20]))
    lambda_run = KeptRun(tmp_path, kept.x, kept.labels, model)
    asked = {"method": "gradient", "class": 1, "index": 0, "sigma": 0.0}

    def attribute(settings: Settings) -> Result:
        task = Task(
            subject(lambda_run.directory, 0), asked, lambda *told: None, lambda: True,
            settings=settings,
        )  # fmt: skip
        return attribution.run(task)

    with pytest.raises(JobError, match="Lambda") as raised:
        attribute(USUAL)
    assert "--cnnvis_unsafe_models" in raised.value.hint
    assert attribute(Settings(unsafe_models=True)).arrays["map"].shape == (8, 8)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[JobClient]:
    made = JobClient(tmp_path / "cache")
    yield made
    made.close()


def test_the_worker_is_free_after_a_cancel_and_replaced_after_a_crash(
    client: JobClient, kept: KeptRun
) -> None:
    long = JobRequest("attribution", subject(kept.directory), {**NOISY, "samples": 10**6})
    short = JobRequest("attribution", subject(kept.directory), OCCLUSION)
    client.submit(long)
    until(client, long, lambda status: status.progress > 0)
    assert client.cancel(long.job) == "cancelled"
    first = finished(client, short)
    assert first.state == "done", first.error
    again = JobRequest("attribution", subject(kept.directory), {**NOISY, "samples": 10**6 - 1})
    client.submit(again)
    until(client, again, lambda status: status.progress > 0)
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)
    crashed = until(client, again, lambda status: status.state not in OPEN)
    assert crashed.state == "failed"
    assert "killed by signal 9" in crashed.error
    assert "memory" in crashed.hint
    other = JobRequest("kernels", subject(kept.directory), {"layer": "conv", "pointwise": False})
    replaced = finished(client, other)
    assert replaced.state == "done", replaced.error


def test_a_worker_that_runs_a_model_has_time_to_see_a_cancel(
    client: JobClient, kept: KeptRun
) -> None:
    """A new one would load TensorFlow for longer than that."""
    long = JobRequest("attribution", subject(kept.directory), {**NOISY, "samples": 10**6})
    client.submit(long)
    until(client, long, lambda status: status.progress > 0)
    worker = client.pid
    assert worker is not None
    os.kill(worker, signal.SIGSTOP)  # as if it were deep in a batch
    assert client.cancel(long.job) == "cancelled"
    time.sleep(1.0)
    os.kill(worker, signal.SIGCONT)
    short = JobRequest("attribution", subject(kept.directory), OCCLUSION)
    assert finished(client, short).state == "done"
    assert client.pid == worker


def test_a_large_own_image_is_kept_though_it_is_quickly_made(
    tmp_path: Path, client: JobClient
) -> None:
    """The page asks for it by its name alone."""
    x = np.random.default_rng(0).random((2, 1100, 1100, 1), np.float32)
    model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.GlobalAveragePooling2D()])
    model.add(keras.layers.Dense(2, activation="softmax"))
    log_model(tmp_path / "exp1", model, (x, [0, 1]))
    of = subject(tmp_path / "exp1" / "cnnvis", 0)
    finished(client, JobRequest("own_image", of, {"image": "warm"}, {"image": x[0]}))
    request = JobRequest("own_image", of, {"image": "mine"}, {"image": x[1]})
    assert finished(client, request).seconds < 2
    later = JobClient(tmp_path / "cache")
    np.testing.assert_array_equal(later.find(request.job).arrays["input"], x[1])


def test_the_worker_gets_the_users_settings(tmp_path: Path, kept: KeptRun) -> None:
    client = JobClient(tmp_path / "cache", settings=Settings(import_modules=("nowhere.layers",)))
    request = JobRequest("kernels", subject(kept.directory), {"layer": "conv", "pointwise": False})
    status = finished(client, request)
    client.close()
    assert status.state == "failed"
    assert "(nowhere.layers) cannot be imported" in status.error
    assert status.hint
