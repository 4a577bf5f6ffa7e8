"""What the worker computes of kept models, over HTTP: one real worker for all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from kept_run import STEPS, KeptRun
from serving import Columns, Page, decode

PATIENCE_SECONDS = 300.0
RUN = "exp1/cnnvis"
LAST = STEPS[-1]
OCCLUSION = {"method": "occlusion", "height": 3, "width": 2, "stride": 2, "fill": "mean"}


@pytest.fixture(scope="module")
def page(kept: KeptRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))
        yield Page(kept.log_dir.parent)


def ask(page: Page, route: str, **body: Any) -> Columns:
    return decode(page.post(route, **{"run": RUN, "step": LAST, "index": 7} | body))


def done(page: Page, route: str, **body: Any) -> Columns:
    answer = ask(page, route, **body, start=1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while answer.payload["state"] in ("queued", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
        answer = ask(page, route, **body)
    assert answer.payload["state"] == "done", answer.payload
    return answer


def refused(page: Page, route: str, status: int = 400, **body: Any) -> str:
    return page.refused(page.post(route, **{"run": RUN, "step": LAST, "index": 7} | body), status)


def scores(kept: KeptRun, images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(kept.model(images, training=False))


def test_occlusion_is_a_plain_loop_over_the_positions(page: Page, kept: KeptRun) -> None:
    answer = done(page, "attribution", **OCCLUSION, **{"class": 3})
    tops, lefts = answer.arrays["tops"], answer.arrays["lefts"]
    assert tops.tolist() == [0, 2, 4, 5]
    assert lefts.tolist() == [0, 2, 4, 6]
    total, count = np.zeros((8, 8)), np.zeros((8, 8))
    for row, top in enumerate(tops):
        for column, left in enumerate(lefts):
            image = kept.x[7].copy()
            image[top : top + 3, left : left + 2] = kept.x[7].mean()
            score = scores(kept, image[None])[0, 3]
            assert answer.arrays["grid"][row, column] == pytest.approx(score, abs=1e-5)
            total[top : top + 3, left : left + 2] += score
            count[top : top + 3, left : left + 2] += 1
    assert np.allclose(answer.arrays["map"], total / count, atol=1e-5)
    told = answer.payload
    assert (told["class"], told["class_name"], told["unit"]) == (3, "3", "score")
    assert told["baseline"] == pytest.approx(scores(kept, kept.x[7:8])[0, 3], abs=1e-5)
    assert (told["positions"], told["done"]) == (16, 16)
    assert told["low"] == pytest.approx(answer.arrays["map"].min())
    assert told["high"] == pytest.approx(answer.arrays["map"].max())


def test_without_a_class_it_is_the_prediction(page: Page, kept: KeptRun) -> None:
    told = done(page, "attribution", **OCCLUSION).payload
    assert told["class"] == told["prediction"] == scores(kept, kept.x[7:8])[0].argmax()


def test_the_gradient_is_the_logits(page: Page, kept: KeptRun) -> None:
    import tensorflow as tf

    answer = done(page, "attribution", method="gradient", **{"class": 2})
    logits = keras.Model(kept.model.input, kept.model.get_layer("average").output)
    kernel, bias = kept.model.get_layer("scores").get_weights()
    with tf.GradientTape() as tape:
        x = tf.constant(kept.x[7:8])
        tape.watch(x)
        logit = (logits(x) @ kernel + bias)[0, 2]
    expected = np.abs(tape.gradient(logit, x)[0]).max(axis=-1)
    assert np.allclose(answer.arrays["map"], expected, atol=1e-5)
    assert answer.payload["logit"] == pytest.approx(float(logit), abs=1e-4)


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "grad_cam"},
        {"method": "grad_cam", "layer": "conv"},
        {"method": "smooth_grad", "samples": 4, "seed": 3, "sigma": 1},
        {"method": "integrated_gradients", "steps": 16, "baseline": "blur"},
    ],
)
def test_every_method_gives_a_map_of_the_images_size(page: Page, asked: dict[str, Any]) -> None:
    answer = done(page, "attribution", **asked)
    assert answer.arrays["map"].shape == (8, 8)
    assert answer.arrays["map"].dtype == np.float32
    told = answer.payload
    assert told["low"] < told["high"]
    if asked["method"] == "grad_cam":
        assert told["layer"] == asked.get("layer", "squash")
    if asked["method"] == "integrated_gradients":
        assert 0 <= told["completeness_gap"] < 0.5


def test_activations_are_the_layers_output(page: Page, kept: KeptRun) -> None:
    answer = done(page, "activations", layer="squash")
    part = keras.Model(kept.model.input, kept.model.get_layer("squash").output)
    expected = np.asarray(part(kept.x[7:8], training=False))[0]
    assert np.allclose(answer.arrays["maps"], expected, atol=1e-5)
    assert np.allclose(answer.arrays["mean"], expected.mean(axis=(0, 1)), atol=1e-5)
    assert np.allclose(answer.arrays["maximum"], expected.max(axis=(0, 1)), atol=1e-5)


def test_the_same_question_is_one_job_and_asking_starts_nothing(page: Page) -> None:
    asked = {"method": "gradient", "class": 5}
    before = ask(page, "attribution", **asked)
    assert before.payload["state"] == "absent"
    assert not before.arrays
    after = done(page, "attribution", **asked)
    assert after.payload["job"] == before.payload["job"]
    other = ask(page, "attribution", method="gradient", **{"class": 6})
    assert other.payload["job"] != after.payload["job"]
    assert ask(page, "attribution", **asked, step=1).payload["state"] == "absent"


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
        ("attribution", {"method": "grad_cam", "layer": "scores"}, 400, "layers that have: pixels"),
        (
            "attribution",
            {"method": "smooth_grad", "samples": 20_001},
            400,
            "needs 20,001 passes through the model, more than 20,000",
        ),
        ("activations", {"layer": "scores"}, 400, "has no spatial output: (10,)"),
        ("activations", {"layer": "conv9"}, 404, "its layers are: pixels"),
        ("kernels", {"layer": "scores"}, 404, "only convolutions have a kernel"),
    ],
)
def test_what_cannot_be_done_is_told(
    page: Page, route: str, body: dict[str, Any], status: int, told: str
) -> None:
    assert told in refused(page, route, status, **body)


def test_many_passes_run_when_they_are_confirmed(page: Page) -> None:
    asked = {"method": "smooth_grad", "samples": 20_001, "confirm": 1}
    assert ask(page, "attribution", **asked).payload["state"] == "absent"
