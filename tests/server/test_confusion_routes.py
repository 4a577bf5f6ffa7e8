"""Confusion, calibration and thresholds over HTTP, recomputed from what was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recording import Recording, record_run
from serving import Page, Served
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
    top_k_accuracy_score,
)
from top_scored import record_top_scored

from tensorboard_cnnvis.analysis.intervals import wilson

STEP = 4
TOP_RUN = "top/cnnvis"


def softmax(logits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_the_matrix_is_scikit_learns(served: Served) -> None:
    told = served.page.columns("confusion", run=served.run, step=STEP)
    labels, logits = served.recording.labels, served.recording.logits[STEP]
    predictions = logits.argmax(axis=1)
    assert np.array_equal(told.arrays["matrix"], confusion_matrix(labels, predictions))
    theirs = precision_recall_fscore_support(labels, predictions, zero_division=np.nan)
    for name, expected in zip(("precision", "recall", "f1", "support"), theirs, strict=True):
        assert np.allclose(told.arrays[name], expected, equal_nan=True), name
    assert np.array_equal(told.arrays["predicted"], np.bincount(predictions, minlength=10))
    assert sorted(told.arrays["order"].tolist()) == list(range(10))
    hits = int((labels == predictions).sum())
    low, high = wilson(hits, 240)
    assert told.payload == {
        "n": 240,
        "unknown": 0,
        "no_prediction": 0,
        "accuracy": pytest.approx(hits / 240),
        "accuracy_low": pytest.approx(float(low)),
        "accuracy_high": pytest.approx(float(high)),
        "balanced_accuracy": pytest.approx(balanced_accuracy_score(labels, predictions)),
        "top5_accuracy": pytest.approx(top_k_accuracy_score(labels, logits, k=5)),
        "interval": "Wilson 95%",
        "optimal_order": True,
    }


def test_the_matrix_follows_the_epoch_and_the_splits(served: Served) -> None:
    labels = served.recording.labels
    for step, splits, rows in ((0, "", slice(0, 240)), (5, "train", slice(0, 100))):
        told = served.page.columns("confusion", run=served.run, step=step, splits=splits)
        predictions = served.recording.logits[step].argmax(axis=1)
        expected = confusion_matrix(labels[rows], predictions[rows], labels=range(10))
        assert np.array_equal(told.arrays["matrix"], expected)
    refused = served.page.get("confusion", run=served.run, step=5, splits="test")
    assert "splits: train, validation" in served.page.refused(refused, 400)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> tuple[Page, Recording]:
    """Six samples without a label, and the first two without finite logits."""
    x, labels = digits
    logdir = tmp_path_factory.mktemp("odd")
    known = labels[:60].copy()
    known[10:16] = -1
    names = tuple("abcdefghij")
    recording = record_run(
        logdir / "odd", x[:60], known, class_names=names, epochs=1, broken_losses=True
    )
    return Page(logdir), recording


def test_samples_without_label_or_prediction_are_told(odd: tuple[Page, Recording]) -> None:
    page, recording = odd
    told = page.columns("confusion", run="odd/cnnvis", step=0)
    labels = recording.labels
    predictions = recording.logits[0].argmax(axis=1)
    predictions[0] = -1  # its logits are NaN
    known = labels >= 0
    n, hits = int(known.sum()), int((labels == predictions)[known].sum())
    assert (told.payload["n"], told.payload["unknown"], told.payload["no_prediction"]) == (54, 6, 1)
    assert told.payload["accuracy"] == pytest.approx(hits / n), "no prediction is a wrong one"
    assert told.arrays["matrix"].sum() == n - 1
    assert told.arrays["support"].sum() == n
    reliability = page.columns("calibration", run="odd/cnnvis", step=0)
    assert reliability.payload["n"] == n - 2, "NaN scores have no place in it"
    curves = page.columns("threshold", run="odd/cnnvis", step=0, **{"class": 3})
    assert np.array_equal(np.isnan(curves.arrays["scores"]), ~known | (np.arange(60) < 2))
    assert curves.payload["positives"] == ((labels == 3) & (np.arange(60) >= 2)).sum()
    assert curves.payload["positives"] + curves.payload["negatives"] == n - 2
    assert curves.payload["left_out"] == 2


def test_calibration_is_of_the_predictions_scores(served: Served) -> None:
    told = served.page.columns(
        "calibration", run=served.run, step=STEP, bins=10, splits="validation"
    )
    scores = softmax(served.recording.logits[STEP])[100:].astype(np.float32)
    correct = scores.argmax(axis=1) == served.recording.labels[100:]
    confidence = scores.max(axis=1)
    ece = 0.0
    for m in range(10):
        inside = (confidence > m / 10) & (confidence <= (m + 1) / 10)
        assert told.arrays["count"][m] == inside.sum()
        if inside.any():
            gap = correct[inside].mean() - confidence[inside].mean()
            ece += inside.mean() * abs(gap)
            assert told.arrays["accuracy"][m] == pytest.approx(correct[inside].mean())
            assert told.arrays["confidence"][m] == pytest.approx(confidence[inside].mean())
    assert told.payload["ece"] == pytest.approx(ece, abs=1e-6)
    assert told.payload["n"] == 140
    assert len(served.page.columns("calibration", run=served.run, step=1).arrays["low"]) == 15


def test_a_class_against_the_rest_is_scikit_learns(served: Served) -> None:
    of_class = 8
    told = served.page.columns(
        "threshold", run=served.run, step=1, splits="validation", **{"class": of_class}
    )
    scores = softmax(served.recording.logits[1])[:, of_class].astype(np.float32)
    positive = served.recording.labels == of_class
    assert np.isnan(told.arrays["scores"][:100]).all(), "outside the splits"
    assert np.allclose(told.arrays["scores"][100:], scores[100:], atol=1e-7)
    scores, positive = scores[100:], positive[100:]
    assert told.payload["roc_auc"] == pytest.approx(roc_auc_score(positive, scores), abs=1e-6)
    expected = average_precision_score(positive, scores)
    assert told.payload["average_precision"] == pytest.approx(expected, abs=1e-6)
    for at, threshold in enumerate(told.arrays["roc_threshold"]):
        taken = told.arrays["scores"][100:] >= threshold
        assert told.arrays["tpr"][at] == pytest.approx((taken & positive).sum() / positive.sum())
        assert told.arrays["fpr"][at] == pytest.approx(
            (taken & ~positive).sum() / (~positive).sum()
        )
    assert told.payload["thinned"] is None
    assert told.payload["not_stored"] == 0


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> tuple[Page, Any, Any]:
    """120 classes, of which the four best of each sample are stored."""
    x, _ = digits
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 120, 300)
    logits = rng.normal(size=(300, 120)) * 2
    logits[np.arange(300), labels] += 3
    logits[:, 7] += 2
    scores = softmax(logits).astype(np.float32)
    logdir = tmp_path_factory.mktemp("top")
    record_top_scored(logdir / "top", x[:300], labels, scores, top=4)
    return Page(logdir), labels, scores


def test_where_few_scores_are_stored_the_curves_hold_above_what_is_missing(
    top: tuple[Page, Any, Any],
) -> None:
    page, labels, scores = top
    told = page.columns("threshold", run=TOP_RUN, step=0, **{"class": 7})
    positive = labels == 7
    stored = (scores[:, 7][:, None] >= np.sort(scores, axis=1)[:, -4:]).any(axis=1) | positive
    assert 0 < stored.sum() < 300
    expected = np.where(stored, scores[:, 7], np.nan)
    assert np.allclose(told.arrays["scores"], expected, equal_nan=True, atol=1e-7)
    assert told.payload["not_stored"] == (~stored).sum()
    assert told.payload["positives"] + told.payload["negatives"] == 300
    bound = told.payload["exact_above"]
    assert (scores[~stored, 7] <= bound).all()
    curve = np.stack([told.arrays[name] for name in ("roc_threshold", "tpr", "fpr")], axis=1)
    above = curve[curve[:, 0] > bound]
    assert len(above) > 20
    for threshold, tpr, fpr in above:  # what all scores would give
        taken = scores[:, 7] >= threshold
        assert tpr == pytest.approx((taken & positive).sum() / positive.sum())
        assert fpr == pytest.approx((taken & ~positive).sum() / (~positive).sum())


def test_few_stored_scores_do_not_touch_the_top_five_and_the_calibration(
    top: tuple[Page, Any, Any],
) -> None:
    page, labels, scores = top
    told = page.columns("confusion", run=TOP_RUN, step=0)
    expected = top_k_accuracy_score(labels, scores, k=5, labels=range(120))
    assert told.payload["top5_accuracy"] == pytest.approx(expected)
    assert told.arrays["matrix"].shape == (120, 120)
    reliability = page.columns("calibration", run=TOP_RUN, step=0)
    counts, _ = np.histogram(scores.max(axis=1), np.arange(16) / 15)
    assert reliability.arrays["count"].tolist() == counts.tolist()


@pytest.mark.parametrize(
    ("route", "params", "message"),
    [
        ("threshold", {"class": 10}, "class='10' is out of range | expected a whole number from 0"),
        ("threshold", {"class": "boot"}, "class='boot' is out of range"),
        ("threshold", {}, "class=None is out of range"),
        ("calibration", {"bins": 0}, "from 1 to 100"),
        ("confusion", {"splits": "test"}, "splits: train, validation"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    served: Served, route: str, params: dict[str, Any], message: str
) -> None:
    response = served.page.get(route, run=served.run, step=STEP, **params)
    told = served.page.refused(response, 400)
    assert message in told


def test_one_class_alone_has_a_matrix_of_one(tmp_path: Path, digits: Any) -> None:
    x, _ = digits
    record_run(tmp_path / "one", x[:20], np.zeros(20, int), class_names=("only",), epochs=1)
    told = Page(tmp_path).columns("confusion", run="one/cnnvis", step=0)
    assert told.arrays["matrix"].tolist() == [[20]]
    assert told.payload["accuracy"] == told.payload["top5_accuracy"] == 1
    curves = Page(tmp_path).columns("threshold", run="one/cnnvis", step=0, **{"class": 0})
    assert curves.payload["roc_auc"] == "NaN", "there is no rest"
