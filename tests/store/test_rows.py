"""Some rows of an array that was written in several parts."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from recording import Recording

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.reader import RunReader, StoreError
from tensorboard_cnnvis.store.writer import RunWriter

VALUES = np.arange(50, dtype=np.float32).reshape(10, 5)


@pytest.fixture
def reader(make_run: Callable[..., Recording], monkeypatch: pytest.MonkeyPatch) -> RunReader:
    recording = make_run(n_samples=10, epochs=1)
    monkeypatch.setattr(schema, "MAX_RECORD_BYTES", 60)  # three rows of 20 bytes
    with RunWriter(recording.log_dir) as writer:
        writer.manifest(recording.manifest)
        writer.array("embedding/wide", VALUES, 0)
        writer.array("embedding/none", VALUES[:0], 0)
        writer.commit(schema.StepRecord(0, time.time(), ()))
    reader = RunReader(recording.directory)
    assert reader.step(0).arrays["embedding/wide"].parts == 4
    return reader


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 10), (0, 3), (2, 4), (3, 9), (9, 10), (8, 99), (4, 4), (10, 12)]
)
def test_rows_come_from_all_parts_that_hold_them(reader: RunReader, start: int, stop: int) -> None:
    found = reader.rows("embedding/wide", 0, start, stop)
    assert found.shape[1] == 5
    assert np.array_equal(found, VALUES[start:stop])


def test_one_row_is_found_in_its_part_or_told_missing(reader: RunReader) -> None:
    for row in range(10):
        assert np.array_equal(reader.row("embedding/wide", 0, row), VALUES[row])
    with pytest.raises(StoreError, match="has no row 10"):
        reader.row("embedding/wide", 0, 10)
    assert len(reader.rows("embedding/none", 0, 0, 5)) == 0
