"""The user's own columns and ids, aligned with the watched samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tensorboard_cnnvis.schema import ColumnInfo
from tensorboard_cnnvis.store.columns import free_name

Values = npt.NDArray[np.generic] | tuple[str, ...]
Index = npt.NDArray[np.int64]

MAX_CATEGORIES = 1_000
MISSING_BOOLEAN = 255
_MOST_WHOLE = 2**53


def check_order(what: str, given: object, orders: Mapping[str, str]) -> list[str]:
    """Refuses rows that go by position for samples whose position changes with each pass.

    Args:
        what: "ids" or "metadata".
        given: the user's, for one split, or a dict split -> those.
        orders: split -> "kept", "fixed" or "random"; see `shuffling.order`.

    Returns:
        A sentence for each split that is always shuffled the same way.

    Raises:
        ValueError: a shuffled split would get the rows of other samples.
    """
    per_split = _is_per_split(given) if what == "metadata" else isinstance(given, Mapping)
    warnings = []
    for split, order in orders.items():
        rows = given.get(split) if per_split and isinstance(given, Mapping) else given
        if rows is None:
            continue
        if order == "random":
            raise ValueError(
                f"split '{split}' is shuffled, so the rows of {what} are not in the order of its"
                " samples and would be attached to the wrong images: give a data set that is not"
                f" shuffled (shuffle=False), or arrays, or leave its {what} out"
            )
        if order == "fixed":
            warnings.append(
                f"Split '{split}' is shuffled, always the same way: its {what} must be in the order"
                " of its iteration, not of the data it was made from."
            )
    return warnings


def watched_ids(
    ids: object, splits: Mapping[str, Index], totals: Mapping[str, int]
) -> tuple[str, ...] | None:
    """The ids of the watched samples, "" where a split has none.

    Args:
        ids: one per sample of the user's data, or a dict split -> those, or None.
        splits: split -> source_index of its watched samples, in order.
        totals: split -> number of samples in the user's data.
    """
    if ids is None:
        return None
    parts = _by_split("ids", ids, isinstance(ids, Mapping), tuple(splits))
    result: list[str] = []
    for split, index in splits.items():
        values: Any = parts.get(split)
        if values is None:
            result += [""] * len(index)
            continue
        if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
            raise ValueError(f"ids must be a list with one per sample, got {type(values).__name__}")
        _check_length("ids", split, len(values), totals[split])
        result += _texts(pd.Series(values).iloc[index].tolist())
    return tuple(result)


def watched_metadata(
    metadata: object, splits: Mapping[str, Index], totals: Mapping[str, int]
) -> tuple[tuple[ColumnInfo, ...], dict[str, Values]]:
    """The columns of the watched samples.

    Args:
        metadata: a DataFrame or dict of columns, or a dict split -> those, or None.
        splits: split -> source_index of its watched samples, in order.
        totals: split -> number of samples in the user's data.

    Returns:
        The columns, and column name -> values: `number` float64 with NaN where missing,
        `boolean` uint8 with 255 where missing, `category` and `text` strings with "" where
        missing.
    """
    if metadata is None:
        return (), {}
    parts = _by_split("metadata", metadata, _is_per_split(metadata), tuple(splits))
    frames = []
    for split, index in splits.items():
        columns = _frame(parts.get(split), split, totals[split])
        frames.append(columns.iloc[index] if len(columns.columns) else pd.DataFrame(index=index))
    together = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    infos, values = [], {}
    for position, name in enumerate(_free_names([str(name) for name in together.columns])):
        kind, values[name] = _column(together.iloc[:, position])
        infos.append(ColumnInfo(name, kind))
    return tuple(infos), values


def _is_per_split(metadata: object) -> bool:
    return (
        isinstance(metadata, Mapping)
        and bool(metadata)
        and all(isinstance(part, (Mapping, pd.DataFrame)) for part in metadata.values())
    )


def _by_split(what: str, given: Any, per_split: bool, splits: tuple[str, ...]) -> Mapping[str, Any]:
    if per_split:
        unknown = [str(name) for name in given if name not in splits]
        if unknown:
            raise ValueError(
                f"{what} names the splits {', '.join(unknown)}; data has {', '.join(splits)}"
            )
        return dict(given)
    if len(splits) > 1:
        raise ValueError(
            f"data has the splits {', '.join(splits)}, so {what} must be a dict with the same"
            f" keys, got {type(given).__name__}"
        )
    return {splits[0]: given}


def _frame(part: Any, split: str, total: int) -> pd.DataFrame:
    """The split's columns as a DataFrame with one row per sample of the user's data."""
    if part is None:
        return pd.DataFrame()
    if isinstance(part, pd.DataFrame):
        _check_length("metadata", split, len(part), total)
        if not part.columns.is_unique:
            raise ValueError(f"metadata has two columns of one name: {list(part.columns)}")
        return part
    if not isinstance(part, Mapping):
        raise ValueError(
            f"metadata must be a DataFrame or a dict of columns, got {type(part).__name__}"
        )
    columns = {}
    for name, values in part.items():
        column = values if isinstance(values, pd.Series) else _one_dimensional(str(name), values)
        _check_length(f"metadata column '{name}'", split, len(column), total)
        columns[name] = column.reset_index(drop=True)
    return pd.DataFrame(columns)


def _one_dimensional(name: str, values: Any) -> pd.Series[Any]:
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        raise ValueError(f"metadata column '{name}' must have one value per sample, got {values!r}")
    if isinstance(values, Sequence) or not hasattr(values, "ndim"):
        return pd.Series(list(values))
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(
            f"metadata column '{name}' must be one-dimensional, got shape {array.shape}"
        )
    return pd.Series(array)


def _check_length(what: str, split: str, got: int, total: int) -> None:
    if got != total:
        raise ValueError(
            f"{what} has {got:,} rows, but split '{split}' has {total:,} samples:"
            " give one per sample of the data, before any draw"
        )


def _free_names(names: Sequence[str]) -> list[str]:
    """Names that no column of ours has and that the wire's comma-separated lists can carry."""
    free: list[str] = []
    for given in names:
        name = " ".join(given.replace(",", " ").split()) or "unnamed"
        free.append(free_name(name, free))
    return free


def _column(column: pd.Series[Any]) -> tuple[str, Values]:
    """Kind and values of one column."""
    known = column.dropna()
    if len(known) and (
        pd.api.types.is_bool_dtype(known) or all(isinstance(v, (bool, np.bool_)) for v in known)
    ):
        flags = np.full(len(column), MISSING_BOOLEAN, np.uint8)
        flags[column.notna().to_numpy()] = known.astype(bool).to_numpy()
        return "boolean", flags
    if _is_number(known) and not _beyond_float64(known):
        numbers = pd.to_numeric(column.astype(object), errors="coerce")
        return "number", numbers.to_numpy(np.float64, na_value=np.nan)
    texts = tuple(_texts(column.tolist()))
    return ("category" if len(set(texts)) <= MAX_CATEGORIES else "text"), texts


def _is_number(known: pd.Series[Any]) -> bool:
    kind = known.dtype
    if pd.api.types.is_numeric_dtype(kind):
        return not pd.api.types.is_complex_dtype(kind)
    return pd.api.types.is_object_dtype(kind) and all(
        isinstance(value, (int, float, np.integer, np.floating)) for value in known
    )


def _beyond_float64(known: pd.Series[Any]) -> bool:
    """Whether it holds whole numbers, as hashes are, of which float64 makes two one."""
    return any(
        isinstance(value, (int, np.integer)) and abs(int(value)) > _MOST_WHOLE for value in known
    )


def _texts(values: Sequence[Any]) -> list[str]:
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)
