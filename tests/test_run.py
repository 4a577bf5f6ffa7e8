"""`open_run`: the record in a notebook."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from recording import LAYER, Recording, cross_entropy

from tensorboard_cnnvis import open_run, schema
from tensorboard_cnnvis.store.writer import RunWriter


def test_samples_are_a_frame_of_the_record(recording: Recording) -> None:
    run = open_run(recording.log_dir)
    frame = run.samples(3)
    logits = recording.logits[3]
    assert frame.index.name == "sample_index"
    assert list(frame.columns) == [
        "source_index", "id", "split", "label", "prediction", "correct", "loss", "margin",
        "label_score", "rank", "mean_margin", "mean_label_score", "variability", "correctness",
        "forgetting_events", "first_learned", "flips", "last_change", "loss_z",
        "neighbor_disagreement", "label_error", "brightness", "flagged", "camera", "note",
    ]  # fmt: skip
    assert np.allclose(frame.loss, cross_entropy(logits, recording.labels), atol=1e-6)
    assert frame.prediction.astype(str).tolist() == [str(c) for c in logits.argmax(axis=1)]
    assert frame.correct.dtype == "boolean"
    assert frame.correct.mean() == pytest.approx((logits.argmax(axis=1) == recording.labels).mean())
    assert frame.split.value_counts().to_dict() == {"train": 100, "validation": 140}
    assert frame.note[7] == "note 7"
    hard = frame.query("loss > 1 and label != prediction and split == 'validation'")
    assert len(hard) == int(((frame.loss > 1) & ~frame.correct & (frame.index >= 100)).sum()), (
        "pandas' own query works on it"
    )


def test_what_holds_for_the_whole_run(recording: Recording) -> None:
    run = open_run(recording.directory)
    assert run.steps == tuple(range(6))
    assert run.manifest == recording.manifest
    assert "240 samples, epochs 0 to 5" in repr(run)
    assert np.array_equal(run.inputs.rows(slice(3, 5)), recording.inputs[3:5])
    assert np.array_equal(run.inputs[-1], recording.inputs[239])
    assert len(run.inputs) == 240
    with pytest.raises(IndexError, match="there are 240 samples"):
        run.inputs[240]
    assert np.array_equal(run.embedding(LAYER, 2), recording.embeddings[2])
    scores = run.scores(5)
    assert np.allclose(scores.sum(axis=1), 1, atol=1e-5)
    assert run.record(4).learning_rate == 0.1


def test_kernels_and_channels_are_as_they_were_written(tmp_path: Path) -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 3, 2, 4)).astype(np.float32)
    channels = np.arange(24, dtype=np.float32).reshape(6, 4)
    with RunWriter(tmp_path) as writer:
        writer.manifest(_manifest())
        writer.array(schema.kernel_array("conv1"), kernel, 0)
        writer.array(schema.channel_array("conv1"), channels, 0)
        writer.commit(schema.StepRecord(0, 0.0, ()))
    run = open_run(tmp_path)
    assert np.array_equal(run.kernels("conv1", 0), kernel)
    assert np.array_equal(run.kernels("conv1#2", 0), kernel), "a later use of a shared layer"
    frame = run.channel_stats("conv1", 0)
    assert list(frame.columns) == list(schema.CHANNEL_STATISTICS)
    assert frame.loc[2, "max"] == channels[2, 2]
    with pytest.raises(ValueError, match=r"no kernels/conv9 at epoch 0; logged are: conv1"):
        run.kernels("conv9", 0)
    with pytest.raises(ValueError, match=r"no kernels/conv9#2 at epoch 0; logged are: conv1"):
        run.kernels("conv9#2", 0)
    with pytest.raises(ValueError, match=r"no pointwise/conv1 at epoch 0; logged are: none"):
        run.kernels("conv1", 0, pointwise=True)


def test_repeated_class_names_do_not_break_the_frame(tmp_path: Path, recording: Recording) -> None:
    manifest = dataclasses.replace(_manifest(), class_names=("same", "same"), n_samples=2)
    with RunWriter(tmp_path) as writer:
        writer.array(schema.LABELS, np.array([0, 1], np.int32))
        writer.array(schema.SOURCE_INDEX, np.array([0, 1]))
        writer.manifest(manifest)
        for name in (schema.LOSS, schema.MARGIN, schema.LABEL_SCORE):
            writer.array(name, np.zeros(2, np.float32), 0)
        for name in (schema.PREDICTION, schema.LABEL_RANK):
            writer.array(name, np.zeros(2, np.int32), 0)
        writer.commit(schema.StepRecord(0, 0.0, ()))
    frame = open_run(tmp_path).samples(0)
    assert frame.label.tolist() == ["same", "same"]
    assert frame.correct.tolist() == [True, False]


def test_an_objective_that_was_lost_is_nan(tmp_path: Path) -> None:
    manifest = dataclasses.replace(_manifest(), objective=True)
    with RunWriter(tmp_path) as writer:
        writer.array(schema.LABELS, np.array([0, 1], np.int32))
        writer.array(schema.SOURCE_INDEX, np.array([0, 1]))
        writer.manifest(manifest)
        for name in (schema.LOSS, schema.MARGIN, schema.LABEL_SCORE):
            writer.array(name, np.zeros(2, np.float32), 0)
        for name in (schema.PREDICTION, schema.LABEL_RANK):
            writer.array(name, np.array([-1, 1], np.int32), 0)
        writer.commit(schema.StepRecord(0, 0.0, ()))
    frame = open_run(tmp_path).samples(0)
    assert frame.objective.isna().all()
    assert frame.prediction.isna().tolist() == [True, False]
    assert frame.correct.tolist() == [False, True]


def test_unknown_epochs_and_layers_name_those_that_exist(recording: Recording) -> None:
    run = open_run(recording.log_dir)
    with pytest.raises(ValueError, match="epoch 99 is not logged; logged are 0 to 5"):
        run.samples(99)
    with pytest.raises(ValueError, match=f"logged are: {LAYER}"):
        run.embedding("conv9", 2)


def test_what_takes_long_can_be_left_out(recording: Recording) -> None:
    run = open_run(recording.log_dir)
    whole, quick = run.samples(3), run.samples(3, neighbors=False)
    assert set(whole) - set(quick) == {"neighbor_disagreement", "label_error"}
    pd.testing.assert_frame_equal(whole[quick.columns], quick)
    found = run.query("neighbor_disagreement > 0.5", 3, neighbors=False)
    expected = whole.index[whole.neighbor_disagreement > 0.5]
    assert found.index.tolist() == expected.tolist()


def test_a_wrong_path_names_the_runs_below_it(recording: Recording, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"runs below it: .*exp1"):
        open_run(recording.log_dir.parent)
    with pytest.raises(ValueError, match="expected the log_dir of CNNVis"):
        open_run(tmp_path)


def test_a_run_that_goes_on_is_followed(tmp_path: Path) -> None:
    with RunWriter(tmp_path) as writer:
        writer.manifest(_manifest())
        run = open_run(tmp_path)
        assert run.steps == ()
        writer.commit(schema.StepRecord(4, 0.0, ()))
        assert run.steps == (4,)


def test_frames_can_be_exported(recording: Recording, tmp_path: Path) -> None:
    frame = open_run(recording.log_dir).samples(1)
    frame.to_csv(tmp_path / "samples.csv")
    again = pd.read_csv(tmp_path / "samples.csv", index_col="sample_index")
    assert np.allclose(again.loss, frame.loss, atol=1e-6)


def _manifest() -> schema.Manifest:
    image = schema.InputInfo((1, 1, 1), "uint8", "inputs.npy", None, None, 0, 255, "uint8")
    split = schema.SplitInfo("validation", 0, 2, 2, 0, 1, (0.5,), (0.5,), 0)
    return schema.Manifest(
        "", 0.0, "p", ("a", "b"), (split,), 2, image, (), False, (), "softmax", "", False
    )


def test_a_query_gives_the_rows_of_the_page(recording: Recording) -> None:
    run = open_run(recording.log_dir)
    losses = cross_entropy(recording.logits[2], recording.labels)
    found = run.query("loss > 1.5 and split == 'validation'", step=2)
    assert found.index.tolist() == [row for row in range(100, 240) if losses[row] > 1.5]
    pd.testing.assert_frame_equal(found, run.samples(2).loc[found.index])
    last = cross_entropy(recording.logits[5], recording.labels)
    assert run.query("top(loss, 3)").index.tolist() == sorted(np.argsort(-last)[:3])


def test_a_query_that_cannot_be_run_says_where(recording: Recording, tmp_path: Path) -> None:
    run = open_run(recording.log_dir)
    with pytest.raises(
        ValueError, match=r"no column 'los'; did you mean 'loss'\? \(at character 12"
    ):
        run.query("correct or los > 2")
    with pytest.raises(ValueError, match="epoch 99 is not logged"):
        run.query("loss > 2", step=99)
    with RunWriter(tmp_path) as writer:
        writer.manifest(_manifest())
    with pytest.raises(ValueError, match="no complete epoch yet"):
        open_run(tmp_path).query("loss > 2")
