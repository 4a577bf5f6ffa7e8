"""Answers as bytes: JSON, or columns in the safetensors layout (docs/http.md)."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_TYPES = {
    "float32": "F32",
    "float16": "F16",
    "int32": "I32",
    "int64": "I64",
    "uint16": "U16",
    "uint8": "U8",
    "bool": "BOOL",
}


@dataclass(frozen=True)
class Answer:
    """A body for HTTP. `fixed` tells that the same address will always give it."""

    body: bytes
    content_type: str
    fixed: bool = False


def json_answer(payload: Any) -> Answer:
    """JSON with NaN and infinities as the strings JSON has no numbers for."""
    return Answer(_text(payload).encode("utf-8"), "application/json")


def columns_answer(
    arrays: Mapping[str, npt.NDArray[Any]], payload: Any, *, fixed: bool = False
) -> Answer:
    """Arrays and a JSON part in one body; items lie aligned to their size.

    Raises:
        TypeError: an array has a dtype the page does not know.
    """
    ordered = sorted(arrays.items(), key=lambda item: -item[1].dtype.itemsize)
    header: dict[str, Any] = {"__metadata__": {"json": _text(payload)}}
    buffers, offset = [], 0
    for name, array in ordered:
        if array.dtype.name not in _TYPES:
            raise TypeError(f"{name}: dtype {array.dtype} is not one of {', '.join(_TYPES)}")
        data = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        header[name] = {
            "dtype": _TYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        buffers.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    body = b"".join([struct.pack("<Q", len(text)), text, *buffers])
    return Answer(body, "application/octet-stream", fixed)


def _text(payload: Any) -> str:
    return json.dumps(_clean(payload), separators=(",", ":"), allow_nan=False)


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value
