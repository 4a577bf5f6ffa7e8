"""Projections against scikit-learn and against what alignment promises."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from tensorboard_cnnvis.analysis import projection

RNG = np.random.default_rng(0)


def cloud(n_samples: int, n_features: int, dtype: Any = np.float32) -> np.ndarray[Any, Any]:
    scale = 1.0 / (1 + np.arange(n_features))
    return (RNG.normal(size=(n_samples, n_features)) * scale * 3 + 5).astype(dtype)


def rotation(angle: float, *, mirror: bool = False) -> np.ndarray[Any, Any]:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ np.diag([1, -1]) if mirror else turn


@pytest.mark.parametrize(
    ("n_samples", "n_features"), [(300, 20), (50, 200), (200, 2000), (3, 2), (5000, 900)]
)
def test_pca_is_scikit_learns_up_to_sign(n_samples: int, n_features: int) -> None:
    vectors = cloud(n_samples, n_features)
    basis = projection.pca(vectors)
    theirs = PCA(2, svd_solver="full").fit(vectors.astype(np.float64))
    coordinates, expected = basis.project(vectors), theirs.transform(vectors.astype(np.float64))
    for axis in range(2):
        sign = np.sign(coordinates[:, axis] @ expected[:, axis])
        error = np.abs(coordinates[:, axis] * sign - expected[:, axis]).max()
        assert error < 2e-3 * np.abs(expected).max()
    assert np.allclose(basis.explained, theirs.explained_variance_ratio_, atol=1e-4)


def test_the_largest_component_of_each_axis_is_positive() -> None:
    axes = projection.pca(cloud(100, 9)).axes
    assert (axes[np.abs(axes).argmax(axis=0), [0, 1]] > 0).all()


def test_float16_is_computed_in_float32() -> None:
    vectors = cloud(5000, 30, np.float16)
    basis = projection.pca(vectors)
    theirs = PCA(2).fit(vectors.astype(np.float64))
    assert np.allclose(basis.explained, theirs.explained_variance_ratio_, atol=1e-4)


def test_rows_that_are_not_finite_are_left_out_and_have_no_place() -> None:
    vectors = cloud(100, 6)
    broken = vectors.copy()
    broken[3, 2], broken[7, 0] = np.nan, np.inf
    good = np.delete(vectors, [3, 7], axis=0)
    coordinates = projection.pca(broken).project(broken)
    assert np.isnan(coordinates[[3, 7]]).all()
    expected = projection.pca(good).project(good)
    assert np.allclose(np.delete(coordinates, [3, 7], axis=0), expected, atol=1e-4)


@pytest.mark.parametrize(
    "vectors",
    [np.ones((5, 3)), np.zeros((1, 4)), np.full((4, 2), np.nan), np.zeros((0, 3))],
    ids=["constant", "one sample", "all NaN", "no sample"],
)
def test_without_variance_there_is_a_point_and_no_share(vectors: np.ndarray[Any, Any]) -> None:
    basis = projection.pca(vectors)
    assert basis.explained == (0.0, 0.0)
    coordinates = basis.project(vectors)
    assert coordinates.shape == (len(vectors), 2)
    assert (coordinates[np.isfinite(coordinates)] == 0).all()


def test_one_feature_fills_one_axis() -> None:
    vectors = cloud(50, 1)
    basis = projection.pca(vectors)
    assert basis.explained == (pytest.approx(1.0), 0.0)
    assert np.allclose(basis.project(vectors)[:, 1], 0)


@settings(max_examples=40, deadline=None)
@given(angle=st.floats(0, 6.28), mirror=st.booleans())
def test_alignment_takes_back_any_turn_and_mirror(angle: float, mirror: bool) -> None:
    fixed = np.random.default_rng(1).normal(size=(80, 2)) * [3, 1]
    moving = fixed @ rotation(angle, mirror=mirror)
    found = projection.align(moving, fixed)
    assert np.allclose(found @ found.T, np.eye(2), atol=1e-9)
    assert np.allclose(moving @ found, fixed, atol=1e-9)


def test_aligned_shares_are_the_variances_along_the_shown_axes() -> None:
    vectors = cloud(400, 8)
    basis = projection.pca(vectors)
    previous = basis.project(vectors) @ rotation(0.6).astype(np.float32)
    turned, coordinates = projection.aligned(basis, vectors, previous)
    total = vectors.var(axis=0, dtype=np.float64).sum()
    assert np.allclose(turned.explained, coordinates.var(axis=0) / total, atol=1e-5)
    assert sum(turned.explained) == pytest.approx(sum(basis.explained))
    assert np.allclose(turned.project(vectors), coordinates, atol=1e-4)
    assert np.allclose(coordinates, previous, atol=1e-3)


def test_a_chain_of_epochs_never_flips_or_spins() -> None:
    """Slowly growing embeddings; the raw PCA of some of them is mirrored, the chain's is not."""
    start = cloud(200, 12)
    drift = RNG.normal(size=start.shape).astype(np.float32) * 0.02
    previous = None
    for epoch in range(30):
        vectors = start + epoch * drift
        _, coordinates = projection.aligned(projection.pca(vectors), vectors, previous)
        if previous is not None:
            radius = np.abs(previous).max()
            assert np.abs(coordinates - previous).max() < 0.1 * radius
        previous = coordinates


def test_limits_are_of_the_finite_points() -> None:
    points = np.array([[1, 2], [np.nan, 0], [-3, 5]], np.float32)
    assert projection.limits(points) == (-3, 1, 2, 5)
    assert projection.limits(np.full((2, 2), np.nan)) == (0, 0, 0, 0)


def test_area_average_is_the_mean_of_equal_shares() -> None:
    images = RNG.normal(size=(3, 64, 96, 2)).astype(np.float32)
    expected = images.reshape(3, 32, 2, 32, 3, 2).mean(axis=(2, 4))
    assert np.allclose(projection.area_average(images), expected, atol=1e-5)
    odd = RNG.normal(size=(2, 37, 20, 1)).astype(np.float32)
    reduced = projection.area_average(odd)
    assert reduced.shape == (2, 32, 20, 1)
    assert np.allclose(reduced.mean(axis=1), odd.mean(axis=1), atol=1e-5)
    small = RNG.normal(size=(2, 8, 8, 1)).astype(np.float32)
    assert np.array_equal(projection.area_average(small), small)
