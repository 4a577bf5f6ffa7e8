"""What several routes read from their parameters."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.jobs.client import JobClient, JobStatus
from tensorboard_cnnvis.server.comparison import comparison_of
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.table.compared_table import AnyTable


@dataclass(frozen=True)
class Picture:
    """The image that a model is to be run on.

    Attributes:
        parameters: `index` of a sample, or `image`, the name of the user's own.
        arrays: `image`, the user's own (height, width, channels).
    """

    parameters: Mapping[str, Any]
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


def step_of(opened: OpenRun, params: Params) -> int:
    """The asked step. Raises StoreError where it is not logged."""
    step = params.integer("step", low=-(2**31))
    opened.reader.step(step)
    return step


def index_of(opened: OpenRun, params: Params) -> int:
    """The asked sample."""
    return params.integer("index", high=opened.reader.manifest.n_samples - 1)


def picture_of(opened: OpenRun, jobs: JobClient, params: Params) -> Picture:
    """The asked sample, or the user's own image."""
    name = params.text("image", "")
    if not name:
        return Picture({"index": index_of(opened, params)})
    status = jobs.find(name) if name.isalnum() else JobStatus()
    image = status.arrays.get("input")
    if status.state != "done" or image is None:
        raise RequestError(404, "that image is no longer kept", "drop it again")
    if status.payload.get("probe") != opened.reader.manifest.probe:
        what = "that image was made an input of another run, whose size and unit may be others"
        raise RequestError(400, what, "drop it again")
    return Picture({"image": name}, {"image": image})


def table_of(runs: Runs, opened: OpenRun, params: Params) -> AnyTable:
    """The run's table; where `other` is given, with the columns of the comparison."""
    if not params.text("other", ""):
        return opened.table
    if not params.posted:
        what = "samples may be yet to be matched, and GET starts nothing"
        raise RequestError(405, what, "use POST")
    return comparison_of(runs, opened, params, "other_by").table


def check_slow(data: AnyTable, step: int, params: Params, names: Iterable[str]) -> None:
    """Raises RequestError for a GET of columns that would have to be computed: any site can ask."""
    slow = [name for name in names if data.column(name).slow]
    if not params.posted and slow and not data.pending(step).isdisjoint(slow):
        raise RequestError(
            405, f"{slow[0]} is yet to be computed, and GET starts nothing", "use POST"
        )


def in_splits(data: AnyTable, params: Params) -> npt.NDArray[np.bool_]:
    """Which samples (n_samples,) are of the asked splits; all where none is named."""
    names, known = params.names("splits"), data.column("split").values or ()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RequestError(400, f"there is no split {unknown[0]!r}", f"splits: {', '.join(known)}")
    codes = data.values("split")
    if not names:
        return np.ones(len(codes), np.bool_)
    return np.array([name in names for name in known])[codes]


def members_of(opened: OpenRun, params: Params) -> npt.NDArray[np.bool_] | None:
    """The asked set of samples, bool (n_samples,); None where none is given."""
    return decode_members(opened, "members", params.json("members"))


def decode_members(opened: OpenRun, what: str, packed: Any) -> npt.NDArray[np.bool_] | None:
    """A set of samples from its packed bits (docs/http.md); `what` it is, for the message."""
    if packed is None:
        return None
    n = opened.reader.manifest.n_samples
    expected = f"expected base64 of {(n + 7) // 8} bytes, a bit for each of {n} samples"
    try:
        data = base64.b64decode(packed, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise RequestError(400, f"{what} is no set of samples", expected) from None
    if len(data) != (n + 7) // 8:
        raise RequestError(400, f"{what} has {len(data)} bytes", expected)
    bits = np.unpackbits(np.frombuffer(data, np.uint8), count=n, bitorder="little")
    return bits.astype(np.bool_)


def class_of(opened: OpenRun, params: Params) -> int:
    """The asked class, as an index into the class names."""
    return params.integer("class", high=len(opened.reader.manifest.class_names) - 1)
