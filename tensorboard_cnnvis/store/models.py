"""The kept models beside the events."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

_MODEL_FILE = re.compile(r"model-(\d+)-(\d+)\.keras")


def model_file(attempt: str, step: int) -> str:
    """Name of the model an attempt keeps of a step."""
    return f"model-{attempt}-{step}.keras"


def save_model(directory: Path, attempt: str, step: int, save: Callable[[Path], None]) -> str:
    """Has `save` write a model to a temporary path, then gives it its name, which is returned."""
    name = model_file(attempt, step)
    temporary = directory / f".partial-{name}"
    try:
        save(temporary)
        temporary.replace(directory / name)
    finally:
        temporary.unlink(missing_ok=True)
    return name


def prune_models(directory: Path, attempt: str, keep: int) -> None:
    """Removes all but the `keep` latest models of this attempt; other attempts' stay."""
    own = []
    for path in directory.iterdir():
        match = _MODEL_FILE.fullmatch(path.name)
        if match and match[1] == attempt:
            own.append((int(match[2]), path))
    for _, path in sorted(own)[: max(0, len(own) - keep)]:
        path.unlink(missing_ok=True)
