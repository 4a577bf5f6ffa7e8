"""What no probe set can be made of is refused: what was expected, what came, what to do."""

from __future__ import annotations

from typing import Any

import pytest
from samples import SMALL, X, Y
from torch_like import Loader

from tensorboard_cnnvis.capture.probe import build_probe


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((X[:40], Y[:41]), "'validation': y has 41 labels for 40 images in x"),
        ((X[:0], Y[:0]), "'validation' is empty"),
        (Loader(X[:0], Y[:0]), "'validation' is empty"),
        ({}, "empty dict: expected"),
        ((X[:, :, 0, 0], Y), r"images \(n, height, width\).*got x of shape \(1000, 6\)"),
        ((X[:, :0], Y), r"no pixels: x has shape \(1000, 0, 5, 3\)"),
        ((X.astype(str), Y), "images of numbers, got dtype <U"),
        (([X[0], X[1, :3]], Y[:2]), "different sizes; resize"),
        (({"left": X, "right": X}, Y), r"got 2 inputs \(left, right\), expected one: only models"),
        (((X, X, X), Y), r"got 3 inputs \(#0, #1, #2\), expected one"),
        ((X, {"age": Y, "sex": Y}), r"got 2 targets \(age, sex\), expected one: give only"),
        (X, "images without labels: give"),
        ((X,), "expected .x, y.*got 1 values"),
        ({"x": X, "y": Y}, "a dict of x and y: give the pair"),
        ({"a,b": SMALL}, "split names are words .* got 'a,b'"),
        ({"train": {"x": X, "y": Y}}, "'train': expected .*got dict"),
        (7, "expected .*a torch DataLoader.*got int"),
        ((part for part in [SMALL]), "a generator can be read only once"),
        ({"train": SMALL, "test": (X[:, :3], Y)}, r"one shape, got 'train' \(6, 5, 3\)"),
    ],
)
def test_refusals(data: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_probe(data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_samples": 0}, "max_samples must be at least 1, or None for all, got 0"),
        ({"max_samples": 2.5}, "max_samples must be a whole number, or None for all, got 2.5"),
        ({"max_samples": "all"}, "max_samples must be a whole number, or None for all, got 'all'"),
        ({"max_samples": True}, "max_samples must be a whole number"),
        ({"seed": -1}, "seed must not be negative, got -1"),
        ({"seed": None}, "seed must be a whole number, got None"),
        ({"to_image": 3}, "to_image must be a function or None, got 3"),
        ({"class_names": 3}, "class_names must be a list with one name per class, got 3"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_probe(SMALL, **options)
