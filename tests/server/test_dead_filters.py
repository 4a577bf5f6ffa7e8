"""The report of dead filters: those that were planted in every kind of block, and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from serving import Page

from tensorboard_cnnvis import log_model

N = 300
DEAD = {
    "fused": {0, 3, 7},
    "separate_relu": {2, 5},
    "normed_relu": {1, 4, 6},
    "function": {0, 6},
    "separable": {3},
    "inner/deep": {2, 7},
}
ALMOST = {"fused": {5}, "normed_relu": {2}}  # fire on three of 300 samples
JUDGED_BY = {"separate": "separate_relu", "normed": "normed_relu", "norm": "normed_relu"}
FEW = (10, 111, 212)


@dataclass(frozen=True)
class Planted:
    page: Page
    model: Any
    x: np.ndarray[Any, Any]

    def report(self) -> dict[str, dict[str, Any]]:
        told = self.page.json("layers", run="exp1/cnnvis", step=0)
        return {row["path"]: row for row in told["layers"]}

    def found(self, layer: str, name: str) -> set[int]:
        answer = self.page.columns("channels", run="exp1/cnnvis", step=0, layer=layer)
        return set(np.flatnonzero(answer.arrays[name]).tolist())


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    keras.utils.set_random_seed(4)
    x = np.random.default_rng(0).random((N, 12, 12, 1), np.float32)
    x[list(FEW), 4, 5] = 100.0
    model = built()
    plant(model, x)
    logdir = tmp_path_factory.mktemp("planted")
    log_model(logdir / "exp1", model, (x, np.arange(N) % 3), layers=watched(model))
    return Planted(Page(logdir), model, x)


def built() -> Any:
    """A fused ReLU, one of its own, one after BatchNorm, one as a function, one inside a model."""
    inner = keras.Input((12, 12, 8))
    deep = layers.Conv2D(8, 3, padding="same", activation="relu", name="deep")(inner)
    pixels = keras.Input((12, 12, 1), name="pixels")
    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="fused")(pixels)
    x = layers.Conv2D(8, 3, padding="same", name="separate")(x)
    x = layers.ReLU(name="separate_relu")(x)
    x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="normed")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Activation("relu", name="normed_relu")(x)
    x = keras.ops.relu(layers.Conv2D(8, 3, padding="same", name="function")(x))
    x = layers.SeparableConv2D(8, 3, padding="same", activation="relu", name="separable")(x)
    x = keras.Model(inner, deep, name="inner")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(pixels, layers.Dense(3, activation="softmax", name="scores")(x))


def watched(model: Any) -> list[str]:
    return [*DEAD, *JUDGED_BY]


def plant(model: Any, x: np.ndarray[Any, Any]) -> None:
    """Dead channels by their bias or by what BatchNorm adds; all others fire on every sample."""
    for path in ("fused", "separate", "function", "separable", "inner/deep"):
        layer = model.get_layer("inner").get_layer("deep") if "/" in path else model.get_layer(path)
        *kernels, bias = layer.get_weights()
        dead = DEAD.get(path) or DEAD[f"{path}_relu"]
        kernels = [np.abs(kernel) for kernel in kernels]
        bias[:] = [-1e6 if channel in dead else 0.1 for channel in range(8)]
        if path == "fused":
            bias[5] = -20.0  # only the brightest pixel is above it
        layer.set_weights([*kernels, bias])
    normed = model.get_layer("normed")
    normed.set_weights([np.abs(normed.get_weights()[0])])
    gamma, beta, mean, variance = model.get_layer("norm").get_weights()
    never, almost = sorted(DEAD["normed_relu"]), sorted(ALMOST["normed_relu"])
    gamma[never], beta[:] = 0.0, 0.1
    beta[never] = -1.0
    before = keras.Model(model.input, normed.output)
    largest = keras.ops.convert_to_numpy(before(x)).max(axis=(1, 2))[:, almost]
    bright = np.isin(np.arange(N), FEW)
    beta[almost] = -(largest[bright].min(axis=0) + largest[~bright].max(axis=0)) / 2
    model.get_layer("norm").set_weights([gamma, beta, mean, variance])


def fires(planted: Planted, layer: str) -> np.ndarray[Any, Any]:
    """Number of samples on which each channel is above zero anywhere, by the model itself."""
    if layer == "inner/deep":
        inner = planted.model.get_layer("inner")
        before = keras.Model(planted.model.input, planted.model.get_layer("separable").output)
        values = inner(before(planted.x))
    else:
        values = keras.Model(planted.model.input, planted.model.get_layer(layer).output)(planted.x)
    found = np.maximum(keras.ops.convert_to_numpy(values), 0)
    return np.asarray((found.max(axis=(1, 2)) > 0).sum(axis=0))


@pytest.mark.parametrize("layer", list(DEAD))
def test_precision_and_recall_are_one(planted: Planted, layer: str) -> None:
    found = planted.found(layer, "dead")
    assert found == DEAD[layer]
    assert planted.report()[layer]["dead"] == len(DEAD[layer])
    counts = fires(planted, layer)
    assert set(np.flatnonzero(counts == 0).tolist()) == DEAD[layer], "the planting is right"
    assert counts[sorted(ALMOST.get(layer, set()))].tolist() == [3] * len(ALMOST.get(layer, ()))


@pytest.mark.parametrize("layer", list(JUDGED_BY))
def test_a_linear_layer_takes_the_verdict_of_the_relu_it_reaches(
    planted: Planted, layer: str
) -> None:
    assert planted.found(layer, "dead") == DEAD[JUDGED_BY[layer]]


@pytest.mark.parametrize("layer", list(DEAD))
def test_almost_dead_is_not_called_dead(planted: Planted, layer: str) -> None:
    expected = ALMOST.get(layer, set())
    assert planted.found(layer, "almost_dead") == expected
    assert not planted.found(layer, "dead") & expected
    assert planted.report()[layer]["almost_dead"] == len(expected)


@pytest.mark.parametrize("pointwise", [0, 1])
def test_both_kernels_of_a_separable_convolution_are_recorded(
    planted: Planted, pointwise: int
) -> None:
    asked = {"run": "exp1/cnnvis", "step": 0, "layer": "separable", "pointwise": pointwise}
    answer = planted.page.columns("kernels", **asked)
    expected = planted.model.get_layer("separable").get_weights()[pointwise]
    assert np.array_equal(answer.arrays["kernel"], expected)
    assert answer.payload["axes"][2:] == (["in", "out"] if pointwise else ["in", "multiplier"])
    kernel = planted.report()["separable"]["kernel"]
    told = kernel["pointwise"] if pointwise else kernel
    assert (told["shape"], told["source"]) == (list(expected.shape), "record")
    norms = planted.page.columns("kernel_norms", **asked)
    assert np.allclose(norms.arrays["norm"][0], np.linalg.norm(expected.reshape(-1, 8), axis=0))


def test_other_convolutions_have_one_kernel(planted: Planted) -> None:
    asked = {"run": "exp1/cnnvis", "step": 0, "layer": "fused", "pointwise": 1}
    told = planted.page.refused(planted.page.get("kernels", **asked), 400)
    assert "only separable convolutions have one" in told
    assert "pointwise" not in planted.report()["fused"]["kernel"]


def test_the_bound_is_that_of_the_probe(planted: Planted) -> None:
    told = planted.page.json("layers", run="exp1/cnnvis", step=0)
    assert told["bound"] == pytest.approx(3 / N)
