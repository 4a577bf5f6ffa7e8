"""Layers, channels, kernels and stored maps over HTTP, of a model that was really trained."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from inside_record import record_inside
from kept_run import ALMOST, DEAD, STEPS, KeptRun
from recording import record_run
from serving import Columns, Page

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.reader import RunReader

RUN = "exp1/cnnvis"
LAST = STEPS[-1]


@pytest.fixture(scope="module")
def page(kept: KeptRun) -> Page:
    return Page(kept.log_dir.parent)


def layers(page: Page, step: int = LAST) -> dict[str, Any]:
    told = page.json("layers", run=RUN, step=step)
    return {row["path"]: row for row in told["layers"]}


def columns(page: Page, route: str, layer: str, **other: Any) -> Columns:
    return page.columns(route, run=RUN, layer=layer, **{"step": LAST, **other})


def outputs(kept: KeptRun, layer: str) -> np.ndarray[Any, Any]:
    part = keras.Model(kept.model.input, kept.model.get_layer(layer).output)
    return np.asarray(part(kept.x, training=False))


def test_layers_come_in_the_order_of_computation(page: Page, kept: KeptRun) -> None:
    told = page.json("layers", run=RUN, step=LAST)
    assert [row["path"] for row in told["layers"]] == [layer.name for layer in kept.model.layers]
    assert told["models"] == [1, 2]
    assert told["n_samples"] == len(kept.x)
    assert told["bound"] == pytest.approx(3 / len(kept.x))


def test_what_there_is_of_a_layer(page: Page) -> None:
    found = layers(page)
    assert found["conv"] | {"dead": 0, "almost_dead": 0} == {
        "path": "conv",
        "type": "Conv2D",
        "role": "convolution",
        "output_shape": [6, 6, 6],
        "channel_axis": -1,
        "activation": "relu",
        "statistics": True,
        "embedding": False,
        "kernel": {"shape": [3, 3, 1, 6], "source": "record"},
        "maps": True,
        "n_channels": 6,
        "judged": True,
        "dead": 0,
        "almost_dead": 0,
        "saturated": None,
    }
    assert found["average"]["embedding"]
    assert not found["average"]["statistics"]
    assert found["scores"]["kernel"] is None
    assert found["depthwise"]["n_channels"] == 12


def test_an_epoch_has_the_layers_of_the_attempt_that_wrote_it(tmp_path: Path) -> None:
    """A restart with another model, of which an epoch was written or none yet."""
    first = record_inside(tmp_path / "exp1")
    other = schema.LayerInfo("relu", "Conv2D", "convolution", (3, 4, 3), 30, 0, (), "tanh")
    for epochs in (0, 1):
        record_run(
            tmp_path / "exp1",
            first.inputs[..., 0],
            first.labels,
            first_epoch=3,
            epochs=epochs,
            change=lambda manifest: dataclasses.replace(manifest, layers=(other,)),
        )
        page = Page(tmp_path)
        relu = layers(page, 2)["relu"]
        assert (relu["type"], relu["dead"], relu["almost_dead"]) == ("ReLU", 1, 1)
        assert page.columns("channels", run=RUN, step=2, layer="conv").payload["judged"]
        assert not epochs or list(layers(page, 3)) == ["relu"]


@pytest.mark.parametrize(("axis", "given"), [(-1, (3, 4, 6)), (1, (6, 3, 4))])
def test_a_grouped_convolution_is_told_from_what_it_is_given(
    tmp_path: Path, axis: int, given: tuple[int, ...]
) -> None:
    known = (
        schema.LayerInfo("mix", "Conv2D", "convolution", given, 0, 0, channel_axis=axis),
        schema.LayerInfo("conv", "Conv2D", "convolution", given, 0, 0, ("mix",), channel_axis=axis),
    )
    record_run(
        tmp_path / "exp1",
        np.zeros((4, 3, 4), np.uint8),
        np.arange(4) % 2,
        change=lambda manifest: dataclasses.replace(manifest, layers=known),
        also=lambda writer, step: [
            writer.array(schema.kernel_array(path), np.zeros((3, 3, n, 6), np.float32), step)
            for path, n in (("mix", 1), ("conv", 2))
        ],
    )
    page = Page(tmp_path)
    told = {path: columns(page, "kernels", path).payload["in_channels"] for path in ("mix", "conv")}
    assert told == {"mix": None, "conv": 6}


def test_norms_are_of_the_layer_of_the_attempt_that_wrote_the_epoch(tmp_path: Path) -> None:
    """After a restart `conv` is of one axis, and there is no `squash`."""
    first = record_inside(tmp_path / "exp1")
    shape = (3, 1, 2)
    other = schema.LayerInfo("conv", "Conv1D", "convolution", (4, 2), 8, 0)
    record_run(
        tmp_path / "exp1",
        first.inputs[..., 0],
        first.labels,
        first_epoch=3,
        epochs=2,
        change=lambda manifest: dataclasses.replace(manifest, layers=(other,)),
        also=lambda writer, step: writer.array(
            schema.kernel_array("conv"), np.full(shape, step, np.float32), step
        ),
    )
    page = Page(tmp_path)

    def norms(layer: str, **step: int) -> dict[str, Any]:
        return page.columns("kernel_norms", run=RUN, layer=layer, **step).arrays

    before = norms("squash", step=2)
    assert (before["steps"].tolist(), before["norm"].shape) == ([0, 1, 2], (3, 2))
    assert norms("conv", step=0)["norm"].shape == (3, 3)
    for after in (norms("conv", step=4), norms("conv")):
        assert after["steps"].tolist() == [3, 4]
        assert np.allclose(after["norm"], [[3 * 3**0.5] * 2, [4 * 3**0.5] * 2])
        assert np.array_equal(np.isnan(after["change"]), [[True] * 2, [False] * 2])
        assert np.allclose(after["change"][1], 3**0.5)
    told = page.refused(page.get("kernel_norms", run=RUN, layer="squash"), 404)
    assert "layer 'squash' is not in the model" in told


def test_channels_that_come_first_are_counted(tmp_path: Path) -> None:
    shapes = {"conv": (5, 3, 4), "pool": (5, 1, 1)}
    first = tuple(
        schema.LayerInfo(path, "Conv2D", "convolution", shape, 0, 0, channel_axis=1)
        for path, shape in shapes.items()
    )
    record_run(
        tmp_path / "exp1",
        np.zeros((4, 3, 4), np.uint8),
        np.arange(4) % 2,
        change=lambda manifest: dataclasses.replace(manifest, layers=first),
    )
    page = Page(tmp_path)
    assert [row["n_channels"] for row in layers(page).values()] == [5, 5]
    asked = {"run": RUN, "step": LAST, "index": 0, "layer": "pool"}
    told = page.refused(page.post("activations", **asked), 400)
    assert "no spatial output" in told and told.endswith("layers that have: conv")


def test_planted_dead_filters_are_found_and_no_others(page: Page, kept: KeptRun) -> None:
    found = layers(page)
    for path, planted in {**DEAD, "conv2": DEAD["relu"]}.items():
        answer = columns(page, "channels", path)
        assert np.flatnonzero(answer.arrays["dead"]).tolist() == list(planted)
        assert found[path]["dead"] == len(planted)
    seen = outputs(kept, "relu").max(axis=(0, 1, 2))
    assert np.flatnonzero(seen == 0).tolist() == list(DEAD["relu"])


def test_a_filter_that_fires_on_one_sample_is_almost_dead(page: Page) -> None:
    answer = columns(page, "channels", "conv")
    assert np.flatnonzero(answer.arrays["almost_dead"]).tolist() == list(ALMOST["conv"])
    assert answer.arrays["top_samples"][ALMOST["conv"][0], 0] == 0


def test_channels_are_judged_only_after_a_relu(page: Page) -> None:
    for path in ("squash", "depthwise"):
        answer = columns(page, "channels", path)
        assert not answer.payload["judged"]
        assert "ReLU" in answer.payload["note"]
        assert "dead" not in answer.arrays
        assert layers(page)[path]["dead"] is None
    assert layers(page)["squash"]["saturated"] == 0
    assert "relu" in columns(page, "channels", "conv2").payload["note"]


def test_statistics_over_the_epochs_end_in_those_of_the_model(page: Page, kept: KeptRun) -> None:
    answer = columns(page, "channels", "squash", step=0)
    now = outputs(kept, "squash")
    assert answer.arrays["steps"].tolist() == list(STEPS)
    assert np.allclose(answer.arrays["mean"][LAST], now.mean(axis=(0, 1, 2)), atol=1e-5)
    assert np.allclose(answer.arrays["std"][LAST], now.std(axis=(0, 1, 2)), atol=1e-5)
    assert np.allclose(answer.arrays["max"][LAST], now.max(axis=(0, 1, 2)), atol=1e-5)
    fires = (now.max(axis=(1, 2)) > 0).mean(axis=0)
    assert np.allclose(answer.arrays["samples_above_zero"][LAST], fires)
    assert not np.allclose(answer.arrays["mean"][0], answer.arrays["mean"][LAST])


def test_the_top_samples_are_those_of_the_asked_epoch(page: Page, kept: KeptRun) -> None:
    answer = columns(page, "channels", "squash")
    largest = outputs(kept, "squash").max(axis=(1, 2))
    expected = np.sort(largest, axis=0)[::-1][: schema.TOP_SAMPLES].T
    assert np.allclose(answer.arrays["top_values"], expected, atol=1e-5)
    taken = np.take_along_axis(largest.T, answer.arrays["top_samples"].astype(int), axis=1)
    assert np.allclose(taken, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "axes"),
    [
        ("conv2", ["height", "width", "in", "out"]),
        ("depthwise", ["height", "width", "in", "multiplier"]),
    ],
)
def test_kernels_are_the_models(page: Page, kept: KeptRun, layer: str, axes: list[str]) -> None:
    answer = columns(page, "kernels", layer)
    assert np.array_equal(answer.arrays["kernel"], kept.model.get_layer(layer).get_weights()[0])
    assert answer.payload["axes"] == axes
    assert answer.payload["source"] == "record"


@pytest.mark.parametrize("layer", ["squash", "depthwise"])
def test_norms_are_of_each_filter_in_the_order_of_the_channels(
    page: Page, kept: KeptRun, layer: str
) -> None:
    answer = page.columns("kernel_norms", run=RUN, layer=layer)
    kernels = [columns(page, "kernels", layer, step=step).arrays["kernel"] for step in STEPS]
    flat = [kernel.reshape(kernel.shape[0] * kernel.shape[1], -1) for kernel in kernels]
    if layer == "squash":
        flat = [kernel.reshape(-1, kernel.shape[-1]) for kernel in kernels]
    assert answer.arrays["steps"].tolist() == list(STEPS)
    for step in STEPS:
        expected = np.sqrt(np.square(flat[step]).sum(axis=0))
        assert np.allclose(answer.arrays["norm"][step], expected, rtol=1e-5)
    change = np.sqrt(np.square(flat[2] - flat[1]).sum(axis=0))
    assert np.isnan(answer.arrays["change"][0]).all()
    assert np.allclose(answer.arrays["change"][2], change, rtol=1e-4)
    assert (change > 0).any()
    assert len(change) == columns(page, "channels", layer).arrays["mean"].shape[1]


def test_maps_of_a_reference_sample_are_the_layers_output(page: Page, kept: KeptRun) -> None:
    index = RunReader(kept.directory).manifest.reference_samples[1]
    answer = columns(page, "maps", "squash", reference=index)
    expected = outputs(kept, "squash")[index]
    assert answer.arrays["maps"].dtype == np.float32
    assert np.allclose(answer.arrays["maps"], expected, atol=1e-3)


@pytest.mark.parametrize(
    ("route", "params", "told"),
    [
        ("channels", {"layer": "conv9"}, "its layers are: pixels, conv"),
        ("channels", {"layer": "average"}, "recorded are: conv, conv2"),
        ("kernels", {"layer": "scores"}, "only convolutions have a kernel"),
        ("kernel_norms", {"layer": "relu"}, "not stored at any epoch"),
        ("maps", {"layer": "conv", "reference": 77}, "reference samples: "),
        ("maps", {"layer": "scores", "reference": 0}, "recorded are: conv"),
        ("layers", {"step": 9}, "epoch 9 is not logged; logged are 0 to 2"),
    ],
)
def test_what_is_not_there_is_told(
    page: Page, route: str, params: dict[str, Any], told: str
) -> None:
    assert told in page.refused(page.get(route, **{"run": RUN, "step": LAST} | params), 404)
