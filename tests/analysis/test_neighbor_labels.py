"""Whether the nearest samples have the same label, against a loop over all pairs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tensorboard_cnnvis.analysis.neighbor_labels import neighbor_disagreement


def cosine_distance(one: Any, other: Any) -> float:
    lengths = math.sqrt(sum(x * x for x in one)) * math.sqrt(sum(x * x for x in other))
    return 1 - sum(x * y for x, y in zip(one, other, strict=True)) / lengths


def by_pairs(labels: list[int], vectors: list[list[float]], k: int = 15) -> list[float]:
    shares = []
    finite = [all(math.isfinite(x) for x in vector) for vector in vectors]
    for row, label in enumerate(labels):
        others = [
            (cosine_distance(vectors[row], vectors[other]), other)
            for other in range(len(labels))
            if other != row and labels[other] >= 0 and finite[other]
        ]
        if label < 0 or not finite[row] or not others:
            shares.append(math.nan)
            continue
        nearest = sorted(others)[:k]
        shares.append(sum(labels[other] != label for _, other in nearest) / len(nearest))
    return shares


@pytest.mark.parametrize("n", [1, 2, 9, 60])
def test_the_share_of_other_labels_among_the_fifteen_nearest(n: int) -> None:
    rng = np.random.default_rng(n)
    labels = rng.integers(-1, 3, n).astype(np.int32)
    vectors = rng.normal(size=(n, 5)).astype(np.float32)
    vectors[rng.random(n) < 0.1, 2] = np.nan
    found = neighbor_disagreement(labels, vectors)
    assert found.dtype == np.float32
    expected = by_pairs(labels.tolist(), vectors.astype(float).tolist())
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_collapsed_layer_says_nothing_of_samples_that_are_sorted_by_class() -> None:
    labels = np.repeat(np.arange(2, dtype=np.int32), 40)
    found = neighbor_disagreement(labels, np.ones((80, 3), np.float32))
    assert 0 < found[:40].mean() < 1
    assert 0 < found[40:].mean() < 1
