"""Frozen dataclasses as JSON objects and back, by their annotations."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from typing import Any, TypeVar


class FormatError(ValueError):
    """A stored record that this version cannot read."""


T = TypeVar("T")


def dump(record: Any) -> str:
    """JSON text of a stored dataclass. NaN and infinities are written as Python's json does."""
    return json.dumps(dataclasses.asdict(record), separators=(",", ":"))


def loads(text: str) -> dict[str, Any]:
    """The JSON object in `text`. Raises FormatError where it is damaged."""
    try:
        stored = json.loads(text)
    except ValueError as error:
        raise FormatError(f"expected a JSON record, got {text[:40]!r}: {error}") from error
    if not isinstance(stored, dict):
        raise FormatError(f"expected a JSON object, got {text[:40]!r}")
    return stored


def build(kind: type[T], stored: dict[str, Any]) -> T:
    """A dataclass from its JSON object; fields of a later minor version are passed over.

    Raises:
        FormatError: a field is missing.
    """
    hints = typing.get_type_hints(kind)
    known = {name: _convert(hints[name], value) for name, value in stored.items() if name in hints}
    try:
        return kind(**known)
    except TypeError as error:
        raise FormatError(f"a {kind.__name__} record is incomplete: {error}") from error


def _convert(hint: Any, value: Any) -> Any:
    """`value` as the annotation `hint` says: tuples, dicts and dataclasses from plain JSON."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = next(argument for argument in arguments if argument is not types.NoneType)
        return None if value is None else _convert(inner, value)
    if origin is tuple:
        inner = arguments[0]
        return tuple(_convert(inner, item) for item in value)
    if origin is dict:
        return {key: _convert(arguments[1], item) for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return build(typing.cast(type[Any], hint), value)
    return value
