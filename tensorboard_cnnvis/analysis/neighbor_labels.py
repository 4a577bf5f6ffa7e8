"""The labels of the samples nearest to one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.knn_graph import Report, knn_graph

NEIGHBORS = 15
Array = npt.NDArray[Any]


def nearest_labels(
    labels: npt.NDArray[np.integer[Any]],
    vectors: Array,
    asked: npt.NDArray[np.bool_] | None = None,
    report: Report = lambda share: None,
    seed: int = 0,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.integer[Any]]]:
    """The labels of the nearest NEIGHBORS of samples, by cosine distance.

    They are sought among all samples with a label and a finite vector; there are fewer where there
    are no more. Which of those at equal distance are taken is drawn, so that a layer that has
    collapsed says nothing of samples that are sorted by class.

    Args:
        labels: int (n_samples,), -1 where unknown.
        vectors: float (n_samples, n_features).
        asked: bool (n_samples,), whose neighbors are sought; all by default.
        report: told the share that is done, in [0, 1]; may raise to stop.
        seed: of the draw.

    Returns:
        The samples (m,) that have a label, a finite vector and another such sample, and the labels
        (m, k) of their neighbors.
    """
    among = np.flatnonzero((labels >= 0) & np.isfinite(vectors).all(axis=1))
    among = np.random.default_rng(seed).permutation(among)
    rows = np.arange(len(among)) if asked is None else np.flatnonzero(asked[among])
    k = min(NEIGHBORS, len(among) - 1)
    if k < 1 or not len(rows):
        return among[:0], np.empty((0, 1), labels.dtype)
    graph = knn_graph(vectors[among], k, "cosine", report, rows)
    return among[rows], labels[among[graph.index]]


def neighbor_disagreement(
    labels: npt.NDArray[np.int32], vectors: Array, report: Report = lambda share: None
) -> npt.NDArray[np.float32]:
    """Share of a sample's neighbors, as of `nearest_labels`, that have another label.

    Float32 (n_samples,), in [0, 1]; NaN without a label, a finite vector or another such sample.
    """
    found = np.full(len(labels), np.nan, np.float32)
    of, near = nearest_labels(labels, vectors, report=report)
    found[of] = (near != labels[of, None]).mean(axis=1)
    return found
