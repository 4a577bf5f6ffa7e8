"""Labels with the verdicts of the label review in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.verdicts import AMBIGUOUS, RELABEL, Verdicts

Array = npt.NDArray[Any]
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_NUMBERS = (int, float, np.integer, np.floating, np.bool_)


def apply_verdicts(
    y: npt.ArrayLike,
    verdicts: Verdicts,
    *,
    split: str | None = None,
    class_names: Sequence[str] | None = None,
    ambiguous: str = "keep",
) -> Array:
    """Labels with the verdicts in them: `relabel` changes a label, `keep` does not.

    Args:
        y: the labels as the split was given, in the same order: integers (n,) or (n, 1), one-hot
            (n, n_classes), or names (n,) or (n, 1). It is not changed.
        verdicts: from `read_verdicts`.
        split: whose labels these are; needed where the verdicts are of several.
        class_names: as given to `CNNVis`; not needed for names, nor where none were given.
        ambiguous: `keep` leaves these labels as they are, `drop` leaves their rows out: the same
            rows of the images are to be left out then, `verdicts.indices("ambiguous")`.

    Returns:
        A new array in the form of `y`. In one-hot labels the two classes' values change places.

    Raises:
        ValueError: a verdict is about another label than `y` has there, or about a row that `y`
            has not; or `class_names` cannot be those of the run.
    """
    if ambiguous not in ("keep", "drop"):
        raise ValueError(f"ambiguous is 'keep' or 'drop', not {ambiguous!r}")
    given, rows = np.asarray(y), verdicts.rows(split)
    form = _form(given)
    names = None if class_names is None else _checked(class_names, given, form)
    at = verdicts.source_index[rows]
    _check_rows(given, at)
    if form == "indices":
        _check_whole(given.ravel(), at)
    _check_labels(_named(given[at], form, names), verdicts, rows)
    changed = [row for row in rows if verdicts.verdict[row] == RELABEL]
    places = verdicts.source_index[changed]
    out = _changed(given, form, places, [verdicts.suggested_label[row] for row in changed], names)
    if ambiguous == "keep":
        return out
    return np.delete(out, verdicts.indices(AMBIGUOUS, split=split), axis=0)


def _form(given: Array) -> str:
    kind = given.dtype.kind
    if kind == "O" and all(isinstance(value, _NUMBERS) for value in given.flat):
        kind = "f"
    if given.ndim == 1 or (given.ndim == 2 and given.shape[1] == 1):
        if kind in "biuf":
            return "indices"
        if kind in "OSU":
            return "names"
    elif given.ndim == 2 and kind in "biuf":
        return "one-hot"
    raise ValueError(
        "expected y as integers (n,) or (n, 1), one-hot (n, n_classes), or class names, got"
        f" {given.dtype} of shape {given.shape}"
    )


def _checked(class_names: Sequence[str], given: Array, form: str) -> list[str]:
    names = [_text(name) for name in class_names]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"class_names must differ; more than once: {', '.join(twice)}")
    if form == "one-hot" and len(names) != given.shape[1]:
        what = f"y has {given.shape[1]} columns, but class_names has {len(names)} names"
        raise ValueError(f"{what}: give one name per column, as to CNNVis")
    return names


def _check_rows(given: Array, at: npt.NDArray[np.int64]) -> None:
    outside = at[at >= len(given)]
    if outside.size:
        raise ValueError(
            f"there is a verdict on row {outside[0]}, but y has {len(given)} rows: give the labels"
            " of the split that was watched, all of them and in their order"
        )


def _check_whole(labels: Array, at: npt.NDArray[np.int64]) -> None:
    values = labels[at].astype(np.float64)
    odd = at[~(np.isfinite(values) & (values == np.floor(values)))]
    if odd.size:
        what = f"y[{odd[0]}] is {labels[odd[0]]}, which is no class index"
        raise ValueError(f"{what}: give the labels as the run was given them")


def _check_labels(found: list[str], verdicts: Verdicts, rows: list[int]) -> None:
    others = [k for k, row in enumerate(rows) if found[k] != verdicts.label[row]]
    if others:
        row = rows[others[0]]
        raise ValueError(
            f"y[{verdicts.source_index[row]}] is {found[others[0]]!r}, but its verdict is about"
            f" {verdicts.label[row]!r} ({len(others)} of {len(rows)} verdicts differ so): y must be"
            " as the run was given it, in the same order and without these verdicts in it; where"
            " y holds numbers, class_names must be those of the run"
        )


def _named(labels: Array, form: str, class_names: list[str] | None) -> list[str]:
    """The classes of some labels by name."""
    if form == "names":
        return [_text(value) for value in labels.ravel().tolist()]
    indices = [int(value) for value in _indices(labels, form).tolist()]
    if class_names is None:
        return [str(index) for index in indices]
    known = range(len(class_names))
    return [class_names[index] if index in known else str(index) for index in indices]


def _indices(labels: Array, form: str) -> Array:
    return np.asarray(labels.argmax(axis=1)) if form == "one-hot" else labels.ravel()


def _changed(
    given: Array,
    form: str,
    at: npt.NDArray[np.int64],
    names: list[str],
    class_names: list[str] | None,
) -> Array:
    """A copy whose rows `at` have the classes of these names."""
    if form == "names":
        return _renamed(given, at, names)
    new = _indices_of(names, class_names, given.shape[1] if form == "one-hot" else None)
    out = given.copy()
    if form == "one-hot":
        old = _indices(given[at], form)
        out[at, new], out[at, old] = given[at, old], given[at, new]
    else:
        if np.any(new.astype(out.dtype) != new):
            what = f"y is {out.dtype}, which cannot hold the class {new.max()} of a verdict"
            raise ValueError(f"{what}: give y as int64")
        out.reshape(-1)[at] = new
    return out


def _indices_of(
    names: list[str], class_names: list[str] | None, n_classes: int | None
) -> npt.NDArray[np.int64]:
    """The class indices of some names; without `class_names` these are numbers, below a bound."""
    known: dict[str, int] = {}
    if class_names is not None:
        known = {name: index for index, name in enumerate(class_names)}
    else:
        found = {name: int(name) for name in set(names) if _NUMBER.fullmatch(name)}
        known = {name: i for name, i in found.items() if n_classes is None or i < n_classes}
    unknown = sorted(set(names) - set(known))
    if unknown:
        among = class_names or [str(index) for index in range(n_classes or 0)]
        told = f" {', '.join(among[:8])}{', ...' if len(among) > 8 else ''}" if among else ""
        what = f"a verdict relabels to {unknown[0][:40]!r}, which is none of the classes{told}"
        raise ValueError(f"{what}: give class_names= as to CNNVis")
    return np.array([known[name] for name in names], np.int64)


def _renamed(given: Array, at: npt.NDArray[np.int64], names: list[str]) -> Array:
    kind, first = given.dtype.kind, given.ravel()[:1].tolist()
    in_bytes = kind == "S" or (kind == "O" and bool(first) and isinstance(first[0], bytes))
    words: list[Any] = [name.encode() for name in names] if in_bytes else list(names)
    out = given.astype(object)
    for place, word in zip(at.tolist(), words, strict=True):
        out[place] = word
    return out if kind == "O" else out.astype(kind)  # as wide as the longest name


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
