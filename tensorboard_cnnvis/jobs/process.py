"""The worker process as TensorBoard's process sees it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO, cast

from tensorboard_cnnvis.jobs.messages import USUAL, Message, Settings, code_of, receive, send

_ROOT = Path(__file__).parent.parent.parent  # where the package is: `-m` finds the same one
_WORKER = "tensorboard_cnnvis.jobs.worker"
_LAST_WORDS = 2000
_CHATTER = re.compile(
    r"[IW]\d{4} |\d{4}-\d\d-\d\d .{0,30}: [IW] |WARNING: All log messages|To enable "
)
_END_SECONDS = 0.5


class WorkerProcess:
    """One process, from its start to its end."""

    def __init__(self, cache: Path, settings: Settings = USUAL) -> None:
        """`cache` holds numba's compiled code: beside the package it may not be writable."""
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process runs
        self._process = subprocess.Popen(
            [sys.executable, "-m", _WORKER, json.dumps(dataclasses.asdict(settings))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            cwd=_ROOT,
            env={**_environment(settings), "NUMBA_CACHE_DIR": str(_writable(cache / "numba"))},
        )
        self._stdin, self._stdout = (
            cast(BinaryIO, pipe) for pipe in (self._process.stdin, self._process.stdout)
        )
        self._inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._loading: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def send(self, message: Message) -> None:
        """Sends a message; one to a process that is gone is lost, and `next` tells its end."""
        with contextlib.suppress(OSError, ValueError):
            send(self._stdin, message)

    def warm(self, kind: str) -> None:
        """Has it load the code of a kind of job."""
        self._loading.append(kind)
        self.send(Message("warm", payload={"kind": kind}))

    def loads_other(self, kind: str) -> bool:
        """Whether a job of this kind would have to wait for another kind's code."""
        return any(code_of(other) != code_of(kind) for other in self._loading)

    def next(self, seconds: float) -> Message | None:
        """The next message; None at the end of the process. Raises queue.Empty after `seconds`."""
        return self._inbox.get(timeout=seconds)

    def end(self) -> None:
        """Ends it now, whatever it does."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._stdin.close()
        self._words.close()

    def last_words(self) -> str:
        """How it ended, and the last line it wrote."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        code = self._process.returncode
        how = "does not answer" if code is None else f"ended with code {code}"
        if code is not None and code < 0:
            how = f"was killed by signal {-code}"
        with contextlib.suppress(OSError, ValueError):
            size = self._words.seek(0, os.SEEK_END)
            self._words.seek(max(0, size - _LAST_WORDS))
            lines = self._words.read().decode("utf-8", "replace").split("\n")
            said = [line for line in lines if line.strip() and not _CHATTER.match(line)]
            return f"{how}: {said[-1].strip()}" if said else how
        return how

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (message := receive(self._stdout)) is not None:
                if message.kind == "warmed":
                    self._loading.remove(message.payload["kind"])
                else:
                    self._inbox.put(message)
        self._inbox.put(None)


def _environment(settings: Settings) -> dict[str, str]:
    """The worker's environment: Keras on TensorFlow, which leaves a GPU's memory to others."""
    found = {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, "KERAS_BACKEND": "tensorflow"}
    if settings.gpu_memory_mb is None:
        found["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    if settings.device == "cpu":
        found["CUDA_VISIBLE_DEVICES"] = "-1"
    if settings.import_modules:  # as from a script in the directory where tensorboard was started
        paths = [found.get("PYTHONPATH", ""), str(Path.cwd())]
        found["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return found


def _writable(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return directory
    except OSError:
        return Path(tempfile.gettempdir()) / "tensorboard-cnnvis-numba"
