"""Requests that cannot be answered."""

from __future__ import annotations


class RequestError(Exception):
    """Becomes an HTTP error.

    Attributes:
        status: 400, 403, 404, 405 or 409.
        what: what is wrong and why.
        hint: what to do.
    """

    def __init__(self, status: int, what: str, hint: str) -> None:
        super().__init__(what)
        self.status = status
        self.what = what
        self.hint = hint
