"""The words of a query (docs/query.md)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_CHARACTERS = 10_000
MAX_DIGITS = 64
_SHOWN = 40
_BACKQUOTES = "put a column of that name in backquotes"

_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"[^\W\d]\w*")
_ESCAPE = re.compile(r"\\([\\'\"])")
_OPERATORS = ("==", "!=", "<=", ">=", "**", "//", "&&", "||", *"<>+-*/%&|~()[],")
_REFUSED = {
    "**": ("powers are not part of a query", "multiply, as in loss * loss"),
    "//": ("// is not part of a query", "divide by /"),
    "&&": ("&& is not part of a query", "write and, or &"),
    "||": ("|| is not part of a query", "write or, or |"),
    ".": ("attributes are not part of a query", "columns are named alone: loss > 2"),
    "=": ("a single = is not part of a query", "compare by =="),
    "!": ("! is not part of a query", "write not, or !="),
    "@": ("@ is not part of a query", "write the value itself"),
    "{": ("{ is not part of a query", "lists stand in [ ]"),
    "}": ("} is not part of a query", "lists stand in [ ]"),
    ":": ("slices, dictionaries and functions are not part of a query", "remove the :"),
    ";": ("a query is one expression", "join two by and"),
    "\\": ("a backslash stands only in quotes", "remove it"),
    **dict.fromkeys("\u2018\u2019\u201c\u201d", ("curly quotes do not quote", "use \" or '")),
}

_REFUSED_NAMES = {
    "lambda": "functions are not part of a query",
    "for": "comprehensions are not part of a query",
    "if": "conditions are not part of a query",
    "else": "conditions are not part of a query",
    "import": "a query imports nothing",
    "is": "'is' is not part of a query: compare by ==, and find missing values by isnan(column)",
    "None": "a missing value is found by isnan(column)",
}


class QueryError(Exception):
    """A query that cannot be run.

    Attributes:
        what: what is wrong.
        hint: what to do.
        start: offset of the first character it is about.
        stop: offset after the last.
    """

    def __init__(self, what: str, hint: str, start: int, stop: int) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.start = start
        self.stop = stop


@dataclass(frozen=True)
class Token:
    """One word.

    Attributes:
        kind: number, string, name, column (in backquotes), operator or end.
        text: what it says: without quotes, escapes resolved.
        start: offset of its first character in the query.
        stop: offset after its last.
    """

    kind: str
    text: str
    start: int
    stop: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else repr(shortened(self.text))


def tokens(text: str) -> list[Token]:
    """The words of a query, the last of kind `end`.

    Raises:
        QueryError: it is too long, or something in it is no word.
    """
    if len(text) > MAX_CHARACTERS:
        raise QueryError(
            f"the query has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read",
            "select the samples by a named set instead of listing them",
            MAX_CHARACTERS,
            len(text),
        )
    found: list[Token] = []
    at = _skip(text, 0)
    while at < len(text):
        found.append(_token(text, at))
        at = _skip(text, found[-1].stop)
    return [*found, Token("end", "", len(text), len(text))]


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest of `known`, whatever its case, or the first few of them."""
    by_lower = {item.lower(): item for item in reversed(list(known))}
    close = difflib.get_close_matches(name[:200].lower(), by_lower, 1)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    some = list(reversed(by_lower.values()))
    more = ", ..." if len(some) > 20 else ""
    return f"there are: {', '.join(map(shortened, some[:20]))}{more}" if some else "there are none"


def shortened(text: str) -> str:
    """A text of the user's for a message."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _token(text: str, at: int) -> Token:
    first = text[at]
    if first in "'\"`":
        return _quoted(text, at)
    number = _NUMBER.match(text, at)
    if number:
        return _number(text, at, number.end())
    name = _NAME.match(text, at)
    if name:
        return _name(name[0], at)
    found = next((item for item in _OPERATORS if text.startswith(item, at)), first)
    stop = at + len(found)
    if found in _REFUSED:
        raise QueryError(*_REFUSED[found], at, stop)
    if found not in _OPERATORS:
        raise QueryError(f"{found!r} is not part of a query", "remove it", at, stop)
    return Token("operator", found, at, stop)


def _quoted(text: str, at: int) -> Token:
    quote = text[at]
    stop = at + 1
    while stop < len(text) and text[stop] != quote:
        stop += 2 if text[stop] == "\\" and quote != "`" else 1
    if stop >= len(text):
        what = "a backquote" if quote == "`" else "a quote"
        raise QueryError(f"{what} is not closed", f"end it with {quote}", at, len(text))
    inside = text[at + 1 : stop]
    if quote == "`":
        return Token("column", inside, at, stop + 1)
    return Token("string", _ESCAPE.sub(r"\1", inside), at, stop + 1)


def _number(text: str, at: int, stop: int) -> Token:
    after = _NAME.match(text, stop)
    if after:
        what = f"{shortened(text[at : after.end()])!r} is no number"
        raise QueryError(what, "a name does not start with a digit", at, after.end())
    if stop - at > MAX_DIGITS or float(text[at:stop]) == float("inf"):
        what = f"the number {shortened(text[at:stop])} is too large"
        raise QueryError(what, f"use at most {MAX_DIGITS} digits, below 1e308", at, stop)
    return Token("number", text[at:stop], at, stop)


def _name(name: str, at: int) -> Token:
    if name.startswith("__"):
        what = f"{shortened(name)!r}: names with two leading underscores are refused"
        raise QueryError(what, _BACKQUOTES, at, at + len(name))
    if name in _REFUSED_NAMES:
        raise QueryError(_REFUSED_NAMES[name], _BACKQUOTES, at, at + len(name))
    return Token("name", name, at, at + len(name))
