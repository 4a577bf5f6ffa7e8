"""t-SNE by its exact gradient in float32 (van der Maaten and Hinton 2008), as it forms.

The similarities of each point reach to its 3 * perplexity nearest neighbours, beyond which they
vanish (van der Maaten 2014); of the objective that they make the gradient is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from tensorboard_cnnvis.analysis import tsne_kernels
from tensorboard_cnnvis.analysis.knn_graph import KnnGraph

Floats = npt.NDArray[np.float32]
_ONE_THREAD = 3000  # points, up to which a second thread costs more than it brings
START_DEVIATION = 1e-4
_GAIN_UP, _GAIN_DOWN, _GAIN_LEAST = np.float32(0.2), np.float32(0.8), np.float32(0.01)


@dataclass(frozen=True)
class Schedule:
    """How the descent goes.

    Attributes:
        early: iterations with exaggerated attraction.
        iterations: iterations in all.
        exaggeration: factor on P in the early ones.
        early_momentum: momentum in them.
        momentum: momentum in the others.
    """

    early: int = 200
    iterations: int = 600
    exaggeration: float = 12.0
    early_momentum: float = 0.5
    momentum: float = 0.8

    def early_rate(self, n: int) -> float:
        """The early learning rate for n points (Belkina et al. 2019).

        It is not raised to 50 for few points, as scikit-learn's `auto` is: that throws them about
        before they find together, and the layout no longer starts from where it was told to.
        """
        return n / self.exaggeration / 4

    def rate(self, n: int) -> float:
        """The learning rate afterwards: larger, since the attraction is not."""
        return n / self.exaggeration


def most_perplexity(n: int) -> float:
    """The largest perplexity for n points: each needs 3 * perplexity neighbours."""
    return (n - 1) / 3


def neighbours_for(perplexity: float, n: int) -> int:
    """The number of neighbours over which a perplexity is sought."""
    return min(n - 1, int(3 * perplexity) + 1)


def affinities(graph: KnnGraph, perplexity: float) -> scipy.sparse.csr_array:
    """P, float32 (n, n), symmetric, its sum 1: the similarities of the points of `graph`."""
    n, k = graph.index.shape
    conditional = tsne_kernels.similarities(np.square(graph.distance), perplexity)
    starts = np.arange(0, n * k + 1, k, dtype=np.int32)
    one_way = scipy.sparse.csr_array((conditional.ravel(), graph.index.ravel(), starts), (n, n))
    both = scipy.sparse.csr_array(one_way + one_way.T)
    both.sort_indices()
    both.data /= both.data.sum(dtype=np.float64)
    return both


def descend(
    similarities: scipy.sparse.csr_array, start: Floats, schedule: Schedule | None = None
) -> Iterator[Floats]:
    """The layout (n, 2) after each iteration; the same array every time.

    Args:
        similarities: P of `affinities`.
        start: float (n, 2), scaled to a standard deviation of 1e-4 along its first axis.
        schedule: of the descent.
    """
    plan = schedule or Schedule()
    state = _Descent(similarities, start)
    early_rate, rate = plan.early_rate(len(start)), plan.rate(len(start))
    for iteration in range(plan.iterations):
        if iteration < plan.early:
            yield state.step(plan.exaggeration, plan.early_momentum, early_rate)
        else:
            yield state.step(1.0, plan.momentum, rate)


class _Descent:
    """Gradient descent with momentum and a gain per coordinate (Jacobs 1988)."""

    def __init__(self, similarities: scipy.sparse.csr_array, start: Floats) -> None:
        n = len(start)
        deviation = float(np.std(start[:, 0]))
        scale = START_DEVIATION / deviation if deviation > 0 else 1.0
        self._places: Floats = np.ascontiguousarray(start.T * scale, dtype=np.float32)
        self._update = np.zeros((2, n), np.float32)
        self._gains = np.ones((2, n), np.float32)
        self._sums = np.empty((5, n), np.float32)
        self._starts = similarities.indptr.astype(np.int32)
        self._others = similarities.indices.astype(np.int32)
        self._values = similarities.data.astype(np.float32)
        self._forces: Callable[..., Any] = (
            tsne_kernels.all_forces if n < _ONE_THREAD else tsne_kernels.all_forces_on_all_cores
        )

    def step(self, exaggeration: float, momentum: float, rate: float) -> Floats:
        gradient = self._gradient(exaggeration)
        grows = (self._update > 0) != (gradient > 0)
        self._gains = np.where(grows, self._gains + _GAIN_UP, self._gains * _GAIN_DOWN)
        np.maximum(self._gains, _GAIN_LEAST, out=self._gains)
        self._update *= np.float32(momentum)
        self._update -= np.float32(rate) * self._gains * gradient
        self._places += self._update
        self._places -= self._places.mean(axis=1, keepdims=True)
        return self._places.T

    def _gradient(self, exaggeration: float) -> Floats:
        x, y = self._places
        self._forces(x, y, self._starts, self._others, self._values, self._sums)
        total = np.float32(self._sums[4].sum(dtype=np.float64))
        pull, push = self._sums[:2], self._sums[2:4]
        return np.asarray(4 * (np.float32(exaggeration) * pull - push / total), np.float32)
