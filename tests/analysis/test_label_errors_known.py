"""What is ranked where the network knows little, and of splits by themselves."""

from dataclasses import replace

import numpy as np
import pytest
from noisy_record import EPOCHS, N, Record, epoch_of, precision_at_k, record, same, without_vectors

from tensorboard_cnnvis.analysis.label_errors import (
    NOTHING,
    Epoch,
    LabelErrors,
    label_errors,
)


def knowing_nothing(c: int, n: int) -> Record:
    """A network that is sure of what it draws by lot, as one may be that has learned nothing."""
    rng = np.random.default_rng(c)
    labels = rng.integers(0, c, n)
    logged = [
        epoch_of(rng.normal(0, 6, (n, c)), labels, rng.normal(0, 1, (n, 8))) for _ in range(EPOCHS)
    ]
    return Record(labels, labels, logged, c)


@pytest.mark.parametrize(("c", "n"), [(2, 400), (10, 2000), (100, 1500)])
def test_a_network_that_knows_nothing_speaks_against_no_label(c: int, n: int) -> None:
    found = knowing_nothing(c, n).errors()
    assert np.isnan(found.score).all()
    assert (found.judged_epochs == 0).all()
    assert (found.reason == NOTHING).all()


def test_heavy_noise_is_not_taken_for_a_network_that_knows_nothing() -> None:
    noisy = record(8, share=0.7)
    found = noisy.errors()
    assert precision_at_k(found, noisy.wrong) > 0.9
    assert np.nansum(found.score) == pytest.approx(noisy.wrong.sum(), rel=0.15)


def test_a_split_of_which_nothing_is_known_is_left_out() -> None:
    """As the held-out samples of a network that only knows those it was trained on by heart."""
    noisy, unknown = record(share=0.1), knowing_nothing(4, N)
    found = together(noisy, unknown)
    assert not list(same(found, _alone(noisy), slice(N)))
    assert np.isnan(found.score[N:]).all()


def test_a_split_of_one_class_is_judged_as_all_are() -> None:
    planted = record()
    of_one = planted.labels == 2
    found = label_errors(
        planted.labels, without_vectors(planted.epochs), 4, of_one.astype(int), neighbors=False
    )
    assert np.isfinite(found.score).all()
    wrong = planted.wrong & of_one
    assert found.score[wrong].mean() > 3 * found.score[of_one & ~wrong].mean()


def test_a_network_that_knows_less_than_the_vectors_does_not_choose_the_classes() -> None:
    """The highest scores alone are stored, and they are drawn by lot: the vectors tell."""
    planted = record(30, n=3000)
    rng = np.random.default_rng(0)
    epochs, whole = [], []
    for epoch in planted.epochs:
        drawn = epoch_of(rng.normal(0, 0.1, (3000, 30)), planted.labels, np.zeros((3000, 8)))
        drawn = replace(drawn, embedding=epoch.embedding)
        classes = np.argsort(-drawn.scores, axis=1)[:, :6].astype(np.int32)
        scores = np.take_along_axis(drawn.scores, classes, 1)
        whole.append(drawn)
        epochs.append(replace(drawn, scores=scores, classes=classes))
    found = label_errors(planted.labels, epochs, 30)
    known = label_errors(planted.labels, whole, 30)
    assert precision_at_k(found, planted.wrong) > precision_at_k(known, planted.wrong) - 0.03
    assert np.nansum(found.score) == pytest.approx(np.nansum(known.score), rel=0.2)


def test_splits_are_judged_by_themselves() -> None:
    """Wrong labels of one split do not make another's suspicious."""
    noisy, clean = record(share=0.25), record(share=0.0, n=N + 1)
    found = together(noisy, clean)
    assert not list(same(found, _alone(noisy), slice(N)))
    assert not list(same(found, _alone(clean), slice(N, None)))


def together(one: Record, other: Record) -> LabelErrors:
    """Two records without vectors as two splits."""
    names = ("prediction", "margin", "label_score", "scores")
    epochs = [
        Epoch(*(np.concatenate([getattr(each, name) for each in pair]) for name in names))
        for pair in zip(one.epochs, other.epochs, strict=True)
    ]
    labels = np.concatenate([one.labels, other.labels])
    splits = np.repeat([0, 1], [len(one.labels), len(other.labels)])
    return label_errors(labels, epochs, one.n_classes, splits)


def _alone(one: Record) -> LabelErrors:
    return label_errors(one.labels, without_vectors(one.epochs), one.n_classes)
