"""Dead, almost dead and saturated channels, and which layers are judged at all."""

from __future__ import annotations

import numpy as np
import pytest

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.channels import Judge, bound, judges, saturated, verdict


def layer(
    path: str, kind: str, role: str, activation: str | None = None, inputs: tuple[str, ...] = ()
) -> schema.LayerInfo:
    return schema.LayerInfo(path, kind, role, (4, 4, 8), 0, 0, inputs, activation)


def statistics(**rows: list[float]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    n = len(next(iter(rows.values())))
    usual = {"mean": [0.5] * n, "saturated": [np.nan] * n}
    found = [{**usual, **rows}.get(name, [0.5] * n) for name in schema.CHANNEL_STATISTICS]
    return np.array(found, np.float32)


def test_dead_is_never_above_zero_and_almost_dead_on_one_percent() -> None:
    found = verdict(statistics(samples_above_zero=[0, 0.002, 0.01, 0.011, 1]))
    assert found.dead.tolist() == [True, False, False, False, False]
    assert found.almost_dead.tolist() == [False, True, True, False, False]


def test_a_channel_with_a_nan_is_not_called_dead() -> None:
    found = verdict(statistics(mean=[np.nan, 0], samples_above_zero=[0, 0]))
    assert found.dead.tolist() == [False, True]


def test_saturated_is_told_of_tanh_and_sigmoid_only() -> None:
    assert saturated(statistics(mean=[0.5, 0.5])) is None
    found = saturated(statistics(saturated=[0, 0.94, 0.96]))
    assert found is not None
    assert found.tolist() == [False, False, True]


def test_what_was_never_seen_in_n_may_occur_three_times_in_n() -> None:
    assert bound(300) == pytest.approx(0.01)
    assert bound(2) == 1.0
    assert (1 - bound(300)) ** 300 == pytest.approx(0.05, abs=0.002)


def test_a_convolution_takes_the_verdict_of_the_relu_behind_its_batchnorm() -> None:
    found = judges(
        [
            layer("fused", "Conv2D", "convolution", "relu"),
            layer("plain", "Conv2D", "convolution", "linear", ("fused",)),
            layer("norm", "BatchNormalization", "normalization", None, ("plain",)),
            layer("relu", "ReLU", "activation", "relu6", ("norm",)),
            layer("direct", "Conv2D", "convolution", "linear", ("relu",)),
            layer("relu_1", "relu", "activation", "relu", ("direct",)),
        ]
    )
    assert found == {
        "fused": Judge("fused"),
        "plain": Judge("relu", normalized=True),
        "norm": Judge("relu"),
        "relu": Judge("relu"),
        "direct": Judge("relu_1"),
        "relu_1": Judge("relu_1"),
    }


@pytest.mark.parametrize(
    "after",
    [
        [layer("next", "LeakyReLU", "activation", "leaky_relu", ("conv",))],
        [layer("next", "Activation", "activation", "tanh", ("conv",))],
        [layer("next", "MaxPooling2D", "pooling", None, ("conv",))],
        [layer("next", "Conv2D", "convolution", "relu", ("conv",))],
        [
            layer("next", "ReLU", "activation", "relu", ("conv",)),
            layer("sum", "Add", "other", None, ("conv", "next")),
        ],
        [],
    ],
    ids=["leaky", "tanh", "pooled", "another convolution", "also read before", "unknown"],
)
def test_other_convolutions_are_not_judged(after: list[schema.LayerInfo]) -> None:
    assert "conv" not in judges([layer("conv", "Conv2D", "convolution", "linear"), *after])
