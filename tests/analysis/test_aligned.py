"""Layouts over the epochs: what did not change stays, what changed goes where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from tensorboard_cnnvis.analysis import aligned, projection, tsne
from tensorboard_cnnvis.analysis.faithfulness import faithfulness
from tensorboard_cnnvis.analysis.knn_graph import knn_graph
from tensorboard_cnnvis.analysis.umap import continue_umap, fuzzy_set_and_near, umap_layout

Array = np.ndarray[Any, Any]
PERPLEXITY, PULL = 20.0, 0.5
EPOCHS = 10
MOST_MOVED = 0.01  # of the layout's radius


@pytest.fixture(scope="module")
def vectors(digits: Any) -> Array:
    return digits[0][:400].reshape(400, -1).astype(np.float32)


class Tsne:
    """The two steps of an aligned t-SNE, as the job takes them."""

    def graphs(self, vectors: Array) -> tuple[Any, Any]:
        neighbours = tsne.neighbours_for(PERPLEXITY, len(vectors))
        found = tsne.affinities(knn_graph(vectors, neighbours, "euclidean"), PERPLEXITY)
        return found, found

    def first(self, graph: Any, start: Array) -> Array:
        *_, layout = tsne.descend(graph, start)
        return layout.copy()

    def next(self, graph: Any, start: Array, kept: Array, pull: float = PULL) -> Array:
        hold = aligned.holding(kept, pull)
        gradient = tsne.exact_gradient(graph)
        *_, layout = aligned.continue_descent(gradient, start, hold, aligned.WarmSchedule())
        return aligned.settled(layout, start, hold)


class Umap:
    """The same of UMAP."""

    def graphs(self, vectors: Array) -> tuple[Any, Any]:
        return fuzzy_set_and_near(vectors, 15, "euclidean", 0)

    def first(self, graph: Any, start: Array) -> Array:
        return umap_layout(graph, start, 0.1, 0, lambda done, layout: None)

    def next(self, graph: Any, start: Array, kept: Array, pull: float = PULL) -> Array:
        hold = aligned.holding(kept, pull, aligned.STOCHASTIC)
        layout = continue_umap(graph, start, hold, 0.1, 0, lambda done, layout: None)
        return aligned.settled(layout, start, hold)


METHODS = [
    pytest.param(Tsne(), id="tsne"),
    pytest.param(Umap(), id="umap", marks=pytest.mark.slow),
]


def over_epochs(method: Any, epochs: list[Array], **options: float) -> list[Array]:
    graph, near = method.graphs(epochs[0])
    layouts = [method.first(graph, projection.pca(epochs[0]).project(epochs[0]))]
    for vectors in epochs[1:]:
        before = near
        graph, near = method.graphs(vectors)
        kept = aligned.neighbors_kept(before, near)
        last = layouts[-1].copy()
        last[aligned.strangers(kept, near)] = np.nan
        layouts.append(method.next(graph, aligned.beginning(last, near, 0), kept, **options))
    return layouts


def radius(layout: Array) -> float:
    return float(np.sqrt(np.square(layout - layout.mean(axis=0)).sum(axis=1).mean()))


@pytest.mark.parametrize("method", METHODS)
def test_what_never_changes_never_moves(vectors: Array, method: Any) -> None:
    layouts = over_epochs(method, [vectors] * EPOCHS)
    moved = np.linalg.norm(layouts[-1] - layouts[0], axis=1).max()
    assert moved <= MOST_MOVED * radius(layouts[0])


@pytest.mark.parametrize("method", METHODS)
def test_noise_of_a_thousandth_moves_no_point_either(vectors: Array, method: Any) -> None:
    random, scale = np.random.default_rng(0), vectors.std()
    epochs = [
        (vectors + random.normal(size=vectors.shape) * scale / 1000).astype(np.float32)
        for _ in range(EPOCHS)
    ]
    layouts = over_epochs(method, epochs)
    moved = np.linalg.norm(layouts[-1] - layouts[0], axis=1).max()
    assert 0 < moved <= MOST_MOVED * radius(layouts[0])


@pytest.mark.parametrize("method", METHODS)
def test_who_changes_places_with_another_is_found_at_its_place(
    vectors: Array, digits: Any, method: Any
) -> None:
    labels = digits[1][:400]
    zeros, ones = np.flatnonzero(labels == 0)[:3], np.flatnonzero(labels == 1)[:3]
    changed = vectors.copy()
    changed[zeros], changed[ones] = vectors[ones], vectors[zeros]
    first, *_, last = over_epochs(method, [vectors, changed, changed])
    others = np.setdiff1d(np.arange(400), np.concatenate([zeros, ones]))
    assert np.median(np.linalg.norm(last - first, axis=1)[others]) < 0.05 * radius(first)
    for row, own in ((zeros, 1), (ones, 0)):
        theirs = np.setdiff1d(np.flatnonzero(labels == own), np.concatenate([zeros, ones]))
        mine = np.setdiff1d(np.flatnonzero(labels == 1 - own), np.concatenate([zeros, ones]))
        to_new = np.linalg.norm(last[row][:, None] - last[theirs], axis=2).mean()
        to_old = np.linalg.norm(last[row][:, None] - last[mine], axis=2).mean()
        assert to_new < to_old


def test_it_is_as_faithful_as_layouts_of_their_own_and_calmer(vectors: Array) -> None:
    random, method = np.random.default_rng(0), Tsne()
    drift = random.normal(size=vectors.shape).astype(np.float32) * vectors.std() * 0.1
    epochs = [vectors + np.float32(place) * drift for place in range(5)]
    ours = over_epochs(method, epochs)
    own = [over_epochs(method, [x])[0] for x in epochs]
    told = [[faithfulness(x, layout) for x, layout in zip(epochs, found, strict=True)]
            for found in (ours, own)]  # fmt: skip
    trust = [np.mean([item.trustworthiness for item in found]) for found in told]
    kept = [np.mean([item.kept for item in found]) for found in told]
    assert trust[0] >= 0.98 * trust[1]
    assert kept[0] >= 0.98 * kept[1]
    assert jitter(ours, lambda layout, before: layout) <= 0.5 * jitter(own, turned)


def turned(layout: Array, before: Array) -> Array:
    centred = layout - layout.mean(axis=0)
    return centred @ projection.align(centred, before - before.mean(axis=0)) + before.mean(axis=0)


def jitter(layouts: list[Array], fit: Callable[[Array, Array], Array]) -> float:
    """Mean displacement per epoch, after the best turn and shift where `fit` makes one."""
    pairs = zip(layouts[1:], layouts[:-1], strict=True)
    moves = [np.linalg.norm(fit(now, before) - before, axis=1).mean() for now, before in pairs]
    return float(np.mean(moves)) / radius(layouts[0])


def test_the_stronger_the_pull_the_less_moves(vectors: Array) -> None:
    drift = np.random.default_rng(0).normal(size=vectors.shape).astype(np.float32)
    epochs = [vectors, vectors + drift * vectors.std() * np.float32(0.1)]
    moves = [jitter(over_epochs(Tsne(), epochs, pull=pull), lambda now, before: now)
             for pull in (0.0, 0.5, 0.99, 1.0)]  # fmt: skip
    assert moves == sorted(moves, reverse=True)
    assert moves[0] > moves[-1] == pytest.approx(0, abs=1e-4)


def test_what_is_kept_is_one_minus_the_total_variation() -> None:
    random = np.random.default_rng(0)
    before, now = (random.random((6, 6)) * (random.random((6, 6)) < 0.5) for _ in range(2))
    before[2] = 0
    found = aligned.neighbors_kept(*map(scipy.sparse.csr_array, (before, now)))
    for row in range(6):
        p, q = (m[row] / m[row].sum() if m[row].sum() else m[row] for m in (before, now))
        both = sum(min(p[other], q[other]) for other in range(6))
        assert found[row] == pytest.approx(both, abs=1e-6)
    assert found[2] == 0


def test_a_point_is_held_as_its_neighborhood_is_the_old_one() -> None:
    kept = np.array([0.0, 0.5, 0.9, 0.999, 1.0], np.float32)
    hold = aligned.holding(kept, PULL)
    assert hold[0] == 0
    assert (np.diff(hold) > 0).all()
    assert hold[-1] == pytest.approx(1, abs=1e-4)
    assert not aligned.holding(kept, 0.0).any()
    assert aligned.holding(kept, 1.0).tolist() == [0, 1, 1, 1, 1]


def test_the_whole_is_turned_and_moved_back(vectors: Array) -> None:
    start = projection.pca(vectors).project(vectors)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    found = aligned.settled((start @ turn + 3).astype(np.float32), start, np.ones(len(start)))
    assert np.allclose(found, start, atol=1e-3)


def test_who_never_had_a_place_starts_amid_its_neighbours() -> None:
    last = np.array([[0, 0], [2, 0], [9, 9], [np.nan, np.nan], [np.nan, np.nan]], np.float32)
    links = np.zeros((5, 5))
    links[3, :2] = [1, 3]
    start = aligned.beginning(last, scipy.sparse.csr_array(links), 0)
    assert np.array_equal(start[:3], last[:3])
    assert start[3] == pytest.approx([1.5, 0], abs=0.05)
    assert start[4] == pytest.approx(last[:3].mean(axis=0), abs=0.05)


def test_a_layout_is_placed_as_the_components_are_shown(vectors: Array) -> None:
    start = projection.pca(vectors).project(vectors)
    shown = (start[:, ::-1] * 2 + 5).astype(np.float32)
    shown[7] = np.nan
    found = projection.placed(start * 30, projection.placement(start * 30, start, shown))
    known = np.arange(len(start)) != 7
    assert np.allclose(found[known], shown[known], atol=1e-3)
