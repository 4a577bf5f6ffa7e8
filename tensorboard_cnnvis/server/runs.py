"""The runs that TensorBoard lists, opened on first use and followed from then on."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.jobs.client import JobClient
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.projections import Projections
from tensorboard_cnnvis.store.reader import RunReader, StoreError
from tensorboard_cnnvis.table.sample_table import SampleTable
from tensorboard_cnnvis.table.slow_columns import SlowColumns

_OPEN_RUNS = 32
_REFRESH_SECONDS = 0.5


class OpenRun:
    """One run: its record, its table and its projections.

    Attributes:
        run: TensorBoard's name of it.
        reader: the record on disk.
    """

    def __init__(self, run: str, directory: Path, slow: Callable[[OpenRun], SlowColumns]) -> None:
        """`slow` gives who computes the slow columns.

        Raises:
            StoreError: the directory holds no readable record.
        """
        self.run = run
        self._slow = slow(self)
        self.reader = RunReader(directory)
        self._refreshed = time.monotonic()
        self._lock = threading.Lock()
        self._table: tuple[str, SampleTable, Projections] | None = None

    @property
    def name(self) -> str:
        """What the page shows: without our own subdirectory."""
        return shown_name(self.run)

    @property
    def table(self) -> SampleTable:
        """The table of the newest attempt."""
        return self._current()[1]

    @property
    def projections(self) -> Projections:
        """The projections of the newest attempt's samples."""
        return self._current()[2]

    def refresh(self) -> None:
        """Takes in what was written, at most twice a second."""
        with self._lock:
            if time.monotonic() - self._refreshed < _REFRESH_SECONDS:
                return
            self._refreshed = time.monotonic()
        self.reader.refresh()

    def _current(self) -> tuple[str, SampleTable, Projections]:
        attempt = self.reader.manifest.attempt
        with self._lock:
            if self._table is None or self._table[0] != attempt:
                self._table = (
                    attempt,
                    SampleTable(self.reader, self._slow),
                    Projections(self.reader),
                )
            return self._table


class OpenRuns:
    """The runs opened last; the others are closed."""

    def __init__(
        self,
        locate: Callable[[str], Path | None],
        slow: Callable[[OpenRun], SlowColumns],
    ) -> None:
        """`locate` gives the directory of a run that TensorBoard lists, `slow` as `OpenRun` has."""
        self._locate = locate
        self._slow = slow
        self._lock = threading.Lock()
        self._open: OrderedDict[str, OpenRun] = OrderedDict()

    def get(self, run: str) -> OpenRun:
        """A run, opened where it is not. Raises StoreError when its record cannot be read."""
        with self._lock:
            opened = self._open.get(run)
            if opened is None:
                directory = self._locate(run)
                if directory is None or not directory.is_dir():
                    raise StoreError(f"{run!r} is not in a local directory; copy its log here")
                opened = self._open[run] = OpenRun(run, directory, self._slow)
            self._open.move_to_end(run)
            while len(self._open) > _OPEN_RUNS:
                self._open.popitem(last=False)
            return opened


class Runs:
    """The runs as one request sees them.

    Args:
        listed: gives the names of the runs that hold our manifest, as TensorBoard knows them.
        opened: the runs that are open.
        jobs: long work, in a process of its own.
    """

    def __init__(
        self, listed: Callable[[], Iterable[str]], opened: OpenRuns, jobs: JobClient
    ) -> None:
        self.jobs = jobs
        self._listed = listed
        self._opened = opened

    def names(self) -> list[str]:
        """All listed runs, sorted."""
        return sorted(self._listed())

    def open(self, run: str) -> OpenRun:
        """An open run, followed to its end.

        Raises:
            RequestError: TensorBoard lists no such run, so no path is ever made of the name.
            StoreError: its record cannot be read.
        """
        names = self.names()
        if run not in names:
            known = ", ".join(names) or "none yet"
            what = f"there is no run {run!r} with a CNN Vis record"
            raise RequestError(404, what, f"runs with one: {known}")
        opened = self._opened.get(run)
        opened.refresh()
        return opened


def shown_name(run: str) -> str:
    """`exp1` for `exp1/cnnvis`, `.` for a record in the logdir itself."""
    if run == schema.SUBDIRECTORY:
        return "."
    return run.removesuffix(f"/{schema.SUBDIRECTORY}")
