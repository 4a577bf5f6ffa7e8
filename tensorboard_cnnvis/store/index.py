"""Byte-offset index over one event file that may still be written."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store import events, records
from tensorboard_cnnvis.store.records import Problem, Span

_OWN_TAGS = (schema.ARRAY_PREFIX, schema.MANIFEST_TAG, schema.STEP_TAG, schema.END_TAG)


class StoreError(Exception):
    """A record that is not there or cannot be read; says which and why."""


@dataclass(frozen=True)
class Entry:
    """Where an event of ours lies and what its head tells."""

    span: Span
    head: events.Head


class EventFile:
    """One event file: (tag, step) -> Entry, and arrays read on demand.

    The file stays open, so that it can be read to its end after it was deleted or rotated.

    Attributes:
        path: the file.
        problems: damage found so far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._entries: dict[tuple[str, int], Entry] = {}
        self._verified: set[int] = set()
        self._resume = 0
        self._damaged = False

    def __del__(self) -> None:
        if hasattr(self, "_fd"):
            os.close(self._fd)

    def refresh(self) -> list[tuple[str, int]]:
        """Indexes what was appended since the last call and returns its keys."""
        if self._damaged:
            return []
        spans, self._resume, problem = records.scan(self._fd, self.path.name, self._resume)
        if problem is not None:
            self._damaged = True
            self.problems.append(problem)
        added = (self._add(span) for span in spans)
        return [key for key in added if key is not None]

    def replaced(self) -> bool:
        """Whether another file, or a shorter one, now lies at the path."""
        try:
            now = self.path.stat()
        except OSError:
            return True
        return now.st_ino != os.fstat(self._fd).st_ino or now.st_size < self._resume

    def __contains__(self, key: tuple[str, int]) -> bool:
        return key in self._entries

    def entry(self, tag: str, step: int) -> Entry:
        """Where an event lies. Raises StoreError when it does not exist."""
        try:
            return self._entries[tag, step]
        except KeyError:
            raise StoreError(f"{self.path.name} has no record {tag!r} at step {step}") from None

    def text(self, tag: str, step: int) -> list[str]:
        """The strings of a text event."""
        entry = self.entry(tag, step)
        self._verify(entry, tag)
        return events.parse_text(os.pread(self._fd, entry.span.length, entry.span.offset))

    def array(self, tag: str, step: int) -> npt.NDArray[Any]:
        """A whole array, in memory of its own."""
        entry = self.entry(tag, step)
        count = entry.head.shape[0] if entry.head.shape else 1
        return self.rows(tag, step, 0, count).reshape(entry.head.shape)

    def rows(self, tag: str, step: int, start: int, stop: int) -> npt.NDArray[Any]:
        """Rows `start` to `stop` of an array; only these are read, after one check of the CRC."""
        entry = self.entry(tag, step)
        self._verify(entry, tag)
        dtype = np.dtype(entry.head.dtype).newbyteorder("<")
        shape = entry.head.shape or (1,)
        row_bytes = math.prod(shape[1:]) * dtype.itemsize
        array = np.empty((max(0, stop - start), *shape[1:]), dtype)
        if array.size and entry.head.content is not None:
            offset = entry.span.offset + entry.head.content[0] + start * row_bytes
            buffer = array.reshape(-1).view(np.uint8).data
            records.read_into(self._fd, buffer, offset)
        return array

    def _add(self, span: Span) -> tuple[str, int] | None:
        data = os.pread(self._fd, min(span.length, events.HEAD_BYTES), span.offset)
        try:
            head = events.parse_head(data)
        except ValueError as error:
            self.problems.append(Problem(self.path.name, span.offset, str(error)))
            return None
        if not head.tag.startswith(_OWN_TAGS):
            return None
        if not self._consistent(head, span):
            what = f"the head of {head.tag!r} at step {head.step} is damaged"
            self.problems.append(Problem(self.path.name, span.offset, what))
            return None
        self._entries[head.tag, head.step] = Entry(span, head)
        return head.tag, head.step

    @staticmethod
    def _consistent(head: events.Head, span: Span) -> bool:
        """Whether dtype, shape and the array's bytes agree and lie inside the record."""
        if head.dtype in ("", "string"):
            return head.dtype == "string"
        start, length = head.content or (0, 0)
        expected = math.prod(head.shape) * np.dtype(head.dtype).itemsize
        return length == expected and start + length <= span.length

    def _verify(self, entry: Entry, tag: str) -> None:
        if entry.span.offset in self._verified:
            return
        if not records.intact(self._fd, entry.span):
            what = f"{tag!r} at step {entry.head.step} is damaged: its checksum does not match"
            problem = Problem(self.path.name, entry.span.offset, what)
            if problem not in self.problems:
                self.problems.append(problem)
            raise StoreError(f"{self.path.name}, byte {entry.span.offset}: {what}")
        self._verified.add(entry.span.offset)
