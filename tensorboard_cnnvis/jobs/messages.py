"""What TensorBoard's process and the worker tell each other over two pipes.

A message is 8 bytes little-endian length, a header in JSON, and the arrays' raw bytes one after
another. Towards the worker go `run`, `cancel` and `warm`; back come `progress` (with a preview)
and one of `done`, `failed`, `cancelled`, or `warmed`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]
_VERSION = 2  # of the results: a change of what a job computes changes it


@dataclass(frozen=True)
class Subject:
    """Whose vectors a job works on.

    Attributes:
        directory: absolute path of the run's record.
        probe: the manifest's hash of the samples.
        record: names the record of the step among all: attempt and time; "" for the inputs.
        step: epoch; -1 for the inputs.
        source: `inputs` or a layer's path.
    """

    directory: str
    probe: str
    record: str
    step: int
    source: str


@dataclass(frozen=True)
class JobRequest:
    """A job: its kind (`tsne`, `umap`, `duplicates`), its vectors, its parameters."""

    kind: str
    subject: Subject
    parameters: Mapping[str, Any]

    @property
    def job(self) -> str:
        """The job's name, made of its content: where the record lies is no part of it."""
        content = dataclasses.asdict(self)
        del content["subject"]["directory"]
        text = json.dumps([_VERSION, content], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Result:
    """What a job made: small values for JSON, and arrays."""

    payload: Mapping[str, Any]
    arrays: Arrays


@dataclass(frozen=True)
class Message:
    """One message; `job` is empty for `warm` and `warmed`."""

    kind: str
    job: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    arrays: Arrays = field(default_factory=dict)


def run_message(request: JobRequest) -> Message:
    """Asks the worker for a job."""
    return Message("run", request.job, dataclasses.asdict(request))


def requested(message: Message) -> JobRequest:
    """What a `run` message asks for."""
    payload = message.payload
    return JobRequest(payload["kind"], Subject(**payload["subject"]), payload["parameters"])


def send(stream: BinaryIO, message: Message) -> None:
    """Writes a message. Raises OSError or ValueError when the other side is gone."""
    arrays = {name: np.ascontiguousarray(array) for name, array in message.arrays.items()}
    header = {
        "kind": message.kind,
        "job": message.job,
        "payload": dict(message.payload),
        "arrays": [[name, item.dtype.str, item.shape] for name, item in arrays.items()],
    }
    text = json.dumps(header).encode()
    parts = [struct.pack("<Q", len(text)), text, *(item.tobytes() for item in arrays.values())]
    stream.write(b"".join(parts))
    stream.flush()


def receive(stream: BinaryIO) -> Message | None:
    """The next message; None at the end of the stream, even in the middle of a message."""
    start = stream.read(8)
    if len(start) < 8:
        return None
    (length,) = struct.unpack("<Q", start)
    text = stream.read(length)
    if len(text) < length:
        return None
    header = json.loads(text)
    arrays = {}
    for name, kind, shape in header["arrays"]:
        dtype = np.dtype(kind)
        size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        data = stream.read(size)
        if len(data) < size:
            return None
        arrays[name] = np.frombuffer(data, dtype).reshape(shape)
    return Message(header["kind"], header["job"], header["payload"], arrays)
