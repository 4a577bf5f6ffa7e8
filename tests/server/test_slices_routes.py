"""Slices over HTTP."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recording import cross_entropy
from serving import Columns, Served, decode

STEP = 2


def sliced(served: Served, *fields: str, **params: Any) -> Columns:
    return decode(
        served.page.post("slices", run=served.run, step=STEP, fields=list(fields), **params)
    )


def test_a_category_is_sliced_by_its_values(served: Served) -> None:
    recording = served.recording
    told = sliced(served, "camera")
    correct = recording.logits[STEP].argmax(axis=1) == recording.labels
    losses = cross_entropy(recording.logits[STEP], recording.labels)
    camera = recording.metadata["camera"]
    assert sorted(row for (row,) in told.payload["rows"]) == ["<b>top</b>", "left", "right"]
    for row, (name,) in enumerate(told.payload["rows"]):
        own = camera == name
        assert told.arrays["count"][row] == own.sum()
        assert told.arrays["accuracy"][row] == pytest.approx(correct[own].mean())
        assert told.arrays["loss"][row] == pytest.approx(losses[own].mean(), abs=1e-6)
        assert np.array_equal(told.arrays["codes"] == row, own)
    assert (np.diff(told.arrays["accuracy"]) >= 0).all()
    assert told.payload["fields"] == ["camera"]
    assert "recall" not in told.arrays


def test_a_pair_with_a_binned_number_within_a_split_and_a_class(served: Served) -> None:
    recording = served.recording
    told = sliced(served, "flagged", "brightness", bins=3, splits="validation", **{"class": 4})
    brightness = recording.metadata["brightness"].astype(np.float32)
    assert (told.arrays["codes"][:100] == -1).all()
    assert (told.arrays["codes"][100:] >= 0).all()
    assert {flag for flag, _ in told.payload["rows"]} == {"no", "yes"}
    assert len({shown for _, shown in told.payload["rows"]}) == 3
    correct = recording.logits[STEP].argmax(axis=1) == recording.labels
    for row, (flag, shown) in enumerate(told.payload["rows"]):
        own = told.arrays["codes"] == row
        assert (recording.metadata["flagged"][own] == (flag == "yes")).all()
        low, high = (float(end) for end in shown.split(" to "))
        assert brightness[own].min() >= low - 0.01
        assert brightness[own].max() <= high + 0.01
        asked = own & (recording.labels == 4)
        recall = correct[asked].mean() if asked.any() else np.nan
        assert np.allclose(told.arrays["recall"][row], recall, equal_nan=True)


def test_labels_predictions_and_correct_are_fields_too(served: Served) -> None:
    told = sliced(served, "label", "correct")
    assert {shown for _, shown in told.payload["rows"]} == {"no", "yes"}
    for row, (_, shown) in enumerate(told.payload["rows"]):
        assert told.arrays["accuracy"][row] == (shown == "yes")
    assert len(sliced(served, "prediction").payload["rows"]) <= 10


def test_samples_without_a_value_are_a_slice_of_their_own(served: Served) -> None:
    told = decode(
        served.page.post("slices", run="group/broken/cnnvis", step=0, fields=["prediction"])
    )
    row = told.payload["rows"].index(["-"])
    assert np.flatnonzero(told.arrays["codes"] == row).tolist() == [0], "its logits are NaN"
    losses = decode(served.page.post("slices", run="group/broken/cnnvis", step=0, fields=["loss"]))
    row = losses.payload["rows"].index(["-"])
    assert losses.arrays["count"][row] == 2
    assert np.isnan(losses.arrays["loss"][row])


def test_whole_numbers_are_shown_whole(served: Served) -> None:
    told = sliced(served, "sample_index", bins=2)
    assert sorted(told.payload["rows"]) == [["0 to 119"], ["120 to 239"]]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"fields": ["note"]}, "'note' has 240 values, too many to slice by | take a field with"),
        ({"fields": ["id", "camera"]}, "'id' has 240 values"),
        ({"fields": ["nope"]}, "there is no field 'nope' | fields: sample_index, "),
        ({"fields": []}, "expected one or two"),
        ({"fields": ["camera", "split", "label"]}, "expected one or two"),
        ({"fields": ["camera", "camera"]}, "expected one or two"),
        ({"fields": "camera"}, "expected one or two"),
        ({"fields": [1]}, "expected one or two"),
        ({}, "expected one or two"),
        ({"fields": ["camera"], "bins": 1}, "from 2 to 50"),
        ({"fields": ["camera"], "class": 10}, "from 0 to 9"),
    ],
    ids=str,
)
def test_what_cannot_be_sliced_is_refused_with_what_to_do(
    served: Served, params: dict[str, Any], message: str
) -> None:
    response = served.page.post("slices", run=served.run, step=STEP, **params)
    assert message in served.page.refused(response, 400)
