"""Requests that cannot be answered."""

from __future__ import annotations


class RequestError(Exception):
    """Becomes an HTTP error.

    Attributes:
        status: 400, 403, 404, 405, 409 or 503.
        what: what is wrong and why.
        hint: what to do.
        position: the part of a query it is about, as offsets of its start and stop, or None.
        retry_after: with 503, seconds after which the same is worth asking again, or None.
    """

    def __init__(
        self,
        status: int,
        what: str,
        hint: str,
        *,
        position: tuple[int, int] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what)
        self.status = status
        self.what = what
        self.hint = hint
        self.position = position
        self.retry_after = retry_after
