"""What lays samples out over the epochs, each from where the one before left them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import scipy.sparse

from tensorboard_cnnvis.analysis import aligned, projection
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.task import JobError, Task
from tensorboard_cnnvis.jobs.vectors import Drawn, vectors_of
from tensorboard_cnnvis.store.index import StoreError

Floats = npt.NDArray[np.float32]
Graph = scipy.sparse.csr_array
Each = Callable[[float, Floats], None]
_COLD = 6.0  # what the first layout costs beside one that goes on
_GRAPH_DONE = 0.3
_BEGUN = 1e-3


@dataclass(frozen=True)
class Graphs:
    """How similar points are.

    Attributes:
        objective: (n, n), what the method lays out by.
        near: (n, n), by which the neighbourhoods of two epochs are compared; it fades out smoothly,
            so that a little noise changes it little.
    """

    objective: Graph
    near: Graph


class Method(Protocol):
    """A way to lay out."""

    def graphs(self, vectors: Floats, report: Callable[[float], None]) -> Graphs:
        """How similar finite vectors (n, d) are."""

    def first(self, objective: Graph, start: Floats, each: Each) -> Floats:
        """A layout (n, 2) from the beginning."""

    def next(self, objective: Graph, start: Floats, kept: Floats, each: Each) -> Floats:
        """A layout (n, 2) from an earlier one; `kept` is of `aligned.neighbors_kept`."""


@dataclass(frozen=True)
class _Epoch:
    """Where the points are after an epoch.

    Attributes:
        last: float32 (m, 2), their last places; NaN where a point never had one.
        finite: bool (m,), which of them this epoch has placed.
        place: float64 (3, 2), see `projection.placement`; that of the first layout, for ever.
        near: of the points that were placed, over all drawn ones, (m, m); None: not known.
        note: why it has no layout, or "".
    """

    last: Floats
    finite: npt.NDArray[np.bool_]
    place: npt.NDArray[np.float64]
    near: Graph | None
    note: str = ""

    def result(self) -> Result:
        """What is kept of it."""
        left_out = int(np.count_nonzero(~self.finite))
        arrays = {"last": self.last, "finite": self.finite, "place": self.place}
        return Result({"left_out": left_out, "note": self.note}, arrays)


def follow(task: Task, method: Method) -> Result:
    """Lays out the epochs of the task's series and its own.

    Parameters n, seed, metric and those of the method; `before` is the job of the epoch before, so
    that each epoch's name stands for all that its layout rests on. An epoch that cannot be laid out
    has no finite point, and the next goes on from the one before.

    Arrays `last` float32 (m, 2), `finite` bool (m,), `place` float64 (3, 2), see `_Epoch`.
    """
    chain = _Chain(task, method)
    epochs = [*task.series, ("", task.subject.step)]
    before = None
    if task.arrays:
        before = chain.again(epochs.pop(0)[1])
    weights = [1.0 if before or place else _COLD for place in range(len(epochs))]
    done = 0.0
    for (name, step), weight in zip(epochs, weights, strict=True):
        low, high = done / sum(weights), (done + weight) / sum(weights)
        before = chain.after(before, step, low, high)
        done += weight
        if name:
            task.keep(name, before.result())
    if before is None:
        raise JobError("there is no epoch to lay out", "choose a layer that is logged")
    return before.result()


class _Chain:
    def __init__(self, task: Task, method: Method) -> None:
        self._task = task
        self._method = method
        self._reader = task.reader()

    def again(self, step: int) -> _Epoch:
        """An epoch that is laid out already, from what was kept of it."""
        arrays = self._task.arrays
        last, place = np.asarray(arrays["last"]), np.asarray(arrays["place"])
        epoch = _Epoch(last, np.asarray(arrays["finite"], np.bool_), place, None)
        if not epoch.finite.any():
            return epoch
        found = self._drawn(step)
        graphs = self._method.graphs(found.vectors, self._task.share(0.0, _BEGUN))
        return replace(epoch, near=_over_all(graphs.near, found.finite))

    def after(self, before: _Epoch | None, step: int, low: float, high: float) -> _Epoch:
        """The next epoch, or the first one, while the task goes from `low` to `high`."""
        self._task.report(low, {})
        middle = low + _GRAPH_DONE * (high - low)
        try:
            found = self._drawn(step)
            graphs = self._method.graphs(found.vectors, self._task.share(low, middle))
            if before is None or not np.isfinite(before.last).any():
                return self._first(found, graphs, step, middle, high)
            return self._next(found, graphs, before, middle, high)
        except (JobError, StoreError) as error:
            return self._none(before, str(error))

    def _drawn(self, step: int) -> Drawn:
        parameters, subject = self._task.parameters, replace(self._task.subject, step=step)
        return Drawn(self._reader, subject, parameters["n"], parameters["seed"])

    def _first(self, found: Drawn, graphs: Graphs, step: int, low: float, high: float) -> _Epoch:
        subject = replace(self._task.subject, step=step)
        everyone = np.arange(self._reader.manifest.n_samples)
        basis = projection.pca(vectors_of(self._reader, subject, everyone))
        shown, task = basis.project(found.vectors), self._task

        def epoch(layout: Floats) -> _Epoch:
            place = projection.placement(layout, found.start, shown)
            return _Epoch(found.whole(layout), found.finite, place, None)

        def each(done: float, layout: Floats) -> None:
            if task.due():
                preview = epoch(layout).result()
                told = {**preview.payload, "preview_step": step}
                task.report(low + (high - low) * done, preview.arrays, told)

        layout = self._method.first(graphs.objective, found.start, each)
        return replace(epoch(layout), near=_over_all(graphs.near, found.finite))

    def _next(
        self,
        found: Drawn,
        graphs: Graphs,
        before: _Epoch,
        low: float,
        high: float,
    ) -> _Epoch:
        near, seed = _over_all(graphs.near, found.finite), int(self._task.parameters["seed"])
        kept = np.zeros(len(found.finite), np.float32)
        if before.near is not None:
            kept = aligned.neighbors_kept(before.near, near)

        def each(done: float, layout: Floats) -> None:
            if self._task.due():
                self._task.report(low + (high - low) * done, {})

        start, kept = before.last[found.finite], kept[found.finite]
        start[aligned.strangers(kept, graphs.near) & before.finite[found.finite]] = np.nan
        start = aligned.beginning(start, graphs.near, seed)
        layout = self._method.next(graphs.objective, start, kept, each)
        last = before.last.copy()
        last[found.finite] = layout
        return _Epoch(last, found.finite, before.place, near)

    def _none(self, before: _Epoch | None, note: str) -> _Epoch:
        """An epoch without a layout: the points stay where they were."""
        n = int(self._task.parameters["n"])
        if before is None:
            last, place = np.full((n, 2), np.nan, np.float32), np.eye(3, 2)
            return _Epoch(last, np.zeros(n, np.bool_), place, None, note)
        return replace(before, finite=np.zeros(len(before.finite), np.bool_), near=None, note=note)


def _over_all(graph: Any, finite: npt.NDArray[np.bool_]) -> Graph:
    """A graph of the finite ones as one of all that were drawn."""
    if finite.all():
        return scipy.sparse.csr_array(graph)
    place, entries = np.flatnonzero(finite), graph.tocoo()
    shape = (len(finite), len(finite))
    return scipy.sparse.csr_array(
        scipy.sparse.coo_array((entries.data, (place[entries.row], place[entries.col])), shape)
    )
