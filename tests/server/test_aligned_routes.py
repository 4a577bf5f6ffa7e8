"""Layouts over the epochs over HTTP: appended, shared, and where the samples went."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recording import LAYER, record_run
from serving import Columns, Page, Served, decode

from tensorboard_cnnvis.analysis import movement
from tensorboard_cnnvis.analysis.faithfulness import faithfulness

Array = np.ndarray[Any, Any]
PATIENCE_SECONDS = 300.0
N, EPOCHS = 240, 5
TSNE = {"method": "tsne", "perplexity": 10, "n": 100, "source": LAYER, "aligned": 1}
PCA = {"method": "pca", "source": LAYER}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A user's cache of this module's own."""
    with pytest.MonkeyPatch.context() as patch:
        directory = tmp_path_factory.mktemp("home")
        patch.setenv("XDG_CACHE_HOME", str(directory))
        yield directory


def recorded(logdir: Path, digits: Any, **options: Any) -> Served:
    x, labels = digits[0][:N], digits[1][:N]
    recording = record_run(logdir / "exp1", x, labels, n_train=100, **options)
    return Served(Page(logdir), recording, "exp1/cnnvis")


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory, digits: Any, home: Path) -> Served:
    return recorded(tmp_path_factory.mktemp("logdir"), digits, epochs=EPOCHS)


def ask(served: Served, route: str = "projection", **body: Any) -> Columns:
    return decode(served.page.post(route, run=served.run, **body))


def until(served: Served, body: dict[str, Any], final: Any) -> Columns:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not final(answer := ask(served, **body)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return answer


def done(served: Served, **body: Any) -> Columns:
    ask(served, **body, start=1)
    answer = until(served, body, lambda told: told.payload["state"] not in ("queued", "running"))
    assert answer.payload["state"] == "done", answer.payload
    return answer


def packed(members: list[int]) -> str:
    bits = np.zeros(N, np.uint8)
    bits[members] = 1
    return base64.b64encode(np.packbits(bits, bitorder="little").tobytes()).decode()


def told(served: Served, route: str, **body: Any) -> Any:
    """JSON of a route that may have to be asked again in a moment."""
    while (response := served.page.post(route, run=served.run, **body)).status_code == 503:
        time.sleep(0.05)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response


def test_before_the_first_epoch_is_ready_there_is_the_pca(laid_out: Served) -> None:
    answer = ask(laid_out, **TSNE, step=3, seed=9)
    payload = answer.payload
    assert (payload["state"], payload["begun"], payload["aligned"]) == ("absent", False, True)
    assert (payload["done"], payload["total"]) == (0, EPOCHS)
    assert (payload["steps_ready"], payload["preview_step"]) == ([], None)
    assert len(answer.arrays["index"]) == 100


def test_one_job_lays_out_the_epochs_up_to_the_asked_one_and_then_all(laid_out: Served) -> None:
    answer = done(laid_out, **TSNE, step=2)
    assert {0, 1, 2} <= set(answer.payload["steps_ready"])
    assert answer.payload["preview_step"] is None
    rest = until(
        laid_out, {**TSNE, "step": 2}, lambda told: told.payload["done"] == told.payload["total"]
    )
    assert rest.payload["steps_ready"] == list(range(EPOCHS))
    assert np.array_equal(rest.arrays["xy"], answer.arrays["xy"])


def test_the_limits_hold_all_epochs_and_the_frame_is_that_of_the_first(laid_out: Served) -> None:
    until(laid_out, {**TSNE, "step": 0, "start": 1},
          lambda told: told.payload["done"] == EPOCHS)  # fmt: skip
    answers = [done(laid_out, **TSNE, step=step) for step in range(EPOCHS)]
    points = np.concatenate([answer.arrays["xy"] for answer in answers])
    for answer in answers:
        x0, x1, y0, y1 = answer.payload["limits"]
        assert (x0, y0) == pytest.approx(points.min(axis=0), rel=1e-5)
        assert (x1, y1) == pytest.approx(points.max(axis=0), rel=1e-5)
    first = laid_out.page.projection(run=laid_out.run, **PCA, step=0)
    pca, xy = first.arrays["xy"][answers[0].arrays["index"]], answers[0].arrays["xy"]
    assert radius(xy) == pytest.approx(radius(pca), rel=1e-3)
    assert np.corrcoef(xy[:, 0], pca[:, 0])[0, 1] > 0.5


def radius(points: Array) -> float:
    return float(np.sqrt(np.square(points - points.mean(axis=0)).sum(axis=1).mean()))


def test_new_epochs_move_no_earlier_one_and_replaced_ones_are_made_anew(
    tmp_path: Path, digits: Any, home: Path
) -> None:
    served = recorded(tmp_path, digits, epochs=3)
    early = [done(served, **TSNE, step=step) for step in range(3)]
    longer = recorded(tmp_path, digits, epochs=2, first_epoch=3)
    assert done(longer, **TSNE, step=4).payload["total"] == 5
    for step, before in enumerate(early):
        assert np.array_equal(ask(longer, **TSNE, step=step).arrays["xy"], before.arrays["xy"])
    replaced = recorded(tmp_path, digits, epochs=2, first_epoch=1, seed=5)
    states = [ask(replaced, **TSNE, step=step).payload["job"] for step in range(3)]
    assert [job == before.payload["job"] for job, before in zip(states, early, strict=True)] == [
        True, False, False,
    ]  # fmt: skip


def test_what_another_tensorboard_made_is_found(laid_out: Served) -> None:
    made = done(laid_out, **TSNE, step=2)
    other = Served(Page(laid_out.recording.log_dir.parent), laid_out.recording, laid_out.run)
    found = ask(other, **TSNE, step=2)
    assert found.payload["state"] == "done"
    assert np.array_equal(found.arrays["xy"], made.arrays["xy"])


def test_the_pull_names_another_chain_and_the_inputs_have_none(laid_out: Served) -> None:
    jobs = {ask(laid_out, **TSNE, step=1, **change).payload["job"]
            for change in ({}, {"pull": 0.1}, {"seed": 3})}  # fmt: skip
    assert len(jobs) == 3
    inputs = {**TSNE, "source": "inputs"}
    assert "steps_ready" not in ask(laid_out, **inputs, step=1).payload


def test_it_can_be_cancelled_and_asked_for_again(laid_out: Served) -> None:
    body = {**TSNE, "seed": 77, "n": 240, "step": 4}
    job = ask(laid_out, **body, start=1).payload["job"]
    assert laid_out.page.post("cancel", job=job).get_json() == {"state": "cancelled"}
    assert done(laid_out, **body).payload["state"] == "done"


def test_faithfulness_is_of_the_aligned_layout(laid_out: Served) -> None:
    layout = done(laid_out, **TSNE, step=4)
    answer = laid_out.page.post("faithfulness", run=laid_out.run, **TSNE, step=4).get_json()
    vectors = laid_out.recording.embeddings[4][layout.arrays["index"]]
    expected = faithfulness(vectors, layout.arrays["xy"])
    assert answer["trustworthiness"] == pytest.approx(expected.trustworthiness, abs=1e-6)


@pytest.mark.parametrize("method", [TSNE, PCA], ids=["tsne", "pca"])
def test_movement_and_stability_are_of_the_layout_and_the_layer(
    laid_out: Served, method: dict[str, Any]
) -> None:
    frames = []
    for step in (2, 3):
        if method is TSNE:
            frames.append(done(laid_out, **TSNE, step=step))
        else:
            frames.append(until(laid_out, {**PCA, "step": step},
                                lambda told: told.payload["aligned"]))  # fmt: skip
    index = frames[0].arrays.get("index", np.arange(N))
    shown = movement.displacement(*(frame.arrays["xy"] for frame in frames))
    vectors = [laid_out.recording.embeddings[step][index] for step in (2, 3)]
    true = movement.true_displacement(*vectors)
    answer = decode(told(laid_out, "movement", **method, step=3, since=2))
    assert answer.arrays["index"].tolist() == index.tolist()
    assert answer.arrays["movement"] == pytest.approx(shown, rel=1e-3, abs=1e-4)
    assert answer.arrays["true_movement"] == pytest.approx(true, rel=1e-4)
    badge = told(laid_out, "stability", **method, step=3).get_json()
    expected = movement.stability(shown, true)
    assert (badge["n"], badge["previous"], badge["note"]) == (len(index), 2, "")
    for name in ("movement", "true_movement", "correlation"):
        assert badge[name] == pytest.approx(getattr(expected, name), abs=1e-3)


def test_nothing_came_before_the_first_epoch(laid_out: Served) -> None:
    done(laid_out, **TSNE, step=0)
    badge = told(laid_out, "stability", **TSNE, step=0).get_json()
    assert (badge["previous"], badge["movement"], badge["n"]) == (None, "NaN", 0)
    assert "first epoch" in badge["note"]


def test_trails_are_the_places_of_the_members_at_every_epoch(laid_out: Served) -> None:
    layouts = [done(laid_out, **TSNE, step=step) for step in range(EPOCHS)]
    index = layouts[0].arrays["index"]
    members = sorted({*index[:5].tolist(), *np.setdiff1d(np.arange(N), index)[:3].tolist()})
    answer = decode(told(laid_out, "trails", **TSNE, step=4, members=packed(members)))
    assert answer.arrays["index"].tolist() == index[:5].tolist()
    assert answer.arrays["steps"].tolist() == list(range(EPOCHS))
    assert answer.payload == {"of": 8, "laid_out": 5}
    for at, layout in enumerate(layouts):
        assert np.array_equal(answer.arrays["xy"][:, at], layout.arrays["xy"][:5])


def test_of_many_members_two_hundred_have_a_trail(laid_out: Served) -> None:
    until(laid_out, {**PCA, "step": 4}, lambda told: told.payload["aligned"])
    answer = decode(told(laid_out, "trails", **PCA, step=4, members=packed(list(range(230)))))
    assert answer.arrays["xy"].shape == (200, EPOCHS, 2)
    assert answer.payload["of"] == 230
    assert (np.diff(answer.arrays["index"]) > 0).all()


@pytest.mark.parametrize(
    ("route", "body", "status", "message"),
    [
        ("projection", {**TSNE, "pull": 2}, 400, "pull='2'"),
        ("projection", {**TSNE, "step": 99}, 404, "logged are 0 to 4"),
        ("stability", {**TSNE, "aligned": 0}, 400, "ask with aligned=1"),
        ("stability", {**TSNE, "source": "inputs"}, 400, "the same at every epoch"),
        ("stability", {**TSNE, "seed": 4321}, 400, "is absent"),
        ("movement", TSNE, 400, "since"),
        ("movement", {**TSNE, "since": 99}, 404, "logged are 0 to 4"),
        ("trails", TSNE, 400, "'members' is missing"),
    ],
)
def test_bad_requests_say_what_was_expected(
    laid_out: Served, route: str, body: dict[str, Any], status: int, message: str
) -> None:
    response = laid_out.page.post(route, run=laid_out.run, **{"step": 3, **body})
    assert message in laid_out.page.refused(response, status)
