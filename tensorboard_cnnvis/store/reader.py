"""A run's record as one: attempts merged, arrays read on demand, a file being written followed."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.index import EventFile, StoreError
from tensorboard_cnnvis.store.inputs import Inputs
from tensorboard_cnnvis.store.models import model_file
from tensorboard_cnnvis.store.records import Problem
from tensorboard_cnnvis.store.writer import EVENT_FILE, part_tag

_LIVE_SECONDS = 180.0
__all__ = ["Problem", "RunReader", "StoreError"]


@dataclass
class _Attempt:
    """One event file and what of it is readable."""

    name: str
    file: EventFile
    manifest: schema.Manifest | None
    steps: dict[int, schema.StepRecord]


@dataclass(frozen=True)
class HiddenAttempt:
    """An attempt that is left out: it has other samples, or another number of classes."""

    attempt: str
    n_steps: int


class RunReader:
    """Reads `directory` (the one that holds the event files). All methods are thread-safe."""

    def __init__(self, directory: Path) -> None:
        """Indexes what is there. Raises StoreError when there is no readable attempt."""
        self.directory = directory
        self._lock = threading.RLock()
        self._attempts: dict[str, _Attempt] = {}
        self._version = 0
        self._trouble: dict[tuple[str, int], Problem] = {}
        self._steps: dict[int, _Attempt] = {}
        self._inputs: tuple[schema.InputInfo, Inputs] | None = None
        self.refresh()
        if not any(attempt.manifest for attempt in self._attempts.values()):
            raise StoreError(f"no record in {directory.name!r} yet{self._why()}")

    def refresh(self) -> int:
        """Takes in what was written since; returns a number that grows when anything changed."""
        with self._lock:
            if any([self._follow_files(), *map(self._follow, self._attempts.values())]):
                self._merge()
                self._version += 1
            return self._version

    @property
    def manifest(self) -> schema.Manifest:
        """The newest attempt's manifest."""
        with self._lock:
            manifest = self._newest().manifest
        if manifest is None:
            raise StoreError("the record has no manifest")
        return manifest

    @property
    def steps(self) -> tuple[schema.StepRecord, ...]:
        """The complete steps in order; where attempts overlap, those of the newest."""
        with self._lock:
            return tuple(self._steps[step].steps[step] for step in sorted(self._steps))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Damage found so far."""
        with self._lock:
            found = [
                problem for attempt in self._attempts.values() for problem in attempt.file.problems
            ]
            return (*found, *self._trouble.values())

    @property
    def hidden(self) -> tuple[HiddenAttempt, ...]:
        """Attempts that cannot stand in one series with the newest."""
        with self._lock:
            series = _series(self.manifest)
            return tuple(
                HiddenAttempt(attempt.name, len(attempt.steps))
                for attempt in self._attempts.values()
                if attempt.manifest is not None and _series(attempt.manifest) != series
            )

    def attempt(self, step: int) -> str:
        """The attempt that wrote a step."""
        return self._attempt_of(step).name

    def manifest_of(self, step: int) -> schema.Manifest:
        """The manifest of the attempt that wrote a step: its model may have been another."""
        return self._attempt_of(step).manifest or self.manifest

    def step(self, step: int) -> schema.StepRecord:
        """A step's record. Raises StoreError when the step is not logged."""
        return self._attempt_of(step).steps[step]

    def has(self, name: str, step: int | None = None) -> bool:
        """Whether an array was logged at a step, or once a run."""
        with self._lock:
            attempt = self._newest() if step is None else self._steps.get(step)
            return attempt is not None and (part_tag(name, 0), step or 0) in attempt.file

    def array(self, name: str, step: int | None = None) -> npt.NDArray[Any]:
        """An array logged at a step, or once a run where `step` is None.

        Raises:
            StoreError: it was not logged, or is damaged.
        """
        with self._lock:
            file, at, parts = self._locate(name, step)
        chunks = [file.array(part_tag(name, part), at) for part in range(parts)]
        return chunks[0] if parts == 1 else np.concatenate(chunks)

    def row(self, name: str, step: int | None, row: int) -> npt.NDArray[Any]:
        """One row of an array; only it is read."""
        found = self.rows(name, step, row, row + 1)
        if not len(found):
            raise StoreError(f"{name!r} has no row {row}")
        return np.asarray(found[0])

    def rows(self, name: str, step: int | None, start: int, stop: int) -> npt.NDArray[Any]:
        """Rows `start` to `stop` of an array, as far as there are; only these are read."""
        with self._lock:
            file, at, parts = self._locate(name, step)
        found: list[npt.NDArray[Any]] = []
        first = 0
        for part in range(parts):
            tag = part_tag(name, part)
            count = file.entry(tag, at).head.shape[0]
            low, high = max(0, start - first), min(count, stop - first)
            if low < high or (part == parts - 1 and not found):
                found.append(file.rows(tag, at, low, max(low, high)))
            first += count
        return found[0] if len(found) == 1 else np.concatenate(found)

    def strings(self, name: str) -> list[str]:
        """A column of text that was written once a run."""
        with self._lock:
            file, at, _ = self._locate(name, None)
            return file.text(part_tag(name, 0), at)

    def inputs(self) -> Inputs:
        """The probe set's inputs. Raises StoreError when their file is missing or damaged."""
        info = self.manifest.input
        with self._lock:
            if self._inputs is None or self._inputs[0] != info:
                try:
                    self._inputs = info, Inputs(self.directory, info)
                except (OSError, ValueError) as error:
                    raise StoreError(f"the inputs {info.file!r} cannot be read: {error}") from error
            return self._inputs[1]

    def model_path(self, step: int) -> Path | None:
        """The model kept of a step, or None."""
        path = self.directory / model_file(self._attempt_of(step).name, step)
        return path if path.is_file() else None

    def live(self) -> bool:
        """Whether more epochs are to be expected.

        The newest attempt has not noted its end, and was written within the last three minutes or
        three times its longest pause between two epochs.
        """
        with self._lock:
            attempt = self._newest()
            times = [attempt.steps[step].wall_time for step in sorted(attempt.steps)]
        if (schema.END_TAG, 0) in attempt.file:
            return False
        longest = max(np.diff(times), default=0.0)
        try:
            written = attempt.file.path.stat().st_mtime
        except OSError:
            return False
        return time.time() - written < max(_LIVE_SECONDS, 3 * longest)

    def _follow_files(self) -> bool:
        try:
            found = {
                match[1]: path
                for path in self.directory.iterdir()
                if (match := EVENT_FILE.fullmatch(path.name))
            }
        except OSError:
            found = {}
        gone = {name for name, attempt in self._attempts.items() if attempt.file.replaced()}
        gone |= self._attempts.keys() - found.keys()
        for name in gone:
            del self._attempts[name]
        new = sorted(found.keys() - self._attempts.keys())
        for name in new:
            self._attempts[name] = _Attempt(name, EventFile(found[name]), None, {})
        return bool(gone or new)

    def _follow(self, attempt: _Attempt) -> bool:
        """Takes in new records of an attempt; tells whether its steps or manifest changed."""
        changed = False
        for tag, step in attempt.file.refresh():
            if not tag.startswith(schema.ARRAY_PREFIX):
                changed |= self._take(attempt, tag, step)
        return changed

    def _take(self, attempt: _Attempt, tag: str, step: int) -> bool:
        if tag == schema.END_TAG:
            return True
        try:
            text = attempt.file.text(tag, step)[0]
            if tag == schema.MANIFEST_TAG:
                attempt.manifest = schema.parse_manifest(text)
                return True
            record = schema.parse_step(text)
            self._check_complete(attempt.file, record)
        except (StoreError, schema.FormatError, IndexError) as error:
            problem = Problem(attempt.file.path.name, 0, f"{tag} at step {step}: {error}")
            self._trouble[attempt.name + tag, step] = problem
            return True
        attempt.steps[step] = record
        return True

    @staticmethod
    def _check_complete(file: EventFile, record: schema.StepRecord) -> None:
        for name, info in record.arrays.items():
            for part in range(info.parts):
                file.entry(part_tag(name, part), record.step)

    def _merge(self) -> None:
        """Lets the newest attempt win from its first step on."""
        merged: dict[int, _Attempt] = {}
        readable = [item for _, item in sorted(self._attempts.items()) if item.manifest]
        series = _series(self.manifest) if readable else None
        for attempt in readable:
            if attempt.manifest is None or _series(attempt.manifest) != series:
                continue
            first = min(attempt.steps, default=None)
            if first is not None:
                merged = {step: owner for step, owner in merged.items() if step < first}
            merged.update(dict.fromkeys(attempt.steps, attempt))
        self._steps = merged

    def _newest(self) -> _Attempt:
        readable = [name for name, attempt in self._attempts.items() if attempt.manifest]
        if not readable:
            raise StoreError(f"the record in {self.directory.name!r} is gone")
        return self._attempts[max(readable)]

    def _attempt_of(self, step: int) -> _Attempt:
        with self._lock:
            if step in self._steps:
                return self._steps[step]
            logged = sorted(self._steps)
        known = f"logged are {logged[0]} to {logged[-1]}" if logged else "none is logged yet"
        raise StoreError(f"epoch {step} is not logged; {known}")

    def _locate(self, name: str, step: int | None) -> tuple[EventFile, int, int]:
        """File, step and number of parts of an array."""
        if step is not None:
            attempt = self._attempt_of(step)
            info = attempt.steps[step].arrays.get(name)
            if info is None:
                raise StoreError(f"{name!r} is not logged at epoch {step}")
            return attempt.file, step, info.parts
        file, parts = self._newest().file, 0
        while (part_tag(name, parts), 0) in file:
            parts += 1
        if parts == 0:
            raise StoreError(f"the record has no {name!r}")
        return file, 0, parts

    def _why(self) -> str:
        return "".join(f"; {problem.file}: {problem.what}" for problem in self.problems)


def _series(manifest: schema.Manifest) -> tuple[str, int]:
    """What attempts share whose epochs are those of one run; names of classes may change."""
    return manifest.probe, len(manifest.class_names)
