"""A real TensorBoard in a process of its own, ended by its own pid."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_START_SECONDS = 90.0
# Results of jobs and compiled code, away from the user's own.
_CACHE = tempfile.TemporaryDirectory(prefix="cnnvis-cache-")


@dataclass(frozen=True)
class Board:
    """A running TensorBoard: `url` of its page, `pid` of its process."""

    url: str
    pid: int

    def runs(self) -> list[str]:
        """The runs that our plugin lists."""
        with urllib.request.urlopen(f"{self.url}data/plugin/cnnvis/runs", timeout=10) as answer:
            return [entry["run"] for entry in json.load(answer)["runs"]]


@contextmanager
def held_worker(board: Board) -> Iterator[None]:
    """What its worker is asked for meanwhile is not done: it stands still, where there is one."""
    children = psutil.Process(board.pid).children(recursive=True)
    workers = [child for child in children if "tensorboard_cnnvis.jobs.worker" in child.cmdline()]
    for worker in workers:
        worker.suspend()
    try:
        yield
    finally:
        for worker in workers:
            with suppress(psutil.NoSuchProcess):  # a cancel that it did not answer has ended it
                worker.resume()


@contextmanager
def tensorboard(
    logdir: Path, *flags: str, n_runs: int = 1, python: str = sys.executable
) -> Iterator[Board]:
    """Starts TensorBoard on loopback and waits until it lists `n_runs` of ours."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    prefix = next((flag.partition("=")[2] for flag in flags if "path_prefix" in flag), "")
    command = [python, "-m", "tensorboard.main", f"--logdir={logdir}", "--host=127.0.0.1",
               f"--port={port}", "--reload_interval=1", *flags]  # fmt: skip
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=tempfile.gettempdir(),
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "XDG_CACHE_HOME": _CACHE.name},
        )  # fmt: skip
        board = Board(f"http://127.0.0.1:{port}{prefix}/", process.pid)
        try:
            _wait(board, process, n_runs)
            yield board
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read())
            raise
        finally:
            process.terminate()
            process.wait(20)


def _wait(board: Board, process: subprocess.Popen[bytes], n_runs: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"tensorboard ended with {process.returncode}")
        try:
            if len(board.runs()) >= n_runs:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError("tensorboard did not list the run")
