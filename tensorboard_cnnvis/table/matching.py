"""Which samples of two records are the same: by their place, a key column or the image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.comparison import Indices, Matched, coded, match
from tensorboard_cnnvis.store.input_hashes import input_hashes
from tensorboard_cnnvis.store.reader import RunReader
from tensorboard_cnnvis.table.sample_table import SampleTable

Array = npt.NDArray[Any]
Hashes = Callable[[RunReader], npt.NDArray[np.int64]]
AUTO, POSITION, IMAGE = "auto", "position", "image"
COLUMN = "column:"  # in front of a column's name that is also the name of a way


class MatchError(ValueError):
    """Two records whose samples cannot be matched as asked.

    Attributes:
        hint: what to do.
    """

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


@dataclass(frozen=True)
class Record:
    """A run to be matched: what messages call it, its record and its table."""

    name: str
    reader: RunReader
    table: SampleTable


@dataclass(frozen=True)
class Matching:
    """The samples of a run that another has, too.

    Attributes:
        matched: the pairs.
        by: `position`, `image` or the column that was the key, `column:image` where it is
            called like a way.
        notes: sentences on what was left out, and why.
    """

    matched: Matched
    by: str
    notes: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        return self.matched.index.nbytes + self.matched.other_index.nbytes


def read_hashes(reader: RunReader) -> npt.NDArray[np.int64]:
    """The hash of each of a record's inputs, int64 (n_samples,)."""
    return input_hashes(reader.inputs())


def match_samples(
    run: Record, other: Record, by: str = AUTO, hashes: Hashes = read_hashes
) -> Matching:
    """Pairs the samples of two records.

    Args:
        run: the one whose samples are named in the result's order.
        other: the other.
        by: `auto` takes the position where the probe sets are the same, else the ids where both
            have some in common, else the image; `position`; `image`; or a column: `id`,
            `source_index` (within the split of the same name) or one of the metadata. A column
            that is called like a way is `column:image`.
        hashes: gives a record's image hashes.

    Raises:
        MatchError: a column that one of them has not, or no sample in common.
        StoreError: the inputs cannot be read.
    """
    found = _auto(run, other, hashes) if by == AUTO else _asked(run, other, by, hashes)
    if not len(found.matched.index):
        what = f"{run.name!r} and {other.name!r} have no sample in common by {found.by}"
        raise MatchError(
            " ".join([f"{what}.", *found.notes]) if found.notes else what,
            "match them by another column, or compare runs that watch the same samples",
        )
    return found


def key_columns(table: SampleTable) -> list[str]:
    """The columns that samples can be matched by."""
    own = [name for name in ("id", "source_index") if name in table.columns]
    return [*own, *table.metadata]


def _auto(run: Record, other: Record, hashes: Hashes) -> Matching:
    if run.reader.manifest.probe == other.reader.manifest.probe:
        return _asked(run, other, POSITION, hashes)
    if "id" in run.table.columns and "id" in other.table.columns:
        found = _asked(run, other, "id", hashes)
        if len(found.matched.index):
            return found
    return _asked(run, other, IMAGE, hashes)


def _asked(run: Record, other: Record, by: str, hashes: Hashes) -> Matching:
    if by == POSITION:
        return _by_position(run, other)
    if by == IMAGE:
        matched = match(hashes(run.reader), hashes(other.reader))
        return Matching(matched, IMAGE, _notes(run, other, matched, "image"))
    name = by.removeprefix(COLUMN)
    matched = match(*_keys(run, other, name))
    told = by if name in (AUTO, POSITION, IMAGE) else name
    return Matching(matched, told, _notes(run, other, matched, f"value of {name}"))


def _by_position(run: Record, other: Record) -> Matching:
    n, n_other = run.reader.manifest.n_samples, other.reader.manifest.n_samples
    if n != n_other:
        raise MatchError(
            f"{run.name!r} watches {n} samples and {other.name!r} {n_other}: their places tell"
            " nothing",
            "match them by a column or by the image",
        )
    places: Indices = np.arange(n, dtype=np.int32)
    notes: tuple[str, ...] = ()
    if run.reader.manifest.probe != other.reader.manifest.probe:
        notes = ("The probe sets are not the same, and yet were matched by position as asked.",)
    return Matching(Matched(places, places), POSITION, notes)


def _keys(run: Record, other: Record, name: str) -> tuple[Array, Array]:
    """The codes of a key column in both."""
    sides = (run, other)
    for side in sides:
        if name not in key_columns(side.table):
            shared = [key for key in key_columns(run.table) if key in key_columns(other.table)]
            ways = ", ".join([POSITION, IMAGE, *shared])
            raise MatchError(
                f"{side.name!r} has no column {name!r} to match samples by", f"both have: {ways}"
            )
    kinds = [_sort_of(side.table, name) for side in sides]
    if kinds[0] != kinds[1]:
        raise MatchError(
            f"{name!r} holds {kinds[0]} in {run.name!r} and {kinds[1]} in {other.name!r}",
            "match by a column that is the same in both",
        )
    if name == "source_index":
        return coded(*(_places_in_splits(side.table) for side in sides))
    if kinds[0] == "text":
        return coded(*(_texts(side.table, name) for side in sides))
    values = [side.table.numbers(name) for side in sides]
    missing = [side.table.missing(name) for side in sides]
    codes = np.unique(np.concatenate(values), return_inverse=True)[1]
    split = len(values[0])
    own, others = np.where(missing[0], -1, codes[:split]), np.where(missing[1], -1, codes[split:])
    return own, others


def _sort_of(table: SampleTable, name: str) -> str:
    kind = table.column(name).kind
    return {"number": "numbers", "integer": "numbers", "boolean": "yes and no"}.get(kind, "text")


def _texts(table: SampleTable, name: str) -> list[str]:
    column = table.column(name)
    if column.kind == "text":
        return table.texts(name)
    words = [*(column.values or ()), ""]
    return [words[code] for code in table.values(name).tolist()]


def _places_in_splits(table: SampleTable) -> list[str]:
    places = table.values("source_index").tolist()
    return [f"{split}/{place}" for split, place in zip(_texts(table, "split"), places, strict=True)]


def _notes(run: Record, other: Record, matched: Matched, what: str) -> tuple[str, ...]:
    counts = (
        (run, matched.uneven, matched.unkeyed),
        (other, matched.other_uneven, matched.other_unkeyed),
    )
    notes = [
        f"{_samples(uneven)} of {side.name!r} {'is' if uneven == 1 else 'are'} left out: the other"
        f" run has the {what} more or less often."
        for side, uneven, _ in counts
        if uneven
    ]
    notes += [
        f"{_samples(unkeyed)} of {side.name!r} {'has' if unkeyed == 1 else 'have'} no {what}."
        for side, _, unkeyed in counts
        if unkeyed
    ]
    if matched.shared:
        notes.append(
            f"{matched.shared} matched samples share their {what} with others: both runs have it"
            " as often, and they were paired in their order."
        )
    return tuple(notes)


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"
