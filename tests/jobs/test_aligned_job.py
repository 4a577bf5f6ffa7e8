"""The jobs that lay out epoch after epoch: series, going on, what is not finite, giving way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recording as recorder
from awaited import OPEN, finished, until
from recording import LAYER, Recording, record_run

from tensorboard_cnnvis.jobs import aligned_tsne, aligned_umap
from tensorboard_cnnvis.jobs.client import JobClient, JobRequest, Subject
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.task import Task

N, EPOCHS = 90, 5
GONE, EMPTY, LOST = 2, 4, [3, 40]  # at epoch 2 two samples are not finite, at epoch 4 all are equal
TSNE = {"n": N, "seed": 0, "metric": "euclidean", "perplexity": 8.0, "pull": 0.5}
UMAP = {"n": N, "seed": 0, "metric": "euclidean", "neighbors": 6, "min_distance": 0.1, "pull": 0.5}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Iterator[Recording]:
    write = recorder._write_step

    def with_gaps(writer: Any, step: int, logits: Any, embedding: Any, *rest: Any) -> None:
        embedding = embedding.copy()
        if step == GONE:
            embedding[LOST] = np.nan
        if step == EMPTY:
            embedding[:] = 1
        write(writer, step, logits, embedding, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "_write_step", with_gaps)
        directory = tmp_path_factory.mktemp("damaged") / "exp1"
        yield record_run(directory, digits[0][:N], digits[1][:N], epochs=EPOCHS + 1)


def chain(
    made: Recording, parameters: dict[str, Any], kind: str = "tsne", epochs: int = EPOCHS + 1
) -> list[JobRequest]:
    """The jobs of all epochs, as the server names them."""
    requests: list[JobRequest] = []
    for step in range(epochs):
        before = requests[-1].job if requests else ""
        subject = Subject(str(made.directory), made.manifest.probe, f"r{step}", step, LAYER)
        series = (*requests[-1].series, (before, step - 1)) if requests else ()
        content = {**parameters, "before": before}
        requests.append(JobRequest(f"aligned_{kind}", subject, content, series=series))
    return requests


def done(request: JobRequest, run: Any = aligned_tsne.run) -> dict[int, Result]:
    """What the job keeps and gives, by step."""
    kept: dict[str, Result] = {}
    task = Task(
        request.subject, request.parameters, lambda *told: None, lambda: True, request.arrays,
        series=request.series, keep=kept.__setitem__,
    )  # fmt: skip
    steps = dict(request.series)
    last = run(task)
    return {steps[name]: result for name, result in kept.items()} | {request.subject.step: last}


@pytest.fixture(scope="module")
def whole(damaged: Recording) -> dict[int, Result]:
    return done(chain(damaged, TSNE)[-1])


def test_every_epoch_on_the_way_is_kept(whole: dict[int, Result]) -> None:
    assert sorted(whole) == list(range(EPOCHS + 1))
    places = [result.arrays["place"] for result in whole.values()]
    assert all(np.array_equal(place, places[0]) for place in places)


@pytest.mark.parametrize("at", [1, EMPTY])
def test_where_a_job_goes_on_does_not_change_what_it_makes(
    damaged: Recording, whole: dict[int, Result], at: int
) -> None:
    last = chain(damaged, TSNE)[-1]
    later = done(replace(last, series=last.series[at:], arrays=whole[at].arrays))
    assert sorted(later) == list(range(at + 1, EPOCHS + 1))
    for step, result in later.items():
        assert np.array_equal(result.arrays["last"], whole[step].arrays["last"], equal_nan=True), (
            step
        )


def test_a_later_epoch_moves_none_before_it(damaged: Recording, whole: dict[int, Result]) -> None:
    shorter = done(chain(damaged, TSNE)[3])
    for step, result in shorter.items():
        assert np.array_equal(result.arrays["last"], whole[step].arrays["last"])


def test_who_is_not_finite_comes_back_from_its_last_place(whole: dict[int, Result]) -> None:
    finite = [whole[step].arrays["finite"] for step in range(EPOCHS + 1)]
    assert np.flatnonzero(~finite[GONE]).tolist() == LOST
    assert finite[GONE - 1].all()
    assert finite[GONE + 1].all()
    last = [whole[step].arrays["last"][LOST] for step in range(EPOCHS + 1)]
    assert np.array_equal(last[GONE], last[GONE - 1])
    assert np.isfinite(last[GONE + 1]).all()


def test_an_epoch_that_cannot_be_laid_out_is_passed_over(whole: dict[int, Result]) -> None:
    assert not whole[EMPTY].arrays["finite"].any()
    assert "all vectors are equal" in whole[EMPTY].payload["note"]
    assert np.array_equal(whole[EMPTY].arrays["last"], whole[EMPTY - 1].arrays["last"])
    assert whole[EMPTY + 1].arrays["finite"].all()
    assert whole[EMPTY + 1].payload["note"] == ""


@pytest.mark.slow
def test_umap_goes_on_in_the_same_way(damaged: Recording) -> None:
    last = chain(damaged, UMAP, "umap")[-1]
    whole = done(last, aligned_umap.run)
    later = done(replace(last, series=last.series[2:], arrays=whole[2].arrays), aligned_umap.run)
    assert np.array_equal(later[5].arrays["last"], whole[5].arrays["last"])
    moved = np.linalg.norm(whole[1].arrays["last"] - whole[0].arrays["last"], axis=1)
    assert 0 < moved.mean() < whole[0].arrays["last"].std()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Recording:
    """Enough work to be interrupted amid."""
    return record_run(tmp_path_factory.mktemp("large") / "exp1", *digits, epochs=2)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[JobClient]:
    made = JobClient(tmp_path / "cache")
    yield made
    made.close()


def test_the_epochs_on_the_way_are_results_of_their_own(
    client: JobClient, damaged: Recording, whole: dict[int, Result]
) -> None:
    requests = chain(damaged, TSNE)
    assert finished(client, requests[1]).state == "done"
    assert client.look(requests[2]).state == "absent"
    finished(client, requests[-1])
    for step, request in enumerate(requests):
        found = client.look(request)
        assert found.state == "done"
        assert np.allclose(
            found.arrays["last"], whole[step].arrays["last"], equal_nan=True, atol=1e-3
        ), step


def test_work_of_the_background_gives_way_and_goes_on(
    client: JobClient, damaged: Recording, large: Recording
) -> None:
    behind = chain(large, {**TSNE, "n": 1797, "perplexity": 30.0}, epochs=2)[-1]
    client.submit(replace(behind, background=True))
    until(client, behind, lambda status: "last" in status.arrays)
    other = chain(damaged, {**TSNE, "seed": 2}, epochs=1)[0]
    assert finished(client, other).state == "done"
    assert client.look(behind).state in OPEN
    assert finished(client, behind).state == "done"


def test_a_background_job_that_is_asked_for_is_one_no_longer(
    client: JobClient, damaged: Recording
) -> None:
    first, second = (chain(damaged, {**TSNE, "seed": seed})[0] for seed in (3, 4))
    client.submit(first)
    client.submit(replace(second, background=True))
    client.submit(second)
    assert finished(client, second).state == "done"
    assert client.look(first).state == "done"
