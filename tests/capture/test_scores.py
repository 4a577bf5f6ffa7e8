"""The numbers of every sample against their definitions in float64."""

from typing import Any

import numpy as np
import pytest

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.capture.scores import score_samples, summarize

RNG = np.random.default_rng(0)


def definition(logits: Any, labels: Any) -> Any:
    """Cross-entropy in nats, computed in float64."""
    wide = logits.astype(np.float64)
    top = wide.max(axis=1, keepdims=True)
    total = np.log(np.exp(wide - top).sum(axis=1)) + top[:, 0]
    return total - wide[np.arange(len(labels)), labels]


def test_loss_scores_margin_and_rank_follow_their_definitions() -> None:
    logits = RNG.normal(scale=3, size=(50, 7)).astype(np.float32)
    labels = RNG.integers(0, 7, 50).astype(np.int32)
    found = score_samples(logits, labels)
    rows = np.arange(50)
    np.testing.assert_allclose(found.loss, definition(logits, labels), rtol=1e-5)
    np.testing.assert_array_equal(found.prediction, logits.argmax(axis=1))
    np.testing.assert_allclose(found.scores.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(found.label_score, np.exp(-found.loss), rtol=1e-4)
    others = np.where(np.arange(7) == labels[:, None], -np.inf, logits).max(axis=1)
    np.testing.assert_allclose(found.margin, logits[rows, labels] - others, rtol=1e-6)
    larger = (logits > logits[rows, labels][:, None]).sum(axis=1)
    np.testing.assert_array_equal(found.label_rank, larger)
    assert ((found.margin > 0) == (found.prediction == labels)).all()


def test_the_loss_is_not_clipped_at_either_end() -> None:
    logits = np.array([[0.0, 90.0, 0.0], [0.0, 30.0, 0.0]], np.float32)
    found = score_samples(logits, np.array([0, 1], np.int32))
    np.testing.assert_allclose(found.loss, [90.0, 2 * np.exp(-30.0)], rtol=1e-6)


def test_a_sigmoid_is_scored_as_two_classes() -> None:
    z = np.array([[-40.0], [-1.0], [0.0], [2.0], [50.0]], np.float32)
    labels = np.array([1, 0, 1, 1, 0], np.int32)
    found = score_samples(z, labels)
    p = 1 / (1 + np.exp(-z.astype(np.float64)))[:, 0]
    np.testing.assert_allclose(found.scores, np.stack([1 - p, p], axis=1), atol=1e-7)
    np.testing.assert_allclose(
        found.loss, np.log1p(np.exp(np.where(labels == 1, -z[:, 0], z[:, 0]).astype(np.float64))),
        rtol=1e-6,
    )  # fmt: skip
    np.testing.assert_allclose(found.margin, np.where(labels == 1, z[:, 0], -z[:, 0]))


def test_nan_and_infinite_logits_stay_visible() -> None:
    logits = np.array([[np.nan, 0.0], [-np.inf, 0.0], [1.0, 0.0]], np.float32)
    found = score_samples(logits, np.zeros(3, np.int32))
    assert np.isnan(found.loss[0])
    assert np.isposinf(found.loss[1])
    assert np.isfinite(found.loss[2])


def test_a_sample_with_nan_logits_is_of_no_class_and_ranks_last() -> None:
    logits = np.array([[np.nan, 0, 1], [2, 0, np.nan], [np.nan] * 3, [3, 0, 1]], np.float32)
    found = score_samples(logits, np.zeros(4, np.int32))
    np.testing.assert_array_equal(found.prediction, [-1, -1, -1, 0])
    np.testing.assert_array_equal(found.label_rank, [2, 2, 2, 0])
    sigmoid = score_samples(np.array([[np.nan]], np.float32), np.zeros(1, np.int32))
    assert (sigmoid.prediction[0], sigmoid.label_rank[0]) == (-1, 1)


@pytest.mark.parametrize("n_classes", [100, 101, 1000])
def test_above_100_classes_the_top_20_scores_are_kept(n_classes: int) -> None:
    logits = RNG.normal(size=(5, n_classes)).astype(np.float32)
    found = score_samples(logits, np.full(5, n_classes - 1, np.int32))
    if n_classes <= 100:
        assert found.score_classes is None
        assert found.scores.shape == (5, n_classes)
        return
    assert found.score_classes is not None
    assert found.scores.shape == found.score_classes.shape == (5, 20)
    assert (np.diff(found.scores, axis=1) <= 0).all()
    np.testing.assert_array_equal(found.score_classes[:, 0], found.prediction)
    own = np.exp(-definition(logits, np.full(5, n_classes - 1)))
    np.testing.assert_allclose(found.label_score, own, rtol=1e-4)


def test_means_of_a_split_are_over_its_own_samples_and_finite_losses() -> None:
    logits = np.array([[2, 0], [0, 2], [2, 0], [np.nan, 0], [0, 2], [0, 2]], np.float32)
    labels = np.array([0, 0, 1, 0, 1, 1], np.int32)
    splits = tuple(
        schema.SplitInfo(name, start, count, count, 0, 1, (0.5,), (0.1,), 0)
        for name, start, count in (("train", 0, 2), ("validation", 2, 4))
    )
    scores = score_samples(logits, labels)
    train, validation = summarize(splits, labels, scores)
    assert (train.name, train.accuracy, train.non_finite) == ("train", 0.5, 0)
    assert train.loss == pytest.approx(scores.loss[:2].mean())
    assert validation.non_finite == 1
    assert validation.loss == pytest.approx(scores.loss[[2, 4, 5]].mean())
    # label 0: the NaN sample is never right; label 1: two of three are
    assert validation.balanced_accuracy == pytest.approx((0 + 2 / 3) / 2)
