"""Parameters of a request, checked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from tensorboard_cnnvis.server.errors import RequestError


class Params:
    """Parameters by name; every accessor raises RequestError 400 with what was expected.

    Args:
        values: as text.
        json: the same as they came in a JSON body, for those that are no plain value.

    Attributes:
        posted: whether they came in a body, from a request that may have something computed.
    """

    def __init__(self, values: Mapping[str, str], json: Mapping[str, Any] | None = None) -> None:
        self._values = values
        self._json = json or {}
        self.posted = json is not None

    @classmethod
    def of_body(cls, text: bytes) -> Params:
        """The parameters of a POST: a JSON object. null is as if absent."""
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise RequestError(400, "the body is no JSON object", "send the parameters as one")
        given = {str(key): value for key, value in body.items() if value is not None}
        return cls({key: _as_text(value) for key, value in given.items()}, given)

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

    def number(self, name: str, default: float, *, low: float, high: float) -> float:
        """A finite number from `low` to `high`."""
        text = self._values.get(name)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise RequestError(
                400,
                f"{name}={text!r} is out of range",
                f"expected a number from {low:g} to {high:g}",
            )
        return value

    def json(self, name: str) -> Any:
        """A value of a JSON body as it came; None where absent."""
        return self._json.get(name)

    def flag(self, name: str) -> bool:
        """Whether a parameter is `1`."""
        return self._values.get(name, "0") == "1"


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)
