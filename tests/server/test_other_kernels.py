"""Kernels of layers that derive from Keras's convolutions, and those that only the model has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from computing import Computing
from kept_run import KeptRun
from keras import layers
from serving import Page

from tensorboard_cnnvis import log_model

OWN = {
    "plain": (layers.Conv2D, ["height", "width", "in", "out"]),
    "depthwise": (layers.DepthwiseConv2D, ["height", "width", "in", "multiplier"]),
    "transposed": (layers.Conv2DTranspose, ["height", "width", "out", "in"]),
    "line": (layers.Conv1D, ["length", "in", "out"]),
    "separable": (layers.SeparableConv1D, ["length", "in", "multiplier"]),
}


def own(name: str, *sizes: int) -> Any:
    """A user's layer that derives from one of Keras's."""
    kind = type(f"Own{name.title()}", (OWN[name][0],), {})
    made: Any = keras.saving.register_keras_serializable("test_other_kernels")(kind)
    return made(*sizes, padding="same", name=name)


def of_own_layers() -> Any:
    pixels = keras.Input((8, 8, 1))
    found = own("depthwise", 3)(own("plain", 3, 3)(pixels))
    found = layers.Reshape((64, 5))(own("transposed", 5, 3)(found))
    found = layers.Flatten()(own("separable", 4, 3)(own("line", 6, 3)(found)))
    return keras.Model(pixels, layers.Dense(10, activation="softmax")(found))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Page:
    """Such a model as `own/cnnvis`."""
    x, labels = digits[0][:20, ..., None].astype(np.float32) / 255, digits[1][:20]
    root: Path = tmp_path_factory.mktemp("own")
    log_model(root / "own", of_own_layers(), (x, labels), keep_models=0)
    return Page(root)


@pytest.mark.parametrize(
    ("name", "n_filters"),
    [("plain", 3), ("depthwise", 3), ("transposed", 5), ("line", 6), ("separable", 6)],
)
def test_the_axes_are_those_of_keras_own(page: Page, name: str, n_filters: int) -> None:
    found = page.columns("kernels", run="own/cnnvis", step=0, layer=name)
    assert found.payload["type"] == f"Own{name.title()}"
    assert found.payload["axes"] == OWN[name][1]
    norms = page.columns("kernel_norms", run="own/cnnvis", layer=name).arrays["norm"]
    assert norms.shape == (1, n_filters)


def test_a_separable_one_has_its_second_kernel(page: Page) -> None:
    asked = {"run": "own/cnnvis", "step": 0, "layer": "separable", "pointwise": 1}
    assert page.columns("kernels", **asked).arrays["kernel"].shape == (1, 6, 4)


@pytest.fixture(scope="module")
def computing(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Computing:
    """A kept model of which one layer alone is watched, so that the other's kernels are not."""
    x, labels = digits[0][:20, ..., None].astype(np.float32) / 255, digits[1][:20]
    pixels = keras.Input((8, 8, 1))
    found = layers.SeparableConv2D(4, 3, name="separable")(layers.Conv2D(3, 3, name="conv")(pixels))
    found = layers.GlobalAveragePooling2D()(found)
    model = keras.Model(pixels, layers.Dense(10, activation="softmax")(found))
    log_dir: Path = tmp_path_factory.mktemp("partly") / "exp1"
    log_model(log_dir, model, (x, labels), layers=["conv"], step=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))
        page = Page(log_dir.parent)
    return Computing(page, KeptRun(log_dir, x, labels, model))


def test_what_only_the_model_has_is_read_by_post_alone(computing: Computing) -> None:
    run = {"run": "exp1/cnnvis", "step": 2}
    rows = {row["path"]: row for row in computing.page.json("layers", **run)["layers"]}
    assert rows["conv"]["kernel"]["source"] == "record"
    kernel = rows["separable"]["kernel"]
    assert kernel["source"] == kernel["pointwise"]["source"] == "model"
    asked = {**run, "layer": "separable"}
    for start in (0, 1):
        looked = computing.page.columns("kernels", **asked, start=start)
        assert looked.payload["state"] == "absent"
    for pointwise, weights in enumerate(computing.kept.model.get_layer("separable").weights[:2]):
        found = computing.done("kernels", **asked, pointwise=pointwise)
        assert np.array_equal(found.arrays["kernel"], weights.numpy())
        assert found.payload["axes"][-1] == ("out" if pointwise else "multiplier")
    assert "kernel" in computing.page.columns("kernels", **asked).arrays
