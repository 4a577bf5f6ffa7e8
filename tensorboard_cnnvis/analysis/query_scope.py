"""What a query is about: the table it reads, the samples it is asked of, named sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tensorboard_cnnvis.analysis.query_values import Array, Mask


class QueryColumn(Protocol):
    """A column, as `store.columns.Column` is."""

    @property
    def name(self) -> str:
        """As in queries."""

    @property
    def kind(self) -> str:
        """One of number, integer, boolean, index, category and text."""

    @property
    def values(self) -> tuple[str, ...] | None:
        """The vocabulary of a category."""


class QueryTable(Protocol):
    """The samples' columns, as `table.sample_table.SampleTable` has them."""

    @property
    def columns(self) -> Mapping[str, QueryColumn]:
        """By name."""

    @property
    def class_names(self) -> Sequence[str]:
        """One per class."""

    def values(self, name: str, step: int | None = None) -> Array:
        """A column over all samples (n_samples,), in the dtype of its kind."""

    def numbers(self, name: str, step: int | None = None) -> Array:
        """The same; float64 where float32 makes two whole numbers one."""

    def texts(self, name: str) -> Sequence[str]:
        """A text column."""

    def class_scores(self, index: int, step: int) -> Array:
        """A class's score of every sample, NaN where it is not stored."""

    def confidence(self, step: int) -> Array:
        """The prediction's score of every sample."""


@dataclass(frozen=True)
class Scope:
    """What a query is about.

    Attributes:
        table: the samples' columns.
        step: the epoch of those that differ by epoch.
        among: bool (n_samples,), the samples that are asked for; `top` ranks these.
        selected: bool (n_samples,), or None where nothing can be selected.
        sets: name -> bool (n_samples,).
        tags: the same.
    """

    table: QueryTable
    step: int
    among: Mask
    selected: Mask | None = None
    sets: Mapping[str, Mask] = field(default_factory=dict)
    tags: Mapping[str, Mask] = field(default_factory=dict)
