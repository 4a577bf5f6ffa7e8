"""Results of jobs on disk, in the user's cache directory: bounded, the oldest out first."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from tensorboard_cnnvis.jobs.messages import Result

_MOST_BYTES = 500 * 10**6
_PAYLOAD = "json"
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
_LOGGER = logging.getLogger(__name__)


def cache_directory() -> Path:
    """The user's cache directory of this package."""
    return Path(platformdirs.user_cache_dir("tensorboard-cnnvis", appauthor=False))


class ResultCache:
    """Results by the job's name; a cache that cannot be read or written is as if empty."""

    def __init__(self, directory: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._directory = directory
        self._most_bytes = most_bytes

    def get(self, job: str) -> Result | None:
        """A result, which counts as used now; a file that is damaged is removed."""
        path = self._path(job)
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            payload = json.loads(arrays.pop(_PAYLOAD).tobytes())
        except FileNotFoundError:
            return None
        except _UNREADABLE as error:
            _LOGGER.debug("CNN Vis: %s is damaged and is made again: %s", path, error)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return Result(payload, arrays)

    def put(self, job: str, result: Result) -> None:
        """Keeps a result, whole or not at all."""
        text = np.frombuffer(json.dumps(dict(result.payload)).encode(), np.uint8)
        arrays: dict[str, Any] = {**result.arrays, _PAYLOAD: text}
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(".partial", dir=self._directory)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    np.savez(file, **arrays)
                Path(name).replace(self._path(job))
            finally:
                Path(name).unlink(missing_ok=True)
            self._prune()
        except OSError as error:
            _LOGGER.debug("CNN Vis: %s cannot be kept: %s", job, error)

    def _path(self, job: str) -> Path:
        return self._directory / f"{job}.npz"

    def _prune(self) -> None:
        found = []
        for path in self._directory.iterdir():
            with contextlib.suppress(OSError):  # another TensorBoard may prune too
                told = path.stat()
                found.append((told.st_mtime, told.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._most_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size
