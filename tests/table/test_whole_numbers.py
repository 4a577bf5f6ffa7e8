"""Keys and times are whole numbers that float32 cannot tell apart: they stay what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dynamics_record import draw, write_attempt

from tensorboard_cnnvis import compare, open_run, schema
from tensorboard_cnnvis.analysis.ordering import rows_at, sort_keys
from tensorboard_cnnvis.run import Run
from tensorboard_cnnvis.server.exports import rows_csv
from tensorboard_cnnvis.store.reader import RunReader
from tensorboard_cnnvis.table.sample_table import SampleTable

N, FIRST = 40, 20_230_001
KEYS = FIRST + np.arange(N, dtype=np.float64)
ORDER = np.random.default_rng(0).permutation(N)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, and another of the same samples in another order."""
    logdir = tmp_path_factory.mktemp("keys")
    for name, keys in (("run", KEYS), ("other", KEYS[ORDER])):
        thirds = np.where(keys % 3 == 0, np.nan, keys / 3)
        write_attempt(logdir / name, draw(range(3), seed=1), {"key": keys, "third": thirds})
    return logdir


@pytest.fixture
def run(directory: Path) -> Run:
    return open_run(directory / "run")


def test_each_key_is_matched_with_itself(run: Run, directory: Path) -> None:
    found = compare(run, open_run(directory / "other"), 2, by="key")
    assert (ORDER[found["other_index"]] == found.index).all()
    assert len(found) == N
    assert not [note for note in found.attrs["notes"] if "share" in note]


def test_rows_hold_what_was_given(run: Run) -> None:
    frame = run.samples(2, neighbors=False)
    assert frame["key"].tolist() == KEYS.tolist()
    assert frame["third"].dtype == np.float32, "what float32 rounds anyway is as ever"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"key == {FIRST}", [0]),
        (f"key > {FIRST} and key < {FIRST + 4}", [1, 2, 3]),
        (f"key in [{FIRST + 1}, {FIRST + 3}]", [1, 3]),
        (f"key - {FIRST} == 5", [5]),
    ],
)
def test_a_query_finds_one_of_them(run: Run, text: str, rows: list[int]) -> None:
    assert run.query(text, 2, neighbors=False).index.tolist() == rows


def test_they_are_sorted_shown_and_written_whole(directory: Path) -> None:
    other = SampleTable(RunReader(directory / "other" / schema.SUBDIRECTORY))
    keys = sort_keys(other.ordered("key"), other.missing("key"), descending=True)
    assert other.numbers("key")[rows_at(keys, 0, N)].tolist() == KEYS[::-1].tolist()
    assert other.show("key", 0) == str(int(KEYS[ORDER[0]]))
    written = rows_csv(other, 2, np.arange(N) == 0).body.decode()
    assert f",{KEYS[ORDER[0]]}," in written
