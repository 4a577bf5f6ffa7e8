"""Bad requests, foreign origins, live runs, many runs: what HTTP adds."""

import io
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from growing import growing
from recording import LAYER, Recording
from serving import HEADERS, Page, Served
from tensorboard.plugins import base_plugin

from tensorboard_cnnvis.server.plugin import CNNVisLoader
from tensorboard_cnnvis.store.reader import RunReader
from tensorboard_cnnvis.store.writer import RunWriter


@pytest.mark.parametrize(
    ("route", "params", "status", "told"),
    [
        ("run", {}, 400, "'run' is missing"),
        ("run", {"run": "nope"}, 404, "runs with one: exp1/cnnvis, group/broken/cnnvis"),
        ("run", {"run": "../../etc"}, 404, "there is no run"),
        ("columns", {"step": 99, "names": "loss"}, 404, "logged are 0 to 5"),
        ("columns", {"step": "x", "names": "loss"}, 400, "expected a whole number"),
        ("columns", {"step": 1, "names": "nope"}, 404, "there are: sample_index, source_index"),
        ("columns", {"step": 1, "names": "note"}, 404, "holds text"),
        ("columns", {"step": 1}, 400, "names=loss"),
        ("table", {"step": 1, "limit": 5000}, 400, "from 1 to 1000"),
        ("table", {"step": 1, "splits": "test"}, 400, "splits: train, validation"),
        ("sample", {"step": 1, "index": 240}, 400, "from 0 to 239"),
        ("sample", {"step": 1, "index": -1}, 400, "from 0 to 239"),
        ("input", {"index": "1; rm"}, 400, "from 0 to 239"),
        ("atlas", {"page": 7}, 400, "from 0 to 0"),
    ],
)
def test_bad_requests_say_what_was_expected(
    served: Served, route: str, params: dict[str, Any], status: int, told: str
) -> None:
    params = (
        params if "run" in params or told.startswith("'run'") else {"run": served.run, **params}
    )
    assert told in served.page.refused(served.page.get(route, **params), status)


def test_a_layer_without_an_embedding_names_those_with_one(served: Served) -> None:
    response = served.page.post("projection", run=served.run, source="conv9", step=1)
    assert f"there are: inputs, {LAYER}" in served.page.refused(response, 404)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CNNVis": "1"},
        {"Origin": "http://localhost"},
        {"X-CNNVis": "1", "Origin": "http://evil.example"},
        {"X-CNNVis": "1", "Origin": "null"},
        {"X-CNNVis": "1", "Origin": "http://localhost:9999"},
        {"X-CNNVis": "1", "Origin": "http://["},
        {"X-CNNVis": "1", "Origin": "http://evil.example", "Host": "evil.example"},
    ],
    ids=["none", "no origin", "no header", "foreign", "null", "port", "malformed", "rebound name"],
)
def test_what_computes_is_refused_to_other_pages(served: Served, headers: dict[str, str]) -> None:
    response = served.page.post(
        "projection", headers=headers, run=served.run, source="inputs", step=0
    )
    assert response.status_code == 403


def test_what_computes_takes_no_get(served: Served) -> None:
    assert "use POST" in served.page.refused(served.page.get("projection", run=served.run), 405)


@pytest.mark.parametrize("body", ["", "[]", "{", '"text"', "x" * (2**21 + 1)])
def test_a_broken_body_is_told(served: Served, body: str) -> None:
    response = served.page.client.post("/data/plugin/cnnvis/projection", data=body, headers=HEADERS)
    served.page.refused(response, 400)


class Pouring(io.RawIOBase):
    """A body that does not tell its length, as `Transfer-Encoding: chunked` allows."""

    def __init__(self, size: int) -> None:
        self.read_bytes, self._size = 0, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._size - self.read_bytes)
        self.read_bytes += count
        buffer[:count] = b"x" * count
        return count


def send_body(served: Served, **environ: Any) -> str:
    response = served.page.client.post(
        "/data/plugin/cnnvis/projection", headers=HEADERS, environ_overrides=environ
    )
    return served.page.refused(response, 400)


def test_a_body_that_does_not_tell_its_length_is_bounded_too(served: Served) -> None:
    body = Pouring(50 * 2**20)
    chunked = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    assert "at most 2 MB" in send_body(served, **{"wsgi.input": body, **chunked})
    assert body.read_bytes < 3 * 2**20


def test_a_body_that_ends_early_is_told(served: Served) -> None:
    short = {"wsgi.input": io.BytesIO(b"{}"), "CONTENT_LENGTH": "9"}
    assert "ended early" in send_body(served, **short)


def test_a_reverse_proxy_can_be_trusted(tmp_path: Path, make_run: Callable[..., Recording]) -> None:
    make_run("logdir/exp1")
    page = Page(tmp_path / "logdir", "--cnnvis_trusted_origins=https://boards.example")
    headers = {"X-CNNVis": "1", "Origin": "https://boards.example"}
    body = {"run": "exp1/cnnvis", "source": "inputs", "step": 0}
    assert page.post("projection", headers=headers, **body).status_code == 200


def test_a_growing_run_is_followed(tmp_path: Path, make_run: Callable[..., Recording]) -> None:
    recording = make_run("logdir/exp1", epochs=2)
    page = Page(tmp_path / "logdir")
    first = page.json("steps", run="exp1/cnnvis")
    assert len(first["steps"]) == 2
    make_run("logdir/exp1", epochs=3, first_epoch=2)
    opened = _until(page, lambda told: len(told["steps"]) == 5)
    assert opened["version"] != first["version"]
    assert opened["attempt"] != first["attempt"]
    assert opened["live"]
    with RunWriter(recording.log_dir) as writer:
        writer.manifest(recording.manifest)
        writer.end()
    assert not _until(page, lambda told: not told["live"])["live"]


def test_a_page_that_keeps_what_has_the_same_version_misses_no_epoch(
    tmp_path: Path, digits: Any
) -> None:
    x, labels = digits
    with growing(tmp_path / "logdir" / "exp1", x[:20], labels[:20], epochs=40) as run:
        page = Page(tmp_path / "logdir")
        while not page.json("runs")["runs"]:
            page.reload()
        version, shown = None, 0
        for epoch in range(40):
            run.write(1)
            for _ in range(200):
                told = page.json("steps", run="exp1/cnnvis")
                if told["version"] != version:
                    version, shown = told["version"], len(told["steps"])
                if shown == epoch + 1:
                    break
            assert shown == epoch + 1


def test_a_record_in_the_logdir_itself(tmp_path: Path, make_run: Callable[..., Recording]) -> None:
    make_run("logdir")
    page = Page(tmp_path / "logdir")
    (entry,) = page.json("runs")["runs"]
    assert entry["name"] == "."
    assert page.json("run", run=entry["run"])["manifest"]["n_samples"] == 60


def test_logdir_spec(tmp_path: Path, make_run: Callable[..., Recording]) -> None:
    make_run("a/one")
    make_run("b/two")
    page = Page(tmp_path, "--logdir", "", f"--logdir_spec=x:{tmp_path / 'a'},y:{tmp_path / 'b'}")
    page._multiplexer.AddRunsFromDirectory(str(tmp_path / "a"), "x")
    page._multiplexer.AddRunsFromDirectory(str(tmp_path / "b"), "y")
    page._multiplexer.Reload()
    told = {entry["run"]: entry["error"] for entry in page.json("runs")["runs"]}
    assert {run: told[run] for run in ("x/one/cnnvis", "y/two/cnnvis")} == {
        "x/one/cnnvis": None,
        "y/two/cnnvis": None,
    }


def test_a_run_that_is_gone_is_told_and_the_others_stay(
    tmp_path: Path, make_run: Callable[..., Recording]
) -> None:
    make_run("logdir/kept")
    gone = make_run("logdir/gone")
    page = Page(tmp_path / "logdir")
    shutil.rmtree(gone.directory)
    told = {entry["name"]: entry["error"] for entry in page.json("runs")["runs"]}
    assert told["kept"] is None
    assert told["gone"]


def test_missing_inputs_are_told_and_the_numbers_stay(
    tmp_path: Path, make_run: Callable[..., Recording]
) -> None:
    recording = make_run("logdir/exp1")
    next(recording.directory.glob("inputs-*.npy")).unlink()
    page = Page(tmp_path / "logdir")
    assert "inputs" in page.refused(page.get("input", run="exp1/cnnvis", index=0), 404)
    assert (
        page.columns("columns", run="exp1/cnnvis", step=0, names="loss").arrays["loss"].size == 60
    )


def test_a_damaged_epoch_is_a_gap_in_a_samples_history(
    tmp_path: Path, make_run: Callable[..., Recording]
) -> None:
    recording = make_run("logdir/exp1", epochs=3)
    (path,) = recording.directory.glob("events.*")
    data = bytearray(path.read_bytes())
    reader = RunReader(recording.directory)
    for name in ("loss", "prediction"):
        data[data.index(reader.array(name, 1).tobytes())] ^= 1
    path.write_bytes(data)
    page = Page(tmp_path / "logdir")
    told = page.columns("sample", run="exp1/cnnvis", step=2, index=5).arrays
    assert np.isnan(told["loss"]).tolist() == [False, True, False]
    assert told["prediction"].tolist()[1] == -1
    assert "checksum" in page.refused(
        page.get("columns", run="exp1/cnnvis", step=1, names="loss"), 404
    )
    notices = page.json("run", run="exp1/cnnvis")["notices"]
    assert any("'cnnvis/array/loss' at step 1 is damaged" in notice for notice in notices)


def test_hostile_names_stay_text(tmp_path: Path, make_run: Callable[..., Recording]) -> None:
    names = tuple(f"<img src=x onerror=alert({index})>\u202e\x00" for index in range(10))
    make_run("logdir/<script>alert(1)<", class_names=names)
    page = Page(tmp_path / "logdir")
    (entry,) = page.json("runs")["runs"]
    response = page.get("run", run=entry["run"])
    assert response.content_type == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert tuple(page.json("run", run=entry["run"])["manifest"]["class_names"]) == names


def test_the_tab_is_there(served: Served) -> None:
    listing = served.page.client.get("/data/plugins_listing").get_json()["cnnvis"]
    assert listing["enabled"]
    assert listing["tab_name"] == "CNN Vis"
    entry = served.page.client.get("/data/plugin_entry.html?name=cnnvis").get_data(as_text=True)
    assert "plugin/cnnvis/" in entry


def test_tensorboard_starts_without_us_when_we_cannot_load(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import tensorboard_cnnvis.server.plugin as entry

    def broken() -> Any:
        raise ImportError("numpy is broken here")

    monkeypatch.setattr(entry, "_plugin_class", broken)
    with caplog.at_level(logging.WARNING):
        assert CNNVisLoader().load(base_plugin.TBContext()) is None
    assert [record.getMessage() for record in caplog.records] == [
        "CNN Vis is not loaded: numpy is broken here"
    ]


def test_tensorboard_keeps_one_of_our_arrays_unless_told_otherwise(tmp_path: Path) -> None:
    import argparse

    flags = argparse.Namespace(samples_per_plugin={"images": 3})
    CNNVisLoader().fix_flags(flags)
    assert flags.samples_per_plugin == {"images": 3, "cnnvis": 1}
    flags = argparse.Namespace(samples_per_plugin={"cnnvis": 7})
    CNNVisLoader().fix_flags(flags)
    assert flags.samples_per_plugin == {"cnnvis": 7}


def _until(page: Page, wanted: Callable[[Any], bool]) -> Any:
    """What `steps` says once the half second between two looks at the disk is over."""
    import time

    for _ in range(40):
        told = page.json("steps", run="exp1/cnnvis")
        if wanted(told):
            return told
        time.sleep(0.1)
    raise TimeoutError("the run was not followed")
