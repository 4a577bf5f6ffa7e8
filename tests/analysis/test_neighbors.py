"""Neighbours against scikit-learn in float64, where float32 would mistake them too."""

from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from tensorboard_cnnvis.analysis import neighbors
from tensorboard_cnnvis.analysis.neighbors import METRICS, Neighbors, nearest, space

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(0)


def cloud(n: int = 500, n_features: int = 24, dtype: Any = np.float32) -> Array:
    return np.maximum(RNG.normal(size=(n, n_features)), 0).astype(dtype)


def search(
    vectors: Array, index: int, k: int = 5, metric: str = "euclidean", allowed: Any = None
) -> Neighbors:
    parts = [space(vectors.astype(np.float32))]
    return nearest(parts, lambda rows: vectors[rows], index, k, metric, allowed)


def theirs(vectors: Array, index: int, k: int, metric: str) -> tuple[Array, Array]:
    others = np.delete(np.arange(len(vectors)), index)
    model = NearestNeighbors(n_neighbors=k, algorithm="brute", metric=metric)
    model.fit(vectors[others].astype(np.float64))
    distances, places = model.kneighbors(vectors[index : index + 1].astype(np.float64))
    return others[places[0]], distances[0]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("k", [1, 5, 100])
def test_like_scikit_learn(metric: str, dtype: Any, k: int) -> None:
    vectors = cloud(dtype=dtype)
    for index in (0, 17, 499):
        found = search(vectors, index, k, metric)
        expected, distances = theirs(vectors, index, k, metric)
        assert np.array_equal(found.index, expected)
        assert np.allclose(found.distance, distances, rtol=1e-6, atol=1e-7)
        assert (found.of, found.left_out) == (499, 0)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("offset", [0.0, 1e3, 1e5])
def test_near_duplicates_far_from_the_origin_keep_their_distances(
    metric: str, offset: float
) -> None:
    """A sum of squares in float32 would lose distances of 1e-2 beside lengths of 1e4 entirely."""
    vectors = (cloud(300, 128) * 20 + offset).astype(np.float32)
    order = RNG.permutation(np.arange(1, 101))
    for number, row in enumerate(order, 1):  # ever further from sample 0, in single features
        vectors[row] = vectors[0]
        vectors[row, :number] += np.float32(2**-7)
    exact = vectors.astype(np.float64)
    unit = exact / np.linalg.norm(exact, axis=1, keepdims=True)
    euclidean = np.linalg.norm(exact - exact[0], axis=1)
    distances = euclidean if metric == "euclidean" else ((unit - unit[0]) ** 2).sum(axis=1) / 2
    found = search(vectors, 0, 5, metric)
    assert found.index.tolist() == np.argsort(distances, kind="stable")[1:6].tolist()
    assert np.allclose(found.distance, distances[found.index], rtol=1e-6, atol=0)
    if metric == "euclidean":
        assert found.index.tolist() == order[:5].tolist()


@pytest.mark.parametrize("metric", METRICS)
def test_only_the_sample_itself_is_left_out_and_ties_are_in_sample_order(metric: str) -> None:
    vectors = cloud(50)
    vectors[[40, 7, 23]] = vectors[11]
    found = search(vectors, 11, 5, metric)
    assert found.index[:3].tolist() == [7, 23, 40]
    assert found.distance[:3].tolist() == [0, 0, 0]
    assert 11 not in found.index
    same = search(np.ones((30, 3), np.float32), 4, 5, metric)
    assert same.index.tolist() == [0, 1, 2, 3, 5]


@pytest.mark.parametrize("metric", METRICS)
def test_only_the_allowed_are_searched(metric: str) -> None:
    vectors = cloud(60)
    allowed = np.arange(60) % 3 == 0
    found = search(vectors, 1, 100, metric, allowed)
    assert sorted(found.index.tolist()) == np.flatnonzero(allowed).tolist()
    assert found.of == 20
    assert (np.diff(found.distance) >= 0).all()
    nothing = search(vectors, 1, 5, metric, np.arange(60) == 1)
    assert (len(nothing.index), len(nothing.distance), nothing.of) == (0, 0, 0)


@pytest.mark.parametrize("metric", METRICS)
def test_vectors_that_are_not_finite_are_left_out_and_counted(metric: str) -> None:
    vectors = cloud(80)
    whole = vectors.copy()
    vectors[5, 2], vectors[6] = np.nan, np.inf
    found = search(vectors, 0, 77, metric)
    assert (found.of, found.left_out) == (77, 2)
    assert not {5, 6} & set(found.index.tolist())
    kept = np.delete(whole, [5, 6], axis=0)
    assert np.allclose(found.distance, theirs(kept, 0, 77, metric)[1], atol=1e-7)
    with pytest.raises(ValueError, match="sample 6 is not finite"):
        search(vectors, 6)


def test_a_vector_of_zeros_has_no_direction() -> None:
    vectors = cloud(20)
    vectors[[3, 4]] = 0
    assert (search(vectors, 3, 19, "cosine").distance == 1).all()
    found = search(vectors, 0, 19, "cosine")
    distances = dict(zip(found.index.tolist(), found.distance.tolist(), strict=True))
    assert (distances[3], distances[4]) == (1, 1)


@pytest.mark.parametrize("metric", METRICS)
def test_opposite_vectors_are_furthest(metric: str) -> None:
    vectors = cloud(20) + 1
    vectors[8] = -vectors[2]
    found = search(vectors, 2, 19, metric)
    assert found.index[-1] == 8
    if metric == "cosine":
        assert found.distance[-1] == pytest.approx(2)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("scale", [1e30, 1e-25])
def test_values_whose_products_float32_cannot_hold_are_still_ordered(
    metric: str, scale: float
) -> None:
    vectors = cloud(40) * np.float32(scale)
    found = search(vectors, 3, 6, metric)
    exact = cdist(vectors[3:4].astype(float), vectors.astype(float), metric)[0]
    expected = np.argsort(exact)[1:7]
    distances = exact[expected]
    assert np.array_equal(found.index, expected)
    assert np.allclose(found.distance, distances, rtol=1e-6, atol=0)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("index", [3, 20])
def test_one_vector_out_of_all_bounds_spoils_no_other(metric: str, index: int) -> None:
    vectors = cloud(40)
    vectors[20] *= np.float32(1e25)
    parts = [space(vectors[:15].copy()), space(vectors[15:].copy())]
    found = nearest(parts, lambda rows: vectors[rows], index, 39, metric)
    _, distances = theirs(vectors, index, 39, metric)
    assert np.allclose(found.distance, distances, rtol=1e-6)
    own = cdist(
        vectors[index : index + 1].astype(float), vectors[found.index].astype(float), metric
    )
    assert np.allclose(found.distance, own[0], rtol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_parts_give_what_the_whole_gives(metric: str) -> None:
    vectors = cloud(100) + 50
    vectors[70, 0] = np.nan
    parts = (space(vectors[at : at + 30].copy(), vectors[9]) for at in range(0, 100, 30))
    found = nearest(parts, lambda rows: vectors[rows], 9, 20, metric)
    whole = search(vectors, 9, 20, metric)
    assert np.array_equal(found.index, whole.index)
    assert np.array_equal(found.distance, whole.distance)
    assert (found.of, found.left_out) == (whole.of, whole.left_out)


def test_few_candidates_are_computed_again() -> None:
    """Else the search would cost as much as float64 throughout."""
    vectors = cloud(5000, 128)
    taken = []

    def take(rows: Array) -> Array:
        taken.append(len(rows))
        return vectors[rows]

    for metric in METRICS:
        nearest([space(vectors.copy())], take, 0, 10, metric)
    assert sum(taken) < 60


def test_distance_is_the_plain_formula() -> None:
    vectors = cloud(9).astype(np.float64)
    expected = np.linalg.norm(vectors - vectors[0], axis=1)
    assert np.allclose(neighbors.distance(vectors[0], vectors, "euclidean"), expected)
    lengths = np.linalg.norm(vectors, axis=1)
    cosine = 1 - vectors @ vectors[0] / (lengths * lengths[0])
    assert np.allclose(neighbors.distance(vectors[0], vectors, "cosine"), cosine, atol=1e-12)
