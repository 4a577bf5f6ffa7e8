"""Two runs compared in a notebook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from recording import Recording, record_run

from tensorboard_cnnvis import compare, open_run

STEP = 2


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> tuple[Recording, Recording]:
    """A run, and another with 40 of its samples, the last first."""
    logdir = tmp_path_factory.mktemp("pair")
    x, labels = digits
    names = tuple(f"digit {index}" for index in range(10))
    run = record_run(logdir / "run", x[:60], labels[:60], class_names=names)
    other = record_run(
        logdir / "other", x[39::-1], labels[39::-1], class_names=names, n_features=12, seed=3,
        change=lambda manifest: replace(manifest, has_ids=False),
    )  # fmt: skip
    return run, other


def test_a_row_for_each_sample_that_both_watch(pair: tuple[Recording, Recording]) -> None:
    run, other = (open_run(recording.log_dir) for recording in pair)
    found = compare(run, other, STEP)
    assert found.index.tolist() == [*range(40)]
    assert found["other_index"].tolist() == [*range(39, -1, -1)]
    own, there = run.samples(STEP, neighbors=False), other.samples(STEP, neighbors=False)
    there = there.iloc[::-1].reset_index(drop=True)
    assert (
        found["other_prediction"].astype(str).tolist() == there["prediction"].astype(str).tolist()
    )
    expected = own["loss"].to_numpy()[:40] - there["loss"].to_numpy()
    np.testing.assert_allclose(found["loss_difference"], expected, rtol=1e-6)
    gained = (own["correct"][:40] & ~there["correct"]).to_numpy(bool)
    assert (found["change"] == "wrong to right").to_numpy().tolist() == gained.tolist()
    assert found.attrs["by"] == "image"
    assert found.attrs["counts"]["wrong to right"] == gained.sum()
    assert 0 < found.attrs["mcnemar_p"] <= 1


def test_two_epochs_of_one_run(pair: tuple[Recording, Recording]) -> None:
    run = open_run(pair[0].log_dir)
    found = compare(run, run, STEP, 0)
    assert found["other_loss"].tolist() == run.samples(0, neighbors=False)["loss"].tolist()
    assert found.attrs["by"] == "position"


def test_what_cannot_be_compared_says_why(pair: tuple[Recording, Recording]) -> None:
    run, other = (open_run(recording.log_dir) for recording in pair)
    with pytest.raises(ValueError, match="epoch 7 is not logged"):
        compare(run, other, STEP, 7)
    with pytest.raises(ValueError, match="match them by a column or by the image"):
        compare(run, other, STEP, by="position")
    with pytest.raises(ValueError, match="no column 'size'"):
        compare(run, other, STEP, by="size")


def test_messages_name_runs_by_their_folder(pair: tuple[Recording, Recording]) -> None:
    run, other = (open_run(recording.log_dir) for recording in pair)
    with pytest.raises(ValueError, match=f"{pair[0].log_dir}.*watches 60 samples"):
        run.compare(other, STEP, by="position")
