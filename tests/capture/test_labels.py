"""Targets of every form become class indices; all others are refused by what they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tensorboard_cnnvis.capture.labels import check_class_names, class_indices

NAMES = ("cat", "dog", "owl")


@pytest.mark.parametrize(
    "targets",
    [
        [2, 0, 1],
        np.array([[2], [0], [1]], np.uint8),
        np.array([2.0, 0.0, 1.0], np.float16),
        np.eye(3)[[2, 0, 1]],
        np.eye(3, dtype=bool)[[2, 0, 1]],
        ["owl", "cat", "dog"],
        np.array([["owl"], ["cat"], ["dog"]]),
        np.array([b"owl", b"cat", b"dog"]),
        np.array(["owl", "cat", "dog"], object),
        np.array([2, 0, 1], object),
        pd.Series([2, 0, 1], dtype="Int64"),
        pd.Series(["owl", "cat", "dog"], dtype="category"),
    ],
)
def test_forms(targets: object) -> None:
    found = class_indices(targets, NAMES, "train")
    assert found.dtype == np.int32
    assert found.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    "targets", [[0, 1, 1], [False, True, True], [[0.0], [1.0], [1.0]], [[1, 0], [0, 1], [0, 1]]]
)
def test_binary_forms(targets: object) -> None:
    assert class_indices(targets, (), "train").tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("targets", "names", "message"),
    [
        ([0, 3], NAMES, r"'train': label 3 of sample 1 is outside class_names, which has 3 names"),
        ([0, -1], NAMES, "start at 0, got -1 at sample 1"),
        ([0.5, 1.0], (), "whole class indices, got 0.5 at sample 0.*soft labels"),
        ([np.nan, 1.0], (), "whole class indices, got nan"),
        ([[0.9, 0.1], [1.0, 0.0]], (), "sample 0 are soft .*hard labels"),
        ([[0, 1, 0], [1, 1, 0]], (), "sample 1 has 2 classes; multi-label"),
        ([[0, 1, 0], [0, 0, 0]], (), "sample 1 has 0 classes; multi-label"),
        ([[1, 0]], NAMES, "one-hot targets of 2 classes, but class_names has 3"),
        (np.zeros((4, 8, 8)), (), r"shape \(4, 8, 8\); segmentation"),
        (["cat"], (), "labels are strings, so class_names is needed"),
        (["cat", "fox"], NAMES, "label 'fox' of sample 1 is not among class_names"),
        (np.array([1 + 2j]), (), "got targets of dtype complex128"),
    ],
)
def test_refusals(targets: object, names: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        class_indices(targets, names, "train")


def test_class_names() -> None:
    assert check_class_names(None) == ()
    assert check_class_names(np.array(["a", "b"])) == ("a", "b")
    with pytest.raises(ValueError, match="must differ; more than once: a"):
        check_class_names(["a", "b", "a"])
    with pytest.raises(ValueError, match="a list with one name per class, got 'cat'"):
        check_class_names("cat")
    with pytest.raises(ValueError, match="in the order of the class indices"):
        check_class_names({0: "cat"})  # type: ignore[arg-type]
