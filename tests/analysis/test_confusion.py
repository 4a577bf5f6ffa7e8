"""Confusion against scikit-learn, and the order of the classes."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
)

from tensorboard_cnnvis.analysis.confusion import confusion, similar_together

Array = np.ndarray[Any, Any]


@st.composite
def predicted(draw: st.DrawFn) -> tuple[int, Array, Array]:
    """Number of classes, labels and predictions, -1 among both."""
    n_classes = draw(st.integers(1, 6))
    classes = st.integers(-1, n_classes - 1)
    pairs = draw(st.lists(st.tuples(classes, classes), max_size=60))
    table = np.array(pairs, np.int32).reshape(-1, 2)
    return n_classes, table[:, 0], table[:, 1]


@settings(deadline=None)
@given(predicted())
def test_like_scikit_learn_with_a_missing_prediction_as_a_wrong_one(
    case: tuple[int, Array, Array],
) -> None:
    n_classes, labels, predictions = case
    found = confusion(labels, predictions, n_classes)
    known = labels >= 0
    assert found.unknown == (~known).sum()
    assert found.no_prediction == (known & (predictions < 0)).sum()
    assert found.n == known.sum()
    labels, predictions = labels[known], predictions[known]
    if not len(labels):
        assert not found.matrix.any()
        assert np.isnan([found.accuracy, found.balanced_accuracy]).all()
        return
    classes = list(range(n_classes))
    theirs = confusion_matrix(labels, predictions, labels=[-1, *classes])
    assert np.array_equal(found.matrix, theirs[1:, 1:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        precision, recall, f1, support = precision_recall_fscore_support(
            labels, predictions, labels=classes, zero_division=np.nan
        )
        balanced = balanced_accuracy_score(labels, predictions)
    assert np.allclose(found.precision, precision, equal_nan=True)
    assert np.allclose(found.recall, recall, equal_nan=True)
    assert np.allclose(found.f1, f1, equal_nan=True)
    assert np.array_equal(found.support, support)
    assert np.array_equal(found.predicted, theirs[:, 1:].sum(axis=0))
    assert found.accuracy == pytest.approx(accuracy_score(labels, predictions))
    assert found.balanced_accuracy == pytest.approx(balanced)


def test_a_thousand_classes_are_counted_and_ordered() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 1000, 20_000)
    partner = labels ^ 1  # classes 2i and 2i + 1 are confused
    predictions = np.where(rng.random(20_000) < 0.3, partner, labels)
    found = confusion(labels, predictions, 1000)
    assert np.array_equal(found.matrix, confusion_matrix(labels, predictions))
    order = similar_together(found.matrix)
    assert sorted(order.tolist()) == list(range(1000))
    assert (order[0::2] ^ 1 == order[1::2]).all()


def test_classes_that_are_confused_stand_together() -> None:
    groups = np.arange(12) % 3  # which four classes are taken for one another
    same = groups[:, None] == groups
    matrix = np.where(same, 10, 0) + np.diag(np.full(12, 60))
    ordered = groups[similar_together(matrix.astype(np.int32))]
    assert (np.diff(ordered) != 0).sum() == 2


def test_it_is_the_share_that_counts_not_the_number() -> None:
    """Class 0 is large: a tenth of it, 100, is taken for 1. Class 3 is small: half of it is for 2.

    2 and 3 belong closer together than 0 and 1.
    """
    matrix = np.diag([900, 100, 100, 5]).astype(np.int32)
    matrix[0, 1], matrix[3, 2] = 100, 5
    order = similar_together(matrix).tolist()
    assert abs(order.index(2) - order.index(3)) == 1
    assert abs(order.index(0) - order.index(1)) == 1


@pytest.mark.parametrize("n_classes", [1, 2, 3, 5])
def test_few_classes_and_no_confusion_have_an_order_too(n_classes: int) -> None:
    for matrix in (np.zeros((n_classes, n_classes)), 7 * np.eye(n_classes)):
        order = similar_together(matrix.astype(np.int32))
        assert sorted(order.tolist()) == list(range(n_classes))
        assert order.dtype == np.int32
        assert order[0] <= order[-1], "the same way round at every epoch"
