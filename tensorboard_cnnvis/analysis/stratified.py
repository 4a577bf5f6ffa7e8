"""A draw of samples in which every label keeps its share."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def stratified(labels: npt.NDArray[Any], size: int, seed: int) -> npt.NDArray[np.int32]:
    """Positions, ascending, of `size` samples; all where there are not more.

    Each label's samples are shuffled and spread evenly over (0, 1); the first `size` of all are
    taken. So every label's count is its share of `size` to within one, and a larger draw with the
    same seed holds the smaller one.

    Args:
        labels: int (n,); -1 (unknown) is drawn as a label of its own.
        size: number of samples.
        seed: of the shuffle.
    """
    n = len(labels)
    if n <= size:
        return np.arange(n, dtype=np.int32)
    shuffled = np.random.default_rng(seed).permutation(n)
    order = shuffled[np.argsort(labels[shuffled], kind="stable")]
    _, starts, counts = np.unique(labels[order], return_index=True, return_counts=True)
    within = np.arange(n) - np.repeat(starts, counts)
    place = (within + 0.5) / np.repeat(counts, counts)
    return np.sort(order[np.argsort(place, kind="stable")[:size]]).astype(np.int32)
