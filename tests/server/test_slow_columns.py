"""Columns that a job computes: asked for again until they are there, never started by a GET."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from recording import LAYER, record_run
from serving import Columns, Page, Served, decode, packed

from tensorboard_cnnvis import open_run, schema
from tensorboard_cnnvis.server import slow_columns

PATIENCE_SECONDS = 120.0
SLOW = ("neighbor_disagreement", "label_error")


@pytest.fixture
def fresh(tmp_path: Any, digits: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Four epochs over 80 digits, and no result in the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    x, labels = digits
    recording = record_run(tmp_path / "logdir" / "exp1", x[:80], labels[:80], n_train=30, epochs=4)
    yield Served(Page(tmp_path / "logdir"), recording, "exp1/cnnvis")


def patiently(served: Served, route: str, **body: Any) -> Columns:
    """Asks again as long as it is told to."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (response := served.page.post(route, run=served.run, **body)).status_code == 503:
        told = json.loads(response.get_data())
        assert "is being computed" in told["error"]
        assert told["hint"]
        assert 0 < told["retry_after"] <= 1
        assert time.monotonic() < deadline
        time.sleep(told["retry_after"] / 10)
    return decode(response)


def frame(served: Served, step: int) -> Any:
    return open_run(served.recording.log_dir).samples(step)


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_column_comes_after_a_while_as_open_run_has_it(fresh: Served, name: str) -> None:
    asked = {"step": 3, "names": f"loss,{name}"}
    assert fresh.page.post("columns", run=fresh.run, **asked).status_code == 503
    told = patiently(fresh, "columns", **asked)
    assert np.array_equal(told.arrays[name], frame(fresh, 3)[name], equal_nan=True)
    assert np.isfinite(told.arrays[name]).all()
    again = fresh.page.columns("columns", run=fresh.run, step=3, names=name)
    assert np.array_equal(again.arrays[name], told.arrays[name])


def test_a_query_waits_for_the_columns_it_names_alone(fresh: Served) -> None:
    asked = {"splits": "", "selected": None, "sets": {}, "tags": {}, "step": 3}
    told = decode(fresh.page.post("query", run=fresh.run, text="flips > 0", **asked))
    assert told.arrays["members"].tolist() == np.flatnonzero(frame(fresh, 3).flips > 0).tolist()
    text = "neighbor_disagreement > 0.5 and mean_margin < 0"
    told = patiently(fresh, "query", text=text, **asked)
    expected = open_run(fresh.recording.log_dir).query(text, 3)
    assert told.arrays["members"].tolist() == expected.index.tolist()


def test_a_page_of_the_table_does_not_wait_unless_it_is_sorted_so(fresh: Served) -> None:
    page = fresh.page.columns("table", run=fresh.run, step=3, sort="loss")
    assert page.payload["pending"] == sorted(SLOW)
    assert all(np.isnan(page.arrays[name]).all() for name in SLOW)
    sort = {"sort": "neighbor_disagreement", "descending": 1, "members": None}
    page = patiently(fresh, "table", step=3, **sort)
    assert page.payload["pending"] == ["label_error"]
    values = page.arrays["neighbor_disagreement"]
    assert (np.diff(values) <= 0).all()
    assert np.array_equal(values, np.sort(frame(fresh, 3).neighbor_disagreement)[::-1])


def test_histograms_and_files_have_them_once_they_are_there(fresh: Served) -> None:
    def shown() -> tuple[list[str], list[str]]:
        body = {"run": fresh.run, "step": 3, "members": packed(np.ones(80))}
        told = decode(fresh.page.post("distributions", **body))
        text = fresh.page.post("export", kind="csv", **body).get_data(as_text=True)
        return list(told.payload["edges"]), next(csv.reader(io.StringIO(text)))

    assert not [name for names in shown() for name in names if name in SLOW]
    patiently(fresh, "columns", step=3, names="label_error")
    histograms, head = shown()
    assert "label_error" in histograms
    assert "label_error" in head
    assert "neighbor_disagreement" not in head


def test_a_get_starts_nothing(fresh: Served) -> None:
    for params in ({"names": "label_error"}, {"sort": "label_error"}):
        route = "columns" if "names" in params else "table"
        response = fresh.page.get(route, run=fresh.run, step=3, **params)
        assert "label_error is yet to be computed" in fresh.page.refused(response, 405)
    page = fresh.page.columns("table", run=fresh.run, step=3)
    assert "label_error" in page.payload["pending"]


def test_before_the_third_epoch_no_label_is_ranked(fresh: Served) -> None:
    told = fresh.page.columns("columns", run=fresh.run, step=1, names="label_error")
    assert np.isnan(told.arrays["label_error"]).all()
    assert np.isnan(frame(fresh, 1).label_error).all()


def test_epochs_that_are_hurried_past_keep_nobody_waiting(
    tmp_path: Any, digits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More epochs are asked for than jobs may wait, and those left behind are cancelled."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(slow_columns, "_FORGOTTEN_SECONDS", 0.0)
    (x, labels), name = digits, "neighbor_disagreement"
    recording = record_run(tmp_path / "logdir" / "exp1", x[:400], labels[:400], epochs=30)
    served = Served(Page(tmp_path / "logdir"), recording, "exp1/cnnvis")
    for step in range(2, 30):
        body = {"run": served.run, "step": step, "names": name}
        assert served.page.post("columns", **body).status_code in (200, 503)
    told = patiently(served, "columns", step=28, names=name)
    assert np.array_equal(told.arrays[name], frame(served, 28)[name])


def test_a_failed_job_tells_why_and_is_tried_again_when_asked_again(fresh: Served) -> None:
    """The embedding is damaged on disk: what was read so far stays."""
    file = next(fresh.recording.directory.glob("events.out.*.cnnvis"))
    content = bytearray(file.read_bytes())
    place = content.find(fresh.recording.embeddings[3].tobytes())
    assert place > 0
    content[place + 5] ^= 1
    file.write_bytes(content)
    body = {"run": fresh.run, "step": 3, "names": "neighbor_disagreement"}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (response := fresh.page.post("columns", **body)).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert schema.embedding_array(LAYER) in fresh.page.refused(response, 400)
    assert fresh.page.post("columns", **body).status_code == 503


def test_without_embeddings_there_are_no_neighbors(tmp_path: Any, digits: Any) -> None:
    x, labels = digits
    record_run(
        tmp_path / "exp1", x[:40], labels[:40],
        change=lambda manifest: dataclasses.replace(manifest, embeddings=()),
    )  # fmt: skip
    columns = [
        column["name"] for column in Page(tmp_path).json("run", run="exp1/cnnvis")["columns"]
    ]
    assert "neighbor_disagreement" not in columns
    assert "label_error" in columns
