"""A run's table with what another run, or another epoch, has of the same samples."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.comparison import CHANGES, UNKNOWN, changes, common_classes
from tensorboard_cnnvis.store.columns import Column
from tensorboard_cnnvis.store.index import StoreError
from tensorboard_cnnvis.table.matching import Matching
from tensorboard_cnnvis.table.sample_table import SampleTable

Array = npt.NDArray[Any]
_SAME_LABEL = "; missing where the two have other labels"
COMPARED = (
    Column(
        "other_prediction",
        "other prediction",
        "index",
        True,
        "the compared run's prediction, by class name; missing where this run has no such class",
    ),
    Column(
        "other_correct",
        "other correct",
        "boolean",
        True,
        "whether the compared run's prediction is the label that this run has",
    ),
    Column("other_loss", "other loss", "number", True, "the compared run's loss", "nats"),
    Column("other_margin", "other margin", "number", True, "the compared run's margin"),
    Column(
        "loss_difference",
        "loss difference",
        "number",
        True,
        f"this run's loss minus the compared one's{_SAME_LABEL}",
        "nats",
    ),
    Column(
        "margin_difference",
        "margin difference",
        "number",
        True,
        f"this run's margin minus the compared one's{_SAME_LABEL}",
    ),
    Column(
        "change",
        "change",
        "category",
        True,
        "from the compared run to this one, both judged by this run's label",
        values=CHANGES,
    ),
)
_NAMES = {column.name for column in COMPARED}
AnyTable: TypeAlias = "SampleTable | ComparedTable"


class ComparedTable:
    """The table of a run, and beside it columns of what it is compared with.

    Attributes:
        columns: name -> Column, in the order of the page.
        own: the run's own table.
        classes: the classes of both, the run's own first.
    """

    def __init__(
        self,
        own: SampleTable,
        other: SampleTable,
        other_step: int,
        matching: Matching,
        key: Hashable,
    ) -> None:
        """`key` names the comparison: the other's record and step, and how samples are matched.

        Raises:
            ValueError: the classes cannot be matched by name.
        """
        self.own = own
        self._other = other
        self._other_step = other_step
        self._matched = matching.matched
        self._key = key
        self.classes, self._place = common_classes(own.class_names, other.class_names)
        metadata = set(own.metadata)
        before = {name: column for name, column in own.columns.items() if name not in metadata}
        added = {column.name: column for column in COMPARED}
        self.columns = {**before, **added, **{name: own.columns[name] for name in own.metadata}}

    @property
    def class_names(self) -> tuple[str, ...]:
        """One per class of the run."""
        return self.own.class_names

    @property
    def metadata(self) -> tuple[str, ...]:
        """The names of the metadata columns."""
        return self.own.metadata

    def column(self, name: str) -> Column:
        """A column by name. Raises StoreError with the names that exist."""
        if name not in self.columns:
            raise StoreError(f"there is no column {name!r}; there are: {', '.join(self.columns)}")
        return self.columns[name]

    def values(self, name: str, step: int | None = None) -> Array:
        """A column's values over all samples, as those of `SampleTable`."""
        if name not in _NAMES:
            return self.own.values(name, step)
        if step is None:
            raise StoreError(f"column {name!r} differs by epoch; name one")
        return self.own.kept(self.key(name, step), step, lambda: self._compared(name, step))

    def numbers(self, name: str, step: int | None = None) -> Array:
        """A column's values, exact ones as those of `SampleTable`."""
        return self.values(name, step) if name in _NAMES else self.own.numbers(name, step)

    def ordered(self, name: str, step: int | None = None) -> Array:
        """What rows are sorted by, as that of `SampleTable`."""
        return self.values(name, step) if name in _NAMES else self.own.ordered(name, step)

    def rows(self, name: str, step: int, rows: npt.NDArray[np.integer[Any]]) -> Array:
        """A column's values of some samples, as those of `SampleTable`."""
        return self.values(name, step)[rows] if name in _NAMES else self.own.rows(name, step, rows)

    def key(self, name: str, step: int) -> Hashable:
        """Names a column's values at a step: they are the same while this is."""
        return (name, self._key) if name in _NAMES else self.own.key(name, step)

    def kept(self, key: Hashable, step: int, make: Callable[[], Array]) -> Array:
        """What `make` gives of a step's columns, kept in memory while there is room."""
        return self.own.kept(key, step, make)

    def pending(self, step: int) -> frozenset[str]:
        """The slow columns whose values are not there at once."""
        return self.own.pending(step)

    def texts(self, name: str) -> list[str]:
        """A text column's values."""
        return self.own.texts(self.column(name).name)

    def places(self, name: str) -> Array:
        """Where a text column's values stand in their order."""
        return self.own.places(name)

    def missing(self, name: str, step: int | None = None) -> npt.NDArray[np.bool_]:
        """Which samples (n_samples,) have no value in a column."""
        if name not in _NAMES:
            return self.own.missing(name, step)
        values, kind = self.values(name, step), self.columns[name].kind
        if kind == "number":
            return np.isnan(values)
        return np.asarray(values == UNKNOWN if kind == "boolean" else values < 0)

    def class_scores(self, index: int, step: int) -> Array:
        """A class's score of every sample, in the run."""
        return self.own.class_scores(index, step)

    def confidence(self, step: int) -> Array:
        """The prediction's score of every sample, in the run."""
        return self.own.confidence(step)

    def predictions(self, step: int) -> tuple[Array, Array]:
        """The run's and the other's predictions, int32 (n_samples,), as places in `classes`.

        -1 where there is none, and of the other where the sample is not matched.
        """
        return self.own.values("prediction", step), self._by_name("prediction")

    def relabeled(self) -> npt.NDArray[np.bool_]:
        """Which matched samples (n_samples,) have another label in the other."""
        found: npt.NDArray[np.bool_] = self._is_matched() & (
            self.own.values("label") != self._by_name("label")
        )
        return found

    def notes(self, among: npt.NDArray[np.bool_] | None = None) -> tuple[str, ...]:
        """Sentences on what the two records have otherwise, of the matched samples in `among`."""
        relabeled = self.relabeled() if among is None else self.relabeled() & among
        count = int(np.count_nonzero(relabeled))
        notes = []
        if count:
            notes.append(
                f"Of the matched samples {count} have another label in the other run: both are"
                " judged by this run's labels, and the differences of these samples are missing."
            )
        if set(self.class_names) != set(self._other.class_names):
            notes.append("The runs have other classes, which are matched by name.")
        return tuple(notes)

    def _compared(self, name: str, step: int) -> Array:
        if name in ("other_loss", "other_margin"):
            return self._of_other(name.removeprefix("other_"))
        if name.endswith("_difference"):
            column = name.removesuffix("_difference")
            with np.errstate(invalid="ignore"):
                found = self.own.values(column, step) - self._of_other(column)
            return np.where(self.relabeled(), np.float32(np.nan), found)
        labels = self.own.values("label")
        predictions, other = self.predictions(step)
        if name == "other_prediction":
            return np.where(other < len(self.class_names), other, np.int32(-1))
        judged = self._is_matched() & (labels >= 0)
        if name == "other_correct":
            return np.where(judged, other == labels, UNKNOWN).astype(np.uint8)
        found = changes(labels, predictions, other).astype(np.int32)
        return np.where(judged, found, np.int32(-1))

    def _of_other(self, name: str) -> Array:
        """A number that the other has of the matched samples, NaN of the others."""
        values = self._other.values(name, self._other_step)
        found = np.full(len(self.own.values("label")), np.nan, np.float32)
        found[self._matched.index] = values[self._matched.other_index]
        return found

    def _by_name(self, name: str) -> Array:
        """The other's label or prediction as places in `classes`; -1 where it has none."""
        values = self._other.values(name, self._other_step)[self._matched.other_index]
        found = np.full(len(self.own.values("label")), -1, np.int32)
        found[self._matched.index] = np.where(values < 0, -1, self._place[np.maximum(values, 0)])
        return found

    def _is_matched(self) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(self.own.values("label")), np.bool_)
        found[self._matched.index] = True
        return found
