"""A thousand small images of three unequal classes, and what a probe set owes to them."""

from __future__ import annotations

import numpy as np

from tensorboard_cnnvis.capture.probe import ProbeSet

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (1000, 6, 5, 3)).astype(np.uint8)
Y = np.repeat([0, 1, 2], [700, 280, 20])[RNG.permutation(1000)]
SMALL = (X[:40], Y[:40])


def same_samples(probe: ProbeSet, x: np.ndarray, y: np.ndarray) -> None:
    """The i-th watched sample is the user's sample source_index[i]."""
    np.testing.assert_array_equal(probe.inputs, x[probe.source_index])
    assert probe.inputs.dtype == x.dtype
    np.testing.assert_array_equal(probe.labels, y[probe.source_index])


def equal(one: ProbeSet, other: ProbeSet) -> bool:
    return one.digest == other.digest and np.array_equal(one.source_index, other.source_index)
