"""The table's derived columns of real records: absent steps, restarts, damage, older metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dynamics_loops import INTEGERS, LOOPS, z_scores
from dynamics_record import Drawn, draw, write_attempt

from tensorboard_cnnvis import open_run, schema
from tensorboard_cnnvis.store.reader import RunReader
from tensorboard_cnnvis.table import dynamics_by_step
from tensorboard_cnnvis.table.sample_table import SampleTable


def table_of(log_dir: Path) -> SampleTable:
    return SampleTable(RunReader(log_dir / schema.SUBDIRECTORY))


def damage(log_dir: Path, drawn: Drawn, array: str, *steps: int) -> None:
    """Turns a bit of what is stored of an array at some steps."""
    file = next((log_dir / schema.SUBDIRECTORY).glob("events.out.*.cnnvis"))
    content = bytearray(file.read_bytes())
    for step in steps:
        content[content.find(drawn.steps[step][array].tobytes()) + 3] ^= 1
    file.write_bytes(content)


def assert_as_loops(table: SampleTable, drawn: Drawn, step: int) -> None:
    for name, loop in LOOPS.items():
        found, expected = table.values(name, step), [loop(seen) for seen in drawn.until(step)]
        if name in INTEGERS:
            assert found.tolist() == expected, (name, step)
        else:
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("steps", [range(6), range(1, 12, 2), [3], [0, 1, 7, 40]], ids=str)
def test_every_logged_epoch_counts_what_had_happened_by_then(tmp_path: Path, steps: Any) -> None:
    drawn = draw(list(steps), seed=1)
    write_attempt(tmp_path, drawn)
    table = table_of(tmp_path)
    order = np.random.default_rng(0).permutation(list(steps)).tolist()
    for step in [*order, *order]:
        assert_as_loops(table, drawn, step)


def test_some_rows_are_those_of_the_whole_column(tmp_path: Path) -> None:
    write_attempt(tmp_path, draw(range(5), seed=10))
    table, rows = table_of(tmp_path), np.array([7, 0, 39, 7])
    for name, column in table.columns.items():
        if column.kind != "text":
            some, whole = table.rows(name, 3, rows), table.values(name, 3)
            assert np.array_equal(some, whole[rows], equal_nan=some.dtype.kind == "f"), name


def test_of_repeated_epochs_the_newest_attempt_counts(tmp_path: Path) -> None:
    first, second = draw(range(6), seed=1), draw(range(3, 5), seed=2)
    write_attempt(tmp_path, first)
    table = table_of(tmp_path)
    assert_as_loops(table, first, 5)
    write_attempt(tmp_path, second)
    table._reader.refresh()
    merged = Drawn(first.labels, {**{s: first.steps[s] for s in range(3)}, **second.steps})
    for step in (4, 3, 2, 0):
        assert_as_loops(table, merged, step)
        assert_as_loops(table_of(tmp_path), merged, step)


def test_a_new_epoch_goes_on_from_the_last_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before is not read again: its file could be gone."""
    read: list[tuple[str, int | None]] = []
    array = RunReader.array

    def counted(self: RunReader, name: str, step: int | None = None) -> Any:
        read.append((name, step))
        return array(self, name, step)

    drawn = draw(range(4), seed=3)
    write_attempt(tmp_path, Drawn(drawn.labels, {step: drawn.steps[step] for step in range(3)}))
    table = table_of(tmp_path)
    assert_as_loops(table, drawn, 2)
    write_attempt(tmp_path, Drawn(drawn.labels, {3: drawn.steps[3]}))
    table._reader.refresh()
    monkeypatch.setattr(RunReader, "array", counted)
    assert_as_loops(table, drawn, 3)
    assert {step for _, step in read} == {3}


def test_few_states_are_kept_however_many_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = draw(range(50), seed=4)
    write_attempt(tmp_path, drawn)
    monkeypatch.setattr(dynamics_by_step, "_KEPT_BYTES", 5 * 56 * 40)
    table = table_of(tmp_path)
    for step in (49, 0, 48, 17, 16, 3, 49):
        assert_as_loops(table, drawn, step)
        assert table._dynamics.nbytes <= 5 * 56 * 40


def test_a_damaged_epoch_is_left_out(tmp_path: Path) -> None:
    drawn = draw(range(5), seed=5)
    write_attempt(tmp_path, drawn)
    damage(tmp_path, drawn, schema.MARGIN, 2)
    rest = Drawn(drawn.labels, {step: drawn.steps[step] for step in (0, 1, 3, 4)})
    assert_as_loops(table_of(tmp_path), rest, 4)


def test_an_epoch_whose_losses_are_damaged_is_told_as_documented(tmp_path: Path) -> None:
    drawn = draw(range(3), seed=5)
    write_attempt(tmp_path, drawn)
    damage(tmp_path, drawn, schema.LOSS, 2)
    run = open_run(tmp_path)
    for asked in (
        lambda: run.samples(2),
        lambda: run.query("loss > 1", 2),
        lambda: run.compare(run, 2, 0),
    ):
        with pytest.raises(ValueError, match="damaged"):
            asked()
    assert len(run.samples(1)) == len(drawn.labels)


def test_what_is_damaged_leaves_the_other_columns_readable(tmp_path: Path) -> None:
    drawn = draw(range(4), seed=9)
    write_attempt(tmp_path, drawn)
    damage(tmp_path, drawn, schema.SCORES, 1, 3)
    frame = open_run(tmp_path).samples(3)
    assert frame.label_error.isna().all(), "two epochs do not rank the labels"
    assert_as_loops(table_of(tmp_path), drawn, 3)


def test_loss_z_is_of_the_epoch_alone(tmp_path: Path) -> None:
    drawn = draw([2, 4], seed=6)
    write_attempt(tmp_path, drawn)
    table = table_of(tmp_path)
    splits = table.values("split").tolist()
    groups = [
        (label, split) if label >= 0 else None
        for label, split in zip(drawn.labels.tolist(), splits, strict=True)
    ]
    for step in (4, 2):
        expected = z_scores(drawn.steps[step][schema.LOSS].astype(float).tolist(), groups)
        np.testing.assert_allclose(table.values("loss_z", step), expected, rtol=1e-6, atol=1e-6)


def test_a_query_over_them_holds_at_any_epoch(tmp_path: Path) -> None:
    drawn = draw(range(20), seed=7, n=300)
    write_attempt(tmp_path, drawn)
    run = open_run(tmp_path)
    text = "flips > 3 and first_learned > 2 and mean_margin < 0"
    sizes = set()
    for step in (19, 3, 8):
        seen = drawn.until(step)
        expected = [
            row
            for row, one in enumerate(seen)
            if LOOPS["flips"](one) > 3
            and LOOPS["first_learned"](one) > 2
            and LOOPS["mean_margin"](one) < 0
        ]
        assert run.query(text, step, neighbors=False).index.tolist() == expected
        sizes.add(len(expected))
    assert len(sizes) == 3


def test_a_metadata_column_of_an_older_run_keeps_working_under_another_name(
    tmp_path: Path,
) -> None:
    drawn = draw(range(3), seed=8)
    n = len(drawn.labels)
    metadata = {"flips": ["left"] * n, "meta_flips": ["right"] * n, "label_error": [""] * n}
    write_attempt(tmp_path, drawn, metadata)
    frame = open_run(tmp_path).samples(2)
    assert (frame.meta_flips == "left").all()
    assert (frame.meta_meta_flips == "right").all()
    assert frame.meta_label_error.isna().all()
    assert_as_loops(table_of(tmp_path), drawn, 2)
    assert len(open_run(tmp_path).query("meta_flips == 'left' and flips >= 0")) == n
    table = table_of(tmp_path)
    assert table.metadata == ("meta_flips", "meta_meta_flips", "meta_label_error")
    assert "'flips'" in table.column("meta_flips").definition
