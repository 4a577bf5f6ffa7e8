"""The query language: what pandas finds, and what only it can say."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query_record import CAMERAS, CLASSES, N, Queried, make_record

Pair = tuple[str, str]  # the same in our words and in pandas'


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Queried:
    return make_record(tmp_path_factory.mktemp("query"))


def both(text: str) -> Pair:
    return text, text


def joined(template: str, *parts: Pair) -> Pair:
    return template.format(*(part[0] for part in parts)), template.format(*(p[1] for p in parts))


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


CONSTANTS = st.sampled_from(["0", "2", "0.1", "0.25", "0.3", "1.5", "7.75", "1e3", ".5"]).map(both)
COLUMNS = st.sampled_from(
    ["loss", "margin", "label_score", "rank", "sample_index", "`a number`"]
).map(both)
NUMBERS = st.recursive(
    COLUMNS,
    lambda inner: st.one_of(
        st.builds(
            lambda left, sign, right: joined(f"({{0}} {sign} {{1}})", left, right),
            inner,
            st.sampled_from("+-*/%"),
            inner | CONSTANTS,
        ),
        inner.map(lambda part: joined("-{0}", part)),
        inner.map(lambda part: joined("abs({0})", part)),
    ),
    max_leaves=4,
)
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
EQUAL = st.sampled_from(["==", "!="])
IN = st.sampled_from(["in", "not in"])


@st.composite
def number_conditions(draw: st.DrawFn) -> Pair:
    if draw(st.booleans()):
        sign = draw(SIGNS)
        return joined(f"{{0}} {sign} {{1}}", draw(NUMBERS), draw(NUMBERS | CONSTANTS))
    first, second = draw(SIGNS), draw(SIGNS)
    parts = draw(CONSTANTS), draw(NUMBERS), draw(CONSTANTS | NUMBERS)
    return joined(f"{{0}} {first} {{1}} {second} {{2}}", *parts)


@st.composite
def class_conditions(draw: st.DrawFn) -> Pair:
    column = draw(st.sampled_from(["label", "prediction"]))
    names = draw(st.lists(st.sampled_from(CLASSES), min_size=1).map(lambda n: map(quoted, n)))
    listed = ", ".join(names)
    index = draw(st.integers(0, len(CLASSES) - 1))
    return draw(
        st.sampled_from(
            [
                both(f"{column} {draw(EQUAL)} {quoted(draw(st.sampled_from(CLASSES)))}"),
                both(f"{column} {draw(IN)} [{listed}]"),
                (f"{column} {(sign := draw(SIGNS))} {index}", f"{column}_index {sign} {index}"),
                (
                    f"label {(sign := draw(EQUAL))} prediction",
                    f"label_index {sign} prediction_index",
                ),
                both(f"was {draw(EQUAL)} {column}"),
            ]
        )
    )


@st.composite
def text_conditions(draw: st.DrawFn) -> Pair:
    camera, note = draw(st.sampled_from(CAMERAS)), draw(st.sampled_from(["Note 7", "Note 99", ""]))
    return draw(
        st.sampled_from(
            [
                both(f"camera {draw(EQUAL)} '{camera}'"),
                both(f"camera {draw(IN)} ['{camera}', 'top']"),
                both(f"note {draw(SIGNS)} '{note}'"),
                both(f"'{note}' {draw(SIGNS)} note"),
                both(f"note {draw(IN)} ['{note}', 'Note 3']"),
                both(f"split {draw(SIGNS)} 'train'"),
                both(f"sample_index {draw(IN)} [3, 5.0, -1]"),
            ]
        )
    )


FLAGS = st.sampled_from(["correct", "flagged", "not correct", "~flagged"])
CONDITIONS = st.recursive(
    st.one_of(number_conditions(), class_conditions(), text_conditions(), FLAGS.map(both)),
    lambda inner: st.one_of(
        inner.map(lambda part: joined("not ({0})", part)),
        inner.map(lambda part: joined("~({0})", part)),
        st.builds(
            lambda left, word, right: joined(f"{{0}} {word} {{1}}", left, right),
            inner,
            st.sampled_from(["and", "or", "&", "|"]),
            inner,
        ),
        st.builds(
            lambda left, word, right: joined(f"({{0}}) {word} ({{1}})", left, right),
            inner,
            st.sampled_from(["and", "or", "&", "|"]),
            inner,
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(pair=CONDITIONS)
def test_what_pandas_finds(data: Queried, pair: Pair) -> None:
    assert data.rows(pair[0]) == data.theirs(pair[1]), pair


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("loss > 2 and label != prediction", "loss > 2 and label_index != prediction_index"),
        ('label == "ant" and 0.3 < label_score <= 0.6', None),
        ('label in ["ant", "bee"] or not correct', None),
        ("label in ('ant', 'bee',)", "label in ['ant', 'bee']"),
        ("prediction in [0, 'bee']", "prediction_index in [0, 1]"),
        ("'it\\'s \\\\ \"4\"' == label", "label_index == 3"),
        ("isnan(loss)", "loss != loss"),
        ("isnan(label) or isnan(camera)", "label.isna() or camera.isna()"),
        ("isnan(flagged)", "flagged.isna()"),
        ("not isnan(rank) and rank <= 2", "rank <= 2"),
        ("`loss` > 1", "loss > 1"),
        ("1 < 2 and loss > 1", "loss > 1"),
        ("True and loss > 1", "loss > 1"),
        ("flagged == True", "flagged"),
        ("correct == 1", "correct == True"),
        ("(loss > 1) == flagged", "(loss > 1 and flagged) or (not (loss > 1) and not flagged)"),
        ("-loss < -1 - 0.5", "loss > 1.5"),
        ("loss > 1 / 0", "loss > inf"),
        ("loss in []", "loss > inf"),
        ("flagged in [True]", "flagged"),
    ],
)
def test_examples(data: Queried, ours: str, theirs: str | None) -> None:
    expected = data.frame.query(theirs or ours, engine="python", local_dict={"inf": np.inf})
    assert data.rows(ours) == expected.index.tolist()


@pytest.mark.parametrize("column", ["loss", "margin", "rank", "`a number`"])
@pytest.mark.parametrize("k", [1, 7, 150, 1000])
def test_the_k_largest_and_smallest_with_ties_in_sample_order(
    data: Queried, column: str, k: int
) -> None:
    values = data.frame[column.strip("`")]
    top = sorted(values.nlargest(k, keep="first").dropna().index)
    bottom = sorted(values.nsmallest(k, keep="first").dropna().index)
    assert data.rows(f"top({column}, {k})") == top
    assert data.rows(f"bottom({column}, {k})") == bottom


def test_top_ranks_the_asked_samples_and_no_others(data: Queried) -> None:
    among = np.arange(N) >= 80
    expected = data.frame.margin[80:].nlargest(5).index.tolist()
    assert data.rows("top(margin, 5)", among=among) == sorted(expected)
    assert data.rows("top(abs(margin), 3)") == sorted(data.frame.margin.abs().nlargest(3).index)


def test_a_text_is_looked_for_whatever_its_case(data: Queried) -> None:
    boots = data.frame.prediction.str.contains("Boot", case=False) == True  # noqa: E712
    assert data.rows('"BOOT" in prediction') == np.flatnonzero(boots).tolist()
    assert data.rows('"boot" not in prediction') == np.flatnonzero(~boots).tolist()
    assert data.rows('"note 4" in note') == data.theirs("note.str.contains('Note 4')")
    assert data.rows("'EF' in camera") == data.theirs("camera == 'left'")


def test_a_missing_boolean_is_neither_yes_nor_no(data: Queried) -> None:
    known = data.frame.flagged.notna()
    assert sorted(data.rows("flagged") + data.rows("not flagged")) == known[known].index.tolist()
    assert (
        data.rows("flagged != True")
        == data.frame.index[data.frame.flagged.ne(True).fillna(True)].tolist()
    )


def test_the_rank_of_the_label(data: Queried) -> None:
    assert data.rows("top_k(2)") == data.theirs("rank <= 2")
    assert data.rows("not top_k(2)") == data.theirs("rank > 2"), "an unknown label is neither"


@pytest.mark.parametrize("top_scores", [None, 2])
def test_scores_of_a_class_and_of_the_prediction(tmp_path: Any, top_scores: int | None) -> None:
    data = make_record(tmp_path, top_scores)
    bee = data.scores[:, 1]
    if top_scores:
        stored = np.sort(data.scores, axis=1)[:, -top_scores] <= bee
        bee = np.where(stored | (data.frame.label == "bee"), bee, np.nan)
    assert data.rows('score("bee") > 0.3') == np.flatnonzero(bee > 0.3).tolist()
    assert data.rows("score(1) <= 0.3") == np.flatnonzero(bee <= 0.3).tolist()
    assert data.rows("isnan(score(1))") == np.flatnonzero(np.isnan(bee)).tolist()
    codes = data.frame.prediction_index.fillna(0).astype(int)
    own = data.scores.max(axis=1) if top_scores else data.scores[np.arange(N), codes]
    sure = (own > 0.5) & data.frame.prediction.notna()
    assert data.rows("confidence > 0.5") == np.flatnonzero(sure).tolist()


def test_sets_tags_and_the_selection(data: Queried) -> None:
    odd, low = np.arange(N) % 2 == 1, np.arange(N) < 10
    told = {"selected": odd, "sets": {"the low": low}, "tags": {"odd ones": odd}}
    assert data.rows('selected and set("the low")', **told) == [1, 3, 5, 7, 9]
    assert data.rows("set('the low') and not tag('odd ones')", **told) == [0, 2, 4, 6, 8]


def test_only_the_asked_samples_are_found(data: Queried) -> None:
    assert data.rows("True", among=np.arange(N) < 3) == [0, 1, 2]


def test_a_repeated_class_name_means_all_of_that_name(data: Queried) -> None:
    assert data.rows("label == 1 or label == 0") == data.rows("label in [0, 1]")
