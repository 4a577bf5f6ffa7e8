"""Two records of the same samples: what changed from one, the other, to the run at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int32]
CHANGES = (
    "both right", "right to wrong", "wrong to right", "same mistake", "different mistakes",
)  # fmt: skip
UNKNOWN = 255


@dataclass(frozen=True)
class Matched:
    """Which samples of two probe sets are the same.

    Attributes:
        index: int32 (m,), samples of the run, ascending.
        other_index: int32 (m,), the same samples in the other.
        uneven: samples of the run left out, whose key the other has more or less often.
        other_uneven: the same of the other.
        unkeyed: samples of the run without a key.
        other_unkeyed: the same of the other.
        shared: pairs whose key is also that of another pair: paired in their order.
    """

    index: Indices
    other_index: Indices
    uneven: int = 0
    other_uneven: int = 0
    unkeyed: int = 0
    other_unkeyed: int = 0
    shared: int = 0


def match(keys: Array, other: Array) -> Matched:
    """Samples with the same key; those that share one are paired in their order.

    A key that does not occur equally often in both is left out with all its samples: nothing tells
    which of them belong together.

    Args:
        keys: int (n,), one code a sample; below 0 where it has none.
        other: int (n_other,), of the same codes.
    """
    known, other_known = np.flatnonzero(keys >= 0), np.flatnonzero(other >= 0)
    found, codes = np.unique(np.concatenate([keys[known], other[other_known]]), return_inverse=True)
    own, others = codes[: len(known)], codes[len(known) :]
    counts = np.bincount(own, minlength=len(found))
    other_counts = np.bincount(others, minlength=len(found))
    even = counts == other_counts
    common = (counts > 0) & (other_counts > 0)
    # a stable order by key: the j-th of a key here meets the j-th of it there
    order, other_order = np.argsort(own, kind="stable"), np.argsort(others, kind="stable")
    index = known[order[even[own[order]]]]
    other_index = other_known[other_order[even[others[other_order]]]]
    ascending = np.argsort(index)
    return Matched(
        index[ascending].astype(np.int32),
        other_index[ascending].astype(np.int32),
        int(counts[common & ~even].sum()),
        int(other_counts[common & ~even].sum()),
        len(keys) - len(known),
        len(other) - len(other_known),
        int(counts[even & (counts > 1)].sum()),
    )


def coded(keys: Sequence[str], other: Sequence[str]) -> tuple[Array, Array]:
    """Texts of two probe sets as codes that both share, int64 (n,); -1 for an empty text."""
    code: dict[str, int] = {"": -1}

    def codes(texts: Iterable[str]) -> Array:
        return np.array([code.setdefault(text, len(code)) for text in texts], np.int64)

    return codes(keys), codes(other)


def common_classes(names: Sequence[str], other: Sequence[str]) -> tuple[tuple[str, ...], Indices]:
    """All classes of both, the run's own first, and the place among them of each of the other's.

    Classes are the same where their names are, whatever their index.

    Raises:
        ValueError: the lists differ, and one has a name twice.
    """
    if tuple(names) == tuple(other):
        return tuple(names), np.arange(len(names), dtype=np.int32)
    for given in (names, other):
        if len(set(given)) < len(given):
            twice = next(name for place, name in enumerate(given) if name in given[:place])
            raise ValueError(
                f"the runs have other classes, and {twice!r} is the name of two of them, so that"
                " classes cannot be matched by name"
            )
    union = dict.fromkeys([*names, *other])
    place = {name: index for index, name in enumerate(union)}
    return tuple(union), np.array([place[name] for name in other], np.int32)


def changes(labels: Array, predictions: Array, other: Array) -> npt.NDArray[np.uint8]:
    """What became of each sample from the other's prediction to this one's, uint8 (n,).

    A place in CHANGES; UNKNOWN without a label. No prediction (-1) is wrong.

    Args:
        labels: int (n,), -1 where unknown.
        predictions: int (n,), of the run, -1 where it has none.
        other: int (n,), the predictions that came before.
    """
    right, other_right = predictions == labels, other == labels
    found = np.where(predictions == other, 3, 4)
    found[~right & other_right] = 1
    found[right & ~other_right] = 2
    found[right & other_right] = 0
    return np.where(labels < 0, UNKNOWN, found).astype(np.uint8)


@dataclass(frozen=True)
class Outcome:
    """How many samples changed in which way; only those with a label count.

    Attributes:
        counts: by CHANGES.
    """

    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        """Samples with a label."""
        return sum(self.counts)

    @property
    def lost(self) -> int:
        """Samples that the other has right and the run wrong, McNemar's b."""
        return self.counts[1]

    @property
    def won(self) -> int:
        """Samples that the run has right and the other wrong, McNemar's c."""
        return self.counts[2]

    @property
    def hits(self) -> int:
        """Samples that the run has right."""
        return self.counts[0] + self.won

    @property
    def other_hits(self) -> int:
        """Samples that the other has right."""
        return self.counts[0] + self.lost


def outcome(change: Array) -> Outcome:
    """Counts `change` (n,), places in CHANGES; what is none of them is left out."""
    known = change[(change >= 0) & (change < len(CHANGES))]
    return Outcome(tuple(np.bincount(known, minlength=len(CHANGES)).tolist()))


def churn(predictions: Array, other: Array) -> float:
    """Share of the samples (n,) whose predictions differ (Milani Fard et al. 2016).

    Where either has none (-1) the sample is left out. NaN without any.
    """
    both = (predictions >= 0) & (other >= 0)
    return float((predictions[both] != other[both]).mean()) if both.any() else float("nan")


def mcnemar(lost: int, won: int) -> float:
    """The two-sided p of McNemar's exact test (McNemar 1947).

    Under the hypothesis that both are as often right, of the samples on which only one is right as
    many are expected either way: a binomial with p = 1/2.

    Args:
        lost: samples that the other has right and the run wrong ("b").
        won: samples that the run has right and the other wrong ("c").
    """
    # scipy.stats takes a second to import
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(lost, won), lost + won, 0.5)))


def disagreement(predictions: Array, other: Array, n_classes: int) -> npt.NDArray[np.int32]:
    """Counts (n_classes, n_classes): rows are the other's predictions, columns the run's.

    Samples without one of the two are left out.
    """
    both = (predictions >= 0) & (other >= 0)
    cells = other[both].astype(np.int64) * n_classes + predictions[both]
    counts = np.bincount(cells, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes).astype(np.int32)
