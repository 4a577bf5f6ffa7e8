"""The ranking of wrong labels as the worker does it, from a record."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recording import Recording, record_run

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.label_errors import (
    DEFINITION,
    MISLABELED,
    Epoch,
    LabelErrors,
    label_errors,
)
from tensorboard_cnnvis.jobs import label_errors as job
from tensorboard_cnnvis.jobs.messages import Result, Subject
from tensorboard_cnnvis.jobs.task import CancelledError, JobError, Task
from tensorboard_cnnvis.store.reader import RunReader

N_TRAIN, N = 200, 300


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Recording:
    x, labels = digits[0][:N], digits[1][:N].copy()
    labels[:N_TRAIN:10] = (labels[:N_TRAIN:10] + 1) % 10
    return record_run(tmp_path_factory.mktemp("run"), x, labels, n_train=N_TRAIN, epochs=5)


def run(directory: Path, step: int, report: Any = lambda *told: None) -> Result:
    subject = Subject(str(directory), "", "", step, "")
    return job.run(Task(subject, {}, report, lambda: False))


def test_it_is_that_of_the_steps_up_to_the_one_asked_for(recording: Recording) -> None:
    reader = RunReader(recording.directory)
    layer = schema.embedding_array(reader.manifest.embeddings[0].layer)
    names = (schema.PREDICTION, schema.MARGIN, schema.LABEL_SCORE, schema.SCORES)
    epochs = [
        Epoch(*(reader.array(name, step) for name in names), embedding=reader.array(layer, step))
        for step in range(4)
    ]
    expected = label_errors(recording.labels, epochs, 10, (np.arange(N) >= N_TRAIN).astype(int))
    found = run(recording.directory, 3)
    for field in dataclasses.fields(LabelErrors):
        value = getattr(expected, field.name)
        assert np.array_equal(found.arrays[field.name], value, equal_nan=value.dtype.kind == "f")
    assert found.payload["definition"] == DEFINITION
    assert found.payload["epochs"] == 4
    assert found.payload["notes"] == []


def test_the_number_of_wrong_labels_is_told_by_split(recording: Recording) -> None:
    found = run(recording.directory, 4)
    reason, score = found.arrays["reason"], found.arrays["score"]
    rows = {"train": slice(N_TRAIN), "validation": slice(N_TRAIN, N)}
    for name, of_split in rows.items():
        assert found.payload["estimated"][name] == (reason[of_split] == MISLABELED).sum()
        assert found.payload["expected"][name] == pytest.approx(float(score[of_split].sum()))


def test_too_few_epochs(recording: Recording) -> None:
    with pytest.raises(JobError, match="needs 3 logged epochs"):
        run(recording.directory, 1)


def test_without_embeddings_the_scores_alone_are_used(tmp_path: Path, digits: Any) -> None:
    def none_logged(manifest: schema.Manifest) -> schema.Manifest:
        return dataclasses.replace(manifest, embeddings=())

    bare = record_run(tmp_path, digits[0][:N], digits[1][:N], change=none_logged)
    found = run(bare.directory, 2)
    assert found.payload["layer"] is None
    assert found.payload["notes"] == [
        "no embedding is logged at this epoch: the ranking is from the scores alone"
    ]
    assert np.isfinite(found.arrays["score"]).all()
    assert np.isnan(found.arrays["neighbor_share"]).all()


def test_a_split_of_which_the_network_knows_nothing_is_told(tmp_path: Path, digits: Any) -> None:
    x, labels = digits[0][:N], digits[1][:N].copy()
    labels[N_TRAIN:] = np.random.default_rng(0).permutation(labels[N_TRAIN:])
    found = run(record_run(tmp_path, x, labels, n_train=N_TRAIN, epochs=4).directory, 3)
    assert found.payload["notes"] == [
        "no label of 'validation' is ranked: up to this epoch the network agrees with the labels no"
        " more often than by chance, so that it tells nothing of them"
    ]
    assert np.isnan(found.arrays["score"][N_TRAIN:]).all()
    assert found.payload["expected"]["validation"] == 0.0
    assert np.isfinite(found.arrays["score"][:N_TRAIN]).all()


def test_scores_that_are_never_finite_are_told(tmp_path: Path, digits: Any) -> None:
    found = run(
        record_run(tmp_path, digits[0][:2], digits[1][:2], epochs=3, broken_losses=True).directory,
        2,
    )
    assert found.payload["notes"] == [
        "no label of 'validation' is ranked: up to this epoch no score is finite"
    ]


def test_it_can_be_cancelled(recording: Recording) -> None:
    shares: list[float] = []

    def report(share: float, *told: Any) -> None:
        shares.append(share)
        if share > 0.3:
            raise CancelledError

    with pytest.raises(CancelledError):
        run(recording.directory, 4, report)
    assert shares == sorted(shares)
