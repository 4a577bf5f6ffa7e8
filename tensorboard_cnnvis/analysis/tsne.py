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
Gradient = Callable[[Floats, float], Floats]
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
    deviation = float(np.std(start[:, 0]))
    state = Descent(
        exact_gradient(similarities), start * (START_DEVIATION / deviation if deviation > 0 else 1)
    )
    early_rate, rate = plan.early_rate(len(start)), plan.rate(len(start))
    for iteration in range(plan.iterations):
        if iteration < plan.early:
            state.step(plan.exaggeration, plan.early_momentum, early_rate)
        else:
            state.step(1.0, plan.momentum, rate)
        state.centre()
        yield state.layout


class Descent:
    """Gradient descent with momentum and a gain per coordinate (Jacobs 1988).

    Args:
        gradient: of the layout (2, n), given the exaggeration.
        start: float (n, 2).
    """

    def __init__(self, gradient: Gradient, start: npt.NDArray[Any]) -> None:
        self._gradient = gradient
        self._places: Floats = np.ascontiguousarray(start.T, dtype=np.float32)
        self._update = np.zeros_like(self._places)
        self._gains = np.ones_like(self._places)

    @property
    def layout(self) -> Floats:
        """The places (n, 2); the same array every time."""
        return self._places.T

    def step(self, exaggeration: float, momentum: float, rate: float) -> None:
        """One step down."""
        gradient = self._gradient(self._places, exaggeration)
        grows = (self._update > 0) != (gradient > 0)
        self._gains = np.where(grows, self._gains + _GAIN_UP, self._gains * _GAIN_DOWN)
        np.maximum(self._gains, _GAIN_LEAST, out=self._gains)
        self._update *= np.float32(momentum)
        self._update -= np.float32(rate) * self._gains * gradient
        self._places += self._update

    def hold(self, places: Floats, share: Floats) -> None:
        """Takes the points back by a share (n,) of their way from `places` (2, n), in [0, 1]."""
        back = (places - self._places) * share
        self._places += back
        self._update += back

    def centre(self) -> None:
        """Puts the mean at the origin."""
        self._places -= self._places.mean(axis=1, keepdims=True)


def exact_gradient(similarities: scipy.sparse.csr_array) -> Gradient:
    """The gradient of KL(P||Q) for P of `affinities`, all n * n repulsions summed."""
    n = similarities.shape[0]
    sums = np.empty((5, n), np.float32)
    starts = similarities.indptr.astype(np.int32)
    others = similarities.indices.astype(np.int32)
    values = similarities.data.astype(np.float32)
    forces: Callable[..., Any] = (
        tsne_kernels.all_forces if n < _ONE_THREAD else tsne_kernels.all_forces_on_all_cores
    )

    def gradient(places: Floats, exaggeration: float) -> Floats:
        forces(*places, starts, others, values, sums)
        total = np.float32(sums[4].sum(dtype=np.float64))
        pull, push = sums[:2], sums[2:4]
        return np.asarray(4 * (np.float32(exaggeration) * pull - push / total), np.float32)

    return gradient
