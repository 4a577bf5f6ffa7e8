"""What happened to sets of samples over the epochs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.bands import QUANTILES, bands
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import in_splits, members_of, step_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer
from tensorboard_cnnvis.store.reader import RunReader, StoreError

_BY = ("all", "label", "split", "prediction")
_OF = (schema.LOSS, schema.LABEL_SCORE, schema.MARGIN)
Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


def trajectories(runs: Runs, params: Params) -> Answer:
    """`POST trajectories`."""
    opened = runs.open(params.text("run"))
    step = step_of(opened, params)
    by, of = _one_of(params, "by", _BY), _one_of(params, "of", _OF)
    among, members = in_splits(opened.table, params), members_of(opened, params)
    codes = np.where(among if members is None else among & members, _codes(opened, by, step), -1)
    found, counts = np.unique(codes[codes >= 0], return_counts=True)
    groups = np.where(codes >= 0, np.searchsorted(found, codes), -1).astype(np.int32)
    steps = [record.step for record in opened.reader.steps]
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "steps": np.array(steps, np.int32),
        "count": counts.astype(np.int32),
    }
    spread = _bands(opened, of, groups, len(found), steps)
    arrays |= {name: spread[:, at] for at, name in enumerate(QUANTILES)}
    return columns_answer(arrays, {"groups": _names(opened, by, found.tolist()), "of": of})


POST: dict[str, Callable[[Runs, Params], Answer]] = {"trajectories": trajectories}


def _one_of(params: Params, name: str, expected: Sequence[str]) -> str:
    given = params.text(name, expected[0])
    if given not in expected:
        raise RequestError(400, f"there is no {name}={given!r}", f"expected {', '.join(expected)}")
    return given


def _codes(opened: OpenRun, by: str, step: int) -> Codes:
    """The group of every sample, -1 for none."""
    if by == "all":
        return np.zeros(opened.reader.manifest.n_samples, np.int32)
    return opened.table.values(by, step)


def _names(opened: OpenRun, by: str, codes: Sequence[int]) -> list[str] | list[int]:
    if by == "all":
        return ["all" for _ in codes]
    if by == "split":
        return [opened.reader.manifest.splits[code].name for code in codes]
    return list(codes)


def _bands(opened: OpenRun, of: str, groups: Codes, n_groups: int, steps: Sequence[int]) -> Floats:
    """Float32 (n_groups, len(QUANTILES), n_steps)."""
    reader = opened.reader

    def make() -> Floats:
        found = [_bands_of(reader, of, groups, n_groups, step) for step in steps]
        return np.stack(found, axis=2).transpose(1, 0, 2)

    epochs = tuple((step, reader.attempt(step)) for step in steps)
    digest = hashlib.blake2b(groups.tobytes()).digest()
    return opened.table.kept(("bands", of, digest, epochs), steps[-1], make)


def _bands_of(reader: RunReader, of: str, groups: Codes, n_groups: int, step: int) -> Floats:
    try:
        return bands(reader.array(of, step), groups, n_groups)
    except StoreError:  # damaged; the notices tell
        return np.full((len(QUANTILES), n_groups), np.nan, np.float32)
