"""Requests that cannot be answered."""

from __future__ import annotations


class RequestError(Exception):
    """Becomes an HTTP error.

    Attributes:
        status: 400, 403, 404, 405 or 409.
        what: what is wrong and why.
        hint: what to do.
        position: the part of a query it is about, as offsets of its start and stop, or None.
    """

    def __init__(
        self, status: int, what: str, hint: str, *, position: tuple[int, int] | None = None
    ) -> None:
        super().__init__(what)
        self.status = status
        self.what = what
        self.hint = hint
        self.position = position
