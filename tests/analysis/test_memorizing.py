"""Which rankings count while a network learns wrong labels by heart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tensorboard_cnnvis.analysis.memorizing import Blurring

Array = np.ndarray[tuple[int], np.dtype[np.float64]]


def found(n: int, odds: float = 20.0) -> Array:
    """Log odds of 100 labels, of which `n` are thought wrong, as surely as `odds` say."""
    return np.where(np.arange(100) < n, odds, -20.0)


def counted(rankings: Sequence[Array], kappas: Sequence[float] = ()) -> list[int]:
    """Places of the rankings that count."""
    blurring = Blurring()
    known = kappas or [0.5] * len(rankings)
    return [
        place
        for place, (ranking, kappa) in enumerate(zip(rankings, known, strict=True))
        if blurring.counts(ranking, kappa)
    ]


@pytest.mark.parametrize("counts", [[5, 8, 20, 31], [31, 30, 25, 20]])
def test_more_and_a_little_fewer_wrong_labels_are_no_blur(counts: list[int]) -> None:
    assert counted([found(n) for n in counts]) == [0, 1, 2, 3]


def test_wrong_labels_that_are_no_longer_seen_are_learned_by_heart() -> None:
    assert counted([found(n) for n in (18, 20, 11, 13, 11)]) == [0, 1, 3]


def test_so_are_those_that_are_seen_less_surely() -> None:
    assert counted([found(20), found(20, 0.0), found(20)]) == [0, 2]


def test_after_three_blurred_rankings_none_counts_any_more() -> None:
    """A few that are left may look as clear as many did, and are not most of what there was."""
    assert counted([found(n) for n in (20, 5, 5, 30)]) == [0, 3]
    assert counted([found(n) for n in (20, 5, 5, 5, 30, 40)]) == [0]
    blurring = Blurring()
    for n, lasting in ((20, False), (5, False), (5, False), (20, False), (5, False), (5, False),
                       (5, True), (20, True)):  # fmt: skip
        blurring.counts(found(n), 0.5)
        assert blurring.lasting is lasting


def test_where_nothing_was_expected_nothing_is_blurred() -> None:
    """Half a wrong label is believed in where nothing tells of any: its loss says nothing."""
    unsure = [np.full(100, np.log(total / (100 - total))) for total in (0.9, 0.1, 0.2, 0.1, 0.3)]
    assert counted(unsure) == [0, 1, 2, 3, 4]
    assert counted([*unsure, found(20), found(3)]) == [0, 1, 2, 3, 4, 5]


def test_what_was_expected_when_little_was_known_is_no_measure() -> None:
    rankings = [found(n) for n in (40, 20, 10, 10)]
    assert counted(rankings) == [0]
    assert counted(rankings, [0.2, 0.29, 0.31, 0.44]) == [0, 3], "0.31 goes by 0.29"
    assert counted(rankings, [0.1, 0.2, 0.4, 0.5]) == [0, 1, 2, 3]
