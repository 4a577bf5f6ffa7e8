"""How many passes through a model may be made without asking again."""

from __future__ import annotations

MAX_FORWARDS = 20_000


class TooManyForwardsError(ValueError):
    """What was asked for needs more passes than allowed; `count` says how many."""

    def __init__(self, what: str, count: int, limit: int, hint: str) -> None:
        super().__init__(
            f"{what} needs {count:,} passes through the model, more than the limit of {limit:,}:"
            f" {hint}, or raise max_forwards"
        )
        self.count = count


def check_count(name: str, value: int, least: int = 1) -> None:
    """Raises ValueError for a number of repetitions below `least`."""
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")


def check_forwards(what: str, count: int, limit: int, hint: str) -> None:
    """Raises TooManyForwardsError where `count` passes the limit; `hint` says how to need fewer."""
    if count > limit:
        raise TooManyForwardsError(what, count, limit, hint)
