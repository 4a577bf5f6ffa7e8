"""Class probabilities of vectors by Gaussians that have not seen them."""

import math
from typing import Any

import numpy as np
import pytest

from tensorboard_cnnvis.analysis import gaussian_classes
from tensorboard_cnnvis.analysis.gaussian_classes import held_out_highest, held_out_log_scores

Array = np.ndarray[Any, Any]


def blobs(n: int = 300, c: int = 3, width: int = 6, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, c, n)
    return rng.normal(0, 3, (c, width))[labels] + rng.normal(0, 1, (n, width)) + 40, labels


def test_against_a_loop_over_folds_and_classes() -> None:
    """Discriminant analysis with the shrunk covariance of Ledoit and Wolf (2004)."""
    x, y = blobs()
    found = held_out_log_scores(x.astype(np.float32), y, 3, seed=2)
    fold = gaussian_classes._folds(y, 2)
    centre = x[:8192].mean(axis=0)
    for held_out in range(gaussian_classes.FOLDS):
        kept = x[fold != held_out] - centre
        labels = y[fold != held_out]
        n, d = kept.shape
        means = np.array([kept[labels == c].mean(axis=0) for c in range(3)])
        left = kept - means[labels]
        scatter = sum(np.outer(row, row) for row in left) / n
        level = np.trace(scatter) / d
        apart = ((scatter - level * np.eye(d)) ** 2).sum()
        own = sum((row @ row) ** 2 for row in kept) / n
        noise = (own - (scatter**2).sum()) / n
        shrinkage = min(1.0, max(0.01, noise / apart))
        inverse = np.linalg.inv((1 - shrinkage) * scatter + shrinkage * level * np.eye(d))
        for row in np.flatnonzero(fold == held_out)[:10]:
            logits = []
            for c in range(3):
                away = x[row] - centre - means[c]
                prior = math.log((labels == c).mean())
                logits.append(prior - 0.5 * away @ inverse @ away)
            total = math.log(sum(math.exp(logit - max(logits)) for logit in logits)) + max(logits)
            assert found[row] == pytest.approx(np.array(logits) - total, abs=1e-3)


def test_a_wrong_label_does_not_tell_on_itself() -> None:
    """A sample's own label has no part in what is said of it."""
    x, y = blobs()
    wrong = y.copy()
    wrong[:10] = (y[:10] + 1) % 3
    found = held_out_log_scores(x, wrong, 3)
    assert np.array_equal(found[:10].argmax(axis=1), y[:10])


def test_unknown_labels_and_broken_vectors() -> None:
    x, y = blobs()
    x[3] = np.nan
    x[4, 2] = np.inf
    y = np.where(np.arange(len(y)) < 3, -1, y)
    found = held_out_log_scores(x, y, 5)
    assert np.isnan(found[3:5]).all()
    assert np.isfinite(found[:3, :3]).all(), "the unlabeled are asked about, not fitted on"
    assert np.isneginf(found[5:, 3:]).all(), "classes without a sample"


def test_candidates_are_columns_of_the_whole() -> None:
    x, y = blobs(c=4)
    classes = np.stack([y, (y + 2) % 4], axis=1)
    whole = held_out_log_scores(x, y, 4)
    assert np.array_equal(
        held_out_log_scores(x, y, 4, classes), np.take_along_axis(whole, classes, 1)
    )


def test_wide_vectors_are_projected(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = blobs(width=60)
    monkeypatch.setattr(gaussian_classes, "_MOST_FEATURES", 20)
    assert (held_out_log_scores(x, y, 3).argmax(axis=1) == y).mean() > 0.97


def test_features_that_never_vary() -> None:
    x, y = blobs()
    dead = np.concatenate([x, np.zeros((len(x), 4))], axis=1)
    assert np.isfinite(held_out_log_scores(dead, y, 3)).all()


def test_who_is_alone_has_no_class_to_look_like() -> None:
    assert np.isnan(held_out_log_scores(np.ones((1, 3)), np.array([1]), 2)).all()
    x, y = blobs()
    y[7] = 4
    found = held_out_log_scores(x, y, 5)
    assert np.isnan(found[7]).all(), "no other fold knows the class"
    assert not np.isnan(np.delete(found, 7, axis=0)).any()
    assert np.isneginf(found[:7, 3]).all()


def test_the_highest_besides_the_candidates() -> None:
    x, y = blobs(c=6)
    x[3] = np.nan
    whole = held_out_log_scores(x, y, 6)
    candidates = np.stack([y, (y + 1) % 6], axis=1)
    log, classes = held_out_highest(x, y, 6, candidates, 2)
    assert np.array_equal(classes[:, :2], candidates)
    assert np.isnan(log[3]).all()
    kept = np.arange(len(x)) != 3
    assert np.array_equal(log[kept], np.take_along_axis(whole, classes, 1)[kept])
    assert np.array_equal(np.sort(log[kept, 2:], axis=1), np.sort(whole[kept], axis=1)[:, -2:])
