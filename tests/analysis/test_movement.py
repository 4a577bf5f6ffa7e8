"""How far samples moved, against loops written from the definitions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tensorboard_cnnvis.analysis import movement

RNG = np.random.default_rng(0)


def rotation(size: int) -> np.ndarray[Any, Any]:
    return np.linalg.qr(RNG.normal(size=(size, size)))[0]


def test_a_displacement_is_in_units_of_the_radius() -> None:
    before, now = RNG.normal(size=(2, 30, 2)).astype(np.float32)
    found = movement.displacement(before, now)
    mean = [sum(point[axis] for point in now) / 30 for axis in range(2)]
    radius = math.sqrt(sum((x - mean[0]) ** 2 + (y - mean[1]) ** 2 for x, y in now) / 30)
    for row in range(30):
        assert found[row] == pytest.approx(math.dist(before[row], now[row]) / radius, rel=1e-5)


def test_a_layer_that_turns_grows_and_shifts_as_a_whole_does_not_move() -> None:
    before = RNG.normal(size=(40, 6))
    now = before @ rotation(6) * 3.7 + RNG.normal(size=6)
    assert movement.true_displacement(before, now) == pytest.approx(0, abs=1e-6)


def test_who_moves_beside_the_others_is_found() -> None:
    before = RNG.normal(size=(200, 6))
    now = before.copy()
    now[17] += 5
    found = movement.true_displacement(before, now @ rotation(6))
    assert found.argmax() == 17
    assert found[17] > 10 * np.median(found)


def test_no_turn_and_scale_brings_them_closer() -> None:
    before, now = RNG.normal(size=(2, 50, 3))
    first, second = before - before.mean(axis=0), now - now.mean(axis=0)
    radius = np.sqrt(np.square(second).sum(axis=1).mean())
    best = np.square(movement.true_displacement(before, now) * radius).sum()
    for _ in range(50):
        other = first @ rotation(3) * RNG.uniform(0.1, 2)
        assert best <= np.square(other - second).sum() + 1e-6


def test_rows_that_are_not_finite_are_left_out() -> None:
    before, now = RNG.normal(size=(2, 10, 3))
    before[2], now[5] = np.nan, np.inf
    known = np.setdiff1d(np.arange(10), [2, 5])
    found = movement.true_displacement(before, now)
    assert np.isnan(found[[2, 5]]).all()
    assert found[known] == pytest.approx(movement.true_displacement(before[known], now[known]))


def test_stability_is_of_means_and_ranks() -> None:
    shown = np.array([0.1, 0.3, 0.2, np.nan, 0.4], np.float32)
    true = np.array([1.0, 9.0, 2.0, 5.0, np.nan], np.float32)
    found = movement.stability(shown, true)
    assert (found.n, found.correlation) == (3, pytest.approx(1))
    assert found.movement == pytest.approx(0.2)
    assert found.true_movement == pytest.approx(4)


@pytest.mark.parametrize("still", [np.zeros(5, np.float32), np.full(5, np.nan, np.float32)])
def test_where_nothing_moves_there_is_no_correlation(still: np.ndarray[Any, Any]) -> None:
    found = movement.stability(still, np.arange(5, dtype=np.float32))
    assert math.isnan(found.correlation)


def test_what_moves_by_rounding_alone_has_no_correlation() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    frozen = movement.true_displacement(vectors, vectors)
    assert np.ptp(frozen) > 0
    found = movement.stability(np.arange(40, dtype=np.float32), frozen)
    assert math.isnan(found.correlation)
