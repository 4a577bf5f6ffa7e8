"""Where samples were from epoch to epoch, in a layout and in the layer."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis import movement
from tensorboard_cnnvis.analysis.movement import Stability
from tensorboard_cnnvis.analysis.stratified import stratified
from tensorboard_cnnvis.jobs.client import JobClient
from tensorboard_cnnvis.server.aligned import Chain, logged_steps, shown
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.layouts import Wanted
from tensorboard_cnnvis.server.runs import OpenRun
from tensorboard_cnnvis.server.vectors import source

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]
_RETRY_SECONDS = 0.5


class Places(ABC):
    """The places of some samples at every epoch, in one frame.

    Attributes:
        index: int32 (m,), the samples, ascending.
        steps: the epochs at which the layer's embedding is logged.
    """

    def __init__(self, opened: OpenRun, layer: str, index: Indices, steps: tuple[int, ...]) -> None:
        self._opened = opened
        self._layer = layer
        self.index = index
        self.steps = steps

    @abstractmethod
    def ready(self) -> tuple[int, ...]:
        """The epochs that have places."""

    @abstractmethod
    def at(self, step: int) -> Floats:
        """The places (m, 2) at an epoch; RequestError where there are none yet."""

    def vectors(self, step: int) -> Floats:
        """The layer's vectors (m, n_features) at an epoch."""
        reader = self._opened.reader
        return source(reader, self._layer, step).take(self.index.astype(np.int64))


class LaidOut(Places):
    """Those of aligned layouts."""

    def __init__(self, opened: OpenRun, jobs: JobClient, wanted: Wanted) -> None:
        labels = opened.table.values("label")
        index = stratified(labels, wanted.n, wanted.parameters["seed"])
        self._chain = Chain(opened, jobs, wanted)
        super().__init__(opened, wanted.source, index, self._chain.steps)

    def ready(self) -> tuple[int, ...]:
        """Those that are laid out."""
        return self._chain.ready()

    def at(self, step: int) -> Floats:
        """See `Places`."""
        status = self._chain.status(step)
        if status.state != "done":
            what = f"the layout of epoch {step} is {status.state}"
            raise RequestError(400, what, "wait until it is done")
        return shown(status)


class Principal(Places):
    """Those of the aligned principal components."""

    def __init__(self, opened: OpenRun, layer: str, index: Indices) -> None:
        self._planes = opened.projections.planes(layer)
        super().__init__(opened, layer, index, logged_steps(opened, layer))

    def ready(self) -> tuple[int, ...]:
        """Those that are aligned."""
        return tuple(step for step in self.steps if step in self._planes)

    def at(self, step: int) -> Floats:
        """See `Places`."""
        plane = self._planes.get(step)
        if plane is None:
            what = f"the principal components are being aligned; epoch {step} is not reached yet"
            raise RequestError(503, what, "ask again in a moment", retry_after=_RETRY_SECONDS)
        return plane.project(self.vectors(step))


def moved(places: Places, since: int, step: int) -> tuple[Floats, Floats]:
    """How far each sample moved between two epochs: in the layout and in the layer, (m,) each."""
    shown = movement.displacement(places.at(since), places.at(step))
    true = movement.true_displacement(places.vectors(since), places.vectors(step))
    return shown, true


def stability(places: Places, step: int) -> tuple[Stability, int | None]:
    """How far the last movement that is shown is that of the layer, and the epoch before."""
    at = places.steps.index(step)
    places.at(step)
    if at == 0:
        nan = float("nan")
        return Stability(nan, nan, nan, 0), None
    previous = places.steps[at - 1]
    return movement.stability(*moved(places, previous, step)), previous


def trails(places: Places, rows: npt.NDArray[np.bool_]) -> tuple[Indices, Floats]:
    """The epochs that are ready, (t,), and the places (k, t, 2) of some of the samples."""
    ready = places.ready()
    found = [places.at(step)[rows] for step in ready]
    xy = np.stack(found, axis=1) if found else np.empty((int(rows.sum()), 0, 2), np.float32)
    return np.array(ready, np.int32), xy.astype(np.float32, copy=False)
