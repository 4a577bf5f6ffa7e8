"""Similar samples over HTTP."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recording import LAYER
from serving import Served, decode
from sklearn.neighbors import NearestNeighbors

STEP = 3


def vectors_of(served: Served, source: str) -> np.ndarray[Any, Any]:
    if source == "inputs":
        return served.recording.inputs.reshape(240, -1).astype(np.float64)
    return served.recording.embeddings[STEP].astype(np.float64)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("source", ["inputs", LAYER])
def test_the_nearest_are_scikit_learns(served: Served, source: str, metric: str) -> None:
    vectors = vectors_of(served, source)
    told = decode(
        served.page.post(
            "neighbors", run=served.run, step=STEP, source=source, index=12, k=20, metric=metric
        )
    )
    others = np.delete(np.arange(240), 12)
    model = NearestNeighbors(n_neighbors=20, algorithm="brute", metric=metric)
    distances, places = model.fit(vectors[others]).kneighbors(vectors[12:13])
    assert np.array_equal(told.arrays["index"], others[places[0]])
    assert np.allclose(told.arrays["distance"], distances[0], atol=1e-6)
    assert told.payload == {
        "k": 20,
        "of": 239,
        "n_features": vectors.shape[1],
        "metric": metric,
        "left_out": 0,
        "note": "",
    }


def test_five_by_cosine_where_nothing_else_is_said(served: Served) -> None:
    told = decode(
        served.page.post("neighbors", run=served.run, step=STEP, source="inputs", index=0)
    )
    assert (told.payload["k"], told.payload["metric"]) == (5, "cosine")


@pytest.mark.parametrize("index", [5, 200])
def test_within_a_class_and_a_split(served: Served, index: int) -> None:
    labels = served.recording.labels
    split = np.arange(240) < 100
    told = decode(
        served.page.post(
            "neighbors", run=served.run, step=STEP, source=LAYER, index=index, k=100,
            same_label=1, same_split=1,
        )
    )  # fmt: skip
    same = (labels == labels[index]) & (split == split[index])
    expected = set(np.flatnonzero(same).tolist()) - {index}
    assert set(told.arrays["index"].tolist()) == expected
    assert told.payload["k"] == told.payload["of"] == len(expected)


def test_vectors_are_those_that_were_recorded_in_the_asked_order(served: Served) -> None:
    told = served.page.columns(
        "vectors", run=served.run, step=STEP, source=LAYER, indices="17,3,3,239"
    )
    assert np.array_equal(told.arrays["vectors"], vectors_of(served, LAYER)[[17, 3, 3, 239]])
    assert told.payload == {"n_features": 8, "note": ""}
    inputs = served.page.columns("vectors", run=served.run, source="inputs", indices="9")
    assert np.array_equal(inputs.arrays["vectors"], vectors_of(served, "inputs")[[9]])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"index": 240}, "index='240' is out of range | expected a whole number from 0 to 239"),
        ({"index": -1}, "from 0 to 239"),
        ({"source": "conv9"}, "no embedding of 'conv9' is logged | sources: inputs, " + LAYER),
        ({"k": 0}, "from 1 to 100"),
        ({"k": 101}, "from 1 to 100"),
        ({"metric": "manhattan"}, "metrics: cosine, euclidean"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_not_there_is_refused_with_what_is(
    served: Served, wrong: dict[str, Any], message: str
) -> None:
    asked = {"run": served.run, "step": STEP, "source": LAYER, "index": 1, **wrong}
    assert message in served.page.refused(served.page.post("neighbors", **asked), 400)


@pytest.mark.parametrize("indices", ["", "240", "1,x", "-1", "²", "1" * 20, ",".join(["1"] * 102)])
def test_vectors_of_no_sample_or_too_many_are_refused(served: Served, indices: str) -> None:
    response = served.page.get("vectors", run=served.run, step=STEP, source=LAYER, indices=indices)
    assert "1 to 101 sample indices from 0 to 239" in served.page.refused(response, 400)
