"""Whether the samples nearest to one have its label."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.knn_graph import Report, knn_graph

NEIGHBORS = 15


def neighbor_disagreement(
    labels: npt.NDArray[np.int32],
    vectors: npt.NDArray[Any],
    report: Report = lambda share: None,
) -> npt.NDArray[np.float32]:
    """Share of a sample's nearest NEIGHBORS, by cosine distance, that have another label.

    Float32 (n_samples,), in [0, 1]. Neighbors are sought among all samples with a label and a
    finite vector; there are fewer where there are no more. NaN for a sample that is none of these,
    and where there is no other.

    Args:
        labels: int32 (n_samples,), -1 where unknown.
        vectors: float (n_samples, n_features).
        report: told the share that is done, in [0, 1]; may raise to stop.
    """
    found = np.full(len(labels), np.nan, np.float32)
    among = np.flatnonzero((labels >= 0) & np.isfinite(vectors).all(axis=1))
    k = min(NEIGHBORS, len(among) - 1)
    if k > 0:
        own = labels[among]
        near = own[knn_graph(vectors[among], k, "cosine", report).index]
        found[among] = (near != own[:, None]).mean(axis=1)
    return found
