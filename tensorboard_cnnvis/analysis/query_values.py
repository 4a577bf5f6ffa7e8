"""What the parts of a query stand for, over all samples, and how they compare.

A missing value (NaN, an unknown label, a boolean that was not given) makes every comparison false
but `!=` and `not in`, as in pandas.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.query_parser import Literal, Node
from tensorboard_cnnvis.analysis.query_tokens import QueryError, nearest, shortened

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

_FEW = 8

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Value:
    """What a node stands for. `what` is how messages call it."""

    node: Node
    what = "a value"


@dataclass(frozen=True)
class Numbers(Value):
    """Numbers (n,), float32 or float64, NaN where missing; or one for all samples."""

    values: Array | float
    what = "a number"


@dataclass(frozen=True)
class Coded(Value):
    """Classes or categories: codes int32 (n,) into `words`, -1 where missing."""

    codes: Array
    words: Sequence[str]
    is_class: bool

    @property
    def what(self) -> str:  # type: ignore[override]
        """How messages call it."""
        return "a class" if self.is_class else "text"


@dataclass(frozen=True)
class Texts(Value):
    """A text a sample."""

    values: Sequence[str]
    what = "text"


@dataclass(frozen=True)
class Word(Value):
    """A quoted text."""

    text: str
    what = "a quoted text"


@dataclass(frozen=True)
class Truth(Value):
    """Yes or no a sample: surely `yes` (n,), or perhaps, where a boolean is missing: `maybe` (n,).

    Without missing values both are the same array.
    """

    yes: Mask
    maybe: Mask
    what = "yes or no"


def sure(node: Node, mask: Mask) -> Truth:
    """A truth without missing values."""
    return Truth(node, mask, mask)


def refuse(node: Node, what: str, hint: str) -> QueryError:
    """An error about a part of the query."""
    return QueryError(what, hint, node.start, node.stop)


def compare(node: Node, left: Value, sign: str, right: Value, n: int) -> Mask:
    """Which of `n` samples hold `left sign right`. Raises QueryError where they do not compare."""
    if isinstance(left, (Word, Numbers)) and not isinstance(right, (Word, Numbers)):
        left, right, sign = right, left, _MIRRORED[sign]
    if isinstance(left, Truth):
        return _compare_truths(node, left, sign, right, n)
    if isinstance(left, Numbers) and isinstance(right, Numbers):
        return _each(_COMPARE[sign](left.values, right.values), n)
    if isinstance(left, Coded) and isinstance(right, Numbers):
        return _compare_index(left, sign, right)
    if isinstance(left, Coded) and isinstance(right, Word):
        return _compare_word(left, sign, right)
    if isinstance(left, Texts) and isinstance(right, Word):
        found = (_COMPARE[sign](text, right.text) for text in left.values)
        return np.fromiter(found, np.bool_, len(left.values))
    if isinstance(left, (Coded, Texts)) and isinstance(right, (Coded, Texts)):
        return _compare_columns(node, left, sign, right)
    raise _incomparable(node, left, right)


def member(left: Value, items: Sequence[Literal]) -> Mask:
    """Which samples' `left` (n,) is in a list."""
    if isinstance(left, Coded):
        codes = [code for item in items for code in codes_of(left, item)]
        return _lookup(left, codes)
    if isinstance(left, Numbers) and not isinstance(left.values, float):
        numbers = [_item(left, item, float) for item in items]
        with np.errstate(over="ignore"):
            return np.isin(left.values, np.array(numbers, left.values.dtype))
    if isinstance(left, Texts):
        texts = {_item(left, item, str) for item in items}
        return np.fromiter((text in texts for text in left.values), np.bool_, len(left.values))
    if isinstance(left, Truth):
        masks = [compare(item, left, "==", _constant(item, left), len(left.yes)) for item in items]
        return np.any(masks, axis=0) if masks else np.zeros(len(left.yes), np.bool_)
    raise refuse(left.node, f"{left.what} stands before in", "name a column there")


def contains(node: Node, word: Value, within: Value) -> Mask:
    """Which samples' text (n,) holds a word, whatever the case."""
    if not isinstance(word, Word) or not isinstance(within, (Coded, Texts)):
        hint = 'write "text" in prediction, or label in ["a", "b"]'
        raise refuse(node, f"'in' cannot look for {word.what} in {within.what}", hint)
    part = word.text.casefold()
    if isinstance(within, Texts):
        found = (part in text.casefold() for text in within.values)
        return np.fromiter(found, np.bool_, len(within.values))
    holding = [code for code, text in enumerate(within.words) if part in text.casefold()]
    return _lookup(within, holding)


def is_missing(value: Value, n: int) -> Mask:
    """Which of `n` samples have no value."""
    if isinstance(value, Numbers):
        return _each(np.isnan(value.values), n)
    if isinstance(value, Coded):
        return np.asarray(value.codes < 0)
    if isinstance(value, Texts):
        return np.fromiter((text == "" for text in value.values), np.bool_, n)
    if isinstance(value, Truth):
        return value.maybe & ~value.yes
    raise refuse(value.node, f"{value.what} is never missing", "name a column in isnan( )")


def extreme(values: npt.NDArray[np.floating[Any]], among: Mask, k: int, *, largest: bool) -> Mask:
    """The k largest or smallest of `values` (n,) `among` the samples; ties in sample order."""
    rows = np.flatnonzero(among & ~np.isnan(values))
    found = np.zeros(len(values), np.bool_)
    if k >= len(rows):
        found[rows] = True
        return found
    kept = -values[rows] if largest else values[rows]
    last = np.partition(kept, k - 1)[k - 1]
    better = kept < last
    found[rows[better]] = True
    found[rows[kept == last][: k - np.count_nonzero(better)]] = True
    return found


def _each(result: Any, n: int) -> Mask:
    return np.broadcast_to(np.asarray(result, np.bool_), (n,))


def _compare_truths(node: Node, left: Truth, sign: str, right: Value, n: int) -> Mask:
    if isinstance(right, Numbers) and right.values in (
        (0.0, 1.0) if isinstance(right.values, float) else ()
    ):
        right = sure(right.node, np.full(n, right.values == 1.0))
    if not isinstance(right, Truth) or sign not in ("==", "!="):
        hint = "write correct, not correct, or correct == True"
        raise refuse(node, f"{left.what} does not compare by {sign} with {right.what}", hint)
    same = (left.yes & right.yes) | ~(left.maybe | right.maybe)
    return same if sign == "==" else ~same


def _compare_index(left: Coded, sign: str, right: Numbers) -> Mask:
    if not left.is_class:
        hint = 'put the value in quotes, as in == "3"'
        raise refuse(right.node, "text does not compare with a number", hint)
    if isinstance(right.values, float) and sign in ("==", "!="):
        _check_class(left, right.node, right.values)
    known = left.codes >= 0
    if sign == "!=":
        return np.asarray(~(known & (left.codes == right.values)))
    return np.asarray(known & _COMPARE[sign](left.codes, right.values))


def _compare_word(left: Coded, sign: str, right: Word) -> Mask:
    if sign in ("==", "!="):
        same = _lookup(left, codes_of(left, Literal(right.node.start, right.node.stop, right.text)))
        return same if sign == "==" else ~same
    if left.is_class:
        hint = "compare by == or !=, or by < with the class's index"
        raise refuse(right.node, f"a class does not compare by {sign} with a name", hint)
    holds = _COMPARE[sign]
    return _lookup(left, [code for code, text in enumerate(left.words) if holds(text, right.text)])


def _compare_columns(node: Node, left: Coded | Texts, sign: str, right: Coded | Texts) -> Mask:
    if sign not in ("==", "!=") and any(isinstance(v, Coded) and v.is_class for v in (left, right)):
        raise refuse(node, f"classes do not compare by {sign}", "compare by == or !=")
    if isinstance(left, Coded) and isinstance(right, Coded) and left.is_class and right.is_class:
        same = (left.codes == right.codes) & (left.codes >= 0)
        return np.asarray(same if sign == "==" else ~same)
    holds, missing = _COMPARE[sign], sign == "!="
    found = (
        missing if one is None or other is None else holds(one, other)
        for one, other in zip(_texts(left), _texts(right), strict=True)
    )
    return np.fromiter(found, np.bool_)


def _texts(value: Coded | Texts) -> Sequence[str | None]:
    if isinstance(value, Texts):
        return value.values
    words = [*value.words, None]
    return [words[code] for code in value.codes.tolist()]


def _lookup(value: Coded, codes: Sequence[int]) -> Mask:
    """Which samples have one of the codes."""
    if 0 < len(codes) <= _FEW:  # then comparing is faster than looking up
        return np.asarray(np.logical_or.reduce([value.codes == code for code in codes]))
    table = np.zeros(len(value.words) + 1, np.bool_)  # its last is for -1, missing
    table[list(codes)] = True
    return np.asarray(table[value.codes])


def codes_of(value: Coded, item: Literal) -> list[int]:
    """The codes an item stands for: several where a class name is repeated."""
    if isinstance(item.value, str):
        found = [code for code, word in enumerate(value.words) if word == item.value]
        if found:
            return found
        kind = "class" if value.is_class else "value"
        what = f"there is no {kind} {shortened(item.value)!r}"
        raise refuse(item, what, nearest(item.value, value.words))
    if not value.is_class or isinstance(item.value, bool):
        raise refuse(item, f"{value.what} does not compare with {item.value:g}", "use quotes")
    _check_class(value, item, item.value)
    return [int(item.value)]


def _check_class(value: Coded, node: Node, index: float) -> None:
    if index not in range(len(value.words)):
        hint = f"classes have the indices 0 to {len(value.words) - 1}"
        raise refuse(node, f"there is no class {index:g}", hint)


def _item(left: Value, item: Literal, kind: type[Any]) -> Any:
    if type(item.value) is not kind:
        expected = "numbers" if kind is float else "quoted texts"
        raise refuse(item, f"{left.what} is compared with {item.value!r}", f"list {expected}")
    return item.value


def _constant(item: Literal, like: Truth) -> Value:
    if isinstance(item.value, bool):
        return sure(item, np.full(len(like.yes), item.value))
    return Word(item, item.value) if isinstance(item.value, str) else Numbers(item, item.value)


def _incomparable(node: Node, left: Value, right: Value) -> QueryError:
    what = f"{left.what} does not compare with {right.what}"
    if isinstance(left, Word) and isinstance(right, Word):
        return refuse(node, what, "name a column on one side")
    hint = {
        "a number": "compare it with a number, as in loss > 2",
        "a class": "compare it with a class name in quotes, its index, or another class column",
        "text": 'compare it with a text in quotes, as in == "left"',
    }
    return refuse(node, what, hint.get(left.what, "compare values of one kind"))
