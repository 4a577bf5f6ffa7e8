"""A run that grows when a test says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from recording import record_run

_SECONDS = 240.0


class _GivenUpError(Exception):
    """Nobody asks for more."""


class Growing:
    """Writes epochs as they are asked for, and notes the end after the last one."""

    def __init__(self, log_dir: Path, x: Any, labels: Any, epochs: int) -> None:
        self._log_dir, self._x, self._labels, self._epochs = log_dir, x, labels, epochs
        self._go = threading.Semaphore(0)
        self._given_up = False
        self._thread = threading.Thread(target=self._record, daemon=True)

    def _record(self) -> None:
        with suppress(_GivenUpError):
            record_run(
                self._log_dir,
                self._x,
                self._labels,
                epochs=self._epochs,
                before_step=self._wait,
                ended=True,
            )

    def _wait(self, step: int) -> None:
        if not self._go.acquire(timeout=_SECONDS) or self._given_up:
            raise _GivenUpError

    def write(self, epochs: int) -> None:
        """Lets so many epochs be written from now on; does not wait for them."""
        self._go.release(epochs)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._given_up = True
        self._go.release()
        self._thread.join(_SECONDS)


@contextmanager
def growing(log_dir: Path, x: Any, labels: Any, epochs: int) -> Iterator[Growing]:
    """A run of images (n, h, w) that has no epoch yet."""
    run = Growing(log_dir, x, labels, epochs)
    run.start()
    try:
        yield run
    finally:
        run.stop()
