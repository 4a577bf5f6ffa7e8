"""Medians and bands over the epochs, and one sample's events."""

from typing import Any

import numpy as np
import pytest
from recording import cross_entropy
from serving import Served, decode, packed


def ask(served: Served, **params: Any) -> Any:
    return decode(served.page.post("trajectories", run=served.run, step=2, **params))


def losses(served: Served) -> Any:
    """(n_steps, n_samples)."""
    logits = served.recording.logits
    return np.array([cross_entropy(logits[step], served.recording.labels) for step in range(6)])


def test_the_median_and_bands_of_all_samples(served: Served) -> None:
    told = ask(served)
    assert told.payload == {"groups": ["all"], "of": "loss"}
    assert told.arrays["steps"].tolist() == list(range(6))
    assert told.arrays["count"].tolist() == [240]
    for name, share in (("median", 0.5), ("q10", 0.1), ("q25", 0.25), ("q75", 0.75), ("q90", 0.9)):
        expected = np.quantile(losses(served), share, axis=1)
        assert told.arrays[name].shape == (1, 6)
        np.testing.assert_allclose(told.arrays[name][0], expected, rtol=1e-5, atol=1e-6)


def test_by_label_of_chosen_samples_in_class_order(served: Served) -> None:
    labels = served.recording.labels
    members = (np.arange(240) % 2 == 0) & np.isin(labels, [7, 2, 4])
    told = ask(served, by="label", members=packed(members), splits="validation")
    among = members & (np.arange(240) >= 100)
    assert told.payload["groups"] == [2, 4, 7]
    assert told.arrays["count"].tolist() == [(labels[among] == k).sum() for k in (2, 4, 7)]
    for row, label in enumerate((2, 4, 7)):
        expected = np.median(losses(served)[:, among & (labels == label)], axis=1)
        np.testing.assert_allclose(told.arrays["median"][row], expected, rtol=1e-5, atol=1e-6)


def test_by_prediction_is_that_of_the_asked_epoch(served: Served) -> None:
    told = ask(served, by="prediction", of="label_score")
    predicted = served.recording.logits[2].argmax(axis=1)
    classes, counts = np.unique(predicted, return_counts=True)
    assert told.payload["groups"] == classes.tolist()
    assert told.arrays["count"].tolist() == counts.tolist()
    assert (told.arrays["q90"] <= 1).all()


def test_by_split_and_of_nobody(served: Served) -> None:
    told = ask(served, by="split", of="margin")
    assert told.payload["groups"] == ["train", "validation"]
    assert told.arrays["count"].tolist() == [100, 140]
    nobody = ask(served, by="split", members=packed(np.zeros(240)))
    assert nobody.payload["groups"] == []
    assert nobody.arrays["median"].shape == (0, 6)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"by": "note"}, "there is no by='note' | expected all, label, split, prediction"),
        ({"of": "rank"}, "there is no of='rank' | expected loss, label_score, margin"),
        ({"members": "AAAA"}, "members has 3 bytes"),
    ],
)
def test_what_cannot_be_asked_is_told(served: Served, params: dict[str, Any], told: str) -> None:
    response = served.page.post("trajectories", run=served.run, step=2, **params)
    assert told in served.page.refused(response, 400)


def test_a_sample_tells_what_happened_to_it_over_all_epochs(served: Served) -> None:
    predicted = np.array([served.recording.logits[step].argmax(axis=1) for step in range(6)])
    flips = (np.diff(predicted, axis=0) != 0).sum(axis=0)
    index = int(flips.argmax())
    assert flips[index] >= 2
    told = served.page.columns("sample", run=served.run, step=0, index=index).payload["events"]
    right = predicted[:, index] == served.recording.labels[index]
    changes = [step for step in range(1, 6) if predicted[step, index] != predicted[step - 1, index]]
    assert told == {
        "first_learned": int(np.flatnonzero(right)[0]) if right.any() else None,
        "forgotten": [step for step in range(1, 6) if right[step - 1] and not right[step]],
        "last_change": changes[-1],
        "flips": len(changes),
    }
