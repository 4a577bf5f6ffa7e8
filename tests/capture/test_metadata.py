"""Columns are aligned with the user's data before the draw and told apart by their values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tensorboard_cnnvis.capture.metadata import (
    MAX_CATEGORIES,
    watched_ids,
    watched_metadata,
)
from tensorboard_cnnvis.store.columns import RESERVED

INDEX = {"validation": np.array([0, 2, 3])}
TOTAL = {"validation": 4}
TWO = {"train": np.array([1]), "test": np.array([0, 1])}
TWO_TOTALS = {"train": 2, "test": 2}


def column(values: object) -> tuple[str, object]:
    infos, found = watched_metadata({"c": values}, INDEX, TOTAL)
    return infos[0].kind, found["c"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4], [1, 3, 4]),
        (np.array([0.5, 1, np.inf, 2], np.float16), [0.5, np.inf, 2]),
        ([1, 2, None, 4], [1, np.nan, 4]),
        (pd.Series([1, 2, None, 4], dtype="Int64"), [1, np.nan, 4]),
        (pd.Series([1, 2, 3, 4], index=[9, 8, 7, 6]), [1, 3, 4]),
        ([True, 2, 3, 4], [1, 3, 4]),
    ],
)
def test_numbers(values: object, expected: list[float]) -> None:
    kind, found = column(values)
    assert kind == "number"
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True, False, False, True], [1, 0, 1]),
        ([True, False, None, False], [1, 255, 0]),
        (pd.Series([True, False, None, False], dtype="boolean"), [1, 255, 0]),
    ],
)
def test_booleans(values: object, expected: list[int]) -> None:
    kind, found = column(values)
    assert kind == "boolean"
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.uint8
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "b", "c", "a"], ("a", "c", "a")),
        (["a", "b", None, "a"], ("a", "", "a")),
        (np.array([b"a", b"b", b"c", b"d"]), ("a", "c", "d")),
        (pd.Categorical(["a", "b", "b", "a"]), ("a", "b", "a")),
        (["a", 1, 2, None], ("a", "2", "")),
        (pd.to_datetime(["2026-01-02"] * 3 + [None]), ("2026-01-02 00:00:00",) * 2 + ("",)),
        ([None, None, None, None], ("", "", "")),
    ],
)
def test_categories(values: object, expected: tuple[str, ...]) -> None:
    kind, found = column(values)
    if expected == ("", "", ""):
        assert kind in ("category", "number")  # nothing is known of a column without values
    else:
        assert (kind, found) == ("category", expected)


@pytest.mark.parametrize(
    "values",
    [
        [1, 2**53 + 1, 2**53 + 2, -(2**60)],
        np.array([1, 2, 2**53 + 2, 2**64 - 1], np.uint64),
        pd.Series([1, 2**53 + 1, None, 2**60], dtype="Int64"),
    ],
)
def test_whole_numbers_that_no_float_holds_are_words(values: object) -> None:
    """Hashes as keys: two of them must not become one."""
    kind, found = column(values)
    assert kind == "category"
    given = pd.Series(values).iloc[INDEX["validation"]]
    assert found == tuple("" if value is pd.NA else str(value) for value in given.tolist())


def test_many_different_strings_are_text() -> None:
    n = MAX_CATEGORIES + 1
    index, totals = {"s": np.arange(n)}, {"s": n}
    few = ["x", *(str(value) for value in range(MAX_CATEGORIES - 1)), "x"]
    infos, found = watched_metadata(
        {"path": [f"{i}.png" for i in range(n)], "few": few}, index, totals
    )
    assert [info.kind for info in infos] == ["text", "category"]
    assert found["path"][7] == "7.png"


def test_a_name_of_ours_gets_a_prefix() -> None:
    given = {name: [1, 2, 3, 4] for name in sorted(RESERVED)}
    infos, _ = watched_metadata(given, INDEX, TOTAL)
    assert [info.name for info in infos] == [f"meta_{name}" for name in sorted(RESERVED)]


def test_prefixed_names_stay_apart() -> None:
    frame = pd.DataFrame({"meta_loss": [1, 2, 3, 4], "loss": [5, 6, 7, 8], "size, mm": [0] * 4})
    infos, found = watched_metadata(frame, INDEX, TOTAL)
    assert [info.name for info in infos] == ["meta_loss", "meta_meta_loss", "size mm"]
    assert list(found["meta_meta_loss"]) == [5, 7, 8]


def test_columns_of_splits_are_joined_and_holes_are_missing() -> None:
    infos, found = watched_metadata(
        {"train": {"bad": [True, False], "age": [1, 2]}, "test": pd.DataFrame({"age": [3, 4]})},
        TWO,
        TWO_TOTALS,
    )
    assert {info.name: info.kind for info in infos} == {"bad": "boolean", "age": "number"}
    assert list(found["bad"]) == [0, 255, 255]
    assert list(found["age"]) == [2, 3, 4]


@pytest.mark.parametrize(
    ("given", "index", "totals", "message"),
    [
        (
            {"a": [1, 2]},
            INDEX,
            TOTAL,
            "column 'a' has 2 rows, but split 'validation' has 4 samples",
        ),
        (pd.DataFrame({"a": [1]}), INDEX, TOTAL, "metadata has 1 rows.*before any draw"),
        ({"a": [1, 2]}, TWO, TWO_TOTALS, "must be a dict with the same keys"),
        ({"val": {"a": [1]}}, INDEX, TOTAL, "names the splits val; data has validation"),
        ({"a": np.zeros((4, 2))}, INDEX, TOTAL, r"one-dimensional, got shape \(4, 2\)"),
        ({"a": "text"}, INDEX, TOTAL, "must have one value per sample, got 'text'"),
        ([1, 2, 3, 4], INDEX, TOTAL, "a DataFrame or a dict of columns, got list"),
        (pd.DataFrame([[1, 2]] * 4, columns=["a", "a"]), INDEX, TOTAL, "two columns of one name"),
    ],
)
def test_refusals(
    given: object, index: dict[str, np.ndarray], totals: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        watched_metadata(given, index, totals)


def test_ids() -> None:
    assert watched_ids(None, INDEX, TOTAL) is None
    assert watched_ids(["a", "b", "c", "d"], INDEX, TOTAL) == ("a", "c", "d")
    assert watched_ids(np.array([10, 11, 12, 13]), INDEX, TOTAL) == ("10", "12", "13")
    assert watched_ids({"test": ["p", "q"]}, TWO, TWO_TOTALS) == ("", "p", "q")


@pytest.mark.parametrize(
    ("ids", "index", "totals", "message"),
    [
        (["a"], INDEX, TOTAL, "ids has 1 rows, but split 'validation' has 4 samples"),
        (["a", "b"], TWO, TWO_TOTALS, "ids must be a dict with the same keys"),
        ("abcd", INDEX, TOTAL, "ids must be a list with one per sample, got str"),
        ({"val": []}, INDEX, TOTAL, "ids names the splits val"),
    ],
)
def test_ids_refusals(
    ids: object, index: dict[str, np.ndarray], totals: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        watched_ids(ids, index, totals)
