"""The model of noise and likeness, against loops written from its formulas."""

import math
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from tensorboard_cnnvis.analysis.label_noise import (
    Agreement,
    Evidence,
    NoiseModel,
    agreement,
    expected_hits,
    noise_model,
    probability,
)

Array = np.ndarray[Any, Any]


def world(
    rate: Array, *, n: int = 4000, slope: float = 1.0, seed: int = 0
) -> tuple[Array, Array, Evidence]:
    """True classes, labels wrong at `rate` (c, c), and evidence calibrated at `slope`."""
    rng = np.random.default_rng(seed)
    c = len(rate)
    log = rng.normal(0, 1.5, (n, c))
    log[:, 1] += log[:, 0] / 2  # two classes that are alike
    log[np.arange(n), rng.integers(0, c, n)] += rng.choice([1.0, 8.0], n)
    scores = np.exp(log) / np.exp(log).sum(axis=1, keepdims=True)
    true = (scores.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    given = np.array([rng.choice(c, p=rate[label]) for label in true])
    log = np.log(scores) / slope
    return true, given, Evidence(log, log[np.arange(n), given])


def noise(c: int, share: float, target: int | None = None) -> Array:
    """Rates: to all other classes alike, or from each to the next."""
    rate = np.eye(c) * (1 - share)
    for i in range(c):
        for j in range(c):
            if i != j and target is None:
                rate[i, j] = share / (c - 1)
            elif target is not None and j == (i + target) % c:
                rate[i, j] = share
    return rate


@pytest.mark.parametrize("target", [None, 1])
def test_the_number_of_wrong_labels_is_told(target: int | None) -> None:
    true, given, evidence = world(noise(5, 0.15, target))
    odds, _ = noise_model(given, evidence, 5).log_odds(given, evidence)
    wrong = int((true != given).sum())
    assert probability(odds).sum() == pytest.approx(wrong, rel=0.15)


def test_of_clean_labels_next_to_none_is_thought_wrong() -> None:
    """Though the evidence contradicts a good many of them."""
    true, given, evidence = world(noise(5, 0.0))
    odds, _ = noise_model(given, evidence, 5).log_odds(given, evidence)
    assert np.array_equal(true, given)
    assert (evidence.best()[0] != given).sum() > 300
    assert probability(odds).sum() < 40


def test_rates_are_of_the_pairs_that_have_them() -> None:
    """Shrunk to one value where errors fall on all alike, left apart where they do not."""
    c, of = 5, ~np.eye(5, dtype=bool)
    even = noise_model(*world(noise(c, 0.2))[1:], c).rate[of]
    assert even.std() / even.mean() < 0.25
    paired = noise_model(*world(noise(c, 0.2, 1))[1:], c).rate
    for i in range(c):
        assert paired[i, (i + 1) % c] > 5 * paired[i, (i + 2) % c]


@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_overconfident_evidence_is_seen_through(slope: float) -> None:
    """The same ranking from evidence whose logarithms are all multiplied by a constant."""
    calibrated = noise_model(*world(noise(5, 0.15))[1:], 5)
    other = noise_model(*world(noise(5, 0.15), slope=slope)[1:], 5)
    assert other.slope == pytest.approx(slope * calibrated.slope, rel=0.12)


def test_the_odds_are_those_of_the_formula() -> None:
    rng = np.random.default_rng(3)
    c, n = 4, 30
    model = NoiseModel(rng.random((c, c)) * 0.1, rng.random((c, c)) + 0.5, 1.3, 0.0)
    np.fill_diagonal(model.rate, 0)
    labels, log = rng.integers(0, c, n), rng.normal(0, 2, (n, c))
    odds, likeliest = model.log_odds(labels, Evidence(log, log[np.arange(n), labels]))
    for row in range(n):
        j = labels[row]
        terms = {
            i: model.rate[i, j]
            / (model.likeness[i, j] * math.exp(-1.3 * (log[row, i] - log[row, j])))
            for i in range(c)
            if i != j
        }
        assert odds[row] == pytest.approx(math.log(sum(terms.values())))
        assert likeliest[row] == max(terms, key=terms.__getitem__)


def test_only_the_highest_classes_may_be_given() -> None:
    """All classes in any order of columns give what the plain order gives."""
    _, given, evidence = world(noise(5, 0.15), n=1500)
    rng = np.random.default_rng(1)
    classes = rng.permuted(np.tile(np.arange(5), (len(given), 1)), axis=1)
    shuffled = Evidence(np.take_along_axis(evidence.log, classes, 1), evidence.own, classes)
    plain, other = noise_model(given, evidence, 5), noise_model(given, shuffled, 5)
    expected, likeliest = plain.log_odds(given, evidence)
    odds, same = other.log_odds(given, shuffled)
    assert np.allclose(odds, expected)
    assert np.array_equal(same, likeliest)


def test_expected_hits_are_the_precisions_down_to_the_wrong_ones() -> None:
    """By brute force: the sum over the samples, weighted by the probability of being wrong."""
    odds = np.array([2.0, -1.0, 0.5, -3.0])
    wrong = sorted((1 / (1 + math.exp(-odd)) for odd in odds), reverse=True)
    total = sum(share * sum(wrong[: place + 1]) / (place + 1) for place, share in enumerate(wrong))
    assert expected_hits(odds) == pytest.approx(total)
    assert expected_hits(np.array([800.0, -800.0])) == 1.0
    assert expected_hits(np.full(3, -np.inf)) == 0.0


def test_two_classes() -> None:
    true, given, evidence = world(noise(2, 0.1))
    odds, alternative = noise_model(given, evidence, 2).log_odds(given, evidence)
    assert np.array_equal(alternative, 1 - given)
    assert probability(odds)[true != given].mean() > 5 * probability(odds)[true == given].mean()


def test_labels_that_are_never_contradicted() -> None:
    log = np.array([[0.0, -5.0], [-5.0, 0.0]])
    labels = np.array([0, 1])
    odds, _ = noise_model(labels, Evidence(log, np.zeros(2)), 2).log_odds(
        labels, Evidence(log, np.zeros(2))
    )
    assert (odds < 0).all()


def test_evidence_that_leaves_no_doubt() -> None:
    """Contradicted labels are then wrong, also where the classes are too many to see each pair."""
    rng = np.random.default_rng(0)
    n, c, least = 2000, 200, math.log(1e-9)
    true = rng.integers(0, c, n)
    given = np.where(np.arange(n) < 200, (true + rng.integers(1, c, n)) % c, true)
    classes = (true[:, None] + np.arange(3)) % c
    log = np.where(np.arange(3) == 0, 0.0, rng.uniform(least, -8, (n, 3)))
    own = np.where(classes == given[:, None], log, least).max(axis=1)
    evidence = Evidence(log, own, classes, np.full(n, least))
    odds, likeliest = noise_model(given, evidence, c).log_odds(given, evidence)
    beyond = own == least
    assert beyond[:200].sum() > 180
    assert probability(odds)[:200][beyond[:200]].min() > 0.9
    assert probability(odds)[200:].max() < 0.1
    assert np.array_equal(likeliest[:200], true[:200])


def said(labels: Array, right: Array, c: int, seed: int = 0) -> Evidence:
    """Evidence that is sure of itself: of the label where it is right, else of any class."""
    rng = np.random.default_rng(seed)
    best = np.where(right, labels, rng.integers(0, c, len(labels)))
    log = rng.normal(-9.0, 1.0, (len(labels), c))
    log[np.arange(len(labels)), best] = 0.0
    return Evidence(log, log[np.arange(len(labels)), labels])


@pytest.mark.parametrize(("c", "n"), [(2, 300), (10, 600), (150, 2000)])
def test_evidence_that_agrees_by_chance_tells_nothing(c: int, n: int) -> None:
    rng = np.random.default_rng(c)
    often = rng.choice(c, n, p=rng.dirichlet(np.ones(c)))
    evidence = said(often, np.arange(n) < n // 3, c)
    assert agreement(often, evidence, c).tells
    by_chance = [agreement(rng.permutation(often), evidence, c).tells for _ in range(500)]
    assert np.mean(by_chance) < 0.01


def test_a_few_samples_of_a_rare_class_are_enough_to_be_told() -> None:
    labels = (np.arange(200) < 10).astype(int)
    constant = np.zeros((200, 2)) - [0.1, 3.0]
    assert not agreement(labels, Evidence(constant, constant[np.arange(200), labels]), 2).tells
    right = np.where(labels[:, None] == [0, 1], 0.0, -2.0)
    right[8] = [0.0, -1.0]
    assert agreement(labels, Evidence(right, right[np.arange(200), labels]), 2).tells


def test_one_class_tells_nothing() -> None:
    labels = np.zeros(100, int)
    assert not agreement(labels, said(labels, labels == 0, 3), 3).tells
    none = np.zeros(0, int)
    assert not agreement(none, Evidence(np.zeros((0, 3)), np.zeros(0)), 3).tells


def test_the_agreement_is_cohens_kappa() -> None:
    """Its deviation where nothing but the frequencies agree, by drawing instead of the formula."""
    rng = np.random.default_rng(3)
    labels = rng.choice(4, 400, p=[0.5, 0.3, 0.15, 0.05])
    best = rng.choice(4, 400, p=[0.4, 0.4, 0.1, 0.1])
    best[:80] = labels[:80]
    log = np.where(best[:, None] == np.arange(4), 0.0, -5.0)
    found = agreement(labels, Evidence(log, log[np.arange(400), labels]), 4)
    assert found.kappa == pytest.approx(cohen_kappa_score(labels, best))
    drawn = [cohen_kappa_score(rng.permutation(labels), best) for _ in range(2000)]
    assert found.deviation == pytest.approx(np.std(drawn), rel=0.06)
    assert found.tells
    assert not Agreement(0.09, 0.01).tells, "too little to tell anything"
    assert not Agreement(0.2, 0.07).tells, "as may be by chance"
