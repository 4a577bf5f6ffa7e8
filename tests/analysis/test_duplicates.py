"""Near-duplicates and nearest neighbours against all distances by SciPy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from tensorboard_cnnvis.analysis import duplicates
from tensorboard_cnnvis.analysis.knn_graph import knn_graph

Array = np.ndarray[Any, Any]


def cloud(seed: int, n: int = 90) -> Array:
    """Points of which some are equal and some nearly so, far from the origin."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 5)).astype(np.float32) + 8
    points[n // 2 : n // 2 + 10] = points[:10]
    points[n - 5 :] = points[:5] + rng.normal(size=(5, 5)).astype(np.float32) * 1e-4
    return points


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), share=st.floats(0.001, 0.9), across=st.booleans())
def test_all_pairs_below_the_threshold(metric: str, seed: int, share: float, across: bool) -> None:
    points = cloud(seed)
    distances = cdist(points.astype(np.float64), points.astype(np.float64), metric)
    threshold = float(np.quantile(distances, share)) + 1e-9
    groups = np.arange(len(points)) % 3 if across else None
    found = duplicates.near_pairs(points, metric, threshold, groups, most=10**6)
    near = np.triu(distances <= threshold, 1)
    if groups is not None:
        near &= groups[:, None] != groups
    unsure = np.triu(np.abs(distances - threshold) < 1e-12, 1)
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs ^ set(zip(*map(list, np.nonzero(near)), strict=True)) <= set(
        zip(*map(list, np.nonzero(unsure)), strict=True)
    )
    assert found.count == len(pairs)
    assert np.allclose(found.distance, distances[found.first, found.second], atol=1e-6)
    assert (np.diff(found.distance) >= 0).all()


@pytest.mark.parametrize("rows", [7, 40])
def test_blocks_and_the_limit_change_nothing_but_the_number(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = cloud(1)
    whole = duplicates.near_pairs(points, "euclidean", 2.0, most=10**6)
    monkeypatch.setattr(duplicates, "_BLOCK_VALUES", rows * len(points))
    few = duplicates.near_pairs(points, "euclidean", 2.0, most=25)
    assert few.count == whole.count > 25
    assert np.array_equal(few.distance, whole.distance[:25])
    assert np.array_equal(few.first, whole.first[:25])


def test_equal_vectors_are_at_distance_zero_however_long() -> None:
    points = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32) * 1e4
    points[30:] = points[:10]
    for metric in ("euclidean", "cosine"):
        found = duplicates.near_pairs(points, metric, 0.0)
        assert found.first.tolist() == list(range(10))
        assert found.second.tolist() == list(range(30, 40))
        assert (found.distance == 0).all()


def test_vectors_of_zeros_have_no_direction() -> None:
    points = np.array([[0, 0], [0, 0], [1, 1], [2, 2]], np.float32)
    found = duplicates.near_pairs(points, "cosine", 0.1)
    assert (found.first.tolist(), found.second.tolist()) == ([2], [3])


def test_the_chosen_threshold_finds_the_copies_and_not_the_crowd() -> None:
    points = cloud(3)
    for metric in ("euclidean", "cosine"):
        threshold = duplicates.chosen_threshold(points, metric)
        found = duplicates.near_pairs(points, metric, threshold)
        assert 15 <= found.count <= 25


def test_progress_can_stop_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_BLOCK_VALUES", 900)
    shares: list[float] = []

    def stop(share: float) -> None:
        shares.append(share)
        if len(shares) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        duplicates.near_pairs(cloud(0), "euclidean", 0.1, report=stop)
    assert shares == sorted(shares)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("k", [1, 20, 89])
def test_neighbours_are_those_of_all_distances(metric: str, k: int) -> None:
    points = np.random.default_rng(2).normal(size=(90, 5)).astype(np.float32) + 1
    distances = cdist(points.astype(np.float64), points.astype(np.float64), metric)
    np.fill_diagonal(distances, np.inf)
    found = knn_graph(points, k, metric)
    assert np.array_equal(found.index, np.argsort(distances, axis=1, kind="stable")[:, :k])
    assert np.allclose(found.distance, np.sort(distances, axis=1)[:, :k], atol=1e-5)
    few = knn_graph(points, k, metric, rows=np.array([3, 50]))
    assert np.array_equal(few.index, found.index[[3, 50]])


def test_a_vector_of_zeros_is_at_a_cosine_distance_of_one() -> None:
    points = np.array([[0, 0], [1, 0], [0, 1], [1, 0.1], [-1, 0]], np.float32)
    found = knn_graph(points, 4, "cosine")
    assert found.distance[0].tolist() == [1, 1, 1, 1]
    assert found.index[1].tolist() == [3, 0, 2, 4]


def test_an_unknown_metric_is_told() -> None:
    with pytest.raises(ValueError, match="euclidean or cosine"):
        knn_graph(np.zeros((3, 2)), 1, "manhattan")
