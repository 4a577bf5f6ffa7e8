"""From the words of a query to its tree, by recursive descent. Nothing is ever evaluated here."""

from __future__ import annotations

from dataclasses import dataclass

from tensorboard_cnnvis.analysis.query_tokens import QueryError, Token, shortened, tokens

MAX_DEPTH = 64
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
WORDS = ("and", "or", "not", "in", "True", "False")


@dataclass(frozen=True)
class Node:
    """A part of a query; `start` and `stop` are its place in the text."""

    start: int
    stop: int


@dataclass(frozen=True)
class Literal(Node):
    """A number, a text, or True or False."""

    value: float | str | bool


@dataclass(frozen=True)
class Name(Node):
    """A column, or a word such as `selected`; `quoted` where it can only be a column."""

    name: str
    quoted: bool


@dataclass(frozen=True)
class Call(Node):
    """A function of the language and its arguments."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Unary(Node):
    """`-`, `+` or `not`."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Chain(Node):
    """`first op second op third`: arithmetic from left to right, or a chained comparison."""

    operands: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Comparison(Chain):
    """A chain of `==` `!=` `<` `<=` `>` `>=`."""


@dataclass(frozen=True)
class Logic(Node):
    """Operands joined by `and`, or by `or`."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Membership(Node):
    """`left in right`; `right` is a tuple of literals for a list."""

    left: Node
    right: Node | tuple[Literal, ...]
    negated: bool


def parse(text: str) -> Node:
    """The tree of a query.

    Raises:
        QueryError: with the place where it cannot be understood.
    """
    found = tokens(text)
    if len(found) == 1:
        raise QueryError("the query is empty", "write one such as loss > 2", 0, len(text))
    return _Parser(found).whole()


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._or()
        token = self._next()
        if token.kind != "end":
            raise _unexpected(token, "and, or, or a comparison")
        return node

    def _or(self) -> Node:
        return self._logic("or", "|")

    def _logic(self, word: str, sign: str) -> Node:
        operands = [self._and() if word == "or" else self._not()]
        while self._take(word) or self._take(sign):
            operands.append(self._and() if word == "or" else self._not())
        if len(operands) == 1:
            return operands[0]
        return Logic(operands[0].start, operands[-1].stop, word, tuple(operands))

    def _and(self) -> Node:
        return self._logic("and", "&")

    def _not(self) -> Node:
        token = self._next()
        if not self._take("not"):
            return self._comparison()
        self._enter(token)
        operand = self._not()
        self._depth -= 1
        return Unary(token.start, operand.stop, "not", operand)

    def _comparison(self) -> Node:
        first = self._sum()
        if self._is("in") or self._is("not"):
            return self._membership(first)
        operands, operators = [first], []
        while self._next().kind == "operator" and self._next().text in COMPARISONS:
            operators.append(self._advance().text)
            operands.append(self._sum())
        if self._is("in") or self._is("not"):
            raise _refused(self._next(), "'in' cannot be chained", "join the two by and")
        if not operators:
            return first
        return Comparison(first.start, operands[-1].stop, tuple(operands), tuple(operators))

    def _membership(self, left: Node) -> Node:
        negated = self._take("not")
        if not self._take("in"):
            raise _unexpected(self._next(), "'in'")
        token = self._next()
        right = self._list() if self._is("[") or self._is("(") else self._sum()
        if self._is("in") or self._next().text in COMPARISONS:
            raise _refused(self._next(), "'in' cannot be chained", "join the two by and")
        stop = self._tokens[self._at - 1].stop
        if isinstance(right, Literal):
            hint = 'write ["a", "b"] after in, or a column: "text" in prediction'
            raise QueryError(f"{token} is no list", hint, token.start, stop)
        return Membership(left.start, stop, left, right, negated)

    def _list(self) -> tuple[Literal, ...]:
        closing = "]" if self._advance().text == "[" else ")"
        items: list[Literal] = []
        while not self._is(closing):
            items.append(self._item())
            if not self._take(",") and not self._is(closing):
                raise _unexpected(self._next(), f"a comma or {closing}")
        self._advance()
        return tuple(items)

    def _item(self) -> Literal:
        token = self._next()
        negative = self._take("-")
        node = self._primary() if self._next().text not in ("(", "[") else None
        if not isinstance(node, Literal) or (negative and not isinstance(node.value, float)):
            raise _refused(token, "a list holds numbers and quoted texts", 'as in ["a", "b"]')
        if negative and isinstance(node.value, float):
            return Literal(token.start, node.stop, -node.value)
        return node

    def _sum(self) -> Node:
        return self._arithmetic(("+", "-"))

    def _arithmetic(self, signs: tuple[str, ...]) -> Node:
        sums = "+" in signs
        operands, operators = [self._product() if sums else self._unary()], []
        while self._next().kind == "operator" and self._next().text in signs:
            operators.append(self._advance().text)
            operands.append(self._product() if sums else self._unary())
        if not operators:
            return operands[0]
        return Chain(operands[0].start, operands[-1].stop, tuple(operands), tuple(operators))

    def _product(self) -> Node:
        return self._arithmetic(("*", "/", "%"))

    def _unary(self) -> Node:
        token = self._next()
        if token.kind != "operator" or token.text not in ("-", "+", "~"):
            return self._primary()
        self._advance()
        self._enter(token)
        operand = self._unary()
        self._depth -= 1
        name = "not" if token.text == "~" else token.text
        return Unary(token.start, operand.stop, name, operand)

    def _primary(self) -> Node:
        token = self._advance()
        if token.kind == "number":
            return Literal(token.start, token.stop, float(token.text))
        if token.kind == "string":
            return Literal(token.start, token.stop, token.text)
        if token.kind == "column":
            return Name(token.start, token.stop, token.text, True)
        if token.kind == "name":
            return self._named(token)
        if token.text == "(" and token.kind == "operator":
            self._enter(token)
            node = self._or()
            self._depth -= 1
            self._close(token)
            return node
        if token.text == "[":
            raise _refused(token, "a list stands only after in", 'as in label in ["a", "b"]')
        raise _unexpected(token, "a column, a number or a quoted text")

    def _named(self, token: Token) -> Node:
        if token.text in ("True", "False"):
            return Literal(token.start, token.stop, token.text == "True")
        if token.text in WORDS:
            raise _unexpected(token, "a column, a number or a quoted text")
        if self._is("["):
            raise _refused(self._next(), "indexing is not part of a query", "name a column alone")
        if self._is("("):
            return self._call(token)
        return Name(token.start, token.stop, token.text, False)

    def _call(self, name: Token) -> Node:
        opening = self._advance()
        self._enter(opening)
        arguments: list[Node] = []
        while not self._is(")"):
            arguments.append(self._or())
            if not self._take(",") and not self._is(")"):
                break
        self._depth -= 1
        stop = self._close(opening)
        return Call(name.start, stop, name.text, tuple(arguments))

    def _close(self, opening: Token) -> int:
        token = self._next()
        if self._take(")"):
            return token.stop
        if token.kind == "end":
            what = "a parenthesis is not closed"
            raise QueryError(what, "add )", opening.start, opening.stop)
        raise _unexpected(token, ")")

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _refused(token, f"nested more than {MAX_DEPTH} deep", "write it flatter")

    def _next(self) -> Token:
        return self._tokens[self._at]

    def _advance(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _is(self, text: str) -> bool:
        token = self._next()
        return token.text == text and token.kind in ("name", "operator")

    def _take(self, text: str) -> bool:
        if not self._is(text):
            return False
        self._advance()
        return True


def _refused(token: Token, what: str, hint: str) -> QueryError:
    return QueryError(what, hint, token.start, token.stop)


def _unexpected(token: Token, expected: str) -> QueryError:
    what = f"{token} is not expected here" if token.kind != "end" else "the query ends too early"
    return QueryError(what, f"expected {expected}", token.start, max(token.stop, token.start))


__all__ = [
    "COMPARISONS", "WORDS", "Call", "Chain", "Comparison", "Literal", "Logic", "Membership", "Name",
    "Node", "QueryError", "Unary", "parse", "shortened",
]  # fmt: skip
