"""Verdicts of the label review as files, and back into training."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from tensorboard_cnnvis.analysis.relabeling import apply_verdicts
from tensorboard_cnnvis.analysis.verdicts import Verdicts, parse_verdicts

__all__ = ["Verdicts", "apply_verdicts", "read_verdicts"]


def read_verdicts(csv: str | os.PathLike[str] | IO[str] | IO[bytes]) -> Verdicts:
    """Reads the CSV that the label review of the page exports.

    Args:
        csv: its path, or a file that is open.

    Raises:
        ValueError: it is another file, or a row is not valid; the message names the line.
        OSError: it cannot be read.
    """
    if isinstance(csv, (str, os.PathLike)):
        name, content = Path(csv).name, Path(csv).read_bytes()
    else:
        name = Path(str(getattr(csv, "name", "") or "the file")).name
        found = csv.read()
        content = found.encode("utf-8") if isinstance(found, str) else found
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{name} is no text in UTF-8; expected the CSV of verdicts") from None
    return parse_verdicts(text, name)
