"""Layouts, their faithfulness and near-duplicates over HTTP."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from recording import LAYER, Recording, record_run
from serving import Columns, Page, Served, decode

from tensorboard_cnnvis.analysis.faithfulness import faithfulness

PATIENCE_SECONDS = 300.0
TSNE = {"method": "tsne", "perplexity": 10, "n": 100, "source": LAYER, "step": 4}


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Iterator[Served]:
    """240 digits, of which two pairs are copies, with a user's cache of their own."""
    logdir = tmp_path_factory.mktemp("logdir")
    x, labels = digits[0][:240].copy(), digits[1][:240]
    x[200], x[201] = x[20], x[210]
    recording = record_run(logdir / "exp1", x, labels, n_train=100, epochs=6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))
        yield Served(Page(logdir), recording, "exp1/cnnvis")


def ask(served: Served, route: str = "projection", **body: Any) -> Columns:
    return decode(served.page.post(route, run=served.run, **body))


def done(served: Served, route: str = "projection", **body: Any) -> Columns:
    answer = ask(served, route, **body, start=1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while answer.payload["state"] in ("queued", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
        answer = ask(served, route, **body)
    assert answer.payload["state"] == "done", answer.payload
    return answer


def shown_pca(served: Served) -> np.ndarray[Any, Any]:
    """Aligned, which needs a moment."""
    while True:
        answer = served.page.projection(run=served.run, source=LAYER, step=4, method="pca")
        if answer.payload["aligned"]:
            return answer.arrays["xy"]


def test_before_it_is_asked_for_there_is_the_pca(laid_out: Served) -> None:
    pca = shown_pca(laid_out)
    answer = ask(laid_out, **TSNE | {"seed": 9})
    index, told = answer.arrays["index"], answer.payload
    assert (told["state"], told["of"], told["n_features"]) == ("absent", 240, 8)
    assert len(index) == 100
    assert np.array_equal(answer.arrays["xy"], pca[index])
    labels = laid_out.recording.labels
    for label in range(10):
        assert abs((labels[index] == label).sum() - (labels == label).sum() * 100 / 240) <= 1


def test_a_layout_has_the_place_extent_and_orientation_of_the_pca(laid_out: Served) -> None:
    pca = shown_pca(laid_out)
    answer = done(laid_out, **TSNE)
    shown, xy = pca[answer.arrays["index"]], answer.arrays["xy"]
    assert np.allclose(xy.mean(axis=0), shown.mean(axis=0), atol=1e-3)
    assert np.square(xy - xy.mean(axis=0)).sum() == pytest.approx(
        np.square(shown - shown.mean(axis=0)).sum(), rel=1e-3
    )
    assert np.corrcoef(xy[:, 0], shown[:, 0])[0, 1] > 0.5
    x0, x1, y0, y1 = answer.payload["limits"]
    assert (x0, y0) == pytest.approx(xy.min(axis=0))
    assert (x1, y1) == pytest.approx(xy.max(axis=0))
    assert answer.payload["progress"] == 1


def test_another_tensorboard_finds_it_at_once(laid_out: Served) -> None:
    made = done(laid_out, **TSNE)
    other = Served(Page(laid_out.recording.log_dir.parent), laid_out.recording, laid_out.run)
    shown_pca(other)
    found = ask(other, **TSNE)
    assert found.payload["state"] == "done"
    assert np.allclose(found.arrays["xy"], made.arrays["xy"], atol=1e-4)


def test_the_seed_and_the_epoch_make_another_layout_and_the_inputs_have_no_epoch(
    laid_out: Served,
) -> None:
    jobs = {
        ask(laid_out, **TSNE | change).payload["job"]
        for change in ({}, {"seed": 1}, {"step": 3}, {"source": "inputs"}, {"metric": "cosine"})
    }
    assert len(jobs) == 5
    inputs = [ask(laid_out, **TSNE | {"source": "inputs", "step": step}) for step in (0, 5)]
    assert inputs[0].payload["job"] == inputs[1].payload["job"]


def test_faithfulness_is_of_the_layout_that_is_shown(laid_out: Served) -> None:
    layout = done(laid_out, **TSNE)
    told = laid_out.page.post("faithfulness", run=laid_out.run, **TSNE).get_json()
    vectors = laid_out.recording.embeddings[4][layout.arrays["index"]]
    expected = faithfulness(vectors, layout.arrays["xy"])
    assert told["trustworthiness"] == pytest.approx(expected.trustworthiness, abs=1e-6)
    assert told["kept"] == pytest.approx(expected.kept, abs=1e-6)
    assert (told["k"], told["n"], told["of"]) == (15, 100, 100)


@pytest.mark.parametrize("source", ["inputs", LAYER])
def test_faithfulness_of_the_pca(laid_out: Served, source: str) -> None:
    body = {"source": source, "step": 4, "method": "pca"}
    told = laid_out.page.post("faithfulness", run=laid_out.run, **body).get_json()
    assert (told["n"], told["of"]) == (240, 240)
    assert 0.5 < told["trustworthiness"] <= 1


def test_copies_are_found_and_leaks_among_them(laid_out: Served) -> None:
    body = {"source": "inputs", "step": 0, "metric": "euclidean"}
    found = done(laid_out, "duplicates", **body)
    pairs = set(zip(*(found.arrays[name].tolist() for name in ("first", "second")), strict=True))
    assert {(20, 200), (201, 210)} <= pairs
    assert found.payload["pairs"] == len(pairs)
    assert "a quarter of the median distance" in found.payload["note"]
    leaks = done(laid_out, "duplicates", **body, across=1, threshold=0)
    assert (leaks.arrays["first"].tolist(), leaks.arrays["second"].tolist()) == ([20], [200])
    assert leaks.payload["note"] == ""


def test_a_job_can_be_cancelled(laid_out: Served) -> None:
    body = TSNE | {"seed": 77, "n": 240}
    job = ask(laid_out, **body, start=1).payload["job"]
    assert laid_out.page.post("cancel", job=job).get_json() == {"state": "cancelled"}
    assert ask(laid_out, **body).payload["state"] == "cancelled"
    assert laid_out.page.post("cancel", job="nope").get_json() == {"state": "absent"}


@pytest.mark.parametrize(
    ("route", "body", "status", "told"),
    [
        ("projection", {"method": "som"}, 400, "pca, tsne, umap"),
        ("projection", TSNE | {"perplexity": 34}, 400, "at most 33, which is (samples - 1) / 3"),
        ("projection", TSNE | {"n": 99, "perplexity": 33}, 400, "at most 32.66, which"),
        ("projection", TSNE | {"n": 3, "perplexity": 1}, 400, "samples | draw more samples"),
        ("projection", TSNE | {"perplexity": "many"}, 400, "expected a number"),
        ("projection", TSNE | {"n": 2}, 400, "n='2' is out of range"),
        ("projection", TSNE | {"metric": "taxicab"}, 400, "euclidean or cosine"),
        ("projection", TSNE | {"method": "umap", "neighbors": 100}, 400, "at most 99"),
        ("projection", TSNE | {"method": "umap", "min_distance": 2}, 400, "from 0 to 1"),
        ("projection", TSNE | {"source": "conv9"}, 404, f"there are: inputs, {LAYER}"),
        ("projection", TSNE | {"step": 99}, 404, "logged are 0 to 5"),
        ("faithfulness", TSNE | {"seed": 1234}, 400, "is absent"),
        ("duplicates", {"source": "inputs", "threshold": -1}, 400, "threshold='-1'"),
        ("duplicates", {"source": "conv9", "step": 1}, 404, "there are: inputs"),
        ("cancel", {}, 400, "'job' is missing"),
    ],
)
def test_bad_requests_say_what_was_expected(
    laid_out: Served, route: str, body: dict[str, Any], status: int, told: str
) -> None:
    response = laid_out.page.post(route, run=laid_out.run, **body)
    assert told in laid_out.page.refused(response, status)


def test_fewer_samples_than_a_layout_needs(
    tmp_path: Any, make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    recording: Recording = make_run("logdir/exp1", n_samples=2)
    page = Page(recording.log_dir.parent)
    response = page.post("projection", run="exp1/cnnvis", **TSNE | {"step": 0})
    assert "at least 3 samples; the run watches 2" in page.refused(response, 400)


@pytest.mark.parametrize(
    ("method", "missing"), [("tsne", "numba"), ("umap", "umap")], ids=["tsne", "umap"]
)
def test_a_missing_extra_is_told_with_the_install_line(
    laid_out: Served, monkeypatch: pytest.MonkeyPatch, method: str, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    body = TSNE | {"method": method, "seed": 4321, "start": 1}
    response = laid_out.page.post("projection", run=laid_out.run, **body)
    told = laid_out.page.refused(response, 400)
    assert f"{method} needs {missing}" in told
    assert 'pip install "tensorboard-cnnvis[projections]"' in told
