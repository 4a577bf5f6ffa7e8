"""Events as TensorBoard defines them: how ours are built, and how their heads are read.

A head is read without the protobuf library, from the first bytes of a record: parsing an event
would bring its whole array into memory.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import (
    DATA_CLASS_SCALAR,
    DATA_CLASS_TENSOR,
    SummaryMetadata,
)
from tensorboard.compat.proto.types_pb2 import DT_STRING, DataType

from tensorboard_cnnvis.schema import PLUGIN_NAME

HEAD_BYTES = 4096

# Numbers of the DataType enum, by NumPy's names.
_TYPES = {
    "float32": 1,
    "float64": 2,
    "int32": 3,
    "uint8": 4,
    "int16": 5,
    "int8": 6,
    "int64": 9,
    "bool": 10,
    "uint16": 17,
    "float16": 19,
    "uint32": 22,
    "uint64": 23,
}
_NAMES = {number: name for name, number in _TYPES.items()}


@dataclass(frozen=True)
class Head:
    """What an event's first bytes tell.

    Attributes:
        step: of the event.
        tag: of its first value, "" where it has none.
        dtype: NumPy's name, `string`, or "" where the value is no tensor.
        shape: of the tensor.
        content: offset of the raw array within the record and its length in bytes, or None.
    """

    step: int
    tag: str = ""
    dtype: str = ""
    shape: tuple[int, ...] = ()
    content: tuple[int, int] | None = None


def file_version() -> bytes:
    """The first event of every file."""
    return _serialize(Event(wall_time=time.time(), file_version="brain.Event:2"))


def array_event(tag: str, step: int, array: npt.NDArray[np.generic]) -> bytes:
    """An event with an array, its bytes little-endian in C order in `tensor_content`.

    Raises:
        TypeError: the format has no such dtype.
    """
    if array.dtype.name not in _TYPES:
        known = ", ".join(_TYPES)
        raise TypeError(f"{tag}: dtype {array.dtype} cannot be stored; expected one of {known}")
    event, value = _event(tag, step)
    value.tensor.dtype = _TYPES[array.dtype.name]
    for size in array.shape:
        value.tensor.tensor_shape.dim.add(size=size)
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    value.tensor.tensor_content = little.tobytes()
    return _serialize(event)


def text_event(tag: str, step: int, values: Sequence[str], *, listed: bool = False) -> bytes:
    """An event with a rank-1 string tensor; `listed` makes TensorBoard's loaders keep it."""
    event, value = _event(tag, step)
    value.tensor.dtype = DT_STRING
    value.tensor.tensor_shape.dim.add(size=len(values))
    value.tensor.string_val.extend(text.encode("utf-8", "surrogateescape") for text in values)
    if listed:
        value.metadata.data_class = DATA_CLASS_TENSOR
    return _serialize(event)


def scalar_event(tag: str, step: int, scalar: float) -> bytes:
    """An event for TensorBoard's own Scalars tab: rank 0, float32."""
    event, value = _event(tag, step)
    value.metadata.plugin_data.plugin_name = "scalars"
    value.metadata.data_class = DATA_CLASS_SCALAR
    value.tensor.dtype = _TYPES["float32"]
    value.tensor.tensor_content = struct.pack("<f", scalar)
    return _serialize(event)


def parse_text(data: bytes) -> list[str]:
    """The strings of a text event."""
    tensor = Event.FromString(data).summary.value[0].tensor
    return [value.decode("utf-8", "surrogateescape") for value in tensor.string_val]


def parse_head(data: bytes) -> Head:
    """The head of an event from its first HEAD_BYTES bytes.

    Raises:
        ValueError: these are not the first bytes of an event.
    """
    step, summary = 0, None
    try:
        for number, value, start, end in _fields(data, 0, len(data)):
            if number == 2:
                step = value
            elif number == 5:
                summary = (start, end)
                break
        return Head(step) if summary is None else _parse_value(data, step, *summary)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise ValueError(f"not an event: {error}") from error


def _parse_value(data: bytes, step: int, start: int, end: int) -> Head:
    tag, dtype = "", ""
    shape: tuple[int, ...] = ()
    content: tuple[int, int] | None = None
    for number, _, value_start, value_end in _fields(data, start, end):
        if number != 1:
            continue
        for field, _, field_start, field_end in _fields(data, value_start, value_end):
            if field == 1:
                tag = data[field_start:field_end].decode("utf-8")
            elif field == 8:
                dtype, shape, content = _parse_tensor(data, field_start, field_end)
                break
        break
    return Head(step, tag, dtype, shape, content)


def _parse_tensor(
    data: bytes, start: int, end: int
) -> tuple[str, tuple[int, ...], tuple[int, int] | None]:
    dtype, content = 0, None
    shape: tuple[int, ...] = ()
    for number, value, field_start, field_end in _fields(data, start, end):
        if number == 1:
            dtype = value
        elif number == 2:
            shape = _parse_shape(data, field_start, field_end)
        elif number == 4:
            content = (field_start, field_end - field_start)
            break
        elif number > 4:
            break
    name = "string" if dtype == DataType.Value("DT_STRING") else _NAMES.get(dtype, "")
    return name, shape, content


def _parse_shape(data: bytes, start: int, end: int) -> tuple[int, ...]:
    sizes = []
    for number, _, dim_start, dim_end in _fields(data, start, end):
        if number == 2:
            fields = _fields(data, dim_start, dim_end)
            sizes.append(next((size for field, size, _, _ in fields if field == 1), 0))
    return tuple(sizes)


def _fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Fields of a message: number, varint value or 0, start and end of the field's bytes.

    `end` may lie beyond the bytes at hand: a field is yielded as soon as its own head is there.
    """
    while start < min(end, len(data)):
        key, start = _varint(data, start)
        number, kind = key >> 3, key & 7
        value = 0
        if kind == 0:
            value, stop = _varint(data, start)
        elif kind == 1:
            stop = start + 8
        elif kind == 2:
            length, start = _varint(data, start)
            stop = start + length
        elif kind == 5:
            stop = start + 4
        else:
            raise ValueError(f"not an event: wire type {kind} at byte {start}")
        yield number, value, start, stop
        start = stop


def _varint(data: bytes, start: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[start]
        start += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value - 2**64 if value >= 2**63 else value), start
        shift += 7
        if shift > 63:
            raise ValueError("not an event: a number is too long")


def _event(tag: str, step: int) -> tuple[Event, Event.summary.DESCRIPTOR]:
    event = Event(wall_time=time.time(), step=step)
    metadata = SummaryMetadata()
    metadata.plugin_data.plugin_name = PLUGIN_NAME
    value = event.summary.value.add(tag=tag, metadata=metadata)
    return event, value


def _serialize(event: Event) -> bytes:
    data: bytes = event.SerializeToString()
    return data
