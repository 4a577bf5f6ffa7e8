"""ROC and precision-recall against scikit-learn."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from tensorboard_cnnvis.analysis.thresholds import MOST_POINTS, curves

Array = np.ndarray[Any, Any]
SCORES = st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 0.9, 1.0]) | st.floats(0, 1, width=32)


def scored(n: int, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.3
    scores = 1 / (1 + np.exp(-rng.normal(size=n) - positive))
    return scores.astype(np.float32), positive


@settings(deadline=None)
@given(st.lists(st.tuples(SCORES, st.booleans()), min_size=2))
def test_like_scikit_learn_with_ties(samples: list[tuple[float, bool]]) -> None:
    scores = np.array([score for score, _ in samples], np.float32)
    positive = np.array([own for _, own in samples])
    positive[:2] = [True, False]
    found = curves(scores, positive)
    fpr, tpr, thresholds = roc_curve(positive, scores, drop_intermediate=False)
    assert np.allclose(found.fpr, fpr)
    assert np.allclose(found.tpr, tpr)
    assert np.array_equal(found.roc_threshold, thresholds.astype(np.float32))
    precision, recall, thresholds = precision_recall_curve(positive, scores)
    assert np.allclose(found.precision, precision[::-1])
    assert np.allclose(found.recall, recall[::-1])
    assert np.array_equal(found.pr_threshold[1:], thresholds[::-1])
    assert found.roc_auc == pytest.approx(roc_auc_score(positive, scores))
    assert found.average_precision == pytest.approx(average_precision_score(positive, scores))
    assert (found.positives, found.negatives) == (positive.sum(), (~positive).sum())
    assert found.points == len(found.fpr) == len(found.recall)


def test_long_curves_are_thinned_to_points_of_their_own_and_keep_their_areas() -> None:
    scores, positive = scored(30_000)
    found = curves(scores, positive)
    fpr, tpr, thresholds = roc_curve(positive, scores, drop_intermediate=False)
    assert found.points == len(thresholds)
    assert len(found.fpr) <= MOST_POINTS
    assert len(found.recall) <= MOST_POINTS
    kept = len(thresholds) - 1 - np.searchsorted(thresholds[::-1], found.roc_threshold)
    assert np.allclose(found.tpr, tpr[kept])
    assert np.allclose(found.fpr, fpr[kept])
    assert (found.fpr[0], found.tpr[0], found.fpr[-1], found.tpr[-1]) == (0, 0, 1, 1)
    assert np.hypot(np.diff(found.fpr), np.diff(found.tpr)).max() < 0.005
    assert (found.recall[0], found.recall[-1]) == (0, 1)
    assert found.roc_auc == pytest.approx(roc_auc_score(positive, scores))
    assert found.average_precision == pytest.approx(average_precision_score(positive, scores))


def test_one_kind_of_sample_alone_has_no_roc() -> None:
    scores = np.array([0.2, 0.9], np.float32)
    none = curves(scores, np.zeros(2, bool))
    assert np.isnan(none.tpr).all()
    assert np.isnan([none.roc_auc, none.average_precision]).all()
    assert none.fpr.tolist() == [0, 0.5, 1]
    all_of_them = curves(scores, np.ones(2, bool))
    assert np.isnan(all_of_them.fpr).all()
    assert np.isnan(all_of_them.roc_auc)
    assert all_of_them.average_precision == 1
    assert all_of_them.recall.tolist() == [0, 0.5, 1]


def test_without_samples_there_is_one_point_and_no_area() -> None:
    empty = curves(np.empty(0, np.float32), np.empty(0, bool))
    assert empty.roc_threshold.tolist() == [np.inf]
    assert np.isnan([empty.roc_auc, empty.average_precision]).all()
