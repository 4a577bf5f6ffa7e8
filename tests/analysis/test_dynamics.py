"""What follows from a sample's record, against loops written from the papers' formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from dynamics_loops import INTEGERS, LOOPS, Trajectory, z_scores

from tensorboard_cnnvis.analysis import dynamics

N, CLASSES = 120, 4


@dataclass(frozen=True)
class Made:
    """A record of random walks: labels (n,), and per step predictions, margins, scores (n,)."""

    labels: Any
    steps: list[int]
    predictions: Any
    margins: Any
    scores: Any

    def until(self, count: int) -> list[Trajectory]:
        return [
            Trajectory(
                self.steps[:count],
                self.predictions[:count, row].tolist(),
                self.margins[:count, row].tolist(),
                self.scores[:count, row].tolist(),
                int(self.labels[row]),
            )
            for row in range(len(self.labels))
        ]


def make(steps: list[int], seed: int = 0) -> Made:
    """With samples without a label, of a damaged epoch and that never change."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, CLASSES, N).astype(np.int32)
    predictions = rng.integers(-1, CLASSES, (len(steps), N)).astype(np.int32)
    predictions[:, :20] = predictions[0, :20]
    predictions[1:, 20:40] = predictions[:-1, 20:40]
    margins = (5 * rng.normal(size=(len(steps), N))).astype(np.float32)
    scores = rng.random((len(steps), N)).astype(np.float32)
    scores[:, 5] = scores[0, 5]
    gaps = rng.random(margins.shape) < 0.2
    margins[gaps] = rng.choice([np.nan, np.inf, -np.inf], int(gaps.sum()))
    scores[gaps] = np.nan
    margins[:, labels < 0], scores[:, labels < 0] = np.nan, np.nan
    margins[:, 7], scores[:, 7] = np.nan, np.nan
    return Made(labels, steps, predictions, margins, scores)


def fold(made: Made, count: int) -> dynamics.Dynamics:
    state = dynamics.before(made.labels)
    for at in range(count):
        state = dynamics.after(
            state, made.steps[at], made.predictions[at], made.margins[at], made.scores[at]
        )
    return state


@pytest.mark.parametrize("steps", [[0], [0, 1, 2, 3, 4, 5, 6, 7], [1, 3, 5, 7, 9, 11], [4, 7, 30]])
@pytest.mark.parametrize("name", LOOPS)
def test_a_column_is_what_its_formula_gives_at_every_epoch(name: str, steps: list[int]) -> None:
    made = make(steps)
    for count in range(1, len(steps) + 1):
        found = dynamics.COLUMNS[name](fold(made, count))
        expected = [LOOPS[name](seen) for seen in made.until(count)]
        if name in INTEGERS:
            assert found.dtype == np.int32
            assert found.tolist() == expected
        else:
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_a_hundred_epochs_lose_no_digits() -> None:
    made = make(list(range(100)), seed=1)
    state, seen = fold(made, 100), made.until(100)
    for name in LOOPS:
        expected = [LOOPS[name](one) for one in seen]
        np.testing.assert_allclose(dynamics.COLUMNS[name](state), expected, rtol=1e-6, atol=1e-6)
    known = (made.labels >= 0) & np.isfinite(made.scores).any(axis=0)
    same = np.array([len(set(one.scores)) == 1 for one in seen]) & known
    assert (dynamics.variability(state)[same] == 0).all(), "a constant score varies by exactly 0"


def test_a_later_epoch_leaves_the_earlier_state_as_it_was() -> None:
    made = make([0, 1, 2, 3])
    state = fold(made, 2)
    before = {name: column(state).copy() for name, column in dynamics.COLUMNS.items()}
    dynamics.after(state, 2, made.predictions[2], made.margins[2], made.scores[2])
    for name, column in dynamics.COLUMNS.items():
        assert np.array_equal(column(state), before[name], equal_nan=True)


def test_a_sample_without_a_label_still_flips() -> None:
    state = dynamics.before(np.array([-1], np.int32))
    for step, prediction in enumerate([2, 2, 0, -1]):
        nothing = np.array([np.nan], np.float32)
        state = dynamics.after(state, step, np.array([prediction]), nothing, nothing)
    told = {name: column(state)[0] for name, column in dynamics.COLUMNS.items()}
    assert (told["flips"], told["last_change"]) == (2, 3)
    assert (told["forgetting_events"], told["first_learned"]) == (-1, -1)
    for name in ("mean_margin", "mean_label_score", "variability", "correctness"):
        assert np.isnan(told[name])


def test_loss_z_is_within_label_and_split() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(-1, 3, 90).astype(np.int32)
    splits = np.repeat([0, 1], 45).astype(np.int32)
    losses = rng.exponential(size=90).astype(np.float32)
    losses[rng.random(90) < 0.2] = np.nan
    losses[3] = np.inf
    groups = [
        (label, split) if label >= 0 else None
        for label, split in zip(labels.tolist(), splits.tolist(), strict=True)
    ]
    expected = z_scores(losses.astype(float).tolist(), groups)
    found = dynamics.loss_z(losses, labels, splits)
    assert np.isfinite(found).any()
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_loss_z_of_one_of_a_kind_or_of_equals_is_missing() -> None:
    losses = np.array([0.1, 0.1, 0.1, 5.0, 1.0, 3.0], np.float32)
    labels = np.array([0, 0, 0, 1, 2, 2], np.int32)
    found = dynamics.loss_z(losses, labels, np.zeros(6, np.int32))
    assert np.isnan(found[:4]).all()
    assert found[4:].tolist() == [-1.0, 1.0]
    nobody = dynamics.loss_z(losses[:0], labels[:0], labels[:0])
    assert nobody.shape == (0,)


@pytest.mark.parametrize("label", range(-1, CLASSES))
def test_the_events_of_a_sample_are_those_its_columns_count(label: int) -> None:
    made = make([2, 3, 5, 8, 13, 21], seed=4)
    for row in range(40):
        predictions = made.predictions[:, row]
        seen = Trajectory(made.steps, predictions.tolist(), [], [], label)
        told = dynamics.events(np.array(made.steps, np.int32), predictions, label)
        assert (-1 if told.first_learned is None else told.first_learned) == LOOPS["first_learned"](
            seen
        )
        assert len(told.forgotten) == max(0, LOOPS["forgetting_events"](seen))
        for step in told.forgotten:
            at = made.steps.index(step)
            assert predictions[at] != label == predictions[at - 1]
        assert told.flips == LOOPS["flips"](seen)
        assert (-1 if told.last_change is None else told.last_change) == LOOPS["last_change"](seen)
