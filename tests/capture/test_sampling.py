"""The draw is stratified, exact in its counts, and the same for an array and for a stream."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorboard_cnnvis.capture.sampling import MINIMUM_PER_CLASS, Reservoir, draw, quotas

COUNTS = st.lists(st.integers(0, 400), min_size=1, max_size=12).filter(lambda c: sum(c) > 0)


@pytest.mark.parametrize(
    ("counts", "size", "expected"),
    [
        ([600, 300, 100], 100, [60, 30, 10]),
        ([5, 3], 100, [5, 3]),
        ([9_900, 100], 100, [90, 10]),  # 1 in proportion, 10 by the minimum
        ([9_996, 4], 100, [96, 4]),  # all of a class that has less than the minimum
        ([1_000, 1_000, 1_000], 100, [34, 33, 33]),
        ([0, 50, 0, 50], 10, [0, 5, 0, 5]),
        ([50, 50, 50], 2, [1, 1, 0]),  # more classes than room
    ],
)
def test_quotas(counts: list[int], size: int, expected: list[int]) -> None:
    assert quotas(np.array(counts), size).tolist() == expected


@given(COUNTS, st.integers(1, 900))
def test_quotas_fill_the_size_within_what_there_is(counts: list[int], size: int) -> None:
    array = np.array(counts)
    found = quotas(array, size)
    assert found.sum() == min(size, array.sum())
    assert np.all((found >= 0) & (found <= array))
    floor = min(MINIMUM_PER_CLASS, size // np.count_nonzero(array))
    assert np.all(found >= np.minimum(array, floor))


@given(COUNTS, st.integers(1, 900), st.integers(0, 5))
def test_a_draw_has_the_quotas_and_no_sample_twice(counts: list[int], size: int, seed: int) -> None:
    classes = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    np.random.default_rng(1).shuffle(classes)
    index = draw(classes, size, seed)
    assert np.all(np.diff(index) > 0)
    drawn = np.bincount(classes[index], minlength=len(counts))
    assert drawn.tolist() == quotas(np.array(counts), size).tolist()


def test_a_draw_depends_on_the_seed_alone() -> None:
    classes = np.tile(np.arange(10, dtype=np.int32), 100)
    assert np.array_equal(draw(classes, 200, 7), draw(classes, 200, 7))
    assert not np.array_equal(draw(classes, 200, 7), draw(classes, 200, 8))


def test_every_sample_is_drawn_equally_often() -> None:
    classes = np.zeros(40, np.int32)
    hits = sum(np.bincount(draw(classes, 10, seed), minlength=40) for seed in range(2_000))
    assert np.all(np.abs(hits - 500) < 100)  # binomial: sd 19


@given(st.integers(1, 60), st.integers(1, 64), st.integers(0, 3))
def test_a_stream_gives_the_draw_of_the_array(size: int, batch: int, seed: int) -> None:
    classes = np.random.default_rng(seed).integers(0, 3, 300).astype(np.int32)
    images = np.arange(300).reshape(-1, 1, 1)
    reservoir = Reservoir(size, seed)
    for start in range(0, 300, batch):
        reservoir.add(images[start : start + batch], classes[start : start + batch])
    drawn, kept, index = reservoir.result()
    assert reservoir.total == 300
    assert len(index) == min(size, 300)
    assert np.array_equal(drawn[:, 0, 0], index)
    assert np.array_equal(kept, classes[index])
    if size >= 30:  # a smaller reservoir may lack a few of a class that came late
        assert np.array_equal(index, draw(classes, size, seed))


def test_a_stream_sorted_by_class_keeps_its_proportions() -> None:
    classes = np.repeat(np.arange(4, dtype=np.int32), [4_000, 3_000, 2_000, 1_000])
    reservoir = Reservoir(1_000, 0)
    for part in np.split(np.arange(10_000), 100):
        reservoir.add(part.reshape(-1, 1, 1), classes[part])
    _, kept, _ = reservoir.result()
    assert np.bincount(kept).tolist() == [400, 300, 200, 100]


def test_a_reservoir_without_a_size_keeps_all() -> None:
    reservoir = Reservoir(None, 0)
    reservoir.add(np.zeros((30, 2, 2)), np.zeros(30, np.int32))
    assert len(reservoir.result()[0]) == 30
