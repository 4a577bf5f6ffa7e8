"""Mean scores over the epochs against loops, all known and only the highest."""

from typing import Any

import numpy as np
import pytest

from tensorboard_cnnvis.analysis.mean_scores import MeanScores, by_class, repeated, rest_of

Array = np.ndarray[Any, Any]
N, C, M, EPOCHS = 40, 12, 4, 5


@pytest.fixture
def history() -> tuple[Array, Array]:
    """Labels (N,) and float32 scores (EPOCHS, N, C); one epoch of sample 3 is NaN."""
    rng = np.random.default_rng(0)
    scores = rng.dirichlet(np.full(C, 0.3), (EPOCHS, N)).astype(np.float32)
    scores[2, 3] = np.nan
    return rng.integers(0, C, N), scores


def highest(scores: Array, labels: Array) -> tuple[Array, Array, Array]:
    """What is stored above 100 classes: the highest scores, the label's, and whose they are."""
    classes = np.argsort(-scores, axis=1)[:, :M].astype(np.int32)
    return np.take_along_axis(scores, classes, 1), scores[np.arange(N), labels], classes


def known(scores: Array, classes: Array, label: int) -> list[float]:
    """One epoch of one sample: what is not stored shares what the stored ones leave."""
    stored = {int(of): float(scores[of]) for of in (*classes, label)}
    left = max(0.0, 1.0 - sum(stored.values())) / (C - len(stored))
    return [stored.get(of, left) for of in range(C)]


def test_all_scores(history: tuple[Array, Array]) -> None:
    labels, scores = history
    mean = MeanScores(labels, C)
    for epoch in scores:
        mean.add(epoch, epoch[np.arange(N), labels])
    whole = scores.astype(np.float64)
    expected = np.where(
        np.arange(N)[:, None] == 3, np.delete(whole[:, 3], 2, 0).mean(axis=0), whole.mean(axis=0)
    )
    assert np.allclose(mean.of(), expected, atol=1e-7)
    asked = np.stack([labels, (labels + 1) % C], axis=1)
    assert np.allclose(mean.of(asked), np.take_along_axis(expected, asked, 1), atol=1e-7)
    assert np.allclose(mean.label, expected[np.arange(N), labels], atol=1e-7)
    assert mean.counts.tolist() == [EPOCHS - (row == 3) for row in range(N)]


def test_only_the_highest(history: tuple[Array, Array]) -> None:
    labels, scores = history
    mean, told = MeanScores(labels, C), []
    for epoch in scores:
        top, own, classes = highest(epoch, labels)
        mean.add(top, own, classes)
        told.append([known(epoch[row], classes[row], int(labels[row])) for row in range(N)])
    told[2][3] = [np.nan] * C
    expected = np.nanmean(np.array(told), axis=0)
    assert mean.counts[3] == EPOCHS - 1
    every = np.tile(np.arange(C), (N, 1))
    assert np.allclose(mean.of(every), expected, atol=1e-6)
    assert np.allclose(mean.label, expected[np.arange(N), labels], atol=1e-6)
    beyond = np.array(
        [
            [of not in highest(epoch, labels)[2][row] and of != labels[row] for of in range(C)]
            for row in range(N)
            for epoch in scores
        ]
    ).reshape(N, EPOCHS, C)
    row, of = np.argwhere(beyond.all(axis=1) & (np.arange(N) != 3)[:, None])[0]
    assert mean.rest[row] == pytest.approx(expected[row, of], abs=1e-6)


def test_nothing_known() -> None:
    mean = MeanScores(np.zeros(2, int), 3)
    mean.add(np.full((2, 3), np.nan), np.full(2, np.nan))
    assert not mean.of().any()
    assert not mean.counts.any()


def test_what_is_left_to_the_others() -> None:
    scores, classes = np.array([[0.5, 0.3], [0.5, 0.3], [0.9, 0.2]]), np.array([[0, 1]] * 3)
    rest = rest_of(scores, np.array([0.1, 0.5, 0.0]), classes, np.array([3, 0, 0]), 6)
    assert rest == pytest.approx([0.1 / 3, 0.2 / 4, 0.0])
    unlisted = np.array([[0, -1]] * 3)
    rest = rest_of(scores, np.array([0.1, 0.5, 0.0]), unlisted, np.array([3, 0, 0]), 6)
    assert rest == pytest.approx([0.4 / 4, 0.5 / 5, 0.1 / 5])


def test_classes_that_stand_twice() -> None:
    found = repeated(np.array([[4, 1, 4, 1, 4], [0, 1, 2, 3, 4]]))
    assert found.astype(int).tolist() == [[0, 0, 1, 1, 1], [0, 0, 0, 0, 0]]


def test_by_class() -> None:
    found = by_class(np.array([[1, 2], [3, 4]]), np.array([[2, 0], [1, 2]]), 3)
    assert found.toarray().tolist() == [[2, 0, 1], [0, 3, 4]]
