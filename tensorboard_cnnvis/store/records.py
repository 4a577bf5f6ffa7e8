"""TFRecord framing: length, masked CRC32C of the length, data, masked CRC32C of the data."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import Any

import google_crc32c

HEADER_BYTES = 12
FOOTER_BYTES = 4
_READ_BYTES = 2**20
_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")


@dataclass(frozen=True)
class Span:
    """Where a record's data lies in its file, in bytes."""

    offset: int
    length: int


@dataclass(frozen=True)
class Problem:
    """Something in a file that could not be read, and what follows from it."""

    file: str
    offset: int
    what: str


def append(fd: int, data: bytes) -> None:
    """Appends one record at the end of `fd`; a write that fails is taken back whole."""
    start = os.lseek(fd, 0, os.SEEK_END)
    length = _LENGTH.pack(len(data))
    pieces = (length + _CRC.pack(_masked(length)), data, _CRC.pack(_masked(data)))
    try:
        for piece in pieces:
            _write_all(fd, piece)
    except OSError:
        os.ftruncate(fd, start)
        raise


def scan(fd: int, name: str, start: int) -> tuple[list[Span], int, Problem | None]:
    """The complete records from byte `start` on.

    Returns:
        The spans, the offset to resume at when the file has grown, and what ended the scan where
        it was damage and not an unfinished tail (the rest of the file is then lost).
    """
    size = os.fstat(fd).st_size
    spans: list[Span] = []
    while start + HEADER_BYTES <= size:
        header = os.pread(fd, HEADER_BYTES, start)
        if len(header) < HEADER_BYTES:
            break
        (length,) = _LENGTH.unpack_from(header)
        if _CRC.unpack_from(header, 8)[0] != _masked(header[:8]):
            what = "the length of the record is damaged; the rest of this file is lost"
            return spans, size, Problem(name, start, what)
        end = start + HEADER_BYTES + length + FOOTER_BYTES
        if end > size:
            break
        spans.append(Span(start + HEADER_BYTES, length))
        start = end
    return spans, start, None


def intact(fd: int, span: Span) -> bool:
    """Whether the data of a record agree with their CRC; reads them in small pieces."""
    crc, end = 0, span.offset + span.length
    for offset in range(span.offset, end, _READ_BYTES):
        crc = google_crc32c.extend(crc, os.pread(fd, min(_READ_BYTES, end - offset), offset))
    footer = os.pread(fd, FOOTER_BYTES, end)
    return len(footer) == FOOTER_BYTES and _CRC.unpack(footer)[0] == _mask(crc)


def read_into(fd: int, buffer: memoryview[Any], offset: int) -> None:
    """Fills `buffer` (bytes) from the file. Raises EOFError when the file ends before."""
    done = 0
    while done < len(buffer):
        count = os.preadv(fd, [buffer[done:]], offset + done)
        if count == 0:
            raise EOFError(f"the file ends at byte {offset + done}")
        done += count


def _masked(data: bytes) -> int:
    return _mask(google_crc32c.value(data))


def _mask(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
