"""A run beside another one, or beside another of its epochs, as requests name them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.store.array_cache import ArrayCache
from tensorboard_cnnvis.store.reader import RunReader, StoreError
from tensorboard_cnnvis.table.compared_table import ComparedTable
from tensorboard_cnnvis.table.matching import (
    AUTO,
    POSITION,
    MatchError,
    Matching,
    Record,
    match_samples,
    read_hashes,
)

_HASH_BYTES = 32 * 2**20  # four million samples
_MATCHING_BYTES = 32 * 2**20


class Comparison:
    """What a request compares.

    Attributes:
        opened: the run.
        other: what it is compared with; may be the same.
        other_step: its epoch.
        matching: their samples.
        table: the run's table with the columns of the comparison.
    """

    def __init__(self, opened: OpenRun, other: OpenRun, other_step: int, by: str) -> None:
        """Raises RequestError where the samples or the classes cannot be matched."""
        self.opened, self.other, self.other_step = opened, other, other_step
        _check_step(other, other_step)
        try:
            self.matching = _MATCHINGS.get(opened, other, by)
            # `by` as asked: what it was matched by may be a column called like a way
            key = (_names(other), other.reader.attempt(other_step), other_step, by)
            self.table = ComparedTable(opened.table, other.table, other_step, self.matching, key)
        except MatchError as error:
            raise RequestError(400, str(error), error.hint) from error
        except ValueError as error:
            hint = "give classes names of their own, the same in both runs"
            raise RequestError(400, str(error), hint) from error


def comparison_of(runs: Runs, opened: OpenRun, params: Params, by: str) -> Comparison:
    """The asked comparison; `by` is the parameter that tells how samples are matched.

    Raises:
        RequestError: no such run or step, or the samples cannot be matched.
    """
    other = runs.open(params.text("other"))
    other_step = params.integer("other_step", low=-(2**31))
    return Comparison(opened, other, other_step, params.text(by, AUTO))


class _Matchings:
    """The matchings and image hashes that were needed last; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hashes = ArrayCache(_HASH_BYTES)
        self._kept: OrderedDict[Hashable, Matching] = OrderedDict()

    def get(self, run: OpenRun, other: OpenRun, by: str) -> Matching:
        """Their samples matched; once, where two requests come at the same time."""
        key = (_names(run), _names(other), by)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                same = run is other and by == AUTO
                found = match_samples(
                    _record(run), _record(other), POSITION if same else by, self._hashes_of
                )
                self._keep(key, found)
            self._kept.move_to_end(key)
            return found

    def _keep(self, key: Hashable, new: Matching) -> None:
        self._kept[key] = new
        size = sum(item.nbytes for item in self._kept.values())
        while size > _MATCHING_BYTES and len(self._kept) > 1:
            size -= self._kept.popitem(last=False)[1].nbytes

    def _hashes_of(self, reader: RunReader) -> npt.NDArray[np.int64]:
        key = (str(reader.directory), reader.manifest.input.file)
        return self._hashes.get(key, lambda: read_hashes(reader))


_MATCHINGS = _Matchings()


def _check_step(other: OpenRun, step: int) -> None:
    try:
        other.reader.step(step)
    except StoreError as error:
        what = f"{other.name!r} cannot be compared at epoch {step}: {error}"
        raise RequestError(400, what, "take an epoch that it has logged") from error


def _names(run: OpenRun) -> tuple[str, str]:
    """Names a record and the attempt whose samples it shows."""
    return str(run.reader.directory), run.reader.manifest.attempt


def _record(run: OpenRun) -> Record:
    return Record(run.name, run.reader, run.table)
