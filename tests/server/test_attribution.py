"""What the worker computes of kept models, over HTTP: one real worker for all."""

from __future__ import annotations

import base64
from typing import Any

import keras
import numpy as np
import pytest
from computing import Computing
from kept_run import STEPS, KeptRun

from tensorboard_cnnvis import open_run

OCCLUSION = {"method": "occlusion", "height": 3, "width": 2, "stride": 2, "fill": "mean"}


def scores(kept: KeptRun, images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(kept.model(images, training=False))


def test_occlusion_is_a_plain_loop_over_the_positions(computing: Computing) -> None:
    answer = computing.done("attribution", **OCCLUSION, **{"class": 3})
    tops, lefts = answer.arrays["tops"], answer.arrays["lefts"]
    assert tops.tolist() == [0, 2, 4, 5]
    assert lefts.tolist() == [0, 2, 4, 6]
    total, count = np.zeros((8, 8)), np.zeros((8, 8))
    for row, top in enumerate(tops):
        for column, left in enumerate(lefts):
            image = computing.kept.x[7].copy()
            image[top : top + 3, left : left + 2] = computing.kept.x[7].mean()
            score = scores(computing.kept, image[None])[0, 3]
            assert answer.arrays["grid"][row, column] == pytest.approx(score, abs=1e-5)
            total[top : top + 3, left : left + 2] += score
            count[top : top + 3, left : left + 2] += 1
    assert np.allclose(answer.arrays["map"], total / count, atol=1e-5)
    told = answer.payload
    assert (told["class"], told["class_name"], told["unit"]) == (3, "3", "score")
    assert told["baseline"] == pytest.approx(
        scores(computing.kept, computing.kept.x[7:8])[0, 3], abs=1e-5
    )
    assert (told["positions"], told["done"]) == (16, 16)
    assert told["low"] == pytest.approx(answer.arrays["map"].min())
    assert told["high"] == pytest.approx(answer.arrays["map"].max())


def test_without_a_class_it_is_the_prediction(computing: Computing) -> None:
    told = computing.done("attribution", **OCCLUSION).payload
    assert (
        told["class"]
        == told["prediction"]
        == scores(computing.kept, computing.kept.x[7:8])[0].argmax()
    )


def test_the_gradient_is_the_logits(computing: Computing) -> None:
    import tensorflow as tf

    answer = computing.done("attribution", method="gradient", **{"class": 2})
    logits = keras.Model(
        computing.kept.model.input, computing.kept.model.get_layer("average").output
    )
    kernel, bias = computing.kept.model.get_layer("scores").get_weights()
    with tf.GradientTape() as tape:
        x = tf.constant(computing.kept.x[7:8])
        tape.watch(x)
        logit = (logits(x) @ kernel + bias)[0, 2]
    expected = np.abs(tape.gradient(logit, x)[0]).max(axis=-1)
    assert np.allclose(answer.arrays["map"], expected, atol=1e-5)
    assert answer.payload["logit"] == pytest.approx(float(logit), abs=1e-4)


@pytest.mark.parametrize("layer", [None, "conv"])
def test_grad_cam_is_that_of_inference(computing: Computing, layer: str | None) -> None:
    answer = computing.done("attribution", method="grad_cam", **{"class": 4, "layer": layer})
    model = open_run(computing.kept.log_dir).model(STEPS[-1])
    found = model.grad_cam(7, class_index=4, layer=layer)
    assert np.allclose(answer.arrays["map"], found.heat, atol=1e-5)
    assert np.allclose(answer.arrays["raw"], found.raw, atol=1e-5)
    told = answer.payload
    assert (told["class"], told["layer"], told["unit"]) == (4, layer or "squash", "Grad-CAM")
    assert told["logit"] == pytest.approx(found.logit, abs=1e-4)
    assert told["low"] < told["high"]


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("gradient", {"sigma": 0.7}),
        ("smooth_grad", {"samples": 4, "noise": 0.2, "seed": 3, "sigma": 1.0}),
        ("integrated_gradients", {"steps": 16, "baseline": "blur"}),
        ("integrated_gradients", {"steps": 48, "baseline": 0.25}),
    ],
)
def test_saliency_is_that_of_inference(
    computing: Computing, method: str, options: dict[str, Any]
) -> None:
    answer = computing.done("attribution", method=method, **options, **{"class": 2})
    model = open_run(computing.kept.log_dir).model(STEPS[-1])
    found = model.saliency(7, method, class_index=2, **options)
    assert answer.arrays["map"].shape == (8, 8)
    assert np.allclose(answer.arrays["map"], found.heat, rtol=1e-4, atol=1e-5)
    assert answer.payload["logit"] == pytest.approx(found.logit, abs=1e-4)
    gap = answer.payload["completeness_gap"]
    assert (gap is None) == (found.completeness is None)
    if found.completeness is not None:
        assert gap == pytest.approx(found.completeness.gap, rel=1e-2, abs=1e-5)


def test_activations_are_the_layers_output(computing: Computing) -> None:
    answer = computing.done("activations", layer="squash")
    part = keras.Model(computing.kept.model.input, computing.kept.model.get_layer("squash").output)
    expected = np.asarray(part(computing.kept.x[7:8], training=False))[0]
    assert np.allclose(answer.arrays["maps"], expected, atol=1e-5)
    assert np.allclose(answer.arrays["mean"], expected.mean(axis=(0, 1)), atol=1e-5)
    assert np.allclose(answer.arrays["maximum"], expected.max(axis=(0, 1)), atol=1e-5)


def test_the_same_question_is_one_job_and_asking_starts_nothing(computing: Computing) -> None:
    asked = {"method": "gradient", "class": 5}
    before = computing.ask("attribution", **asked)
    assert before.payload["state"] == "absent"
    assert not before.arrays
    after = computing.done("attribution", **asked)
    assert after.payload["job"] == before.payload["job"]
    other = computing.ask("attribution", method="gradient", **{"class": 6})
    assert other.payload["job"] != after.payload["job"]
    assert computing.ask("attribution", **asked, step=1).payload["state"] == "absent"


def test_deletion_replaces_the_most_important_pixels_first(computing: Computing) -> None:
    asked = {**OCCLUSION, "stride": 1, "deletion_steps": 64, "deletion_fill": "zero"}
    answer = computing.done("deletion", **asked)
    told, kept = answer.payload, computing.kept
    share, score = answer.arrays["share"], answer.arrays["score"]
    assert np.allclose(share, np.arange(65) / 64)
    drop = -computing.done("attribution", **OCCLUSION | {"stride": 1}).arrays["map"]
    first = np.unravel_index(drop.argmax(), drop.shape)
    images = np.stack([kept.x[7], kept.x[7], np.zeros_like(kept.x[7])])
    images[1][first] = 0
    expected = scores(kept, images)[:, told["class"]]
    assert np.allclose(score[[0, 1, 64]], expected, atol=1e-5)
    assert answer.arrays["random_orders"].shape == (5, 65)
    assert np.allclose(answer.arrays["random"], answer.arrays["random_orders"].mean(axis=0))
    assert told["area"] == pytest.approx(np.trapezoid(score, share), rel=1e-5)
    assert told["random_area"] == pytest.approx(
        np.trapezoid(answer.arrays["random"], share), rel=1e-5
    )


def test_deletion_counts_no_passes_for_a_map_that_is_made(computing: Computing) -> None:
    asked = {"method": "integrated_gradients", "steps": 19_990, "index": 4}
    told = computing.refused("deletion", **asked)
    assert "needs 20,188 passes" in told
    computing.done("attribution", **asked)
    assert computing.done("deletion", **asked).arrays["score"].shape == (33,)


def test_a_sheet_has_the_map_of_each_sample(computing: Computing) -> None:
    members = np.zeros(120, np.bool_)
    members[[7, 3, 50]] = True
    packed = base64.b64encode(np.packbits(members, bitorder="little").tobytes()).decode()
    answer = computing.done("attribution_sheet", **OCCLUSION, members=packed)
    assert answer.arrays["index"].tolist() == [3, 7, 50]
    for place, index in enumerate((3, 7, 50)):
        single = computing.done("attribution", **OCCLUSION, index=index)
        assert np.array_equal(answer.arrays["maps"][place], single.arrays["map"])
        assert answer.arrays["class"][place] == single.payload["class"]
        assert answer.arrays["baseline"][place] == pytest.approx(single.payload["baseline"])
    assert answer.payload["low"] == pytest.approx(answer.arrays["maps"].min())
    everything = base64.b64encode(b"\xff" * 15).decode()
    told = computing.refused("attribution_sheet", **OCCLUSION, members=everything)
    assert "1 to 64 samples; 120 were asked for" in told


def test_a_preview_that_is_known_is_not_sent_again(computing: Computing) -> None:
    packed = base64.b64encode(b"\xff" * 8 + bytes(7)).decode()
    asked = {"method": "smooth_grad", "samples": 300, "members": packed}
    answer = computing.ask("attribution_sheet", **asked, start=1)
    while answer.payload["state"] in ("queued", "running"):
        known = answer.payload["version"]
        answer = computing.ask("attribution_sheet", **asked, known=known)
        told = answer.payload
        if told["version"] == known:
            assert not answer.arrays
        elif told["state"] == "running" and told.get("done"):
            assert answer.arrays["maps"].shape == (64, 8, 8)
    again = computing.ask("attribution_sheet", **asked, known=answer.payload["version"])
    assert np.isfinite(again.arrays["maps"]).all(), "a result always comes whole"


@pytest.mark.parametrize(
    ("route", "body", "status", "told"),
    [
        ("attribution", {"method": "lime"}, 400, "expected occlusion, grad_cam"),
        ("attribution", {**OCCLUSION, "stride": 0}, 400, "stride='0' is out of range"),
        ("attribution", {**OCCLUSION, "height": 9}, 400, "the image has 8 x 8"),
        ("attribution", {**OCCLUSION, "fill": "pink"}, 400, "expected zero, mean, blur, noise"),
        ("attribution", {**OCCLUSION, "fill": "value"}, 400, "'value' is missing"),
        ("attribution", {**OCCLUSION, "class": 10}, 400, "from 0 to 9"),
        ("attribution", {**OCCLUSION, "index": 120}, 400, "from 0 to 119"),
        ("attribution", {**OCCLUSION, "step": 0}, 404, "kept models: epochs 1, 2"),
        ("attribution", {**OCCLUSION, "image": "../../x"}, 404, "drop it again"),
        (
            "attribution",
            {"method": "grad_cam", "layer": "scores"},
            400,
            "layers that have: conv, conv2",
        ),
        (
            "attribution",
            {"method": "smooth_grad", "samples": 20_001},
            400,
            "needs 20,001 passes through the model, more than 20,000",
        ),
        ("activations", {"layer": "scores"}, 400, "has no spatial output: (10,)"),
        ("activations", {"layer": "pixels"}, 400, "'pixels' has no spatial output"),
        ("activations", {"layer": "conv9"}, 404, "its layers are: pixels"),
        ("kernels", {"layer": "scores"}, 404, "only convolutions have a kernel"),
    ],
)
def test_what_cannot_be_done_is_told(
    computing: Computing, route: str, body: dict[str, Any], status: int, told: str
) -> None:
    assert told in computing.refused(route, status, **body)


def test_many_passes_run_when_they_are_confirmed(computing: Computing) -> None:
    asked = {"method": "smooth_grad", "samples": 20_001, "confirm": 1}
    assert computing.ask("attribution", **asked).payload["state"] == "absent"
