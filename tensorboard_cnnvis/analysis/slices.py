"""How good the predictions are within slices of the data, worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.intervals import group_means, wilson

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Slices:
    """One row a slice, the one of lowest accuracy first; those without a known label come last.

    Attributes:
        values: int32 (rows, fields), the slice's code of each field, -1 where it is missing.
        codes: int32 (n_samples,), the row of each sample, -1 where it is in none.
        count: int32 (rows,), samples.
        accuracy, low, high: share of the labelled samples that are right; Wilson's 95% interval.
        loss, loss_low, loss_high: mean of the finite losses; normal 95% interval.
        recall, recall_low, recall_high: share of the asked class's samples that are right, within
            the slice; None where no class was asked for.

    Shares and means are float32 (rows,), NaN where nothing is counted.
    """

    values: Integers
    codes: Integers
    count: Integers
    accuracy: Floats
    low: Floats
    high: Floats
    loss: Floats
    loss_low: Floats
    loss_high: Floats
    recall: Floats | None
    recall_low: Floats | None
    recall_high: Floats | None


def slices(
    fields: list[Array],
    kept: npt.NDArray[np.bool_],
    labels: Array,
    predictions: Array,
    losses: Array,
    of_class: int | None = None,
) -> Slices:
    """Groups samples by the codes of one or more fields.

    Args:
        fields: int (n_samples,) each, codes from 0, -1 where missing.
        kept: (n_samples,), the samples that count.
        labels: int (n_samples,), -1 unknown.
        predictions: int (n_samples,), -1 none, which is wrong.
        losses: float (n_samples,).
        of_class: the class whose recall is asked for.
    """
    values, groups = _groups([field[kept] for field in fields])
    right = predictions[kept] == labels[kept]
    accuracy = _shares(right, labels[kept] >= 0, groups, len(values))
    count = np.bincount(groups, minlength=len(values))
    rows = np.lexsort((-count, accuracy[0]))
    place = np.empty(len(values), np.int32)
    place[rows] = np.arange(len(values), dtype=np.int32)
    codes = np.full(len(kept), -1, np.int32)
    codes[kept] = place[groups]
    recall: tuple[Array, ...] | None = None
    if of_class is not None:
        recall = _shares(right, labels[kept] == of_class, groups, len(values))
    figures = [*accuracy, *group_means(losses[kept], groups, len(values))]
    return Slices(
        values[rows],
        codes,
        count[rows].astype(np.int32),
        *(figure[rows].astype(np.float32) for figure in figures),
        *((None,) * 3 if recall is None else (part[rows].astype(np.float32) for part in recall)),
    )


def quantile_bins(values: Array, bins: int) -> tuple[Integers, list[tuple[float, float]]]:
    """Codes (n,) of at most `bins` groups of about equal size, and each group's low and high.

    Equal values are never parted, so there may be fewer groups; where there are at most `bins`
    different values, each is its own. A value that is not finite has the code -1.
    """
    codes = np.full(len(values), -1, np.int32)
    finite = np.isfinite(values)
    known = values[finite]
    if not len(known):
        return codes, []
    different = np.unique(known)
    if len(different) > bins:
        edges = np.quantile(known, np.arange(1, bins) / bins, method="inverted_cdf")
    else:
        edges = different[:-1]
    found, groups = np.unique(np.searchsorted(edges, known, side="left"), return_inverse=True)
    codes[finite] = groups
    own = [known[groups == group] for group in range(len(found))]
    return codes, [(float(group.min()), float(group.max())) for group in own]


def _groups(fields: list[Array]) -> tuple[Integers, Array]:
    """The occurring combinations of codes, int32 (groups, fields), and each sample's group."""
    sizes = [int(field.max(initial=-1)) + 2 for field in fields]
    keys = np.ravel_multi_index([field.astype(np.int64) + 1 for field in fields], sizes)
    found, groups = np.unique(keys, return_inverse=True)
    values = np.stack(np.unravel_index(found, sizes), axis=1) - 1
    return values.astype(np.int32), groups


def _shares(
    right: npt.NDArray[np.bool_],
    counted: npt.NDArray[np.bool_],
    groups: Array,
    n_groups: int,
) -> tuple[Array, Array, Array]:
    """Share of the counted samples that are right, by group, and its interval."""
    of = np.bincount(groups[counted], minlength=n_groups)
    hits = np.bincount(groups[counted & right], minlength=n_groups)
    with np.errstate(invalid="ignore"):
        return hits / of, *wilson(hits, of)
