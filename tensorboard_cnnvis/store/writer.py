"""Appends a run's record to an event file of its own."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store import events, records

EVENT_FILE = re.compile(r"events\.out\.tfevents\.(\d{13})\.cnnvis")


class RunWriter:
    """The event file of one attempt at training.

    Every record is handed to the operating system whole before the next begins, so that a killed
    process loses at most the record it was writing.

    Attributes:
        directory: where the file lies, `log_dir/cnnvis`.
        attempt: 13 digits; sorts behind every attempt that is already there.
    """

    def __init__(self, log_dir: str | os.PathLike[str], *, attempt: str | None = None) -> None:
        """Creates the directory and the file.

        Raises:
            ValueError: `log_dir` cannot be written.
        """
        self.directory = Path(log_dir) / schema.SUBDIRECTORY
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self.attempt = attempt or _next_attempt(self.directory)
            self._path = self.directory / f"events.out.tfevents.{self.attempt}.cnnvis"
            self._fd = os.open(
                self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644
            )
        except OSError as error:
            raise ValueError(
                f"log_dir {str(log_dir)!r} cannot be written: {error.strerror}; give a directory"
                " that this process may create and write"
            ) from error
        self._arrays: dict[int, dict[str, schema.ArrayInfo]] = {}
        try:
            records.append(self._fd, events.file_version())
        except OSError:
            self.discard()
            raise

    def array(self, name: str, values: npt.NDArray[np.generic], step: int | None = None) -> None:
        """Writes an array under a name of `schema`, in row chunks of at most 64 MB.

        Without a `step` it is one of those that are written once, before the manifest.
        """
        values = np.asarray(values)
        row_bytes = max(1, values.nbytes // max(1, len(values))) if values.ndim else values.nbytes
        rows = max(1, schema.MAX_RECORD_BYTES // max(1, row_bytes))
        count = len(values) if values.ndim else 1
        parts = max(1, -(-count // rows))
        for part in range(parts):
            chunk = values[part * rows : (part + 1) * rows] if values.ndim else values
            tag = part_tag(name, part)
            records.append(self._fd, events.array_event(tag, step or 0, chunk))
        if step is not None:
            info = schema.ArrayInfo(values.dtype.name, values.shape, parts)
            self._arrays.setdefault(step, {})[name] = info

    def strings(self, name: str, values: Sequence[str]) -> None:
        """Writes a column of text, once, before the manifest."""
        records.append(self._fd, events.text_event(part_tag(name, 0), 0, values))

    def manifest(self, manifest: schema.Manifest) -> None:
        """Writes the manifest, which makes the run readable: the once-a-run arrays come before."""
        text = schema.dump(dataclasses.replace(manifest, attempt=self.attempt))
        records.append(self._fd, events.text_event(schema.MANIFEST_TAG, 0, [text], listed=True))

    def scalar(self, tag: str, value: float, step: int) -> None:
        """Writes a number for TensorBoard's own Scalars tab."""
        records.append(self._fd, events.scalar_event(tag, step, value))

    def commit(self, record: schema.StepRecord) -> None:
        """Makes a step visible: writes its record, which lists the arrays written for it."""
        listed = dataclasses.replace(record, arrays=self._arrays.pop(record.step, {}))
        text = schema.dump(listed)
        records.append(self._fd, events.text_event(schema.STEP_TAG, record.step, [text]))

    def end(self) -> None:
        """Notes that training ended as planned: the page stops waiting for more epochs."""
        records.append(self._fd, events.text_event(schema.END_TAG, 0, ["ended"]))

    def removed(self) -> bool:
        """Whether the file was taken from its place: what is written now would be lost."""
        try:
            there = self._path.stat()
        except OSError:
            return True
        return not os.path.samestat(os.fstat(self._fd), there)

    def discard(self) -> None:
        """Closes the file and removes it: without a manifest it is of no use."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Closes the file; further writes fail."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def part_tag(name: str, part: int) -> str:
    """The tag of the `part`-th row chunk of an array."""
    return f"{schema.ARRAY_PREFIX}{name}" + (f";part={part}" if part else "")


def _next_attempt(directory: Path) -> str:
    names = (EVENT_FILE.fullmatch(path.name) for path in directory.iterdir())
    newest = max((int(match[1]) for match in names if match), default=0)
    return f"{max(int(time.time() * 1000), newest + 1):013d}"
