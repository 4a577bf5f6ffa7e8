"""The process in which jobs run, one after another; it ends when its stdin closes.

Jobs run in the main thread; a second one reads the messages, so that a cancel is seen at the
job's next report and the end of TensorBoard at once.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

from tensorboard_cnnvis.jobs.messages import (
    MODELS,
    Arrays,
    JobRequest,
    Message,
    Result,
    Settings,
    failed,
    receive,
    requested,
    send,
)
from tensorboard_cnnvis.jobs.task import CancelledError, JobError, Task
from tensorboard_cnnvis.store.index import StoreError

_SECONDS_BETWEEN_PREVIEWS = 0.1
_IDLE_SECONDS = 60.0
_LOGGER = logging.getLogger(__name__)


class Worker:
    """Answers the messages of one stream on another."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO, settings: Settings) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._settings = settings
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._cancelled: set[str] = set()

    def run(self) -> None:
        """Works until the process ends."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            message = self._next()
            if message.kind == "warm":
                _warm(message.payload["kind"], self._settings)
                send(self._outgoing, Message("warmed", payload=message.payload))
            else:
                send(self._outgoing, self._end_of(message))

    def _next(self) -> Message:
        """The next message; while there is none, models that nobody uses go."""
        while True:
            try:
                return self._inbox.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                loaded = sys.modules.get(f"tensorboard_cnnvis.jobs.{MODELS}")
                if loaded is not None:
                    loaded.drop_idle()

    def _listen(self) -> None:
        try:
            while (message := receive(self._incoming)) is not None:
                if message.kind == "cancel":
                    self._cancelled.add(message.job)
                    continue
                self._cancelled.discard(message.job)  # asked for again
                self._inbox.put(message)
        finally:
            os._exit(0)  # TensorBoard is gone, and a job may be deep in compiled code

    def _end_of(self, message: Message) -> Message:
        """Does a job; what became of it."""
        request = requested(message)
        try:
            result = self._result_of(request)
            return Message("done", request.job, result.payload, result.arrays)
        except CancelledError:
            return Message("cancelled", request.job)
        except MemoryError as error:
            what = f"the worker ran out of memory{f': {error}' if str(error) else ''}"
            return failed(what, request.job, exhausted=True)
        except (JobError, StoreError, OSError, ImportError) as error:
            what = str(error) or f"{type(error).__name__}"
            hint = getattr(error, "hint", "change the parameters, or ask again")
            return Message("failed", request.job, {"error": what, "hint": hint})
        except Exception as error:
            _LOGGER.exception("CNN Vis: %s failed", request.kind)
            what = f"{request.kind} failed: {type(error).__name__}: {error}"
            return Message("failed", request.job, {"error": what, "hint": "please report this"})

    def _result_of(self, request: JobRequest) -> Result:
        report = _Report(self._outgoing, request.job, self._cancelled)
        module = importlib.import_module(f"tensorboard_cnnvis.jobs.{request.kind}")
        task = Task(
            request.subject,
            request.parameters,
            report,
            report.due,
            request.arrays,
            self._settings,
            request.series,
            self._keep,
        )
        result: Result = module.run(task)
        return result

    def _keep(self, name: str, result: Result) -> None:
        send(self._outgoing, Message("kept", name, result.payload, result.arrays))


class _Report:
    """Sends progress, previews at most ten times a second."""

    def __init__(self, outgoing: BinaryIO, job: str, cancelled: set[str]) -> None:
        self._outgoing = outgoing
        self._job = job
        self._cancelled = cancelled
        self._sent = 0.0

    def due(self) -> bool:
        """Also true when the job is to end: its report then raises."""
        waited = time.monotonic() - self._sent
        return waited >= _SECONDS_BETWEEN_PREVIEWS or self._job in self._cancelled

    def __call__(
        self, share: float, arrays: Arrays, payload: Mapping[str, Any] = MappingProxyType({}), /
    ) -> None:
        if self._job in self._cancelled:
            raise CancelledError
        if self.due():
            self._sent = time.monotonic()
            told = {"progress": share, "payload": dict(payload)}
            send(self._outgoing, Message("progress", self._job, told, arrays))


def _warm(kind: str, settings: Settings) -> None:
    """Loads what a first job would otherwise wait for; what fails is told by the job itself."""
    try:
        importlib.import_module(f"tensorboard_cnnvis.jobs.{kind}").warm(settings)
    except Exception as error:
        _LOGGER.debug("CNN Vis: not warm: %s", error)


def main() -> None:
    """Speaks on stdin and stdout; what anything prints goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is TensorBoard's to answer
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
    given = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    settings = Settings(**{**given, "import_modules": tuple(given.get("import_modules", ()))})
    Worker(incoming, outgoing, settings).run()


if __name__ == "__main__":
    main()
