"""Being called at the end of training behind every other callback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import keras


class _BehindAll(keras.callbacks.Callback):  # type: ignore[misc]
    """Stands last in the list, where weights that others put in place are seen."""

    def __init__(self, owner: Any, action: Callable[[], None]) -> None:
        super().__init__()
        self.owner, self.action = owner, action

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self.action()


def call_behind_all(callback: Any, action: Callable[[], None]) -> bool:
    """Has `action` called at the end of training, behind the callbacks that follow `callback`.

    To be called in `on_train_begin`. Keras does not hand its list of callbacks out, so it is
    looked for among the callers.

    Returns:
        Whether the list was found.
    """
    callbacks = _running(callback)
    if callbacks is None:
        return False
    known = (each for each in callbacks if isinstance(each, _BehindAll))
    if not any(each.owner is callback for each in known):
        callbacks.append(_BehindAll(callback, action))
    return True


def _running(callback: Any) -> list[Any] | None:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        owner = frame.f_locals.get("self")
        if isinstance(owner, keras.callbacks.CallbackList):
            callbacks: list[Any] = owner.callbacks
            if any(each is callback for each in callbacks):
                return callbacks
        frame = frame.f_back
    return None
