"""A torch DataLoader and torch's tensors as `data`, told by what they can do and not by torch."""

from __future__ import annotations

import numpy as np
import pytest
from samples import X, Y, equal, same_samples
from torch_like import (
    BFloat16,
    DistributedSampler,
    Loader,
    RandomSampler,
    SharedTensor,
    Weighted,
)

from tensorboard_cnnvis.capture.probe import build_probe


@pytest.mark.parametrize("max_samples", [7, None])
def test_bfloat16_of_torch(max_samples: int | None) -> None:
    x = (X[:20] / 256).astype(np.float32)
    same_samples(build_probe((BFloat16(x), Y[:20]), max_samples=max_samples), x, Y)


def test_a_tensor_that_converts_is_not_moved_first() -> None:
    """TensorFlow calls `cpu` of its tensors deprecated."""
    same_samples(build_probe((SharedTensor(X[:20]), Y[:20])), X, Y)


def test_a_loader_is_read_once_and_gives_what_the_arrays_give() -> None:
    loader = Loader(X, Y)
    probe = build_probe(loader, max_samples=100)
    assert loader.passes == 1
    same_samples(probe, X, Y)
    assert equal(probe, build_probe((X, Y), max_samples=100))
    assert probe.warnings == ()


@pytest.mark.parametrize("sampler", [RandomSampler(), Weighted(), DistributedSampler()])
def test_a_shuffling_loader_is_warned_of_and_takes_no_ids(sampler: object) -> None:
    shuffled = Loader(X[:40], Y[:40], sampler)
    (warning,) = build_probe(shuffled).warnings
    assert "'validation' is shuffled and has no ids" in warning
    with pytest.raises(ValueError, match="is shuffled, so the rows of ids"):
        build_probe(shuffled, ids=np.arange(40))
