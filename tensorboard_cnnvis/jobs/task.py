"""What a kind of job is given in the worker, and how it ends early."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tensorboard_cnnvis.jobs.messages import USUAL, Arrays, Result, Settings, Subject
from tensorboard_cnnvis.store.reader import RunReader


class JobError(Exception):
    """A job that cannot be done as it was asked; `hint` says what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class CancelledError(Exception):
    """The page no longer wants the result."""


class Report(Protocol):
    """See `Task.report`."""

    def __call__(self, share: float, arrays: Arrays, payload: Mapping[str, Any] = ..., /) -> None:
        """Tells how far the job has come."""


@dataclass(frozen=True)
class Task:
    """One job.

    Attributes:
        subject: whose vectors, or which model.
        parameters: of its kind.
        report: tells the share that is done, in [0, 1], and a preview, if any, with its small
            values; raises CancelledError. To be called a few times a second at least.
        due: whether a report would be sent on, so that no preview is made in vain.
        arrays: that came with the request.
        settings: of the worker.
        series: name and step of the results to be made on the way; where there are arrays, they
            are those of the first one, which is made already.
        keep: hands over one of them by its name.
    """

    subject: Subject
    parameters: Mapping[str, Any]
    report: Report
    due: Callable[[], bool]
    arrays: Arrays = field(default_factory=dict)
    settings: Settings = USUAL
    series: tuple[tuple[str, int], ...] = ()
    keep: Callable[[str, Result], None] = lambda name, result: None

    def reader(self) -> RunReader:
        """The run's record, opened anew: results do not depend on what was done before."""
        return RunReader(Path(self.subject.directory))

    def share(self, low: float, high: float) -> Callable[[float], None]:
        """A report of a part of the work that takes the progress from `low` to `high`."""
        return lambda done: self.report(low + (high - low) * done, {})
