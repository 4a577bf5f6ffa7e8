"""Parameters of a request, checked."""

from __future__ import annotations

from collections.abc import Mapping

from tensorboard_cnnvis.server.errors import RequestError


class Params:
    """Text parameters by name; every accessor raises RequestError 400 with what was expected."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str | None = None) -> str:
        """A parameter as it is; required where there is no default."""
        value = self._values.get(name, default)
        if value is None:
            raise RequestError(400, f"the parameter {name!r} is missing", f"add {name}=...")
        return value

    def names(self, name: str) -> tuple[str, ...]:
        """A comma-separated list, empty where absent."""
        return tuple(part for part in self._values.get(name, "").split(",") if part)

    def integer(
        self, name: str, default: int | None = None, *, low: int = 0, high: int = 2**31 - 1
    ) -> int:
        """A whole number from `low` to `high`."""
        text = self._values.get(name)
        if text is None and default is not None:
            return default
        try:
            value = int(text or "")
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise RequestError(
                400,
                f"{name}={text!r} is out of range",
                f"expected a whole number from {low} to {high}",
            )
        return value

    def flag(self, name: str) -> bool:
        """Whether a parameter is `1`."""
        return self._values.get(name, "0") == "1"
