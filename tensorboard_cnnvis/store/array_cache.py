"""Arrays kept in memory while there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import numpy.typing as npt


class ArrayCache:
    """Keeps the arrays used last, up to `max_bytes` in all. Thread-safe.

    What it gives is shared and cannot be written to.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self._arrays: OrderedDict[Hashable, npt.NDArray[Any]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """The array of a key, made where it is not kept; an array too large is made each time."""
        with self._lock:
            kept = self._arrays.get(key)
            if kept is not None:
                self._arrays.move_to_end(key)
                return kept
        made = np.asarray(make()).view()
        made.flags.writeable = False
        with self._lock:
            before = self._arrays.pop(key, None)  # made by another thread, too
            self._arrays[key] = made
            self._bytes += made.nbytes - (0 if before is None else before.nbytes)
            while self._bytes > self._max_bytes:
                self._bytes -= self._arrays.popitem(last=False)[1].nbytes
        return made
