"""Activation maps that are no images, over HTTP: lines, tokens and volumes."""

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


def of_one_and_three_axes() -> Any:
    """Five layers whose outputs are no images, and one whose output is a vector."""
    pixels = keras.Input((8, 8, 1), name="pixels")
    volume = layers.Reshape((4, 4, 4, 1), name="volume")(pixels)
    deep = layers.Conv3D(3, 2, activation="relu", name="deep")(volume)
    line = layers.Conv1D(4, 3, name="line")(layers.Reshape((27, 3))(deep))
    tokens = layers.Dense(6, activation="gelu", name="tokens")(line)
    turned = layers.Permute((2, 1))(tokens)
    first = layers.Conv1D(5, 3, data_format="channels_first", name="first")(turned)
    found = layers.GlobalAveragePooling1D(data_format="channels_first", name="average")(first)
    return keras.Model(pixels, layers.Dense(10, activation="softmax", name="scores")(found))


@pytest.fixture(scope="module")
def computing(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Computing:
    x, labels = digits[0][:20, ..., None].astype(np.float32) / 255, digits[1][:20]
    keras.utils.set_random_seed(0)
    model = of_one_and_three_axes()
    log_dir: Path = tmp_path_factory.mktemp("axes") / "exp1"
    log_model(log_dir, model, (x, labels), step=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))
        page = Page(log_dir.parent)
    return Computing(page, KeptRun(log_dir, x, labels, model))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("volume", (4, 4, 4, 1)),
        ("deep", (3, 3, 3, 3)),
        ("line", (25, 4)),
        ("tokens", (25, 6)),
        ("first", (23, 5)),
    ],
)
def test_they_are_the_layers_output_with_channels_last(
    computing: Computing, layer: str, shape: tuple[int, ...]
) -> None:
    kept = computing.kept
    part = keras.Model(kept.model.input, kept.model.get_layer(layer).output)
    expected = np.asarray(part(kept.x[7:8], training=False))[0]
    expected = expected.T if layer == "first" else expected
    arrays = computing.done("activations", layer=layer).arrays
    assert arrays["maps"].shape == expected.shape == shape
    positions = tuple(range(len(shape) - 1))
    np.testing.assert_allclose(arrays["maps"], expected, atol=1e-5)
    np.testing.assert_allclose(arrays["mean"], expected.mean(axis=positions), atol=1e-5)
    np.testing.assert_allclose(arrays["maximum"], expected.max(axis=positions), atol=1e-5)


def test_the_page_is_told_where_the_channels_are(computing: Computing) -> None:
    rows = computing.page.json("layers", run="exp1/cnnvis", step=2)["layers"]
    found = {row["path"]: (row["output_shape"], row["channel_axis"]) for row in rows}
    assert found["first"] == ([5, 23], 1)
    assert found["line"] == ([25, 4], -1)


@pytest.mark.parametrize("layer", ["average", "scores", "pixels"])
def test_a_vector_and_the_input_are_refused(computing: Computing, layer: str) -> None:
    told = computing.refused("activations", layer=layer)
    assert f"layer {layer!r} has no spatial output" in told
    assert "layers that have: volume, deep, " in told


def test_grad_cam_wants_two_axes(computing: Computing) -> None:
    told = computing.refused("attribution", method="grad_cam", layer="deep")
    assert "layer 'deep' has no output of 2 spatial axes: (3, 3, 3, 3) for one image" in told
    assert told.endswith("layers that have: none")
