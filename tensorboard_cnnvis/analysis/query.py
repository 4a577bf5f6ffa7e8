"""The query language of docs/query.md: text to the samples it finds.

A query is parsed to a whitelist of expressions and run as numpy masks; nothing of it is evaluated
by Python.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis import query_values as values_of
from tensorboard_cnnvis.analysis.query_parser import (
    WORDS,
    Call,
    Chain,
    Comparison,
    Literal,
    Logic,
    Membership,
    Name,
    Node,
    Unary,
    parse,
)
from tensorboard_cnnvis.analysis.query_scope import QueryColumn, QueryTable, Scope
from tensorboard_cnnvis.analysis.query_tokens import QueryError, nearest, shortened
from tensorboard_cnnvis.analysis.query_values import (
    Array,
    Coded,
    Mask,
    Numbers,
    Texts,
    Truth,
    Value,
    Word,
    refuse,
    sure,
)

__all__ = ["QueryError", "QueryTable", "Scope", "find"]

FUNCTIONS = {
    "abs": "abs(number)",
    "isnan": "isnan(column)",
    "top": "top(column, k)",
    "bottom": "bottom(column, k)",
    "top_k": "top_k(k)",
    "score": 'score("class")',
    "set": 'set("name")',
    "tag": 'tag("name")',
}
MAX_TEXTS = 64  # each is a walk over all samples in Python
_BARE = ("selected", "confidence")
_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.mod,
}


def find(text: str, scope: Scope) -> npt.NDArray[np.bool_]:
    """Which samples (n_samples,) of `scope.among` a query finds.

    Raises:
        QueryError: it cannot be understood, or names what does not exist.
    """
    node = parse(text)
    with np.errstate(all="ignore"):
        value = _Evaluation(scope).value(node)
    if not isinstance(value, Truth):
        hint = "compare it, as in loss > 2"
        raise refuse(node, f"the query is {value.what}, not yes or no a sample", hint)
    return value.yes & scope.among


class _Evaluation:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._table = scope.table
        self._n = len(scope.among)
        self._n_texts = 0
        self._rules: dict[type[Node], Callable[[Any], Value]] = {
            Literal: self._literal,
            Name: self._name,
            Call: self._call,
            Unary: self._unary,
            Chain: self._arithmetic,
            Comparison: self._comparison,
            Logic: self._logic,
            Membership: self._membership,
        }

    def value(self, node: Node) -> Value:
        return self._rules[type(node)](node)

    def _literal(self, node: Literal) -> Value:
        if isinstance(node.value, bool):
            return sure(node, np.full(self._n, node.value))
        return Word(node, node.value) if isinstance(node.value, str) else Numbers(node, node.value)

    def _name(self, node: Name) -> Value:
        if not node.quoted and node.name == "selected":
            return sure(node, self._selected(node))
        if not node.quoted and node.name == "confidence":
            return Numbers(node, self._table.confidence(self._scope.step))
        if node.name not in self._table.columns:
            raise self._unknown(node)
        return self._column(node, self._table.columns[node.name])

    def _unknown(self, node: Name) -> QueryError:
        if not node.quoted and node.name in FUNCTIONS:
            what = f"{node.name} is a function"
            return refuse(node, what, f"write {FUNCTIONS[node.name]}")
        known = [*self._table.columns, *([] if node.quoted else [*_BARE, *WORDS])]
        return refuse(
            node, f"there is no column {shortened(node.name)!r}", nearest(node.name, known)
        )

    def _column(self, node: Name, column: QueryColumn) -> Value:
        if column.kind == "text":
            self._n_texts += 1
            if self._n_texts > MAX_TEXTS:
                what = f"text columns are named more than {MAX_TEXTS} times"
                raise refuse(node, what, "compare with many texts at once by in [ ]")
            return Texts(node, self._table.texts(column.name))
        values = self._table.numbers(column.name, self._scope.step)
        if column.kind == "number":
            return Numbers(node, values)
        if column.kind == "integer":  # exact in float64, where no product wraps
            return Numbers(node, np.where(values < 0, np.nan, values.astype(np.float64)))
        if column.kind == "boolean":
            yes = values == 1
            missing = values == 255
            return Truth(node, yes, yes | missing) if missing.any() else sure(node, yes)
        words = self._table.class_names if column.kind == "index" else column.values or ()
        return Coded(node, values, words, column.kind == "index")

    def _selected(self, node: Node) -> Mask:
        if self._scope.selected is None:
            raise refuse(node, "'selected' is of the page", "nothing is selected here")
        return self._scope.selected

    def _unary(self, node: Unary) -> Value:
        if node.operator == "not":
            truth = self._truth(node.operand)
            return Truth(node, ~truth.maybe, ~truth.yes)
        number = self._number(node.operand)
        return number if node.operator == "+" else Numbers(node, -number.values)

    def _arithmetic(self, node: Chain) -> Value:
        total: Array | float = self._number(node.operands[0]).values
        for sign, operand in zip(node.operators, node.operands[1:], strict=True):
            other = self._number(operand).values
            result = _ARITHMETIC[sign](total, other)
            both = isinstance(total, float) and isinstance(other, float)
            total = float(result) if both else result
        return Numbers(node, total)

    def _comparison(self, node: Comparison) -> Value:
        operands = [self.value(operand) for operand in node.operands]
        found: Mask | None = None
        for (left, right), sign in zip(itertools.pairwise(operands), node.operators, strict=True):
            holds = values_of.compare(node, left, sign, right, self._n)
            found = holds if found is None else found & holds
        return sure(node, np.ones(self._n, np.bool_) if found is None else found)

    def _logic(self, node: Logic) -> Value:
        join = np.logical_and if node.operator == "and" else np.logical_or
        first = self._truth(node.operands[0])
        yes, maybe = first.yes, first.maybe
        for operand in node.operands[1:]:
            other = self._truth(operand)
            certain = yes is maybe and other.yes is other.maybe
            yes = join(yes, other.yes)
            maybe = yes if certain else join(maybe, other.maybe)
        return Truth(node, yes, maybe)

    def _membership(self, node: Membership) -> Value:
        left = self.value(node.left)
        if isinstance(node.right, tuple):
            found = values_of.member(left, node.right)
        else:
            found = values_of.contains(node, left, self.value(node.right))
        return sure(node, ~found if node.negated else found)

    def _call(self, node: Call) -> Value:
        if node.name not in FUNCTIONS:
            what = f"there is no function {shortened(node.name)!r}"
            raise refuse(node, what, nearest(node.name, FUNCTIONS))
        expected = FUNCTIONS[node.name]
        count = len(node.arguments)
        if count != expected.count(",") + 1:
            what = f"{node.name} got {count} argument{'' if count == 1 else 's'}"
            raise refuse(node, what, f"expected {expected}")
        rule: Callable[[Call], Value] = getattr(self, f"_call_{node.name}")
        return rule(node)

    def _call_abs(self, node: Call) -> Value:
        values = self._number(node.arguments[0]).values
        return Numbers(node, abs(values) if isinstance(values, float) else np.abs(values))

    def _call_isnan(self, node: Call) -> Value:
        return sure(node, values_of.is_missing(self.value(node.arguments[0]), self._n))

    def _call_top(self, node: Call) -> Value:
        return self._extreme(node, largest=True)

    def _call_bottom(self, node: Call) -> Value:
        return self._extreme(node, largest=False)

    def _extreme(self, node: Call, *, largest: bool) -> Value:
        column = self._number(node.arguments[0])
        if isinstance(column.values, float):
            raise refuse(column.node, f"{node.name} ranks a column", FUNCTIONS[node.name])
        k = self._whole(node.arguments[1])
        return sure(node, values_of.extreme(column.values, self._scope.among, k, largest=largest))

    def _call_top_k(self, node: Call) -> Value:
        rank = self._table.values("rank", self._scope.step)
        known = rank > 0
        yes = known & (rank <= self._whole(node.arguments[0]))
        return Truth(node, yes, yes | ~known)

    def _call_score(self, node: Call) -> Value:
        (argument,) = node.arguments
        if not isinstance(argument, Literal):
            raise refuse(argument, "score takes a class name or an index", FUNCTIONS["score"])
        classes = Coded(node, np.empty(0, np.int32), self._table.class_names, True)
        codes = values_of.codes_of(classes, argument)
        return Numbers(
            node, sum(self._table.class_scores(code, self._scope.step) for code in codes)
        )

    def _call_set(self, node: Call) -> Value:
        return self._named(node, self._scope.sets)

    def _call_tag(self, node: Call) -> Value:
        return self._named(node, self._scope.tags)

    def _named(self, node: Call, known: Mapping[str, Mask]) -> Value:
        (argument,) = node.arguments
        if not isinstance(argument, Literal) or not isinstance(argument.value, str):
            raise refuse(argument, f"{node.name} takes a name in quotes", FUNCTIONS[node.name])
        if argument.value not in known:
            what = f"there is no {node.name} {shortened(argument.value)!r}"
            raise refuse(argument, what, nearest(argument.value, known))
        return sure(node, known[argument.value])

    def _truth(self, node: Node) -> Truth:
        value = self.value(node)
        if isinstance(value, Truth):
            return value
        hint = "compare it first, as in not (loss > 2)"
        raise refuse(node, f"{value.what} is not yes or no", hint)

    def _number(self, node: Node) -> Numbers:
        value = self.value(node)
        if isinstance(value, Numbers):
            return value
        raise refuse(node, f"{value.what} is no number", "numbers alone can be computed with")

    def _whole(self, node: Node) -> int:
        value = node.value if isinstance(node, Literal) else None
        if isinstance(value, float) and value >= 1 and value == int(value):
            return int(value)
        raise refuse(node, "k is no whole number from 1", "write it in digits, as in 50")
