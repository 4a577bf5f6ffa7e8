"""What the arguments of `CNNVis` and `log_model` may be, told before anything is done."""

from __future__ import annotations

import operator
import os
from collections.abc import Mapping

import keras
import numpy as np


def whole(name: str, value: object, least: int) -> int:
    """A whole number of at least `least`, of Python or NumPy. Raises ValueError for others."""
    return _whole(name, value, least, "")


def whole_or_none(name: str, value: object, least: int, none: str) -> int | None:
    """The same, or None, which stands for what `none` says."""
    return None if value is None else _whole(name, value, least, f", or None {none}")


def _whole(name: str, value: object, least: int, other: str) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise ValueError(f"{name} must be a whole number{other}, got {value!r}") from None
    if number < least:
        bound = f"be at least {least}" if least else "not be negative"
        raise ValueError(f"{name} must {bound}{other}, got {number}")
    return number


def check_function(name: str, value: object) -> None:
    """Raises ValueError unless `value` is None or can be called."""
    if value is not None and not callable(value):
        raise ValueError(f"{name} must be a function or None, got {value!r}")


def check_directory(name: str, value: object) -> None:
    """Raises ValueError unless `value` is a path."""
    if not isinstance(value, (str, os.PathLike)):
        raise ValueError(
            f"{name} must be the path of the run's directory, such as 'runs/exp1', got {value!r}"
        )


def check_paths(name: str, value: object) -> None:
    """Raises ValueError unless `value` is None or lists layers by path."""
    if value is None:
        return
    if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__len__"):
        raise ValueError(f"{name} must be a list of layer paths, got {value!r}")
    for path in value:  # type: ignore[attr-defined]
        if not isinstance(path, str):
            raise ValueError(
                f"{name} must be a list of layer paths such as 'conv2d' or 'block/conv2d', got"
                f" {path!r} in it: give the layer's name"
            )


def check_head(from_logits: object, output: object) -> None:
    """Raises ValueError unless both say something about the classifier's output."""
    if not (from_logits is None or isinstance(from_logits, (bool, np.bool_))):
        raise ValueError(f"from_logits must be True, False or None, got {from_logits!r}")
    if isinstance(output, bool) or not (output is None or isinstance(output, (str, int))):
        raise ValueError(
            f"output must be the name or the index of one of the model's outputs, got {output!r}"
        )


def check_model(model: object) -> None:
    """Raises ValueError unless `model` is a Keras model or a path."""
    if not isinstance(model, (str, os.PathLike, keras.Model)):
        raise ValueError(
            "model must be a Keras model, or the path of a .keras or .h5 file, got"
            f" {type(model).__module__}.{type(model).__qualname__}"
        )
