"""Which channels are dead, almost dead or saturated, from the recorded statistics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema

ALMOST_DEAD = 0.01  # fires on at most this share of the samples
SATURATED = 0.95  # of all positions are beyond 99% of the activation's range
_RELU_FAMILY = ("relu", "relu6")
_LINEAR = (None, "linear")
_JUDGED_BY_WHAT_FOLLOWS = ("convolution", "dense", "normalization")
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Judge:
    """Where a layer's channels are seen after their ReLU.

    Attributes:
        layer: path of the activation, or of the layer that it is fused into.
        normalized: whether a BatchNorm lies between, so that what the layer gives before it does
            not tell what fires.
    """

    layer: str
    normalized: bool = False


@dataclass(frozen=True)
class Verdict:
    """Masks (n_channels,).

    Attributes:
        dead: never above zero, at any position of any sample.
        almost_dead: above zero somewhere on at least one sample, but on 1% of them at most.
    """

    dead: Mask
    almost_dead: Mask


def judges(layers: Sequence[schema.LayerInfo]) -> dict[str, Judge]:
    """Path -> where the layer's channels are judged; only layers of which that is possible.

    A layer with an activation of the ReLU family judges itself. A linear one takes the verdict of
    the activation that its channels reach by BatchNorm alone, provided that nothing else reads
    them.
    """
    readers = defaultdict(list)
    for layer in layers:
        for path in layer.inputs:
            readers[path].append(layer)
    found = {}
    for layer in layers:
        judge = _judge(layer, readers)
        if judge is not None:
            found[layer.path] = judge
    return found


def verdict(statistics: Floats) -> Verdict:
    """The verdict on channels after a ReLU.

    Args:
        statistics: float32 (len(schema.CHANNEL_STATISTICS), n_channels). A channel with a NaN
            anywhere is neither dead nor almost dead.
    """
    share = _row(statistics, "samples_above_zero")
    known = np.isfinite(_row(statistics, "mean"))
    return Verdict(known & (share == 0), known & (share > 0) & (share <= ALMOST_DEAD))


def saturated(statistics: Floats) -> Mask | None:
    """Channels (n_channels,) that are saturated nearly everywhere; None without tanh or sigmoid."""
    share = _row(statistics, "saturated")
    return None if np.isnan(share).all() else share >= SATURATED


def bound(n_samples: int) -> float:
    """The largest rate at which what was never seen in n samples may still occur, at 95%.

    The rule of three, 3/n (Hanley and Lippman-Hand 1983).
    """
    return min(1.0, 3 / n_samples)


def _judge(
    layer: schema.LayerInfo, readers: dict[str, list[schema.LayerInfo]], normalized: bool = False
) -> Judge | None:
    if layer.activation in _RELU_FAMILY:
        return Judge(layer.path, normalized)
    if layer.role not in _JUDGED_BY_WHAT_FOLLOWS or layer.activation not in _LINEAR:
        return None
    following = readers[layer.path]
    if len(following) != 1:
        return None
    after = following[0]
    if after.type == "BatchNormalization":
        return _judge(after, readers, normalized=True)
    return _judge(after, readers, normalized) if after.role == "activation" else None


def _row(statistics: Floats, name: str) -> Floats:
    found: Floats = statistics[schema.CHANNEL_STATISTICS.index(name)]
    return found
