"""What a kind of job is given in the worker, and how it ends early."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tensorboard_cnnvis.jobs.messages import Arrays, Subject
from tensorboard_cnnvis.store.reader import RunReader


class JobError(Exception):
    """A job that cannot be done as it was asked; `hint` says what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class CancelledError(Exception):
    """The page no longer wants the result."""


@dataclass(frozen=True)
class Task:
    """One job.

    Attributes:
        subject: whose vectors.
        parameters: of its kind.
        report: tells the share that is done, in [0, 1], and a preview, if any; raises
            CancelledError. To be called a few times a second at least.
        due: whether a report would be sent on, so that no preview is made in vain.
    """

    subject: Subject
    parameters: Mapping[str, Any]
    report: Callable[[float, Arrays], None]
    due: Callable[[], bool]

    def reader(self) -> RunReader:
        """The run's record, opened anew: results do not depend on what was done before."""
        return RunReader(Path(self.subject.directory))

    def share(self, low: float, high: float) -> Callable[[float], None]:
        """A report of a part of the work that takes the progress from `low` to `high`."""
        return lambda done: self.report(low + (high - low) * done, {})
