"""Matching and change, against loops written from the definitions."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import binomtest

from tensorboard_cnnvis.analysis.comparison import (
    CHANGES,
    UNKNOWN,
    changes,
    churn,
    coded,
    common_classes,
    disagreement,
    match,
    mcnemar,
)

RNG = np.random.default_rng(3)
LABELS = RNG.integers(-1, 4, 300)
BEFORE = RNG.integers(-1, 4, 300)
AFTER = RNG.integers(-1, 4, 300)


def paired(keys: npt.NDArray[Any], other: npt.NDArray[Any]) -> dict[int, int]:
    """The j-th sample with a key meets the j-th with it, where there are as many of them."""
    places: dict[int, list[int]] = defaultdict(list)
    other_places: dict[int, list[int]] = defaultdict(list)
    for place, key in enumerate(keys.tolist()):
        places[key].append(place)
    for place, key in enumerate(other.tolist()):
        other_places[key].append(place)
    pairs: dict[int, int] = {}
    for key, own in places.items():
        if key >= 0 and len(own) == len(other_places[key]):
            pairs.update(zip(own, other_places[key], strict=True))
    return pairs


def test_each_key_that_both_have_once_is_matched_wherever_it_stands() -> None:
    found = match(np.array([7, 3, 9, 1]), np.array([1, 2, 7, 3]))
    assert found.index.tolist() == [0, 1, 3]
    assert found.other_index.tolist() == [2, 3, 0]
    assert (found.uneven, found.other_uneven, found.shared) == (0, 0, 0)


def test_a_repeated_key_is_paired_in_order_where_both_have_it_as_often() -> None:
    found = match(np.array([5, 8, 5, 8, 6]), np.array([8, 5, 5, 8, 8]))
    assert found.index.tolist() == [0, 2]
    assert found.other_index.tolist() == [1, 2]
    assert (found.uneven, found.other_uneven, found.shared) == (2, 3, 2)


def test_a_sample_without_a_key_is_never_matched() -> None:
    found = match(np.array([-1, 4, -1]), np.array([-1, 4]))
    assert found.index.tolist() == [1]
    assert (found.unkeyed, found.other_unkeyed) == (2, 1)


@pytest.mark.parametrize("seed", range(20))
def test_matching_is_that_of_the_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    keys, other = rng.integers(-1, 15, 40), rng.integers(-1, 15, 35)
    found = match(keys, other)
    pairs = paired(keys, other)
    assert dict(zip(found.index.tolist(), found.other_index.tolist(), strict=True)) == pairs
    assert (np.diff(found.index) > 0).all()
    common = set(keys[keys >= 0].tolist()) & set(other.tolist())
    assert found.uneven == sum(key in common for key in keys.tolist()) - len(pairs)
    assert found.other_uneven == sum(key in common for key in other.tolist()) - len(pairs)


def test_nothing_in_common_and_nothing_at_all() -> None:
    assert len(match(np.array([1]), np.array([2])).index) == 0
    assert len(match(np.empty(0, np.int64), np.empty(0, np.int64)).index) == 0


def test_texts_share_their_codes_and_an_empty_one_is_no_key() -> None:
    own, other = coded(["b", "", "a"], ["a", "c", ""])
    assert own[2] == other[0]
    assert len({*own.tolist(), *other.tolist()}) == 4  # a, b, c and none
    assert own[1] == other[2] == -1


def test_changes_are_those_of_the_loop() -> None:
    found = changes(LABELS, AFTER, BEFORE)
    for label, before, after, change in zip(LABELS, BEFORE, AFTER, found, strict=True):
        if label < 0:
            assert change == UNKNOWN
        elif before == label:
            assert CHANGES[change] == ("both right" if after == label else "right to wrong")
        elif after == label:
            assert CHANGES[change] == "wrong to right"
        else:
            assert CHANGES[change] == ("same mistake" if before == after else "different mistakes")


def test_churn_is_the_share_of_other_predictions() -> None:
    both = [(a, b) for a, b in zip(AFTER, BEFORE, strict=True) if a >= 0 and b >= 0]
    assert churn(AFTER, BEFORE) == pytest.approx(sum(a != b for a, b in both) / len(both))
    assert churn(AFTER, AFTER) == 0
    assert math.isnan(churn(np.array([-1]), np.array([2])))


def test_disagreement_counts_pairs_of_predictions() -> None:
    expected = np.zeros((4, 4), int)
    for after, before in zip(AFTER, BEFORE, strict=True):
        if after >= 0 and before >= 0:
            expected[before, after] += 1
    assert disagreement(AFTER, BEFORE, 4).tolist() == expected.tolist()


@pytest.mark.parametrize(("lost", "won"), [(0, 0), (1, 0), (3, 3), (2, 11), (40, 61), (0, 30)])
def test_mcnemar_is_the_sum_of_the_binomial(lost: int, won: int) -> None:
    """Both tails of a fair coin thrown as often as just one of the two is right."""
    n = lost + won
    tail = sum(math.comb(n, k) for k in range(min(lost, won) + 1)) / 2**n
    assert mcnemar(lost, won) == pytest.approx(min(1, 2 * tail), rel=1e-12)
    assert mcnemar(won, lost) == mcnemar(lost, won)


def test_mcnemar_of_large_counts_is_scipys() -> None:
    assert mcnemar(5000, 5300) == pytest.approx(binomtest(5000, 10300).pvalue, rel=1e-9)


def test_classes_are_the_same_by_name() -> None:
    union, place = common_classes(["cat", "dog"], ["dog", "frog", "cat"])
    assert union == ("cat", "dog", "frog")
    assert [union[index] for index in place] == ["dog", "frog", "cat"]


def test_equal_lists_may_repeat_a_name() -> None:
    union, place = common_classes(["a", "a"], ["a", "a"])
    assert (union, place.tolist()) == (("a", "a"), [0, 1])
    with pytest.raises(ValueError, match="'a' is the name of two"):
        common_classes(["a", "b"], ["a", "a"])
