"""What is written is read back, whole, by our reader and by TensorBoard's own code."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recording import LAYER, Recording, record_run
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.util import tensor_util

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.index import EventFile
from tensorboard_cnnvis.store.reader import RunReader, StoreError
from tensorboard_cnnvis.store.records import HEADER_BYTES
from tensorboard_cnnvis.store.writer import RunWriter


def event_file(recording: Recording) -> Path:
    return max(recording.directory.glob("events.out.tfevents.*"))


def summary() -> tuple[schema.SplitSummary, ...]:
    return (schema.SplitSummary("validation", 1.0, 0.5, 0.5, 0),)


def test_arrays_come_back_as_they_were_written(recording: Recording) -> None:
    reader = RunReader(recording.directory)
    assert [record.step for record in reader.steps] == list(range(6))
    for step, embedding in recording.embeddings.items():
        stored = reader.array(schema.embedding_array(LAYER), step)
        assert stored.dtype == np.float16
        assert np.array_equal(stored, embedding)
        row = reader.row(schema.embedding_array(LAYER), step, 17)
        assert np.array_equal(row, embedding[17])
    assert np.array_equal(reader.array(schema.LABELS), recording.labels)
    assert reader.strings(schema.metadata_array("note"))[3] == "note 3"
    assert np.array_equal(reader.inputs().rows(slice(0, 240)), recording.inputs)


def test_the_manifest_comes_back_whole(recording: Recording) -> None:
    stored = RunReader(recording.directory).manifest
    assert stored == recording.manifest


def test_tensorboards_own_code_reads_the_same_bytes(recording: Recording) -> None:
    found = {}
    for data in RawEventFileLoader(str(event_file(recording))).Load():
        event = Event.FromString(data)
        for value in event.summary.value:
            found[value.tag, event.step] = value
    loss = found["cnnvis/array/loss", 2].tensor
    expected = RunReader(recording.directory).array("loss", 2)
    assert np.array_equal(tensor_util.make_ndarray(loss), expected)
    assert found["cnnvis/array/loss", 2].metadata.plugin_data.plugin_name == "cnnvis"
    assert found["cnnvis/array/loss", 2].metadata.data_class == 0, "bulk must not be listed"
    assert found["cnnvis/manifest", 0].metadata.data_class == 2
    scalar = found["probe/validation/loss", 2]
    assert scalar.tensor.tensor_shape.dim == []
    assert scalar.metadata.plugin_data.plugin_name == "scalars"


@pytest.mark.parametrize(
    "dtype",
    ["float16", "float32", "float64", "int8", "uint8", "int32", "int64", "uint16", "bool"],
)
@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (7, 2, 3)])
def test_every_dtype_and_shape(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    with RunWriter(tmp_path) as writer:
        writer.array("something", values, 3)
        writer.manifest(_manifest())
        writer.commit(schema.StepRecord(3, 0.0, summary()))
    stored = RunReader(tmp_path / "cnnvis").array("something", 3)
    assert stored.dtype == values.dtype
    assert stored.shape == shape
    assert np.array_equal(stored, values)


def test_an_unknown_dtype_is_refused_by_name(tmp_path: Path) -> None:
    with RunWriter(tmp_path) as writer, pytest.raises(TypeError, match="complex64"):
        writer.array("something", np.zeros(3, np.complex64))


def test_large_arrays_are_written_in_row_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MAX_RECORD_BYTES", 64)
    values = np.arange(300, dtype=np.float32).reshape(100, 3)
    with RunWriter(tmp_path) as writer:
        writer.array("labels", np.arange(50, dtype=np.int32))
        writer.manifest(_manifest())
        writer.array("wide", values, 0)
        writer.commit(schema.StepRecord(0, 0.0, summary()))
    reader = RunReader(tmp_path / "cnnvis")
    assert reader.step(0).arrays["wide"] == schema.ArrayInfo("float32", (100, 3), 20)
    assert np.array_equal(reader.array("wide", 0), values)
    assert np.array_equal(reader.row("wide", 0, 57), values[57])
    assert np.array_equal(reader.array("labels"), np.arange(50))


def test_a_step_without_its_record_is_not_there(tmp_path: Path) -> None:
    with RunWriter(tmp_path) as writer:
        writer.manifest(_manifest())
        writer.array("loss", np.zeros(3, np.float32), 0)
        reader = RunReader(tmp_path / "cnnvis")
        assert reader.steps == ()
        with pytest.raises(StoreError, match="epoch 0 is not logged"):
            reader.array("loss", 0)
        writer.commit(schema.StepRecord(0, 0.0, summary()))
        assert reader.refresh() > 0
        assert [record.step for record in reader.steps] == [0]


def test_150_epochs_show_150_while_being_written(make_run: Callable[..., Recording]) -> None:
    recording = make_run(n_samples=20, epochs=0)
    reader = RunReader(recording.directory)
    with RunWriter(recording.log_dir) as writer:
        writer.manifest(recording.manifest)
        for step in range(150):
            writer.array("loss", np.full(20, step, np.float32), step)
            writer.commit(schema.StepRecord(step, 0.0, summary()))
            reader.refresh()
            assert len(reader.steps) == step + 1
    assert [reader.array("loss", step)[0] for step in range(150)] == list(range(150))


def test_a_tail_that_is_still_being_written_is_waited_for(
    make_run: Callable[..., Recording],
) -> None:
    recording = make_run(epochs=3)
    path = event_file(recording)
    whole = path.read_bytes()
    for cut in (1, 5, 13, 200, 3000):
        path.write_bytes(whole[:-cut])
        reader = RunReader(recording.directory)
        assert [record.step for record in reader.steps] == [0, 1]
        assert reader.problems == ()
        with path.open("ab") as file:
            file.write(whole[-cut:])
        reader.refresh()
        assert [record.step for record in reader.steps] == [0, 1, 2]


def test_a_damaged_array_is_reported_and_the_rest_goes_on(
    make_run: Callable[..., Recording],
) -> None:
    recording = make_run(epochs=3)
    path = event_file(recording)
    data = bytearray(path.read_bytes())
    needle = RunReader(recording.directory).array(schema.MARGIN, 1).tobytes()
    at = data.index(needle)
    data[at + 5] ^= 1
    path.write_bytes(data)
    reader = RunReader(recording.directory)
    assert len(reader.steps) == 3
    with pytest.raises(StoreError, match=r"byte \d+: 'cnnvis/array/margin' at step 1"):
        reader.array(schema.MARGIN, 1)
    assert np.isfinite(reader.array(schema.MARGIN, 2)).all()
    (problem,) = reader.problems
    assert problem.file == path.name
    assert problem.offset < at < problem.offset + 2000


def test_after_a_damaged_length_the_rest_of_the_file_is_reported_lost(
    make_run: Callable[..., Recording],
) -> None:
    recording = make_run(epochs=3)
    path = event_file(recording)
    data = bytearray(path.read_bytes())
    file = EventFile(path)
    file.refresh()
    data[file.entry("cnnvis/array/loss", 2).span.offset - HEADER_BYTES] ^= 0x55
    path.write_bytes(data)
    reader = RunReader(recording.directory)
    assert [record.step for record in reader.steps] == [0, 1]
    assert any("the rest of this file is lost" in problem.what for problem in reader.problems)


def test_a_failed_write_leaves_no_torn_record(
    make_run: Callable[..., Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = make_run(epochs=1)
    real, written = os.write, []

    def full_disk(fd: int, data: memoryview) -> int:
        written.append(len(data))
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        return real(fd, data)

    with RunWriter(recording.log_dir) as writer:
        writer.manifest(recording.manifest)
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full_disk)
            with pytest.raises(OSError, match="No space"):
                writer.array("loss", np.zeros(20, np.float32), 5)
        writer.array("loss", np.ones(20, np.float32), 6)
        writer.commit(schema.StepRecord(6, 0.0, summary()))
    reader = RunReader(recording.directory)
    assert reader.problems == ()
    assert [record.step for record in reader.steps] == [0, 6]
    assert reader.array("loss", 6).sum() == 20


def test_a_restart_wins_from_its_first_step_on(make_run: Callable[..., Recording]) -> None:
    first = make_run(epochs=5)
    second = make_run(epochs=2, first_epoch=3, seed=1)
    reader = RunReader(first.directory)
    assert [record.step for record in reader.steps] == [0, 1, 2, 3, 4]
    embedding = schema.embedding_array(LAYER)
    assert np.array_equal(reader.array(embedding, 2), first.embeddings[2])
    assert np.array_equal(reader.array(embedding, 3), second.embeddings[3])
    assert len(list(first.directory.glob("inputs-*.npy"))) == 1, "same samples, one file"
    shorter = make_run(epochs=1, first_epoch=1, seed=2)
    reader.refresh()
    assert [record.step for record in reader.steps] == [0, 1]
    assert np.array_equal(reader.array(embedding, 1), shorter.embeddings[1])


def test_an_attempt_with_other_samples_is_hidden_and_told(
    make_run: Callable[..., Recording],
) -> None:
    first = make_run(epochs=5)
    make_run(epochs=2, n_samples=61)
    reader = RunReader(first.directory)
    assert [record.step for record in reader.steps] == [0, 1]
    assert [hidden.n_steps for hidden in reader.hidden] == [5]


def test_an_attempt_with_another_number_of_classes_is_hidden_too(
    tmp_path: Path, digits: Any
) -> None:
    """Its scores and predictions mean other things; renamed classes are the same ones."""
    x, labels = digits[0][:30], digits[1][:30]
    names = tuple(f"digit {index}" for index in range(12))
    for classes, first in ((names, 0), (names[:10], 3), (names[2:], 4)):
        record_run(tmp_path, x, labels, class_names=classes, epochs=3, first_epoch=first)
    reader = RunReader(tmp_path / schema.SUBDIRECTORY)
    assert [record.step for record in reader.steps] == [3, 4, 5, 6]
    assert [hidden.n_steps for hidden in reader.hidden] == [3]


def test_a_deleted_file_and_a_new_one_are_followed(make_run: Callable[..., Recording]) -> None:
    first = make_run(epochs=2)
    reader = RunReader(first.directory)
    shutil.rmtree(first.directory)
    reader.refresh()
    with pytest.raises(StoreError, match="gone"):
        reader.manifest  # noqa: B018
    make_run(epochs=3)
    reader.refresh()
    assert len(reader.steps) == 3


def test_a_killed_process_leaves_every_complete_step(tmp_path: Path) -> None:
    program = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from recording import record_run\n"
        "x = np.random.default_rng(0).integers(0, 255, (200, 8, 8), dtype=np.uint8)\n"
        "record_run(Path(sys.argv[1]), x, np.arange(200) % 5, epochs=100_000)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=Path(__file__).parent.parent
    )
    try:
        reader = _wait_for(tmp_path / "cnnvis", 5)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    reader.refresh()
    steps = [record.step for record in reader.steps]
    assert steps == list(range(len(steps)))
    assert all(len(reader.array(schema.LOSS, step)) == 200 for step in steps)
    assert reader.problems == ()


def test_the_end_is_noted(make_run: Callable[..., Recording]) -> None:
    recording = make_run(epochs=1)
    reader = RunReader(recording.directory)
    assert reader.live()
    with RunWriter(recording.log_dir) as writer:
        writer.manifest(recording.manifest)
        writer.end()
    reader.refresh()
    assert not reader.live()


def test_an_unwritable_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ValueError, match=r"log_dir .* cannot be written.*give a directory"):
        RunWriter(tmp_path / "file")


def test_a_newer_format_says_upgrade(tmp_path: Path) -> None:
    text = schema.dump(_manifest()).replace('"format_version":1', '"format_version":99')
    with pytest.raises(schema.FormatError, match=r"format 99.*upgrade"):
        schema.parse_manifest(text)


def _wait_for(directory: Path, steps: int) -> RunReader:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            reader = RunReader(directory)
        except StoreError:
            time.sleep(0.05)
            continue
        if len(reader.steps) >= steps:
            return reader
        time.sleep(0.02)
    raise TimeoutError("the run was not written")


def _manifest() -> schema.Manifest:
    return schema.Manifest(
        "", 0.0, "p", ("a", "b"), (), 3,
        schema.InputInfo((1, 1, 1), "uint8", "inputs.npy", None, None, 0, 255, "uint8"),
        (), False, (), "softmax", "", False,
    )  # fmt: skip


def test_record_run_is_what_the_tests_recompute(recording: Recording) -> None:
    """The fixture itself: its stored loss follows from its logits by hand."""
    logits = recording.logits[4]
    by_hand = [
        float(np.log(np.exp(row).sum()) - row[label])
        for row, label in zip(logits, recording.labels, strict=True)
    ]
    stored = RunReader(recording.directory).array(schema.LOSS, 4)
    assert np.allclose(stored, by_hand, atol=1e-5)
