"""What a query cannot hold, and how it is told: what, what to do, and where."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query_record import Queried, make_record

from tensorboard_cnnvis.analysis.query import QueryError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Queried:
    return make_record(tmp_path_factory.mktemp("query"))


def refused(data: Queried, text: str, **scope: Any) -> tuple[str, str]:
    """The message with its hint, and the part of the text it is about."""
    with pytest.raises(QueryError) as told:
        data.rows(text, **scope)
    error = told.value
    assert error.hint
    assert 0 <= error.start <= error.stop <= len(text)
    return f"{error.what} | {error.hint}", text[error.start : error.stop]


@pytest.mark.parametrize(
    ("text", "told", "where"),
    [
        # what would reach Python, were it evaluated
        ("loss.__class__", "attributes are not part", "."),
        ("loss.values > 1", "attributes", "."),
        ("().__class__.__bases__[0]", "attributes are not part", "."),
        ("__import__('os').system('true')", "two leading underscores are refused", "__import__"),
        ("__builtins__ == 1", "two leading underscores", "__builtins__"),
        ("open('/etc/passwd')", "no function 'open'", "open('/etc/passwd')"),
        ("eval('1')", "no function 'eval'", "eval('1')"),
        ("getattr(loss, 'a')", "no function 'getattr'", "getattr(loss, 'a')"),
        ("loss(1)", "no function 'loss'", "loss(1)"),
        ("top(loss, 5)(1)", "'(' is not expected", "("),
        ("[x for x in label]", "comprehensions are not part", "for"),
        ("[1, 2] == label", "a list stands only after in", "["),
        ("label in [loss, 1]", "a list holds numbers and quoted texts", "loss"),
        ("label in [x for x in label]", "comprehensions are not part", "for"),
        ("any(x > 1 for x in loss)", "comprehensions are not part", "for"),
        ("lambda: 1", "functions are not part", "lambda"),
        ("(lambda x: x)(1)", "functions are not part", "lambda"),
        ("loss if correct else 1", "conditions are not part", "if"),
        ("import os", "imports nothing", "import"),
        ("loss is None", "compare by ==, and find missing values by isnan", "is"),
        ("loss == None", "isnan(column)", "None"),
        ("(x := 5) > 1", "slices, dictionaries", ":"),
        ("loss[0] > 1", "indexing is not part", "["),
        ("loss > 1; loss > 2", "one expression", ";"),
        ("{'a': 1}", "{ is not part", "{"),
        ("@limit < loss", "@ is not part", "@"),
        ("f'{loss}' == note", "'{loss}' is not expected here", "'{loss}'"),
        ("loss > $1", "'$' is not part", "$"),
        # what would cost much
        ("9**9**9**9 > loss", "powers are not part", "**"),
        ("loss ** 2 > 1", "powers are not part of a query", "**"),
        ("loss > " + "9" * 65, "is too large", "9" * 65),
        ("loss > 1e999", "is too large", "1e999"),
        ("(" * 65 + "loss > 1" + ")" * 65, "more than 64 deep", "("),
        ("not " * 65 + "correct", "more than 64 deep", "not"),
        ("-" * 100_00 + "1", "characters; at most 10,000", "1"),
        ("-" * 9_000 + "1", "more than 64 deep", "-"),
        ("abs(" * 70 + "loss" + ")" * 70, "more than 64 deep", "("),
        ("loss > 1 or " * 90_000 + "correct", "1,080,007 characters", None),
        (" or ".join(["note == 'a'"] * 65), "more than 64 times", "note"),
        # what is not whole
        ("", "the query is empty", ""),
        ("  \n ", "the query is empty", "  \n "),
        ("loss >", "ends too early", ""),
        ("loss > 2 and", "ends too early", ""),
        ("(loss > 2", "a parenthesis is not closed", "("),
        ("loss > 2)", "')' is not expected", ")"),
        ("label in ['ant', 'bee'", "the query ends too early", ""),
        ("label == 'ant", "a quote is not closed", "'ant"),
        ('label == "ant\'', "a quote is not closed", '"ant\''),
        ("label == 'ant\\'", "a quote is not closed", "'ant\\'"),
        ("`a number > 1", "a backquote is not closed", "`a number > 1"),
        ("label == \u201cant\u201d", "curly quotes", "\u201c"),
        ("loss = 2", "compare by ==", "="),
        ("loss > 2 && correct", "write and, or &", "&&"),
        ("loss > 2 || correct", "write or, or |", "||"),
        ("!correct", "write not", "!"),
        ("2loss > 1", "'2loss' is no number", "2loss"),
        ("1_000 < loss", "'1_000' is no number", "1_000"),
        ("loss > 2 correct", "'correct' is not expected here", "correct"),
        ("loss > > 2", "'>' is not expected", ">"),
        ("a in b in c", "'in' cannot be chained", "in"),
        ("label in 'ant'", "is no list", "'ant'"),
        # names that do not exist
        ("los > 2", "no column 'los' | did you mean 'loss'", "los"),
        ("LABEL == 'ant'", "did you mean 'label'", "LABEL"),
        ("`a numbr` > 1", "did you mean 'a number'", "`a numbr`"),
        ("zzzzzz > 1", "there are: sample_index, source_index", "zzzzzz"),
        ("label == 'Ant'", "no class 'Ant' | did you mean 'ant'", "'Ant'"),
        ("label in ['ant', 'be']", "did you mean 'bee'", "'be'"),
        ("label == 4", "no class 4 | classes have the indices 0 to 3", "4"),
        ("prediction != -1", "no class -1", "-1"),
        ("label == 1.5", "no class 1.5", "1.5"),
        ("camera == 'lef'", "no value 'lef' | did you mean 'left'", "'lef'"),
        ("split == 'valdation'", "did you mean 'validation'", "'valdation'"),
        ("score('bea') > 1", "did you mean 'bee'", "'bea'"),
        ("tpo(loss, 3)", "no function 'tpo' | did you mean 'top'", "tpo(loss, 3)"),
        ("top > 3", "top is a function | write top(column, k)", "top"),
        ("set('x')", "no set 'x' | did you mean 'xy'", "'x'"),
        ("tag('x')", "no tag 'x' | there are none", "'x'"),
        ("true", "did you mean 'True'", "true"),
        # kinds that do not go together
        ("loss", "a number, not yes or no", "loss"),
        ("'ant'", "a quoted text, not yes or no", "'ant'"),
        ("loss and correct", "a number is not yes or no", "loss"),
        ("not loss > 2 + correct", "yes or no is no number", "correct"),
        ("label + 1 > 2", "a class is no number", "label"),
        ("-camera == 1", "text is no number", "camera"),
        ("loss == 'ant'", "a number does not compare with a quoted text", "loss == 'ant'"),
        ("camera == 1", "put the value in quotes", "1"),
        ("camera in [1]", "text does not compare with 1", "1"),
        ("loss in ['a']", "a number is compared with 'a'", "'a'"),
        ("note in [1]", "list quoted texts", "1"),
        ("label < 'bee'", "a class does not compare by < with a name", "'bee'"),
        ("label < prediction", "classes do not compare by <", "label < prediction"),
        ("correct < True", "does not compare by <", "correct < True"),
        ("correct == 2", "yes or no does not compare", "correct == 2"),
        ("correct == loss", "yes or no does not compare", "correct == loss"),
        ("'a' == 'a'", "name a column on one side", "'a' == 'a'"),
        ("'a' in loss", "cannot look for a quoted text in a number", "'a' in loss"),
        ("loss in label", "cannot look for a number in a class", "loss in label"),
        ("1 in [1]", "a number stands before in", "1"),
        ("top(loss)", "top got 1 argument | expected top(column, k)", "top(loss)"),
        ("top(label, 3)", "a class is no number", "label"),
        ("top(3, 3)", "top ranks a column", "3"),
        ("top(loss, 0)", "no whole number from 1", "0"),
        ("top(loss, -1)", "no whole number from 1", "-1"),
        ("top(loss, 2.5)", "no whole number from 1", "2.5"),
        ("top(loss, rank)", "no whole number from 1", "rank"),
        ("top_k('a')", "no whole number from 1", "'a'"),
        ("score(label) > 1", "takes a class name", "label"),
        ("set(loss)", "takes a name in quotes", "loss"),
        ("isnan('a')", "is never missing", "'a'"),
    ],
)  # fmt: skip
def test_what_is_refused(data: Queried, text: str, told: str, where: str | None) -> None:
    message, place = refused(data, text, sets={"xy": data.frame.loss.to_numpy() > 1})
    assert told in message
    assert where is None or place == where


def test_nothing_is_selected_outside_of_the_page(data: Queried) -> None:
    assert "of the page" in refused(data, "selected")[0]


def test_as_deep_and_as_long_as_is_allowed(data: Queried) -> None:
    expected = data.rows("loss > 1")
    assert data.rows("(" * 64 + "loss > 1" + ")" * 64) == expected
    assert data.rows(" or ".join(["loss > 1"] * 800)) == expected
    assert data.rows("loss > 0.5" + " + 0" * 2_000 + " + 0.5") == expected
    assert data.rows(f"sample_index in [{', '.join(['3'] * 3_000)}]") == [3]
    assert data.rows("loss > 1" + " " * 9_000) == expected
    assert data.rows("loss > " + "0" * 63 + "1") == expected


WORDS = [
    "loss", "label", "correct", "note", "camera", "`a number`", "and", "or", "not", "in", "==", "<",
    "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", "1", "0.5", "'ant'", "'", "top(", "isnan(",
    "abs(", "score(", "selected", "True", "~", "&", "|", ".", "__class__", "lambda", "\\", "**",
]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(text=st.text() | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_text_is_answered_or_refused_with_a_place(data: Queried, text: str) -> None:
    try:
        data.rows(text)
    except QueryError as error:
        assert error.what
        assert error.hint
        assert 0 <= error.start <= error.stop <= len(text)
