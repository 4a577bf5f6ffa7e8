"""Two runs side by side over HTTP, recomputed from what was recorded."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from recording import LAYER, Recording, cross_entropy, record_run
from scipy.stats import binomtest
from serving import Columns, Page, decode

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.writer import RunWriter

STEP, BEFORE = 3, 1
CHANGES = ("both right", "right to wrong", "wrong to right", "same mistake", "different mistakes")
NAMES = tuple(f"digit {index}" for index in range(10))
ORDER = np.random.default_rng(11).permutation(120)[:70]  # of exp1's samples in `shuffled`
FLIPPED = (*NAMES[:0:-1], "nought")  # its classes: digit 9 to digit 1, and another 0


@dataclass
class Runs:
    page: Page
    exp1: Recording
    wide: Recording
    shuffled: Recording

    def compare(self, run: str = "exp1", other: str = "wide", **rest: Any) -> Columns:
        body = {"step": STEP, "other_step": STEP, **rest}
        return decode(self.page.post("comparison", **named(run, other), **body))

    def refused(self, status: int, **rest: Any) -> str:
        body = {**named("exp1", "wide"), "step": STEP, "other_step": STEP, **rest}
        return self.page.refused(self.page.post("comparison", **body), status)


def named(run: str, other: str) -> dict[str, str]:
    return {"run": f"{run}/cnnvis", "other": f"{other}/cnnvis"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, digits: Any) -> Runs:
    """`wide` watches what `exp1` does; `shuffled` 70 of its samples and 30 others, without ids."""
    logdir = tmp_path_factory.mktemp("compared")
    x, labels = digits
    first = {"class_names": NAMES, "n_train": 50, "epochs": 4}
    exp1 = record_run(logdir / "exp1", x[:120], labels[:120], **first)
    wide = record_run(logdir / "wide", x[:120], labels[:120], **first, n_features=12, seed=4)
    own = np.concatenate([ORDER, np.arange(200, 230)])
    place = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    shuffled = record_run(
        logdir / "shuffled", x[own], place[labels[own]], class_names=FLIPPED, n_train=40, epochs=4,
        change=lambda manifest: replace(manifest, has_ids=False),
    )  # fmt: skip
    twins = [0, 0, 2, 1]
    record_run(
        logdir / "twins", x[twins], labels[twins], class_names=NAMES, epochs=1,
        change=lambda manifest: replace(manifest, has_ids=False),
    )  # fmt: skip
    return Runs(Page(logdir), exp1, wide, shuffled)


def predicted(recording: Recording, step: int = STEP) -> npt.NDArray[np.intp]:
    return recording.logits[step].argmax(axis=1)


def what_became(label: str, before: str, after: str) -> str:
    if before == label:
        return "both right" if after == label else "right to wrong"
    if after == label:
        return "wrong to right"
    return "same mistake" if before == after else "different mistakes"


def test_the_same_probe_set_is_matched_by_position(runs: Runs) -> None:
    found = runs.compare()
    assert found.arrays["index"].tolist() == found.arrays["other_index"].tolist() == [*range(120)]
    told = found.payload
    assert (told["matched"], told["of"], told["of_other"], told["by"]) == (
        120,
        120,
        120,
        "position",
    )
    assert told["note"] == ""


def test_changes_and_statistics_are_those_of_the_records(runs: Runs) -> None:
    found, labels = runs.compare(), runs.exp1.labels
    after, before = predicted(runs.exp1), predicted(runs.wide)
    expected = [what_became(*map(str, row)) for row in zip(labels, before, after, strict=True)]
    assert [CHANGES[code] for code in found.arrays["change"]] == expected
    told = found.payload
    assert told["changes"] == {name: expected.count(name) for name in CHANGES}
    assert told["churn"] == pytest.approx((after != before).mean())
    assert told["accuracy"] == pytest.approx((after == labels).mean())
    assert told["other_accuracy"] == pytest.approx((before == labels).mean())
    lost, won = expected.count("right to wrong"), expected.count("wrong to right")
    assert lost + won > 0
    p = binomtest(lost, lost + won).pvalue
    assert told["mcnemar"] == {"b": lost, "c": won, "p": pytest.approx(p)}
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (before, after), 1)
    assert found.arrays["disagreement"].tolist() == matrix.tolist()


def test_differences_are_this_run_minus_the_other(runs: Runs) -> None:
    found, labels = runs.compare(other_step=BEFORE), runs.exp1.labels
    own = cross_entropy(runs.exp1.logits[STEP], labels)
    other = cross_entropy(runs.wide.logits[BEFORE], labels)
    assert found.arrays["loss_difference"] == pytest.approx(own - other, abs=1e-5)


def test_two_epochs_of_one_run(runs: Runs) -> None:
    found = runs.compare(other="exp1", other_step=BEFORE)
    assert found.arrays["prediction"].tolist() == predicted(runs.exp1).tolist()
    assert found.arrays["other_prediction"].tolist() == predicted(runs.exp1, BEFORE).tolist()
    assert found.payload["by"] == "position"
    assert runs.compare(other="exp1").payload["churn"] == 0


def test_only_the_asked_splits_count(runs: Runs) -> None:
    found = runs.compare(splits="validation")
    assert found.arrays["index"].tolist() == [*range(50, 120)]
    assert (found.payload["matched"], found.payload["of"]) == (70, 70)


def test_other_probe_sets_are_matched_by_image(runs: Runs) -> None:
    found = runs.compare(other="shuffled")
    place = {sample: other for other, sample in enumerate(ORDER.tolist())}
    assert found.arrays["index"].tolist() == sorted(place)
    assert found.arrays["other_index"].tolist() == [place[sample] for sample in sorted(place)]
    told = found.payload
    assert (told["matched"], told["of"], told["of_other"], told["by"]) == (70, 120, 100, "image")


def test_classes_are_matched_by_name(runs: Runs) -> None:
    found = runs.compare(other="shuffled")
    index, other_index = found.arrays["index"], found.arrays["other_index"]
    after = [NAMES[code] for code in predicted(runs.exp1)[index]]
    before = [FLIPPED[code] for code in predicted(runs.shuffled)[other_index]]
    labels = [NAMES[code] for code in runs.exp1.labels[index]]
    union = found.payload["class_names"]
    assert union == [*NAMES, "nought"]
    assert [union[code] for code in found.arrays["other_prediction"]] == before
    expected = [what_became(*row) for row in zip(labels, before, after, strict=True)]
    assert [CHANGES[code] for code in found.arrays["change"]] == expected
    assert found.arrays["disagreement"].shape == (11, 11)
    assert found.arrays["disagreement"][10].sum() == before.count("nought")
    relabeled = [name == "digit 0" for name in labels]
    assert np.isnan(found.arrays["loss_difference"]).tolist() == relabeled
    assert f"Of the matched samples {sum(relabeled)} have another label" in found.payload["note"]
    assert "other classes" in found.payload["note"]


def test_a_key_column_matches(runs: Runs) -> None:
    by_id = runs.compare(by="id")
    assert (by_id.payload["by"], by_id.payload["matched"]) == ("id", 120)
    by_note = runs.compare(other="shuffled", by="note")
    assert by_note.arrays["index"].tolist() == by_note.arrays["other_index"].tolist()
    assert by_note.payload["matched"] == 100
    by_source = runs.compare(other="shuffled", by="source_index")
    assert by_source.arrays["index"].tolist() == [*range(40), *range(50, 110)]
    assert by_source.arrays["other_index"].tolist() == [*range(100)]


def test_a_column_called_like_a_way_is_another_matching(tmp_path: Path, digits: Any) -> None:
    x, labels = digits
    column = schema.ColumnInfo("image", "text")
    for name, words in (("one", "abcdef"), ("two", "fedcba")):

        def also(writer: RunWriter, step: int, words: str = words) -> None:
            if step == 0:
                writer.strings(schema.metadata_array("image"), list(words))

        record_run(
            tmp_path / name, x[:6], labels[:6], class_names=NAMES,
            change=lambda manifest: replace(manifest, columns=(*manifest.columns, column)),
            also=also,
        )  # fmt: skip
    page = Page(tmp_path)
    asked = {**named("one", "two"), "step": 2, "other_step": 0}
    places = {"image": [*range(6)], "column:image": [*range(5, -1, -1)]}
    before = decode(page.post("columns", run="two/cnnvis", step=0, names="loss")).arrays["loss"]
    for by, expected in places.items():
        found = decode(page.post("comparison", **asked, by=by))
        assert found.payload["by"] == by
        assert found.arrays["other_index"].tolist() == expected
        added = page.post("columns", **asked, other_by=by, names="other_loss")
        assert decode(added).arrays["other_loss"] == pytest.approx(before[expected])


def test_samples_that_share_a_value_are_paired_in_order_and_it_is_told(runs: Runs) -> None:
    found = runs.compare(by="column:camera", other="exp1")
    assert found.arrays["index"].tolist() == found.arrays["other_index"].tolist() == [*range(120)]
    assert "120 matched samples share their value of camera" in found.payload["note"]
    told = runs.refused(400, by="camera")
    assert "no sample in common by camera" in told
    assert "120 samples of 'exp1' are left out" in told


def test_an_image_that_one_has_more_often_is_left_out_and_told(runs: Runs) -> None:
    found = runs.compare(other="twins", other_step=0)
    assert found.arrays["index"].tolist() == [1, 2]
    assert found.arrays["other_index"].tolist() == [3, 2]
    assert "1 sample of 'exp1' is left out" in found.payload["note"]
    assert "2 samples of 'twins' are left out" in found.payload["note"]


def test_what_cannot_be_compared_says_why(runs: Runs) -> None:
    assert "there is no run 'none'" in runs.refused(404, other="none")
    assert "epoch 9" in runs.refused(400, other_step=9)
    assert "their places tell nothing" in runs.refused(400, other="shuffled/cnnvis", by="position")
    told = runs.refused(400, other="shuffled/cnnvis", by="id")
    assert "'shuffled' has no column 'id'" in told
    assert "both have: position, image, source_index, brightness, flagged, camera, note" in told


COLUMNS = {"other": "shuffled/cnnvis", "other_step": STEP, "run": "exp1/cnnvis", "step": STEP}


def test_the_columns_follow_from_the_comparison(runs: Runs) -> None:
    found = runs.compare(other="shuffled")
    names = "other_prediction,other_correct,other_loss,loss_difference,margin_difference,change"
    data = decode(runs.page.post("columns", **COLUMNS, names=names)).arrays
    index = found.arrays["index"]
    rest = np.setdiff1d(np.arange(120), index)
    for name in ("loss_difference", "margin_difference"):
        np.testing.assert_array_equal(data[name][index], found.arrays[name])
        assert np.isnan(data[name][rest]).all()
    assert data["change"][index].tolist() == found.arrays["change"].tolist()
    assert (data["change"][rest] == -1).all()
    assert (data["other_correct"][rest] == 255).all()
    shown = np.where(found.arrays["other_prediction"] == 10, -1, found.arrays["other_prediction"])
    assert data["other_prediction"][index].tolist() == shown.tolist()
    loss = cross_entropy(runs.shuffled.logits[STEP], runs.shuffled.labels)
    assert data["other_loss"][index] == pytest.approx(loss[found.arrays["other_index"]], abs=1e-5)


def test_table_query_histograms_and_files_know_them(runs: Runs) -> None:
    found = runs.compare(other="shuffled")
    change = found.arrays["index"][found.arrays["change"] == 2]
    hits = decode(runs.page.post("query", **COLUMNS, text='change == "wrong to right"'))
    assert hits.arrays["members"].tolist() == change.tolist()
    body = {**COLUMNS, "sort": "loss_difference", "descending": 1, "limit": 200}
    page = decode(runs.page.post("table", **body))
    differences = page.arrays["loss_difference"]
    known = np.sort(found.arrays["loss_difference"])[::-1]
    known = known[np.isfinite(known)]
    assert differences[: len(known)].tolist() == known[: len(known)].tolist()
    assert np.isnan(differences[len(known) :]).all()
    spread = decode(runs.page.post("distributions", **COLUMNS))
    assert spread.arrays["all:loss_difference"].sum() == len(known)
    assert spread.payload["missing"]["loss_difference"] == 120 - len(known)
    file = runs.page.post("export", **COLUMNS, kind="csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(file)))
    assert sum(row["change"] == "wrong to right" for row in rows) == len(change)
    sliced = decode(runs.page.post("slices", **COLUMNS, fields=["change"]))
    counts = dict(
        zip((row[0] for row in sliced.payload["rows"]), sliced.arrays["count"], strict=True)
    )
    assert counts["wrong to right"] == len(change)
    assert counts["-"] == 50


def test_without_a_comparison_there_are_no_such_columns(runs: Runs) -> None:
    refused = runs.page.get("columns", run="exp1/cnnvis", step=STEP, names="change")
    assert "there is no column 'change'" in runs.page.refused(refused, 404)


def test_a_get_starts_no_matching(runs: Runs) -> None:
    refused = runs.page.get("columns", **COLUMNS, names="change")
    assert "use POST" in runs.page.refused(refused, 405)


def nearest(vectors: npt.NDArray[Any], k: int) -> list[set[int]]:
    points = vectors.astype(float)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    cosine = points @ points.T
    np.fill_diagonal(cosine, -np.inf)
    return [set(np.argsort(-row)[:k].tolist()) for row in cosine]


def test_overlap_is_the_share_of_common_neighbors_among_the_matched(runs: Runs) -> None:
    found = runs.compare(other="shuffled")
    body = {**named("exp1", "shuffled"), "step": STEP, "other_step": STEP, "k": 5}
    told = runs.page.post("overlap", **body).get_json()
    own = nearest(runs.exp1.embeddings[STEP][found.arrays["index"]], 5)
    other = nearest(runs.shuffled.embeddings[STEP][found.arrays["other_index"]], 5)
    share = np.mean([len(a & b) / 5 for a, b in zip(own, other, strict=True)])
    (layer,) = told["layers"]
    assert (layer["layer"], layer["other_layer"]) == (LAYER, LAYER)
    assert layer["overlap"] == pytest.approx(share, abs=2 / 350)  # a tie may fall either way
    assert layer["chance"] == pytest.approx(5 / 69)
    assert (told["n"], told["of"], told["k"], told["metric"]) == (70, 70, 5, "cosine")


def test_overlap_of_a_draw_says_of_how_many(runs: Runs) -> None:
    body = {**named("exp1", "wide"), "step": STEP, "other_step": STEP, "n": 40}
    told = runs.page.post("overlap", **body).get_json()
    assert (told["n"], told["of"]) == (40, 120)
    assert told["layers"][0]["n"] == 40
    same = {**body, "other": "exp1/cnnvis"}
    assert runs.page.post("overlap", **same).get_json()["layers"][0]["overlap"] == 1
    wrong = runs.page.post("overlap", **body, metric="hamming")
    assert "metrics: cosine, euclidean" in runs.page.refused(wrong, 400)


def test_the_catalogue_tells_what_a_comparison_adds(runs: Runs) -> None:
    told = runs.page.json("run", run="exp1/cnnvis")
    added = {column["name"]: column for column in told["compared"]}
    assert not added.keys() & {column["name"] for column in told["columns"]}
    assert added["change"]["values"] == list(CHANGES)
    assert added["loss_difference"]["kind"] == "number"
