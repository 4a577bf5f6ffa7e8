"""Aligned t-SNE above the number of points that the exact gradient is summed for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from tensorboard_cnnvis.analysis import aligned, projection, tsne
from tensorboard_cnnvis.analysis.faithfulness import faithfulness
from tensorboard_cnnvis.analysis.knn_graph import knn_graph
from tensorboard_cnnvis.analysis.tsne_fft import fft_gradient

Array = np.ndarray[Any, Any]
PERPLEXITY, PULL = 20.0, 0.5
N, EPOCHS = 400, 10
MOST_MOVED = 0.01  # of the layout's radius
INTERPOLATED = 0.05  # openTSNE's three nodes an interval are 3% off here


@pytest.fixture(scope="module")
def vectors(digits: Any) -> Array:
    return np.asarray(digits[0][:N].reshape(N, -1), np.float32)


@pytest.fixture(scope="module")
def similarities(vectors: Array) -> Any:
    return near(vectors)


@pytest.fixture(scope="module")
def layout(vectors: Array, similarities: Any) -> Array:
    *_, found = tsne.descend(similarities, projection.pca(vectors).project(vectors))
    return found.copy()


def near(vectors: Array) -> Any:
    neighbors = tsne.neighbours_for(PERPLEXITY, len(vectors))
    return tsne.affinities(knn_graph(vectors, neighbors, "euclidean"), PERPLEXITY)


def noisy(vectors: Array, share: float) -> Array:
    noise = np.random.default_rng(0).normal(size=vectors.shape)
    return np.asarray(vectors + noise * vectors.std() * share, np.float32)


def radius(layout: Array) -> float:
    return float(np.sqrt(np.square(layout - layout.mean(axis=0)).sum(axis=1).mean()))


def go_on(gradient: tsne.Gradient, start: Array, kept: Array) -> Array:
    hold = aligned.holding(kept, PULL)
    *_, found = aligned.continue_descent(gradient, start, hold, aligned.WarmSchedule())
    return aligned.settled(found, start, hold)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.mark.parametrize("exaggeration", [1.0, 1.5])
def test_the_interpolated_gradient_is_the_exact_one_but_for_a_share_of_the_repulsion(
    similarities: Any, layout: Array, exaggeration: float
) -> None:
    places = np.ascontiguousarray(layout.T)
    exact = tsne.exact_gradient(similarities)
    repulsion = np.linalg.norm(exact(places, 0.0))
    expected = exact(places, exaggeration)
    found = fft_gradient(similarities)(places, exaggeration)
    assert found.dtype == np.float32
    assert np.linalg.norm(found - expected) <= INTERPOLATED * repulsion


@pytest.mark.slow
def test_what_never_changes_never_moves(similarities: Any, layout: Array) -> None:
    kept = aligned.neighbors_kept(similarities, similarities)
    gradient, now = fft_gradient(similarities), layout
    for _ in range(EPOCHS - 1):
        now = go_on(gradient, now, kept)
    moved = np.linalg.norm(now - layout, axis=1).max()
    assert moved <= MOST_MOVED * radius(layout)


def test_noise_of_a_thousandth_moves_no_point_either(
    vectors: Array, similarities: Any, layout: Array
) -> None:
    later = near(noisy(vectors, 0.001))
    kept = aligned.neighbors_kept(similarities, later)
    now = go_on(fft_gradient(later), layout, kept)
    assert 0 < np.linalg.norm(now - layout, axis=1).max() <= MOST_MOVED * radius(layout)


def test_what_changed_is_laid_out_as_well_as_by_the_exact_gradient(
    vectors: Array, similarities: Any, layout: Array
) -> None:
    changed = noisy(vectors, 0.5)
    later = near(changed)
    kept = aligned.neighbors_kept(similarities, later)
    exact, found = (
        go_on(gradient(later), layout, kept) for gradient in (tsne.exact_gradient, fft_gradient)
    )
    moved, apart = (np.linalg.norm(xy - exact, axis=1).mean() for xy in (layout, found))
    assert apart <= 0.5 * moved
    told = [faithfulness(changed, xy) for xy in (exact, found)]
    assert told[1].kept == pytest.approx(told[0].kept, rel=0.02)
    assert told[1].trustworthiness == pytest.approx(told[0].trustworthiness, rel=0.002)
