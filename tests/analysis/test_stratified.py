"""The draw that keeps every label's share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorboard_cnnvis.analysis.stratified import stratified


@settings(max_examples=60, deadline=None)
@given(
    labels=st.lists(st.integers(-1, 6), min_size=1, max_size=200),
    size=st.integers(1, 200),
    seed=st.integers(0, 5),
)
def test_every_label_keeps_its_share(labels: list[int], size: int, seed: int) -> None:
    values = np.array(labels)
    drawn = stratified(values, size, seed)
    assert len(drawn) == min(size, len(values))
    assert (np.diff(drawn) > 0).all()
    for label in set(labels):
        share = (values == label).sum() * len(drawn) / len(values)
        assert abs((values[drawn] == label).sum() - share) <= 1 + 1e-9


def test_a_larger_draw_holds_the_smaller_and_the_seed_decides() -> None:
    labels = np.random.default_rng(0).integers(0, 10, 500)
    small, large = stratified(labels, 50, 3), stratified(labels, 200, 3)
    assert set(small) <= set(large)
    assert np.array_equal(small, stratified(labels, 50, 3))
    assert not np.array_equal(small, stratified(labels, 50, 4))


@pytest.mark.parametrize("size", [5, 6, 100])
def test_all_are_taken_where_there_are_not_more(size: int) -> None:
    assert stratified(np.array([1, 1, 0, 2, -1]), size, 0).tolist() == [0, 1, 2, 3, 4]
