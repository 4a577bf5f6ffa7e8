"""The table of chosen samples, its columns' histograms, and its files."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from query_record import N, Queried, make_record
from recording import Recording, cross_entropy
from serving import Page, Served, decode, packed

from tensorboard_cnnvis import open_run
from tensorboard_cnnvis.analysis.dynamics import COLUMNS


def losses(served: Served, step: int = 2) -> Any:
    return cross_entropy(served.recording.logits[step], served.recording.labels)


def test_the_table_of_some_samples(served: Served) -> None:
    members = np.arange(240) % 3 == 0
    told = decode(
        served.page.post(
            "table", run=served.run, step=2, sort="loss", descending=1, limit=20, offset=10,
            members=packed(members), splits="validation", focus=120,
        )
    )  # fmt: skip
    rows = [row for row in np.argsort(-losses(served)) if members[row] and row >= 100]
    assert told.arrays["sample_index"].tolist() == rows[10:30]
    assert told.payload["total"] == len(rows)
    assert told.payload["focus_position"] == rows.index(120)
    assert told.payload["text"]["note"] == [f"note {row}" for row in rows[10:30]]


def test_without_members_it_is_the_whole_table(served: Served) -> None:
    params = {"run": served.run, "step": 2, "sort": "note", "limit": 300, "focus": 5}
    by_post = served.page.post("table", members=None, **params).get_data()
    assert by_post == served.page.get("table", **params).get_data()
    nobody = decode(served.page.post("table", members=packed(np.zeros(240)), **params))
    assert nobody.payload["total"] == 0
    assert nobody.arrays["loss"].size == 0
    assert nobody.payload["focus_position"] is None


@pytest.mark.parametrize(
    ("members", "told"),
    [("AAAA", "members has 3 bytes | expected base64 of 30 bytes"), ("!", "no set"), (5, "no set")],
)
@pytest.mark.parametrize("route", ["table", "distributions", "export"])
def test_members_of_another_size_are_told(
    served: Served, route: str, members: object, told: str
) -> None:
    response = served.page.post(route, run=served.run, step=2, members=members, kind="csv")
    assert told in served.page.refused(response, 400)


def test_distributions_count_all_and_the_chosen(served: Served) -> None:
    chosen = losses(served) > 1
    told = decode(
        served.page.post("distributions", run=served.run, step=2, members=packed(chosen), splits="")
    )
    names = ["loss", "margin", "label_score", "rank", "brightness"]
    derived = [*COLUMNS, "loss_z"]
    assert list(told.payload["edges"]) == [*names[:-1], *derived, names[-1]]
    for name in names:
        values = open_run(served.recording.log_dir).samples(2)[name].to_numpy(float)
        low, high = told.payload["edges"][name]
        assert (low, high) == (pytest.approx(values.min()), pytest.approx(values.max()))
        assert told.arrays[f"all:{name}"].sum() == 240
        assert told.arrays[f"chosen:{name}"].sum() == chosen.sum()
        expected, _ = np.histogram(values, 24, (low, high))
        assert np.abs(told.arrays[f"all:{name}"] - expected).sum() <= 2
        assert told.payload["missing"][name] == 0


def test_distributions_of_a_split_leave_out_what_is_not_finite(served: Served) -> None:
    run = "group/broken/cnnvis"
    told = decode(served.page.post("distributions", run=run, step=1, splits="validation"))
    assert told.payload["missing"]["loss"] == 2
    assert told.arrays["all:loss"].sum() == 48
    assert not [name for name in told.arrays if name.startswith("chosen:")]


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, Queried]:
    """A record with missing values of every kind."""
    logdir = tmp_path_factory.mktemp("gaps")
    data = make_record(logdir / "exp1")
    return Page(logdir), data


def export(page: Page, kind: str, members: Any, run: str = "exp1/cnnvis", step: int = 0) -> bytes:
    response = page.post("export", run=run, step=step, kind=kind, members=packed(members))
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data()


def test_rows_as_csv_are_those_of_open_run(gaps: tuple[Page, Queried]) -> None:
    page, data = gaps
    members = np.arange(N) % 2 == 1
    found = pd.read_csv(io.BytesIO(export(page, "csv", members)), keep_default_na=False)
    assert found.sample_index.tolist() == np.flatnonzero(members).tolist()
    frame = data.frame[members].reset_index(drop=True)
    for name in ("label", "prediction", "camera", "note", "split"):
        assert found[name].tolist() == frame[name].fillna("").tolist()
    for name in ("loss", "margin", "a number"):
        numbers = pd.to_numeric(found[name])
        assert np.array_equal(numbers.to_numpy(np.float32), frame[name], equal_nan=True)
    assert found.flagged.tolist() == frame.flagged.astype(object).fillna("").map(str).tolist()
    assert found["rank"].tolist() == ["" if np.isnan(v) else str(int(v)) for v in frame["rank"]]


def test_no_cell_of_a_csv_is_a_formula(tmp_path: Path, make_run: Callable[..., Recording]) -> None:
    names = ("=1+1", "+a", "-b", "@c", "\td", "\re", "a=b", "'x", 'say "x", y', "9")
    make_run("logdir/exp1", class_names=names)
    text = export(Page(tmp_path / "logdir"), "csv", np.ones(60)).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    labels = {row["label"] for row in rows} | {row["prediction"] for row in rows}
    assert labels == {"'=1+1", "'+a", "'-b", "'@c", "'\td", "'\re", "a=b", "'x", 'say "x", y', "9"}
    assert any(row["margin"].startswith("-") for row in rows), "numbers stay numbers"


def test_source_indices_and_the_mask(served: Served) -> None:
    members = np.isin(np.arange(240), [0, 7, 99, 100, 239])
    told = export(served.page, "indices", members, served.run, 2).decode()
    assert (
        told == "split,source_index\ntrain,0\ntrain,70\ntrain,990\nvalidation,0\nvalidation,1390\n"
    )
    mask = np.load(io.BytesIO(export(served.page, "npy", members, served.run, 2)))
    assert mask.dtype == np.bool_
    assert np.array_equal(mask, members)


def test_an_unknown_kind_of_file_is_told(served: Served) -> None:
    response = served.page.post("export", run=served.run, step=2, kind="xlsx")
    assert "expected csv, indices, npy" in served.page.refused(response, 400)


def ask(page: Page, text: str, **params: Any) -> Any:
    body = {"run": "exp1/cnnvis", "step": 0, "text": text, "splits": "", "selected": None,
            "sets": {}, "tags": {}}  # fmt: skip
    return page.post("query", **(body | params))


def test_a_query_tells_its_hits(gaps: tuple[Page, Queried]) -> None:
    page, data = gaps
    told = decode(ask(page, "loss > 2 and label != prediction"))
    expected = data.theirs("loss > 2 and label_index != prediction_index")
    assert told.arrays["members"].dtype == np.int32
    assert told.arrays["members"].tolist() == expected
    assert told.payload == {"count": len(expected), "total": N}
    none = decode(ask(page, "loss > 1000 and loss < 1001"))
    assert none.arrays["members"].shape == (0,)


def test_a_query_of_a_split_ranks_within_it(gaps: tuple[Page, Queried]) -> None:
    page, data = gaps
    told = decode(ask(page, "top(margin, 5)", splits="validation"))
    expected = sorted(data.frame.margin[80:].nlargest(5).index)
    assert told.arrays["members"].tolist() == expected
    assert told.payload == {"count": 5, "total": N - 80}


def test_a_query_knows_the_selection_sets_and_tags(gaps: tuple[Page, Queried]) -> None:
    page, _ = gaps
    odd, low = np.arange(N) % 2 == 1, np.arange(N) < 10
    named = {"selected": packed(odd), "sets": {"low": packed(low)}, "tags": {"<b>": packed(~low)}}
    told = decode(ask(page, "selected and set('low') or tag('<b>') and sample_index < 12", **named))
    assert told.arrays["members"].tolist() == [1, 3, 5, 7, 9, 10, 11]
    assert decode(ask(page, "not selected")).payload["count"] == N, "nothing is selected"


@pytest.mark.parametrize(
    ("text", "params", "told", "position"),
    [
        ("los > 2", {}, "there is no column 'los' | did you mean 'loss'?", [0, 3]),
        ("loss.__class__", {}, "attributes are not part of a query", [4, 5]),
        ("label == 'Bee'", {}, "did you mean 'bee'?", [9, 14]),
        ("label == 'bee", {}, "a quote is not closed", [9, 13]),
        ("loss > 2 or " * 90_000, {}, "1,080,000 characters; at most 10,000", [10_000, 1_080_000]),
        ("x" * (2**21), {}, "the request is too large | send at most 2 MB", None),
        ("set('a')", {"sets": {"a": "AAAA"}}, "sets: 'a' has 3 bytes", None),
        ("set('a')", {"sets": ["a"]}, "sets is no object", None),
        ("correct", {"selected": "?"}, "selected is no set of samples", None),
        ("correct", {"splits": "test"}, "splits: train, validation", None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_bad_query_is_told_with_its_place(
    gaps: tuple[Page, Queried], text: str, params: dict[str, Any], told: str, position: Any
) -> None:
    page, _ = gaps
    response = ask(page, text, **params)
    assert told in page.refused(response, 400)
    assert json.loads(response.get_data()).get("position") == position


def test_a_query_is_asked_by_post_alone(served: Served) -> None:
    assert "use POST" in served.page.refused(served.page.get("query", run=served.run), 405)
    response = served.page.client.put("/data/plugin/cnnvis/table")
    assert "use GET or POST" in served.page.refused(response, 405)
