"""UMAP (McInnes et al. 2018) by umap-learn, an extra, as it forms."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.knn_graph import KnnGraph

Floats = npt.NDArray[np.float32]
_EXTENT = 10.0  # of the start, as umap-learn scales it
_FEW, _EPOCHS_FEW, _EPOCHS_MANY = 10_000, 500, 200  # umap-learn's defaults
_NOISE = 1e-4
_LEAST_SECONDS = 0.05


def umap_layout(
    graph: KnnGraph,
    start: Floats,
    min_distance: float,
    seed: int,
    each: Callable[[float, Floats], None],
) -> Floats:
    """The layout, float32 (n, 2).

    Args:
        graph: the neighbours of each point; the point itself counts as one more.
        start: float (n, 2), where the points begin.
        min_distance: how close points may lie, in [0, 1].
        seed: of the draws.
        each: told the share of the epochs that is done and the layout so far, some twenty times a
            second; may raise to stop.
    """
    umap_, layouts = _umap_learn()
    n = len(start)
    random = np.random.RandomState(seed)
    weights = _edges(umap_, graph, n, _epochs(n), random)
    a, b = umap_.find_ab_params(1.0, min_distance)
    layout = _scaled(start, random)
    layouts.optimize_layout_euclidean(
        layout,
        layout,
        weights.row,
        weights.col,
        _epochs(n),
        n,
        umap_.make_epochs_per_sample(weights.data, _epochs(n)),
        a,
        b,
        random.randint(-(2**31) + 1, 2**31 - 2, 3).astype(np.int64),
        tqdm_kwds={
            "disable": False,
            "file": _Ticker(lambda done: each(done, layout)),
            "mininterval": _LEAST_SECONDS,
            "miniters": 1,
            "bar_format": "{percentage}",
        },
        move_other=True,
    )
    return layout


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


def _edges(umap_: Any, graph: KnnGraph, n: int, epochs: int, random: Any) -> Any:
    """The fuzzy set's edges, COO (n, n), without those too weak to be drawn once."""
    own = np.arange(n, dtype=np.int32)[:, None]
    index = np.hstack([own, graph.index])
    distance = np.hstack([np.zeros((n, 1), np.float32), graph.distance])
    edges, _, _ = umap_.fuzzy_simplicial_set(
        own, index.shape[1], random, "euclidean", knn_indices=index, knn_dists=distance
    )
    edges = edges.tocoo()
    edges.sum_duplicates()
    edges.data[edges.data < edges.data.max() / epochs] = 0.0
    edges.eliminate_zeros()
    return edges


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
