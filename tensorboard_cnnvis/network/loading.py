"""Reading a Keras model from its file, without running code that the file brings."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

_MISSING = re.compile(r"(?:Could not locate (?:class|function)|Unknown [\w ]+:) '([^']+)'")
_ENCOUNTERED = "Exception encountered: "


class UnreadableModelError(ValueError):
    """A file that is no Keras model, is missing or is damaged."""


class UnsafeModelError(ValueError):
    """A model that holds Python code, such as a Lambda layer's, and was to be read safely."""


class UnknownClassError(ValueError):
    """A model that needs a class or function which is not registered; `name` is its name."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(what)
        self.name = name


def load_model(
    path: str | os.PathLike[str], *, unsafe: bool = False, import_modules: Sequence[str] = ()
) -> Any:
    """A model from its file, without its compiled loss.

    Args:
        path: a `.keras` or `.h5` file.
        unsafe: whether code in the file may be run, which Lambda layers need.
        import_modules: modules to import first; what they define or register may be used.

    Raises:
        UnreadableModelError: there is no such file, or it is no Keras model.
        UnsafeModelError: it holds code.
        UnknownClassError: it needs a class or function that is not known.
        ImportError: a module cannot be imported.
    """
    file = Path(path)
    _check(file)
    known = _definitions(import_modules)
    try:
        return keras.models.load_model(
            file, custom_objects=known, compile=False, safe_mode=not unsafe
        )
    except Exception as error:
        raise _told(file, error) from error


def _check(file: Path) -> None:
    if not file.is_file():
        raise UnreadableModelError(
            f"there is no model file {str(file)!r}: give a .keras or .h5 file"
        )
    if file.suffix == ".keras" and not zipfile.is_zipfile(file):
        raise UnreadableModelError(
            f"{str(file)!r} cannot be read as a Keras model: it is no zip archive, so it is damaged"
            " or was not copied whole; expected a .keras or .h5 file written by model.save"
        )


def _definitions(modules: Sequence[str]) -> dict[str, Any]:
    """The classes and functions that modules define themselves, by name."""
    found: dict[str, Any] = {}
    for name in modules:
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            callable_kind = inspect.isclass(value) or inspect.isfunction(value)
            if callable_kind and value.__module__ == module.__name__:
                found[key] = value
    return found


def _told(file: Path, error: Exception) -> ValueError:
    """The error to raise instead of Keras's, whose text repeats the model's configuration."""
    text = str(error).strip()
    missing = _MISSING.search(text)
    if missing is not None:
        name = missing[1]
        return UnknownClassError(
            f"{str(file)!r} cannot be read: it uses {name!r}, which is not registered with Keras",
            name,
        )
    if "safe_mode" in text:
        what = "a Lambda layer" if "Lambda" in text else "serialised Python code"
        return UnsafeModelError(
            f"{str(file)!r} is not read: it holds {what}, that is code which would be run"
        )
    line = (text.rpartition(_ENCOUNTERED)[2].splitlines() or [""])[0]
    return UnreadableModelError(
        f"{str(file)!r} cannot be read as a Keras model ({type(error).__name__}: {line});"
        " expected a .keras or .h5 file written by model.save"
    )
