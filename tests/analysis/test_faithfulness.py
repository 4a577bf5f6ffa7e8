"""Trustworthiness and kept neighbours against scikit-learn."""

from typing import Any

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from tensorboard_cnnvis.analysis.faithfulness import faithfulness

RNG = np.random.default_rng(0)


def neighbours(points: np.ndarray[Any, Any], k: int, metric: str) -> np.ndarray[Any, Any]:
    search = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(points)
    return search.kneighbors(return_distance=False)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("k", [3, 15])
def test_the_values_are_scikit_learns(metric: str, k: int) -> None:
    vectors = RNG.normal(size=(120, 7)) + 1
    layout = vectors[:, :2] + RNG.normal(size=(120, 2)) / 2
    found = faithfulness(vectors, layout, metric, k)
    expected = trustworthiness(vectors, layout, n_neighbors=k, metric=metric)
    assert found.trustworthiness == pytest.approx(expected, abs=1e-9)
    pairs = zip(neighbours(vectors, k, metric), neighbours(layout, k, "euclidean"), strict=True)
    kept = [len(set(one) & set(other)) / k for one, other in pairs]
    assert found.kept == pytest.approx(np.mean(kept), abs=1e-9)
    assert (found.k, found.n) == (k, 120)


def test_a_layout_that_is_the_data_is_perfect() -> None:
    points = RNG.normal(size=(60, 2)).astype(np.float32)
    found = faithfulness(points, points * 3 + 1)
    assert (found.trustworthiness, found.kept) == (1, 1)


def test_a_random_layout_keeps_about_what_chance_keeps() -> None:
    vectors = RNG.normal(size=(400, 5)).astype(np.float32)
    found = faithfulness(vectors, RNG.normal(size=(400, 2)).astype(np.float32))
    assert found.kept < 0.1
    assert 0.4 < found.trustworthiness < 0.6


def test_what_is_not_finite_is_left_out() -> None:
    vectors = RNG.normal(size=(50, 4)).astype(np.float32)
    layout = vectors[:, :2].copy()
    expected = faithfulness(vectors[2:], layout[2:])
    vectors[0, 1], layout[1] = np.nan, np.nan
    assert faithfulness(vectors, layout) == expected


@pytest.mark.parametrize(("n", "k"), [(10, 4), (3, 1), (2, 0), (0, 0)])
def test_few_samples_lower_k(n: int, k: int) -> None:
    points = RNG.normal(size=(n, 2)).astype(np.float32)
    found = faithfulness(points, points)
    assert found.k == k
    assert np.isnan(found.kept) == (k == 0)
