"""UMAP (McInnes et al. 2018) by umap-learn, an extra, as it forms."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from tensorboard_cnnvis.analysis import tsne
from tensorboard_cnnvis.analysis.knn_graph import KnnGraph, Report, knn_graph

Floats = npt.NDArray[np.float32]
_EXTENT = 10.0  # of the start, as umap-learn scales it
_FEW, _EPOCHS_FEW, _EPOCHS_MANY = 10_000, 500, 200  # umap-learn's defaults
_NOISE = 1e-4
_LEAST_SECONDS = 0.05
_WARM_EPOCHS, _WARM_RATE = 150, 0.5
_SETTLED = 0.95  # share of the epochs of a layout that goes on, after which its mean is taken


def umap_layout(
    weights: scipy.sparse.csr_array,
    start: Floats,
    min_distance: float,
    seed: int,
    each: Callable[[float, Floats], None],
) -> Floats:
    """The layout, float32 (n, 2).

    Args:
        weights: of `fuzzy_set`.
        start: float (n, 2), where the points begin.
        min_distance: how close points may lie, in [0, 1].
        seed: of the draws.
        each: told the share of the epochs that is done and the layout so far, some twenty times a
            second; may raise to stop.
    """
    random = np.random.RandomState(seed)
    layout = _scaled(start, random)
    _optimise(layout, weights, _epochs(len(start)), 1.0, min_distance, random, each, _LEAST_SECONDS)
    return layout


def continue_umap(
    weights: scipy.sparse.csr_array,
    start: Floats,
    hold: Floats,
    min_distance: float,
    seed: int,
    each: Callable[[float, Floats], None],
) -> Floats:
    """The layout, float32 (n, 2), from an earlier one.

    It is the mean over the last epochs: each step follows a few drawn edges, and their noise would
    show as movement (Polyak and Juditsky 1992).

    Args:
        weights: of `fuzzy_set`.
        start: float32 (n, 2), where the points were.
        hold: of `aligned.holding`.
        min_distance: as in `umap_layout`.
        seed: of the draws.
        each: as in `umap_layout`.
    """
    layout, total, count = start.copy(), np.zeros(start.shape, np.float64), 0

    def pulled(done: float, now: Floats) -> None:
        nonlocal count
        now += (start - now) * hold[:, None]
        if done > _SETTLED:
            np.add(total, now, out=total)
            count += 1
        each(done, now)

    random = np.random.RandomState(seed)
    _optimise(layout, weights, _WARM_EPOCHS, _WARM_RATE, min_distance, random, pulled, 0.0)
    return np.asarray(total / count, np.float32)


def _optimise(
    layout: Floats,
    weights: scipy.sparse.csr_array,
    epochs: int,
    rate: float,
    min_distance: float,
    random: Any,
    each: Callable[[float, Floats], None],
    seconds: float,
) -> None:
    """Moves the points of `layout` in place; `each` is told after every epoch, or less often."""
    umap_, layouts = _umap_learn()
    a, b = umap_.find_ab_params(1.0, min_distance)
    edges = weights.tocoo()
    edges.data[edges.data < edges.data.max() / epochs] = 0.0
    edges.eliminate_zeros()
    layouts.optimize_layout_euclidean(
        layout,
        layout,
        edges.row,
        edges.col,
        epochs,
        len(layout),
        umap_.make_epochs_per_sample(edges.data, epochs),
        a,
        b,
        random.randint(-(2**31) + 1, 2**31 - 2, 3).astype(np.int64),
        initial_alpha=rate,
        tqdm_kwds={
            "disable": False,
            "file": _Ticker(lambda done: each(done, layout)),
            "mininterval": seconds,
            "miniters": 1,
            "bar_format": "{percentage}",
        },
        move_other=True,
    )


class _Ticker:
    """Where umap-learn's progress bar writes: the only place from which its loop can be followed.

    The layout is changed in place, so that at each tick it is there to be looked at.
    """

    def __init__(self, tick: Callable[[float], None]) -> None:
        self._tick = tick
        self._stopped = False

    def write(self, text: str) -> None:
        """`text` is the percentage, or blank where the bar is wiped away."""
        shown = text.strip()
        if not shown or self._stopped:
            return
        try:
            self._tick(float(shown) / 100)
        except BaseException:
            self._stopped = True  # the bar writes once more when it is closed
            raise

    def flush(self) -> None:
        """There is nothing to flush."""


def _epochs(n: int) -> int:
    return _EPOCHS_FEW if n <= _FEW else _EPOCHS_MANY


def fuzzy_set(graph: KnnGraph, n: int, seed: int) -> scipy.sparse.csr_array:
    """How strongly each pair of points belongs together, float32 (n, n), in [0, 1], symmetric.

    Args:
        graph: the neighbours of each point; the point itself counts as one more.
        n: number of points.
        seed: of the draws.
    """
    umap_, _ = _umap_learn()
    own = np.arange(n, dtype=np.int32)[:, None]
    index = np.hstack([own, graph.index])
    distance = np.hstack([np.zeros((n, 1), np.float32), graph.distance])
    edges, _, _ = umap_.fuzzy_simplicial_set(
        own,
        index.shape[1],
        np.random.RandomState(seed),
        "euclidean",
        knn_indices=index,
        knn_dists=distance,
    )
    edges.sum_duplicates()
    return scipy.sparse.csr_array(edges)


def fuzzy_set_and_near(
    vectors: Floats,
    neighbors: int,
    metric: str,
    seed: int,
    report: Report = lambda share: None,
) -> tuple[scipy.sparse.csr_array, scipy.sparse.csr_array]:
    """The fuzzy set of finite vectors (n, d), and t-SNE's similarities at that perplexity.

    By the latter the neighbourhoods of two epochs are compared: the fuzzy set ends at the last
    neighbour with a weight well above zero, so that a little noise there would change much.
    """
    n = len(vectors)
    perplexity = min(float(neighbors), tsne.most_perplexity(n))
    wide = max(neighbors - 1, tsne.neighbours_for(perplexity, n))
    graph = knn_graph(vectors, wide, metric, report)
    near = KnnGraph(graph.index[:, : neighbors - 1], graph.distance[:, : neighbors - 1])
    return fuzzy_set(near, n, seed), tsne.affinities(graph, perplexity)


def _scaled(start: Floats, random: Any) -> Floats:
    """Scaled to an extent of 10, with some noise that parts equal points."""
    low, high = start.min(axis=0), start.max(axis=0)
    extent = float((high - low).max())
    scaled = (start - low) * (_EXTENT / extent if extent > 0 else 1.0)
    return np.ascontiguousarray(scaled + random.normal(scale=_NOISE, size=start.shape), np.float32)


def _umap_learn() -> tuple[Any, Any]:
    """umap-learn without its parametric part, for which it would load TensorFlow."""
    hide = "tensorflow" not in sys.modules
    if hide:
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        import umap.layouts
        import umap.umap_
    finally:
        if hide:
            del sys.modules["tensorflow"]
    return umap.umap_, umap.layouts
