"""Verdicts of the label review, read from the CSV that the page exports."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]

KEEP, RELABEL, AMBIGUOUS = WORDS = ("keep", "relabel", "ambiguous")
HEAD = ("source_index", "label", "suggested_label", "verdict", "score", "split")
_ID = "id"
_NO_COMMAS = ": save it with commas between the cells"
_GUARDED = re.compile(r"'+[=+\-@\t\r]")  # so that no spreadsheet takes a name for a formula


@dataclass(frozen=True, eq=False)
class Verdicts:
    """One verdict a row, in the file's order.

    No DataFrame: names of classes stay text whatever they look like (`1`, `NA`), and rows that are
    not valid do not come so far.

    Attributes:
        source_index: int64 (n,), place in the data that the split was given.
        label: the class that was given, by name.
        suggested_label: the class it is after a `relabel`; else the one that was suggested.
        verdict: `keep`, `relabel` or `ambiguous`.
        score: float64 (n,), of the ranking, in [0, 1]; NaN where the sample was not ranked.
        split: the part of the data.
        id: the keys that were given as ids, or None.
    """

    source_index: Indices
    label: tuple[str, ...]
    suggested_label: tuple[str, ...]
    verdict: tuple[str, ...]
    score: npt.NDArray[np.float64]
    split: tuple[str, ...]
    id: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.verdict)

    def __repr__(self) -> str:
        counts = Counter(self.verdict)
        told = ", ".join(f"{counts[word]} {word}" for word in WORDS)
        return f"<Verdicts: {told}; splits: {', '.join(self.splits)}>"

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that have verdicts, in the order of the file."""
        return tuple(dict.fromkeys(self.split))

    def indices(self, *words: str, split: str | None = None) -> Indices:
        """Source indices of one split's verdicts, int64, ascending.

        Args:
            words: of which verdicts; of all where none is named.
            split: needed where the file has several.

        Raises:
            ValueError: no such verdict or split.
        """
        unknown = sorted(set(words) - set(WORDS))
        if unknown:
            raise ValueError(f"there is no verdict {unknown[0]!r}; there are: {', '.join(WORDS)}")
        rows = [row for row in self.rows(split) if self.verdict[row] in (words or WORDS)]
        return np.sort(self.source_index[rows])

    def rows(self, split: str | None = None) -> list[int]:
        """The rows of one split; raises ValueError as `indices` does."""
        splits = self.splits
        if split is None and len(splits) > 1:
            raise ValueError(f"there are verdicts of {', '.join(splits)}: name one, split=...")
        if split is not None and splits and split not in splits:
            raise ValueError(f"no verdict is of split {split!r}; there are: {', '.join(splits)}")
        return [row for row, name in enumerate(self.split) if split in (None, name)]


def parse_verdicts(text: str, name: str = "the file") -> Verdicts:
    """Verdicts of the CSV that the page exports; columns may stand in any order.

    Args:
        text: its content.
        name: of the file, for messages.

    Raises:
        ValueError: it is another file, or a row is not valid; the message names the line.
    """
    lines = _lines(text, name)
    head = [title.strip() for title in next(lines, (1, []))[1]]
    missing = [title for title in HEAD if title not in head]
    if missing:
        raise ValueError(
            f"{name} has no column {', '.join(missing)}; expected the verdicts that the label"
            f" review exports, with the columns {','.join(HEAD)} and id where the run has ids;"
            f" got {','.join(head)[:200]!r}{_NO_COMMAS if len(head) == 1 else ''}"
        )
    twice = [title for title in (*HEAD, _ID) if head.count(title) > 1]
    if twice:
        raise ValueError(f"{name} has the column {twice[0]} more than once; leave one")
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for line, cells in lines:
        if not any(cells):
            continue
        where = f"{name}, line {line}"
        if len(cells) != len(head):
            raise ValueError(f"{where}: expected {len(head)} cells, got {len(cells)}")
        row = _row(dict(zip(head, map(_unguarded, cells), strict=True)), where)
        if rows.setdefault((row["split"], row["source_index"]), row) is not row:
            what = f"a second verdict on source_index {row['source_index']} of {row['split']!r}"
            raise ValueError(f"{where}: {what}; leave one")
    return _verdicts(list(rows.values()), _ID in head)


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the number of the line at which each ends."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:  # no ValueError; an open quote would swallow the rest of the rows
        what = f"{name}, line {reader.line_num}: {error}"
        raise ValueError(f"{what}; expected the CSV of verdicts, quotes in pairs") from error


def _row(cells: dict[str, str], where: str) -> dict[str, Any]:
    source, verdict, score = (cells[name].strip() for name in ("source_index", "verdict", "score"))
    if not re.fullmatch(r"[0-9]{1,18}", source):
        raise ValueError(f"{where}: source_index is {source[:40]!r}, not a whole number from 0 on")
    if verdict not in WORDS:
        raise ValueError(f"{where}: verdict is {verdict[:40]!r}, not one of {', '.join(WORDS)}")
    if verdict == RELABEL and not cells["suggested_label"]:
        raise ValueError(f"{where}: to relabel, suggested_label must name a class")
    try:
        number = float(score or "nan")
    except ValueError:
        raise ValueError(f"{where}: score is {score[:40]!r}, not a number") from None
    return {**cells, "source_index": int(source), "verdict": verdict, "score": number}


def _verdicts(rows: list[dict[str, Any]], has_ids: bool) -> Verdicts:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(row[name] for row in rows)

    return Verdicts(
        source_index=np.array([row["source_index"] for row in rows], np.int64),
        label=texts("label"),
        suggested_label=texts("suggested_label"),
        verdict=texts("verdict"),
        score=np.array([row["score"] for row in rows], np.float64),
        split=texts("split"),
        id=texts(_ID) if has_ids else None,
    )


def _unguarded(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text
