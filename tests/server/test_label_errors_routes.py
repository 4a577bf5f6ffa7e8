"""The ranking of probably wrong labels over HTTP, and a sample's scores over the epochs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recording import Recording, record_run
from serving import Columns, Page, decode
from top_scored import record_top_scored

from tensorboard_cnnvis.analysis.label_errors import DEFINITION, REASONS, LabelErrors
from tensorboard_cnnvis.store.reader import RunReader
from tensorboard_cnnvis.table.slow_columns import ranking

RUN, STEP = "noisy/cnnvis", 5
PATIENCE_SECONDS = 300.0


class Noisy:
    """Six epochs over 240 digits, 100 of them `train`, every eighth of these labelled wrongly."""

    def __init__(self, page: Page, recording: Recording) -> None:
        self.page, self.recording = page, recording
        self.reader = RunReader(recording.directory)

    def ask(self, **body: Any) -> Columns:
        return decode(self.page.post("label_errors", **{"run": RUN, "step": STEP} | body))

    def ranked(self, **body: Any) -> Columns:
        answer = self.ask(**body, start=1)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while answer.payload["state"] in ("queued", "running"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
            answer = self.ask(**body)
        assert answer.payload["state"] == "done", answer.payload
        return answer


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Iterator[Noisy]:
    logdir = tmp_path_factory.mktemp("logdir")
    x, labels = digits[0][:240], digits[1][:240].copy()
    labels[:100:8] = (labels[:100:8] + 3) % 10
    recording = record_run(logdir / "noisy", x, labels, n_train=100, epochs=6)
    scores = np.random.default_rng(0).dirichlet(np.ones(120), 50)
    record_top_scored(logdir / "top", x[:50], labels[:50], scores, top=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))
        page = Page(logdir)
    yield Noisy(page, recording)


def expected(noisy: Noisy, step: int, shown: np.ndarray[Any, Any]) -> list[int]:
    """Samples against whose label something speaks, by score and then by index."""
    found = ranking(noisy.reader, step).found
    rows = [index for index in range(240) if shown[index] and found.reason[index] != 0]
    return sorted(rows, key=lambda index: (-found.score[index], index))


@pytest.mark.parametrize("step", [2, STEP])
def test_the_most_suspicious_come_first_with_all_evidence(noisy: Noisy, step: int) -> None:
    answer = noisy.ranked(step=step)
    index = answer.arrays["index"]
    assert index.dtype == np.int32
    assert len(index) > 5
    assert index.tolist() == expected(noisy, step, np.ones(240, bool))
    found = ranking(noisy.reader, step).found
    assert set(answer.arrays) == {"index", *(field.name for field in fields(LabelErrors))}
    for field in fields(LabelErrors):
        assert np.array_equal(answer.arrays[field.name], getattr(found, field.name)[index])


def test_what_is_ranked_is_told(noisy: Noisy) -> None:
    told = noisy.ranked().payload
    assert (told["n"], told["epochs"], told["definition"]) == (240, 6, DEFINITION)
    assert told["scored"] == np.isfinite(ranking(noisy.reader, STEP).found.score).sum()
    assert told["total"] == len(noisy.ranked().arrays["index"])
    reasons = ranking(noisy.reader, STEP).found.reason
    mislabeled = reasons == REASONS.index("mislabeled")
    assert told["estimated"] == {
        "train": mislabeled[:100].sum(),
        "validation": mislabeled[100:].sum(),
    }


def test_only_the_asked_splits_are_listed(noisy: Noisy) -> None:
    answer = noisy.ranked(splits="train")
    assert answer.arrays["index"].tolist() == expected(noisy, STEP, np.arange(240) < 100)
    assert answer.payload["n"] == 100
    told = noisy.page.refused(
        noisy.page.post("label_errors", run=RUN, step=STEP, splits="test"), 400
    )
    assert "there is no split 'test'" in told


def test_a_look_starts_nothing(noisy: Noisy) -> None:
    answer = noisy.ask(step=3)
    assert answer.payload["state"] == "absent"
    assert not answer.arrays
    assert answer.payload["job"] == noisy.ask(step=3).payload["job"] != noisy.ask().payload["job"]


def test_earlier_epochs_that_arrive_late_are_ranked_with(
    tmp_path: Path, digits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a log directory is copied file by file while it grows."""
    x, labels = digits[0][:60], digits[1][:60]
    early = record_run(tmp_path / "logs" / "noisy", x, labels, epochs=3)
    file = next(early.directory.glob("events.out.*.cnnvis"))
    late = record_run(tmp_path / "logs" / "noisy", x, labels, epochs=3, first_epoch=3)
    aside = tmp_path / file.name
    file.rename(aside)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    noisy = Noisy(Page(tmp_path / "logs"), late)
    assert noisy.ranked().payload["epochs"] == 3
    aside.rename(file)
    time.sleep(1.0)  # files are looked for twice a second
    assert noisy.ranked().payload["epochs"] == 6


@pytest.mark.parametrize(("step", "epochs"), [(0, 1), (1, 2)])
def test_fewer_than_three_epochs_rank_nothing(noisy: Noisy, step: int, epochs: int) -> None:
    answer = noisy.page.post("label_errors", run=RUN, step=step, start=1)
    told = noisy.page.refused(answer, 400)
    needs = f"the ranking needs 3 logged epochs; there are {epochs} | wait for the next epoch"
    assert told == needs


def test_the_scores_of_some_classes_over_the_epochs(noisy: Noisy) -> None:
    answer = noisy.page.columns("score_history", run=RUN, index=7, classes="3,0")
    assert answer.arrays["steps"].tolist() == list(range(6))
    for step, logits in noisy.recording.logits.items():
        exp = np.exp(logits[7] - logits[7].max())
        assert np.allclose(answer.arrays["scores"][:, step], (exp / exp.sum())[[3, 0]], atol=1e-6)


def test_a_score_that_was_not_stored_is_nan(noisy: Noisy) -> None:
    reader = RunReader(noisy.recording.log_dir.parent / "top" / "cnnvis")
    stored = reader.row("score_classes", 0, 9).tolist()
    other = next(of for of in range(120) if of not in stored)
    asked = f"{stored[1]},{other}"
    answer = noisy.page.columns("score_history", run="top/cnnvis", index=9, classes=asked)
    assert answer.arrays["scores"][0, 0] == reader.row("scores", 0, 9)[1]
    assert np.isnan(answer.arrays["scores"][1, 0])


@pytest.mark.parametrize("classes", ["", "10", "1,x", "-1", ",".join(["1"] * 21), "9" * 5000])
def test_classes_that_cannot_be_asked_for_are_told(noisy: Noisy, classes: str) -> None:
    answer = noisy.page.get("score_history", run=RUN, index=7, classes=classes)
    assert "expected 1 to 20 class indices below 10" in noisy.page.refused(answer, 400)
