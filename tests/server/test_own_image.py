"""The user's own image: scaled in the worker, predicted, and used as a sample is."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from computing import Computing
from kept_run import STEPS, KeptRun
from keras import layers
from PIL import Image
from serving import Page
from sklearn.neighbors import NearestNeighbors

from tensorboard_cnnvis import log_model, schema
from tensorboard_cnnvis.store.reader import RunReader

RED = np.zeros((20, 10, 3), np.uint8)
RED[:10] = [200, 0, 0]


def encoded(image: np.ndarray[Any, Any] = RED, kind: str = "PNG") -> str:
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def test_it_is_scaled_as_told_and_predicted(computing: Computing) -> None:
    answer = computing.done(
        "own_image", data=encoded(), name="red.png", resize="stretch", rescale=[-1, 3]
    )
    image, kept = answer.arrays["input"], computing.kept
    assert (image.dtype, image.shape) == (np.float32, (8, 8, 1))
    grey = np.asarray(Image.fromarray(RED).convert("L").resize((8, 8), Image.Resampling.BILINEAR))
    assert np.allclose(image[..., 0], -1 + 4 * grey / 255, atol=1e-5)
    expected = np.asarray(kept.model(image[None], training=False))[0]
    assert np.allclose(answer.arrays["scores"], expected, atol=1e-5)
    told = answer.payload
    assert told["prediction"] == expected.argmax()
    assert (told["name"], told["resize"], told["rescale"]) == ("red.png", "stretch", [-1.0, 3.0])


def test_without_being_told_black_and_white_are_those_of_the_probe_set(
    computing: Computing,
) -> None:
    white = np.full((9, 9), 255, np.uint8)
    answer = computing.done("own_image", data=encoded(white))
    low, high = answer.payload["rescale"]
    assert np.allclose(answer.arrays["input"], high)
    assert low < high


def test_it_can_be_used_where_a_sample_can(computing: Computing) -> None:
    own = computing.done("own_image", data=encoded(), resize="pad", rescale=[0, 1])
    name = own.payload["image"]
    patch = {"height": 4, "width": 4, "stride": 4, "fill": "value", "value": 0.5}
    asked = {"method": "occlusion", "image": name, "index": None, **patch}
    answer = computing.done("attribution", **asked)
    images = np.repeat(own.arrays["input"][None], 4, axis=0)
    for row, (top, left) in enumerate([(0, 0), (0, 4), (4, 0), (4, 4)]):
        images[row, top : top + 4, left : left + 4] = 0.5
    expected = np.asarray(computing.kept.model(images, training=False))
    grid = answer.arrays["grid"].ravel()
    assert np.allclose(grid, expected[:, answer.payload["class"]], atol=1e-5)
    maps = computing.done("activations", image=name, index=None, layer="conv")
    assert maps.arrays["maps"].shape == (6, 6, 6)
    earlier = computing.done("own_image", image=name, step=1)
    assert np.array_equal(earlier.arrays["input"], own.arrays["input"])
    assert not np.array_equal(earlier.arrays["scores"], own.arrays["scores"])
    assert earlier.payload["image"] == name


def test_runs_whose_inputs_have_another_unit_do_not_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: Any
) -> None:
    x, labels = digits[0][:10, ..., None], digits[1][:10]
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten()])
    model.add(layers.Dense(10, activation="softmax"))
    log_model(tmp_path / "runs" / "unit", model, (x.astype(np.float32) / 255, labels))
    log_model(tmp_path / "runs" / "bytes", model, (x, labels))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    page = Page(tmp_path / "runs")
    computing = Computing(page, KeptRun(tmp_path, x, labels, model))
    name = computing.done("own_image", run="unit/cnnvis", step=0, data=encoded()).payload["image"]
    asked = {"run": "bytes/cnnvis", "step": 0, "image": name, "index": None}
    assert "drop it again" in computing.refused("own_image", **asked)
    assert "drop it again" in computing.refused("attribution", **asked, method="gradient")


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("source", ["average", "inputs"])
def test_its_neighbors_are_those_of_its_vector(
    computing: Computing, source: str, metric: str
) -> None:
    own = computing.done("own_image", data=encoded(), resize="pad", rescale=[0, 1])
    name, kept = own.payload["image"], computing.kept
    asked = {"image": name, "index": None, "source": source, "metric": metric, "k": 7}
    answer = computing.done("neighbors", **asked)
    image = own.arrays["input"][None]
    if source == "inputs":
        vector, vectors = image.reshape(1, -1), kept.x.reshape(len(kept.x), -1)
    else:
        layer = kept.model.get_layer(source).output
        vector = np.asarray(keras.Model(kept.model.input, layer)(image, training=False))
        reader = RunReader(kept.directory)
        vectors = reader.array(schema.embedding_array(source), STEPS[-1]).astype(np.float32)
    assert np.allclose(answer.arrays["vector"], vector[0], rtol=1e-3, atol=1e-4)
    model = NearestNeighbors(n_neighbors=7, metric=metric).fit(vectors)
    distances, places = model.kneighbors(answer.arrays["vector"][None])
    assert answer.arrays["index"].tolist() == places[0].tolist()
    assert np.allclose(answer.arrays["distance"], distances[0], atol=1e-5)
    assert answer.payload["of"] == len(kept.x)


def test_at_another_epoch_it_has_the_vector_of_that_epochs_model(computing: Computing) -> None:
    name = computing.done("own_image", data=encoded(), rescale=[0, 1]).payload["image"]
    asked = {"image": name, "index": None, "source": "average"}
    now = computing.done("neighbors", **asked).arrays["vector"]
    earlier = computing.done("neighbors", **asked, step=1).arrays["vector"]
    assert not np.array_equal(now, earlier)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"source": "average", "step": 0}, 404, "kept models: epochs 1, 2"),
        ({"source": "conv9"}, 400, "sources: inputs, average"),
        ({"source": "average", "same_label": 1}, 400, "no label and no split"),
        ({"source": "inputs", "image": "0" * 32}, 404, "drop it again"),
    ],
)
def test_neighbors_that_it_cannot_have_are_told(
    computing: Computing, body: dict[str, Any], status: int, told: str
) -> None:
    name = computing.done("own_image", data=encoded(), rescale=[0, 1]).payload["image"]
    asked = {"image": name, "index": None} | body
    assert told in computing.refused("neighbors", status, **asked)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"data": "###"}, "data is no base64"),
        ({"data": ""}, "0 bytes"),
        ({"data": base64.b64encode(bytes(10_000_001)).decode()}, "at most 10,000,000 bytes"),
        ({"data": "A" * 14_000_000}, "the request is too large"),
        ({"data": encoded(), "resize": "twist"}, "expected stretch, crop, pad"),
        ({"data": encoded(), "rescale": [1, 1]}, "values of black and white"),
        ({"data": encoded(), "rescale": "1"}, "values of black and white"),
        ({"data": encoded(), "rescale": [0, 10**400]}, "values of black and white"),
        ({}, "'data' is missing"),
    ],
)
def test_what_cannot_be_taken_is_told(
    computing: Computing, body: dict[str, Any], told: str
) -> None:
    assert told in computing.refused("own_image", **body)


@pytest.mark.parametrize(
    "data", [b"no image at all", base64.b64decode(encoded())[:45]], ids=["text", "cut off"]
)
def test_a_broken_file_fails_the_job(computing: Computing, data: bytes) -> None:
    told = computing.ended("own_image", data=base64.b64encode(data).decode()).payload
    assert told["state"] == "failed"
    assert "cannot be read as an image" in told["error"]
    assert told["hint"]
