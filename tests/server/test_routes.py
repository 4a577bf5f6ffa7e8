"""Every number the page gets, recomputed from the arrays that were recorded."""

import io
import itertools
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image
from recording import LAYER, cross_entropy
from serving import Served
from sklearn.decomposition import PCA

from tensorboard_cnnvis import schema


def test_runs_are_listed_by_the_name_the_user_gave(served: Served) -> None:
    runs = served.page.json("runs")["runs"]
    assert [entry["name"] for entry in runs] == ["exp1", "group/broken"]
    assert runs[0] == {
        "run": "exp1/cnnvis",
        "name": "exp1",
        "n_samples": 240,
        "n_classes": 10,
        "n_steps": 6,
        "last_step": 5,
        "created": served.recording.manifest.created,
        "error": None,
    }


def test_the_run_tells_its_manifest_and_columns(served: Served) -> None:
    told = served.page.json("run", run=served.run)
    assert told["manifest"] == json.loads(schema.dump(served.recording.manifest))
    kinds = {column["name"]: column["kind"] for column in told["columns"]}
    assert kinds == {
        "sample_index": "integer",
        "source_index": "integer",
        "id": "text",
        "split": "category",
        "label": "index",
        "prediction": "index",
        "correct": "boolean",
        "loss": "number",
        "margin": "number",
        "label_score": "number",
        "rank": "integer",
        "mean_margin": "number",
        "mean_label_score": "number",
        "variability": "number",
        "correctness": "number",
        "forgetting_events": "integer",
        "first_learned": "integer",
        "flips": "integer",
        "last_change": "integer",
        "loss_z": "number",
        "neighbor_disagreement": "number",
        "label_error": "number",
        "brightness": "number",
        "flagged": "boolean",
        "camera": "category",
        "note": "text",
    }
    vocabulary = {column["name"]: column["values"] for column in told["columns"]}
    assert vocabulary["camera"] == ["<b>top</b>", "left", "right"]
    assert vocabulary["split"] == ["train", "validation"]
    assert told["notices"] == []


def test_steps_tell_the_summaries(served: Served) -> None:
    told = served.page.json("steps", run=served.run)
    assert [step["step"] for step in told["steps"]] == list(range(6))
    losses = cross_entropy(served.recording.logits[4], served.recording.labels)
    hits = served.recording.logits[4].argmax(axis=1) == served.recording.labels
    train, validation = told["steps"][4]["splits"]
    assert train["loss"] == pytest.approx(losses[:100].mean(), rel=1e-6)
    assert validation["accuracy"] == pytest.approx(hits[100:].mean())
    own = served.recording.labels[100:]
    recalls = [hits[100:][own == label].mean() for label in range(10)]
    assert validation["balanced_accuracy"] == pytest.approx(np.mean(recalls))


def test_columns_are_the_recorded_values(served: Served) -> None:
    recording, step = served.recording, 3
    names = "label,prediction,correct,loss,margin,label_score,rank,split,camera,flagged"
    arrays = served.page.columns("columns", run=served.run, step=step, names=names).arrays
    logits, labels = recording.logits[step], recording.labels
    rows = np.arange(240)
    assert np.array_equal(arrays["label"], labels)
    assert np.array_equal(arrays["prediction"], logits.argmax(axis=1))
    assert np.array_equal(arrays["correct"], logits.argmax(axis=1) == labels)
    assert np.allclose(arrays["loss"], cross_entropy(logits, labels), atol=1e-6)
    others = np.where(np.eye(10)[labels] > 0, -np.inf, logits)
    assert np.allclose(arrays["margin"], logits[rows, labels] - others.max(axis=1), atol=1e-5)
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(arrays["label_score"], scores[rows, labels], atol=1e-6)
    above = (logits > logits[rows, labels][:, None]).sum(axis=1)
    assert np.array_equal(arrays["rank"], above + 1)
    assert np.array_equal(arrays["split"], np.repeat([0, 1], [100, 140]))
    vocabulary = np.array(["<b>top</b>", "left", "right"])
    assert np.array_equal(vocabulary[arrays["camera"]], recording.metadata["camera"])
    assert np.array_equal(arrays["flagged"], recording.metadata["flagged"])
    assert {name: array.dtype.name for name, array in arrays.items()} == {
        "label": "int32", "prediction": "int32", "correct": "uint8", "loss": "float32",
        "margin": "float32", "label_score": "float32", "rank": "int32", "split": "int32",
        "camera": "int32", "flagged": "uint8",
    }  # fmt: skip


@pytest.mark.parametrize("descending", [0, 1])
@pytest.mark.parametrize("sort", ["loss", "label", "camera", "note", "brightness", "source_index"])
def test_the_table_is_sorted_on_the_server(served: Served, sort: str, descending: int) -> None:
    rows: list[int] = []
    frame: dict[str, list[Any]] = {"loss": [], "note": []}
    for offset in range(0, 240, 100):
        page = served.page.columns(
            "table", run=served.run, step=2, sort=sort, descending=descending, offset=offset,
            limit=100,
        )  # fmt: skip
        assert page.payload["total"] == 240
        rows += page.arrays["sample_index"].tolist()
        frame["loss"] += page.arrays["loss"].tolist()
        frame["note"] += page.payload["text"]["note"]
    recording = served.recording
    keys: dict[str, list[Any]] = {
        "loss": cross_entropy(recording.logits[2], recording.labels).astype(np.float32).tolist(),
        "label": recording.labels.tolist(),
        "camera": recording.metadata["camera"].tolist(),
        "note": recording.metadata["note"].tolist(),
        "brightness": recording.metadata["brightness"].tolist(),
        "source_index": [10 * row for row in [*range(100), *range(140)]],
    }
    assert rows == sorted(range(240), key=keys[sort].__getitem__, reverse=bool(descending)) or (
        sorted(rows) == list(range(240))
        and [keys[sort][row] for row in rows] == sorted(keys[sort], reverse=bool(descending))
    )
    assert frame["note"] == [f"note {row}" for row in rows]
    assert np.allclose(frame["loss"], np.array(keys["loss"])[rows], atol=1e-6)


def test_ties_stay_in_sample_order(served: Served) -> None:
    for descending in (0, 1):
        page = served.page.columns(
            "table", run=served.run, step=2, sort="label", descending=descending, limit=240
        )
        labels, rows = page.arrays["label"], page.arrays["sample_index"]
        for label in range(10):
            assert (np.diff(rows[labels == label]) > 0).all()


def test_the_table_finds_the_focused_sample(served: Served) -> None:
    page = served.page.columns(
        "table", run=served.run, step=2, sort="loss", descending=1, limit=240, focus=17
    )
    assert page.arrays["sample_index"][page.payload["focus_position"]] == 17
    page = served.page.columns(
        "table", run=served.run, step=2, sort="loss", limit=500, focus=17, splits="validation"
    )
    assert page.payload["focus_position"] is None
    assert page.payload["total"] == 140
    assert page.arrays["sample_index"].min() == 100


def test_a_sample_tells_its_record_and_history(served: Served) -> None:
    recording, index, step = served.recording, 130, 4
    told = served.page.columns("sample", run=served.run, step=step, index=index)
    losses = {at: cross_entropy(recording.logits[at], recording.labels) for at in range(6)}
    assert told.arrays["steps"].tolist() == list(range(6))
    assert np.allclose(told.arrays["loss"], [losses[at][index] for at in range(6)], atol=1e-6)
    predictions = [recording.logits[at][index].argmax() for at in range(6)]
    assert told.arrays["prediction"].tolist() == predictions
    peers = (recording.labels == recording.labels[index]) & (np.arange(240) >= 100)
    medians = [np.median(losses[at][peers]) for at in range(6)]
    assert np.allclose(told.arrays["class_median_loss"], medians, atol=1e-6)
    logits = recording.logits[step][index]
    scores = np.exp(logits) / np.exp(logits).sum()
    ordered = np.argsort(-scores)
    assert told.arrays["score_classes"].tolist() == ordered.tolist()
    assert np.allclose(told.arrays["scores"], scores[ordered], atol=1e-6)
    facts = told.payload
    assert facts["source_index"] == 300
    assert facts["id"] == "img_00130.png"
    assert facts["split"] == "validation"
    assert facts["label"] == recording.labels[index]
    assert facts["loss"] == pytest.approx(losses[step][index], abs=1e-6)
    assert facts["rank"] == 1 + (losses[step] > losses[step][index]).sum()
    assert facts["ranked"] == 240
    assert dict(facts["metadata"])["note"] == "note 130"


def test_infinite_and_nan_losses_are_told_as_such(served: Served) -> None:
    told = served.page.columns("sample", run="group/broken/cnnvis", step=1, index=0)
    assert told.payload["loss"] == "NaN"
    assert told.payload["rank"] is None
    assert told.payload["ranked"] == 48
    page = served.page.columns(
        "table", run="group/broken/cnnvis", step=1, sort="loss", descending=1, limit=50
    )
    assert np.isnan(page.arrays["loss"][-2:]).all()
    assert np.isfinite(page.arrays["loss"][:-2]).all()
    steps = served.page.json("steps", run="group/broken/cnnvis")["steps"]
    assert steps[0]["splits"][0]["non_finite"] == 2


def test_the_input_is_what_was_given(served: Served) -> None:
    told = served.page.columns("input", run=served.run, index=33)
    assert np.array_equal(told.arrays["input"], served.recording.inputs[33])
    assert told.payload == {"low": 0.0, "high": 255.0, "display": "uint8", "source_dtype": "uint8"}


def test_the_atlas_holds_every_sample_in_its_cell(served: Served) -> None:
    layout = served.page.json("run", run=served.run)["atlas"]
    response = served.page.get("atlas", run=served.run, page=0)
    assert response.content_type == "image/jpeg"
    sheet = np.asarray(Image.open(io.BytesIO(response.get_data()))).astype(int)
    for index in (0, 17, 239):
        row, column = divmod(index, layout["columns"])
        cell = sheet[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
        own = served.recording.inputs[index, ..., 0].astype(int)
        assert np.abs(cell - own).mean() < 6, "JPEG loses little"
        assert np.abs(cell - served.recording.inputs[index - 1, ..., 0]).mean() > 20


def test_the_inputs_pca_is_scikit_learns(served: Served) -> None:
    told = served.page.projection(run=served.run, source="inputs", step=0)
    vectors = served.recording.inputs.reshape(240, -1).astype(float)
    theirs = PCA(2, svd_solver="full").fit(vectors)
    expected = theirs.transform(vectors)
    for axis in range(2):
        sign = np.sign(expected[:, axis] @ told.arrays["xy"][:, axis])
        assert np.allclose(told.arrays["xy"][:, axis] * sign, expected[:, axis], atol=0.5)
    assert np.allclose(told.payload["explained"], theirs.explained_variance_ratio_, atol=1e-4)
    assert told.payload["aligned"]


def aligned(served: Served, step: int) -> Any:
    for _ in range(200):
        told = served.page.projection(run=served.run, source=LAYER, step=step)
        if told.payload["aligned"] and told.payload["done"] == told.payload["total"]:
            return told
    raise TimeoutError("the epochs were never aligned")


def test_a_layers_epochs_are_aligned_and_their_limits_frozen(served: Served) -> None:
    told = [aligned(served, step) for step in range(6)]
    assert all(item.payload["limits"] == told[0].payload["limits"] for item in told)
    everything = np.concatenate([item.arrays["xy"] for item in told])
    x0, x1, y0, y1 = told[0].payload["limits"]
    assert np.allclose([x0, y0], everything.min(axis=0), atol=1e-4)
    assert np.allclose([x1, y1], everything.max(axis=0), atol=1e-4)
    for step, item in enumerate(told):
        vectors = served.recording.embeddings[step].astype(float)
        theirs = PCA(2, svd_solver="full").fit(vectors)
        plane = theirs.transform(vectors)
        ours = item.arrays["xy"]
        turn, *_ = np.linalg.lstsq(plane, ours, rcond=None)
        assert np.allclose(plane @ turn, ours, atol=1e-3), "the same plane"
        assert np.allclose(turn @ turn.T, np.eye(2), atol=1e-3), "turned, never stretched"
        shares = ours.var(axis=0) / vectors.var(axis=0).sum()
        assert np.allclose(item.payload["explained"], shares, atol=1e-4)
    for before, after in itertools.pairwise(told):
        kept = (before.arrays["xy"] * after.arrays["xy"]).sum(axis=0)
        assert (kept > 0).all(), "no axis is mirrored"
