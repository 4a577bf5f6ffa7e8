"""Verdicts of the label review: read from the page's CSV, and applied to labels of any form."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorboard_cnnvis
from tensorboard_cnnvis import apply_verdicts, read_verdicts
from tensorboard_cnnvis.analysis.verdicts import Verdicts

HEAD = "source_index,label,suggested_label,verdict,score,split"
NAMES = ("cat", "dog", "a very long name, with a comma")
LABELS = np.array([0, 1, 2, 0, 1])


def written(*rows: str, head: str = HEAD) -> Verdicts:
    return read_verdicts(io.StringIO("\n".join([head, *rows, ""])))


SOME = (
    "4,dog,cat,relabel,0.9,train",
    '0,cat,"a very long name, with a comma",relabel,0.8,train',
    "1,dog,cat,keep,0.7,train",
    "3,cat,dog,ambiguous,0.6,train",
)
AFTER = np.array([2, 1, 2, 0, 0])


def test_what_the_page_wrote_is_read() -> None:
    verdicts = written(*SOME)
    assert verdicts.source_index.tolist() == [4, 0, 1, 3]
    assert verdicts.label == ("dog", "cat", "dog", "cat")
    assert verdicts.suggested_label[1] == NAMES[2]
    assert verdicts.verdict == ("relabel", "relabel", "keep", "ambiguous")
    assert verdicts.score.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert verdicts.splits == ("train",)
    assert verdicts.id is None
    assert len(verdicts) == 4
    assert repr(verdicts) == "<Verdicts: 1 keep, 2 relabel, 1 ambiguous; splits: train>"


def test_a_path_and_an_open_file_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.csv"
    path.write_bytes(("\ufeff" + "\r\n".join([HEAD, *SOME, ""])).encode())
    read = [read_verdicts(path), read_verdicts(str(path))]
    with path.open("rb") as binary, path.open(newline="", encoding="utf-8") as text:
        read += [read_verdicts(binary), read_verdicts(text)]
    for verdicts in read:
        assert verdicts.label == ("dog", "cat", "dog", "cat")
        assert verdicts.suggested_label[1] == NAMES[2]


def test_names_stay_text_whatever_they_look_like() -> None:
    verdicts = written(
        "0,NA,1,relabel,,train,007", "1,'=1+1,''@x,keep,0.5,'-split,'+49", head=f"{HEAD},id"
    )
    assert verdicts.label == ("NA", "=1+1")
    assert verdicts.suggested_label == ("1", "'@x")
    assert verdicts.split == ("train", "-split")
    assert verdicts.id == ("007", "+49")
    assert np.isnan(verdicts.score[0])


def test_columns_may_stand_in_another_order_and_beside_others() -> None:
    head = "split,score,verdict,suggested_label,label,source_index,my notes"
    verdicts = written("train,0.5,keep,dog,cat,7,see above", head=head)
    assert (verdicts.source_index.tolist(), verdicts.label) == ([7], ("cat",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no column source_index, label, suggested_label, verdict, score, split"),
        ("kind,name,split,source_index\n", "has no column label, suggested_label, verdict, score"),
        (HEAD.replace(",", ";"), "the label review exports, with the columns source_index,label"),
    ],
)
def test_a_foreign_file_is_refused_with_what_was_expected(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_verdicts(io.StringIO(text))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("1.5,dog,cat,keep,0.5,train", "source_index is '1.5', not a whole number from 0 on"),
        ("-1,dog,cat,keep,0.5,train", "source_index is '-1'"),
        ("2,dog,cat,relable,0.5,train", "'relable', not one of keep, relabel, ambiguous"),
        ("2,dog,,relabel,0.5,train", "suggested_label must name a class"),
        ("2,dog,cat,keep,high,train", "score is 'high', not a number"),
        ("2,dog,cat,keep,0.5", "expected 6 cells, got 5"),
        ("2,dog,cat,keep,0.5,train,more", "expected 6 cells, got 7"),
        ("4,dog,cat,keep,0.5,train", "a second verdict on source_index 4 of 'train'"),
    ],
)
def test_a_row_that_is_not_valid_is_named_by_its_line(row: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("\n".join([HEAD, '4,dog,"two\nlines",keep,0.5,train', "", row]))
    with pytest.raises(ValueError, match="mine.csv, line 5: .*" + told):
        read_verdicts(path)


def test_an_open_quote_does_not_swallow_the_rows_behind_it() -> None:
    with pytest.raises(ValueError, match="line 3: unexpected end of data; expected the CSV"):
        written('0,cat,dog,keep,0.5,"train', "1,dog,cat,relabel,0.5,train")


def test_what_no_cell_can_be_is_a_value_error() -> None:
    for text in ("a" * 200_000, f"{HEAD}\n0,{'a' * 200_000},dog,keep,0.5,train\n"):
        with pytest.raises(ValueError, match="field larger than field limit"):
            read_verdicts(io.StringIO(text))


def test_a_column_that_is_there_twice_is_told() -> None:
    with pytest.raises(ValueError, match="has the column label more than once; leave one"):
        written("0,cat,dog,keep,0.5,train,dog", head=f"{HEAD},label")


def test_other_separators_are_told() -> None:
    with pytest.raises(ValueError, match="save it with commas between the cells"):
        written("0;cat;dog;keep;0.5;train", head=HEAD.replace(",", ";"))


def test_what_is_no_text_is_told() -> None:
    with pytest.raises(ValueError, match="no text in UTF-8"):
        read_verdicts(io.BytesIO(b"\xff\xfe\x00"))


def one_hot(labels: np.ndarray[Any, Any], kind: str = "f4") -> np.ndarray[Any, Any]:
    return np.eye(len(NAMES), dtype=kind)[labels]


def named(labels: np.ndarray[Any, Any], kind: Any) -> np.ndarray[Any, Any]:
    words = [NAMES[label] for label in labels]
    return np.array([word.encode() for word in words] if kind == "S" else words, kind)


FORMS = {
    "integers": lambda labels: labels,
    "bytes of labels": lambda labels: labels.astype(np.uint8),
    "floats": lambda labels: labels.astype(np.float32),
    "a column of integers": lambda labels: labels[:, None],
    "Python numbers as objects": lambda labels: labels.astype(object),
    "one-hot": one_hot,
    "one-hot of integers": lambda labels: one_hot(labels, "i8"),
    "one-hot of booleans": lambda labels: one_hot(labels, "?"),
    "names": lambda labels: named(labels, "U"),
    "a column of names": lambda labels: named(labels, "U")[:, None],
    "names as objects": lambda labels: named(labels, object),
    "names in bytes": lambda labels: named(labels, "S"),
}


@pytest.mark.parametrize("form", FORMS)
def test_labels_come_back_in_the_form_in_which_they_were_given(form: str) -> None:
    y, expected = FORMS[form](LABELS), FORMS[form](AFTER)
    before = y.copy()
    out = apply_verdicts(y, written(*SOME), class_names=NAMES)
    assert np.array_equal(y, before)
    assert not np.shares_memory(out, y)
    assert out.dtype.kind == y.dtype.kind
    assert out.shape == y.shape
    assert out.tolist() == expected.tolist()


def test_a_name_that_is_longer_than_all_others_is_not_cut() -> None:
    y = np.array(["cat", "dog", "dog", "cat", "dog"])
    assert apply_verdicts(y, written(*SOME)).tolist() == [NAMES[2], "dog", "dog", "cat", "cat"]


def test_a_list_is_taken_too() -> None:
    assert apply_verdicts(LABELS.tolist(), written(*SOME), class_names=NAMES).tolist() == [
        2, 1, 2, 0, 0,
    ]  # fmt: skip


def test_smoothed_labels_are_exchanged() -> None:
    y = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1]])
    out = apply_verdicts(y, written("1,dog,cat,relabel,1,train"), class_names=NAMES)
    assert out.tolist() == [[0.8, 0.1, 0.1], [0.7, 0.2, 0.1]]


def test_where_the_run_had_no_class_names_numbers_are_the_names() -> None:
    verdicts = written("0,0,12,relabel,0.9,train", "1,1,0,keep,0.9,train")
    assert apply_verdicts([0, 1, 1], verdicts).tolist() == [12, 1, 1]
    eye = np.eye(13)
    assert apply_verdicts(eye[[0, 1, 1]], verdicts).argmax(axis=1).tolist() == [12, 1, 1]


def test_of_several_splits_one_must_be_named() -> None:
    verdicts = written("0,cat,dog,relabel,0.9,train", "0,dog,cat,relabel,0.8,validation")
    with pytest.raises(ValueError, match="verdicts of train, validation: name one"):
        apply_verdicts([0, 1], verdicts, class_names=NAMES)
    with pytest.raises(ValueError, match="no verdict is of split 'test'; there are: train, val"):
        apply_verdicts([0, 1], verdicts, split="test", class_names=NAMES)
    train = apply_verdicts([0, 1], verdicts, split="train", class_names=NAMES)
    held_out = apply_verdicts([1, 1], verdicts, split="validation", class_names=NAMES)
    assert (train.tolist(), held_out.tolist()) == ([1, 1], [0, 1])


def test_another_order_of_the_labels_is_noticed_even_where_nothing_is_relabelled() -> None:
    shuffled = LABELS[[1, 0, 2, 3, 4]]
    told = r"y\[0\] is 'dog', but its verdict is about 'cat' \(2 of 4 verdicts differ so\)"
    with pytest.raises(ValueError, match=told):
        apply_verdicts(shuffled, written(*SOME), class_names=NAMES)
    with pytest.raises(ValueError, match="is about 'dog'"):
        apply_verdicts([0, 0], written("1,dog,cat,keep,0.7,train"), class_names=NAMES)


def test_verdicts_are_not_applied_twice() -> None:
    once = apply_verdicts(LABELS, written(*SOME), class_names=NAMES)
    with pytest.raises(ValueError, match="without these verdicts in it"):
        apply_verdicts(once, written(*SOME), class_names=NAMES)


def test_a_row_that_the_labels_have_not_is_told() -> None:
    with pytest.raises(ValueError, match="a verdict on row 4, but y has 3 rows"):
        apply_verdicts(LABELS[:3], written(*SOME), class_names=NAMES)


def test_a_class_that_is_not_known_is_told() -> None:
    verdicts = written("0,cat,horse,relabel,0.9,train")
    with pytest.raises(ValueError, match="relabels to 'horse', which is none of the classes cat"):
        apply_verdicts(LABELS, verdicts, class_names=NAMES)
    with pytest.raises(ValueError, match=r"y\[0\] is '0', .* class_names must be those"):
        apply_verdicts(LABELS, verdicts)


def test_a_class_that_the_type_of_y_cannot_hold_is_told() -> None:
    names = [f"c{index}" for index in range(300)]
    verdicts = written("0,c1,c280,relabel,0.9,train")
    with pytest.raises(ValueError, match="y is uint8, which cannot hold the class 280"):
        apply_verdicts(np.array([1, 0], np.uint8), verdicts, class_names=names)
    assert apply_verdicts(np.array([1, 0]), verdicts, class_names=names).tolist() == [280, 0]


def test_names_that_cannot_be_those_of_the_run_are_refused() -> None:
    verdicts = written("0,cat,dog,relabel,0.9,train")
    with pytest.raises(ValueError, match="class_names must differ; more than once: dog"):
        apply_verdicts(LABELS, verdicts, class_names=["cat", "dog", "dog"])
    with pytest.raises(ValueError, match="y has 3 columns, but class_names has 4 names"):
        apply_verdicts(one_hot(LABELS), verdicts, class_names=[*NAMES, "horse"])
    names: Any = [b"cat", b"dog"]
    assert apply_verdicts([0, 1], verdicts, class_names=names).tolist() == [1, 1]


@pytest.mark.parametrize("value", [0.5, np.nan, np.inf, -np.inf])
def test_numbers_that_are_no_class_are_told(value: float) -> None:
    with pytest.raises(ValueError, match=r"y\[1\] is .*, which is no class index"):
        apply_verdicts([1, value], written("1,cat,dog,relabel,0.9,train"), class_names=NAMES)


def test_a_large_number_as_a_class_takes_no_memory() -> None:
    verdicts = written("0,0,999999999999,relabel,0.9,train")
    assert apply_verdicts([0, 1], verdicts).tolist() == [999_999_999_999, 1]


@pytest.mark.parametrize("y", [np.zeros((3, 2, 2)), np.array([["cat", "dog"]] * 5), [1j] * 5])
def test_labels_of_no_known_form_are_refused(y: Any) -> None:
    with pytest.raises(ValueError, match=r"expected y as integers \(n,\) or \(n, 1\)"):
        apply_verdicts(y, written(*SOME), class_names=NAMES)


def test_ambiguous_rows_stay_or_are_left_out() -> None:
    verdicts = written(*SOME)
    kept = apply_verdicts(LABELS, verdicts, class_names=NAMES, ambiguous="keep")
    dropped = apply_verdicts(LABELS, verdicts, class_names=NAMES, ambiguous="drop")
    assert kept.tolist() == AFTER.tolist()
    assert dropped.tolist() == AFTER[[0, 1, 2, 4]].tolist()
    images = np.delete(np.arange(5), verdicts.indices("ambiguous"), axis=0)
    assert images.tolist() == [0, 1, 2, 4]
    with pytest.raises(ValueError, match="'keep' or 'drop', not 'forget'"):
        apply_verdicts(LABELS, verdicts, class_names=NAMES, ambiguous="forget")


def test_indices_of_verdicts() -> None:
    verdicts = written(*SOME, "2,cat,dog,relabel,0.1,validation")
    assert verdicts.indices("relabel", split="train").tolist() == [0, 4]
    assert verdicts.indices("keep", "ambiguous", split="train").tolist() == [1, 3]
    assert verdicts.indices(split="validation").tolist() == [2]
    with pytest.raises(ValueError, match="name one"):
        verdicts.indices("relabel")
    with pytest.raises(ValueError, match="there is no verdict 'relable'"):
        verdicts.indices("relable", split="train")


def test_a_file_without_verdicts_changes_nothing() -> None:
    verdicts = written()
    out = apply_verdicts(LABELS, verdicts, split="train", class_names=NAMES, ambiguous="drop")
    assert out.tolist() == LABELS.tolist()
    assert out is not LABELS


def test_both_are_names_of_the_package() -> None:
    assert {"read_verdicts", "apply_verdicts"} <= set(tensorboard_cnnvis.__all__)
