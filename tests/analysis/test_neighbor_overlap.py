"""Neighbor overlap, against a loop over all samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tensorboard_cnnvis.analysis.neighbor_overlap import neighbor_overlap, paired_layers

RNG = np.random.default_rng(5)
VECTORS = RNG.normal(size=(60, 6))
OTHER = VECTORS[:, :3] + 0.7 * RNG.normal(size=(60, 3))


def distance(a: npt.NDArray[Any], b: npt.NDArray[Any], metric: str) -> float:
    if metric == "euclidean":
        return float(np.sqrt(((a - b) ** 2).sum()))
    return 1 - float(a @ b / np.sqrt((a @ a) * (b @ b)))


def nearest(vectors: npt.NDArray[Any], k: int, metric: str) -> list[set[int]]:
    return [
        set(
            sorted(
                (at for at in range(len(vectors)) if at != index),
                key=lambda at: distance(vectors[index], vectors[at], metric),
            )[:k]
        )
        for index in range(len(vectors))
    ]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("k", [1, 5, 30])
def test_overlap_is_that_of_the_loop(metric: str, k: int) -> None:
    sides = zip(nearest(VECTORS, k, metric), nearest(OTHER, k, metric), strict=True)
    shares = [len(own & others) / k for own, others in sides]
    found = neighbor_overlap(VECTORS, OTHER, k, metric)
    assert found.overlap == pytest.approx(np.mean(shares), abs=1e-12)
    assert (found.n, found.k, found.chance) == (60, k, k / 59)


def test_a_representation_overlaps_wholly_with_itself_even_with_equal_vectors() -> None:
    twins = np.repeat(VECTORS[:20], 3, axis=0).astype(np.float16)
    assert neighbor_overlap(twins, twins, 5).overlap == 1
    assert neighbor_overlap(twins, 2 * twins, 5, "euclidean").overlap == 1


def test_unrelated_representations_overlap_by_chance() -> None:
    found = neighbor_overlap(RNG.normal(size=(1500, 8)), RNG.normal(size=(1500, 8)), 15)
    assert found.overlap == pytest.approx(found.chance, abs=0.004)


@pytest.mark.parametrize("collapsed", [np.zeros((400, 4)), np.full((400, 4), 2.0)])
def test_a_collapsed_representation_overlaps_by_chance(collapsed: npt.NDArray[Any]) -> None:
    """Sorted by class, as data sets are: the first samples are not nearer than the others."""
    grouped = np.repeat(RNG.normal(size=(4, 8)), 100, axis=0) + 0.1 * RNG.normal(size=(400, 8))
    found = neighbor_overlap(grouped, collapsed, 15, "euclidean")
    assert found.overlap == pytest.approx(found.chance, abs=0.02)


def test_what_is_not_finite_in_either_is_left_out() -> None:
    broken = VECTORS.copy()
    broken[[3, 8]] = np.nan
    kept = np.delete(np.arange(60), [3, 8])
    found = neighbor_overlap(broken, OTHER, 5)
    assert found == neighbor_overlap(VECTORS[kept], OTHER[kept], 5)
    assert found.n == 58


def test_too_few_samples_have_no_overlap() -> None:
    assert math.isnan(neighbor_overlap(VECTORS[:1], OTHER[:1], 5).overlap)
    assert neighbor_overlap(VECTORS[:4], OTHER[:4], 15).overlap == 1


def test_layers_are_paired_by_path_and_the_rest_in_order() -> None:
    pairs, left = paired_layers(["dense_3", "conv", "dense_4"], ["dense_7", "conv", "dense_8"])
    assert pairs == [("dense_3", "dense_7"), ("conv", "conv"), ("dense_4", "dense_8")]
    assert left == ()


def test_layers_that_no_one_can_pair_are_told() -> None:
    pairs, left = paired_layers(["head", "conv"], ["conv", "deep", "deeper"])
    assert (pairs, left) == ([("conv", "conv")], ("head", "deep", "deeper"))
