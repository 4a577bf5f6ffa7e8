"""Why a model could not be run, in one line."""

from __future__ import annotations

_LONGEST = 240


def cause(error: BaseException | None) -> str:
    """The kind of an error and what it says, without the trace that TensorFlow puts around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    nodes = [place for place, line in enumerate(lines) if line.startswith("[[{{node")]
    said = lines[nodes[0] - 1 : nodes[0]] if nodes else lines[:1]
    line = said[0] if said else ""
    line = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
