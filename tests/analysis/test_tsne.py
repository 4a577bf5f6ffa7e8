"""t-SNE against its definition and against scikit-learn."""

from typing import Any

import numba
import numpy as np
import pytest
from sklearn.manifold import TSNE, trustworthiness
from threadpoolctl import threadpool_limits

from tensorboard_cnnvis.analysis import projection, tsne, tsne_kernels
from tensorboard_cnnvis.analysis.knn_graph import knn_graph
from tensorboard_cnnvis.analysis.tsne_fft import descend_fft

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def vectors(digits: Any) -> Array:
    return digits[0][:400].reshape(400, -1).astype(np.float32)


def joint(vectors: Array, perplexity: float) -> Any:
    neighbours = tsne.neighbours_for(perplexity, len(vectors))
    return tsne.affinities(knn_graph(vectors, neighbours, "euclidean"), perplexity)


def layout_of(vectors: Array, perplexity: float) -> Array:
    start = projection.pca(vectors).project(vectors)
    *_, last = tsne.descend(joint(vectors, perplexity), start)
    return last


def divergence(similarities: Any, layout: Array) -> float:
    """KL(P||Q) by its definition, in float64."""
    squared = np.square(layout[:, None].astype(np.float64) - layout).sum(axis=-1)
    q = 1 / (1 + squared)
    np.fill_diagonal(q, 0)
    q /= q.sum()
    p = similarities.tocoo()
    some = p.data > 0
    return float((p.data[some] * np.log(p.data[some] / q[p.row[some], p.col[some]])).sum())


def test_every_row_has_the_asked_perplexity(vectors: Array) -> None:
    squared = np.square(knn_graph(vectors, 91, "euclidean").distance)
    p = tsne_kernels.similarities(squared, 30.0).astype(np.float64)
    entropy = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=1)
    assert np.allclose(p.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(np.exp(entropy), 30, rtol=1e-3)


def test_equal_vectors_share_their_neighbours_evenly() -> None:
    p = tsne_kernels.similarities(np.zeros((4, 9), np.float32), 3.0)
    assert np.allclose(p, 1 / 9)


def test_similarities_are_symmetric_and_sum_to_one(vectors: Array) -> None:
    p = joint(vectors, 20.0)
    assert abs(p - p.T).max() < 1e-9
    assert p.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("forces", [tsne_kernels.all_forces, tsne_kernels.all_forces_on_all_cores])
def test_the_forces_are_the_gradient_of_the_divergence(vectors: Array, forces: Any) -> None:
    p, layout = joint(vectors, 20.0), RNG.normal(size=(400, 2)).astype(np.float32) * 3
    sums = np.empty((5, 400), np.float32)
    indices = (p.indptr.astype(np.int32), p.indices.astype(np.int32), p.data.astype(np.float32))
    forces(*np.ascontiguousarray(layout.T), *indices, sums)
    found = 4 * (sums[:2] - sums[2:4] / sums[4].sum(dtype=np.float64))
    difference = layout[:, None].astype(np.float64) - layout
    q = 1 / (1 + np.square(difference).sum(axis=-1))
    np.fill_diagonal(q, 0)
    weights = (p.toarray() - q / q.sum()) * q
    expected = 4 * (weights[..., None] * difference).sum(axis=1)
    assert np.allclose(found.T, expected, atol=1e-4 * np.abs(expected).max())


def test_the_number_of_cores_changes_no_bit(vectors: Array) -> None:
    p, (x, y) = joint(vectors, 20.0), RNG.normal(size=(2, 400)).astype(np.float32)
    indices = (p.indptr.astype(np.int32), p.indices.astype(np.int32), p.data.astype(np.float32))
    one, more = np.empty((5, 400), np.float32), np.empty((5, 400), np.float32)
    tsne_kernels.all_forces_on_all_cores(x, y, *indices, more)
    cores = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        tsne_kernels.all_forces_on_all_cores(x, y, *indices, one)
    finally:
        numba.set_num_threads(cores)
    assert np.array_equal(one, more)


def test_no_worse_than_scikit_learn(vectors: Array) -> None:
    ours = layout_of(vectors, 30.0)
    with threadpool_limits(1):
        theirs = TSNE(perplexity=30, init="pca", random_state=0).fit_transform(vectors)
    p = joint(vectors, 30.0)
    assert divergence(p, ours) <= divergence(p, theirs) * 1.02
    kept = [trustworthiness(vectors, layout, n_neighbors=15) for layout in (ours, theirs)]
    assert kept[0] >= kept[1] - 0.005


def test_the_points_start_where_they_are_told(vectors: Array) -> None:
    start = projection.pca(vectors).project(vectors)
    for _, layout in zip(range(6), tsne.descend(joint(vectors, 30.0), start), strict=False):
        for axis in range(2):
            assert np.corrcoef(layout[:, axis], start[:, axis])[0, 1] > 0.85


def test_the_layout_keeps_the_orientation_of_its_start(vectors: Array) -> None:
    start = projection.pca(vectors).project(vectors)
    layout = layout_of(vectors, 30.0)
    rotation = projection.align(layout, start)
    assert rotation[0, 0] > 0.7
    assert rotation[1, 1] > 0.7


def test_the_same_vectors_give_the_same_layout(vectors: Array) -> None:
    assert np.array_equal(layout_of(vectors[:90], 20.0), layout_of(vectors[:90], 20.0))


@pytest.mark.parametrize("n", [4, 10, 50])
def test_the_largest_perplexity_works(vectors: Array, n: int) -> None:
    layout = layout_of(vectors[:n], tsne.most_perplexity(n))
    assert layout.shape == (n, 2)
    assert np.isfinite(layout).all()


def test_equal_vectors_do_not_blow_up() -> None:
    vectors = np.vstack([np.zeros((30, 5)), np.ones((30, 5))]).astype(np.float32)
    assert np.isfinite(layout_of(vectors, 5.0)).all()


def test_interpolation_comes_to_the_same_quality(vectors: Array) -> None:
    p, start = joint(vectors, 30.0), projection.pca(vectors).project(vectors)
    shares: list[float] = []
    schedule = tsne.Schedule(early=60, iterations=160)
    with threadpool_limits(1):
        layout = descend_fft(p, start, schedule, lambda done, _: shares.append(done))
    *_, exact = tsne.descend(p, start, schedule)
    assert divergence(p, layout) == pytest.approx(divergence(p, exact), rel=0.05)
    assert shares == sorted(shares)
    assert shares[-1] == 1
