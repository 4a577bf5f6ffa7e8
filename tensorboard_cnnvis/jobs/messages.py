"""What TensorBoard's process and the worker tell each other over two pipes.

A message is 8 bytes little-endian length, a header in JSON, and the arrays' raw bytes one after
another. Towards the worker go `run`, `cancel` and `warm`; back come `progress` (with a preview),
`kept` (a result of the job's series) and one of `done`, `failed`, `cancelled`, or `warmed`.
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
_VERSION = 5  # of the results: a change of what a job computes changes it
MODELS = "models"
ALIGNED = "aligned_"  # before a method's name: over the epochs
_OF_MODELS = {
    "kernels", "activations", "attribution", "attribution_sheet", "deletion", "own_image",
    "embedding",
}  # fmt: skip
ASKED_BY_NAME = {"own_image"}  # kinds whose results are read by other jobs, which cannot make them
_REQUEST = ("kind", "subject", "parameters")


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
class Settings:
    """What the user lets the worker do, from the flags of TensorBoard; never of a request.

    Attributes:
        import_modules: imported before a model is loaded.
        unsafe_models: whether code in a model's file may run.
        gpu_memory_mb: hard limit; None lets the memory of a GPU grow as needed.
        device: `auto` or `cpu`.
    """

    import_modules: tuple[str, ...] = ()
    unsafe_models: bool = False
    gpu_memory_mb: int | None = None
    device: str = "auto"


USUAL = Settings()


@dataclass(frozen=True)
class JobRequest:
    """A job.

    Attributes:
        kind: the module below `jobs` that does it.
        subject: what it works on.
        parameters: of its kind.
        arrays: which it needs besides; something in `parameters` tells them from others.
        series: results that it makes on its way, each under a name of its own: name and step,
            the oldest first. It goes on after the newest of them that is known, whose arrays it
            is given.
        background: gives way to others: it then waits anew, and goes on where it was.
    """

    kind: str
    subject: Subject
    parameters: Mapping[str, Any]
    arrays: Arrays = field(default_factory=dict)
    series: tuple[tuple[str, int], ...] = ()
    background: bool = False

    @property
    def job(self) -> str:
        """The job's name, made of its content: where the record lies is no part of it."""
        text = json.dumps([_VERSION, _content(self, without="directory")], sort_keys=True)
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
    payload = {**_content(request), "series": request.series}
    return Message("run", request.job, payload, request.arrays)


def failed(what: str, job: str = "", *, exhausted: bool = False) -> Message:
    """What the worker would say if it could; `exhausted` where it must be replaced."""
    hint = "ask again; if it fails again ask for less, for memory may have run out"
    return Message("failed", job, {"error": what, "hint": hint, "exhausted": exhausted})


def requested(message: Message) -> JobRequest:
    """What a `run` message asks for."""
    kind, subject, parameters = (message.payload[name] for name in _REQUEST)
    series = tuple((name, step) for name, step in message.payload.get("series", ()))
    return JobRequest(kind, Subject(**subject), parameters, message.arrays, series)


def code_of(kind: str) -> str:
    """The kind whose code a job needs to have loaded: all that run a model need the same."""
    return MODELS if kind in _OF_MODELS else kind.removeprefix(ALIGNED)


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


def _content(request: JobRequest, without: str = "") -> dict[str, Any]:
    subject = {
        name: value
        for name, value in dataclasses.asdict(request.subject).items()
        if name != without
    }
    return dict(zip(_REQUEST, (request.kind, subject, dict(request.parameters)), strict=True))
