"""How good the predictions are within slices of the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis import slices as analysis
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import class_of, in_splits, step_of, table_of
from tensorboard_cnnvis.server.runs import Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer
from tensorboard_cnnvis.table.compared_table import AnyTable

_MOST_FIELDS = 2
_MOST_VALUES = 200
_MOST_BINS = 50
_MISSING = "-"
_Field = tuple[npt.NDArray[np.int32], Sequence[str]]


def slices(runs: Runs, params: Params) -> Answer:
    """`POST slices`."""
    opened = runs.open(params.text("run"))
    step, names = step_of(opened, params), _names(params)
    bins = params.integer("bins", 5, low=2, high=_MOST_BINS)
    of_class = None if params.text("class", "") == "" else class_of(opened, params)
    table = table_of(runs, opened, params)
    kept = in_splits(table, params)
    fields = [_field(table, name, step, bins, kept) for name in names]
    found = analysis.slices(
        [codes for codes, _ in fields],
        kept,
        table.values("label"),
        table.values("prediction", step),
        table.values("loss", step),
        of_class,
    )
    figures = {name: getattr(found, name) for name in _FIGURES}
    arrays = {name: figure for name, figure in figures.items() if figure is not None}
    rows = [
        [_shown(texts, code) for (_, texts), code in zip(fields, row, strict=True)]
        for row in found.values.tolist()
    ]
    return columns_answer(arrays, {"rows": rows, "fields": names})


POST: dict[str, Callable[[Runs, Params], Answer]] = {"slices": slices}
_FIGURES = (
    "count", "accuracy", "low", "high", "loss", "loss_low", "loss_high",
    "recall", "recall_low", "recall_high", "codes",
)  # fmt: skip


def _names(params: Params) -> list[str]:
    names = params.json("fields")
    valid = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not valid or not 1 <= len(names) <= _MOST_FIELDS or len(set(names)) < len(names):
        raise RequestError(
            400, f"fields={names!r} cannot be answered", 'expected one or two: ["camera", "split"]'
        )
    return list(names)


def _field(table: AnyTable, name: str, step: int, bins: int, kept: npt.NDArray[np.bool_]) -> _Field:
    """A column's code of every sample, -1 where missing, and the text of each code."""
    if name not in table.columns:
        raise RequestError(
            400, f"there is no field {name!r}", f"fields: {', '.join(table.columns)}"
        )
    kind = table.columns[name].kind
    if kind == "text":
        return _few(name, *_coded(table.texts(name)))
    values = table.values(name, step)
    if kind == "boolean":
        return np.where(values == 255, -1, values).astype(np.int32), ("no", "yes")
    if kind in ("index", "category"):
        classes = table.class_names
        return _few(name, values, classes if kind == "index" else table.columns[name].values or ())
    if kind == "integer":
        values = np.where(values < 0, np.nan, values)
    return _binned(values, bins, kept)


def _binned(values: npt.NDArray[Any], bins: int, kept: npt.NDArray[np.bool_]) -> _Field:
    """A number's quantile bins over the samples that count."""
    codes = np.full(len(values), -1, np.int32)
    codes[kept], ranges = analysis.quantile_bins(values[kept], bins)
    return codes, [
        _number(low) if low == high else f"{_number(low)} to {_number(high)}"
        for low, high in ranges
    ]


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.4g}"


def _coded(texts: Sequence[str]) -> _Field:
    known, codes = np.unique(np.array(texts), return_inverse=True)
    shown = [str(text) for text in known]
    first = int(shown[:1] == [""])  # no text is a missing value
    return (codes - first).astype(np.int32), shown[first:]


def _few(name: str, codes: npt.NDArray[np.int32], texts: Sequence[str]) -> _Field:
    if len(texts) > _MOST_VALUES:
        raise RequestError(
            400,
            f"{name!r} has {len(texts)} values, too many to slice by",
            f"take a field with at most {_MOST_VALUES} values, or a number, which is binned",
        )
    return codes, texts


def _shown(texts: Sequence[str], code: int) -> str:
    return texts[code] if code >= 0 else _MISSING
