"""Vectors kept ready for searching: bounded, shared between threads, or read in parts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recording import LAYER, Recording, record_run

from tensorboard_cnnvis.analysis.neighbors import METRICS, nearest
from tensorboard_cnnvis.analysis.projection import area_average
from tensorboard_cnnvis.server import vectors
from tensorboard_cnnvis.server.vectors import Source, Vectors, source
from tensorboard_cnnvis.store.reader import RunReader

QUERY = np.zeros(8, np.float32)


@pytest.fixture(scope="module")
def reader(recording: Recording) -> RunReader:
    return RunReader(recording.directory)


class Counted:
    """A source that counts how often its vectors are read."""

    def __init__(self, name: str, n: int = 50, n_features: int = 8) -> None:
        self.values = np.random.default_rng(len(name)).normal(size=(n, n_features))
        self.reads = 0
        self.of = Source((name,), n, n_features, "", self._rows)

    def _rows(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        self.reads += 1
        return self.values[start:stop].astype(np.float32)


def test_vectors_used_last_are_kept_up_to_the_bound() -> None:
    unbound = Vectors()
    unbound.parts(Counted("a").of, QUERY)
    bound = 2 * unbound.nbytes
    kept = Vectors(most_bytes=bound)
    named = {name: Counted(name) for name in "abcd"}
    for name in "abacacad":
        kept.parts(named[name].of, QUERY)
        assert kept.nbytes <= bound
    assert {name: item.reads for name, item in named.items()} == dict.fromkeys("abcd", 1)
    kept.parts(named["b"].of, QUERY)
    assert named["b"].reads == 2, "it was dropped for c"


def test_requests_at_the_same_time_read_once() -> None:
    counted, kept = Counted("a", 2000), Vectors()
    start = threading.Barrier(6)
    found = []

    def ask() -> None:
        start.wait()
        found.extend(kept.parts(counted.of, QUERY))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted.reads == 1
    assert all(item is found[0] for item in found)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", [LAYER, "inputs"])
def test_what_is_too_large_to_keep_is_read_in_parts_and_gives_the_same(
    reader: RunReader, monkeypatch: pytest.MonkeyPatch, name: str, metric: str
) -> None:
    monkeypatch.setattr(vectors, "_CHUNK_BYTES", 4000)
    of = source(reader, name, 2)
    small, large = Vectors(most_bytes=1000), Vectors()
    query = of.rows(7, 8)[0]
    parts = list(small.parts(of, query))
    assert len(parts) > 1
    assert small.nbytes == 0
    ours = nearest(parts, of.take, 7, 10, metric)
    whole = nearest(large.parts(of, query), of.take, 7, 10, metric)
    assert np.array_equal(ours.index, whole.index)
    assert np.array_equal(ours.distance, whole.distance)


@pytest.mark.parametrize("row_bytes", [1, 10**6])
@pytest.mark.parametrize("count", [3, 240])
def test_some_vectors_are_taken_one_by_one_or_in_bulk(
    recording: Recording,
    reader: RunReader,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    row_bytes: int,
) -> None:
    monkeypatch.setattr(vectors, "_ROW_BYTES", row_bytes)
    monkeypatch.setattr(vectors, "_CHUNK_BYTES", 1000)
    rows = np.linspace(0, 239, count).astype(np.int64)
    expected = recording.embeddings[2][rows].astype(np.float32)
    assert np.array_equal(source(reader, LAYER, 2).take(rows), expected)


def test_images_are_averaged_to_at_most_32_pixels(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (5, 40, 64), dtype=np.uint8)
    recording = record_run(tmp_path / "large", x, np.arange(5) % 2, epochs=1)
    of = source(RunReader(recording.directory), "inputs", 0)
    assert of.n_features == 32 * 32
    assert of.note == "images of 40x64 averaged to at most 32x32"
    assert np.allclose(of.rows(0, 5), area_average(x[..., None]).reshape(5, -1))


def test_another_epoch_or_run_has_vectors_of_its_own(
    reader: RunReader, make_run: Callable[..., Recording]
) -> None:
    other = RunReader(make_run("other", epochs=3).directory)
    keys = {source(which, name, step).key for which in (reader, other)
            for name in (LAYER, "inputs") for step in (1, 2)}  # fmt: skip
    assert len(keys) == 6, "a layer's differ by epoch, the images do not"
