"""The fold of analysis.dynamics over a run's epochs, with states kept to go on from."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.dynamics import Dynamics, Integers, after, before
from tensorboard_cnnvis.store.reader import RunReader, StoreError

_KEPT_BYTES = 48 * 2**20
_LEAST_STATES = 2  # of sets so large that fewer would fit
Epoch = tuple[int, str]


class DynamicsByStep:
    """What had happened to the samples by any logged step. Thread-safe.

    States are kept at every `stride` epochs, which doubles when they would pass 48 MB, and at the
    epoch asked last, so that a new epoch is one step of the fold.
    """

    def __init__(self, reader: RunReader, labels: Callable[[], Integers]) -> None:
        """`labels` gives int32 (n_samples,), -1 where unknown."""
        self._reader = reader
        self._labels = labels
        self._lock = threading.Lock()
        self._stride = 1
        self._epochs: tuple[Epoch, ...] = ()  # those that the states are of
        self._states: dict[int, Dynamics] = {}  # by the number of epochs that are in them
        self._last = 0

    def epochs(self, step: int) -> tuple[Epoch, ...]:
        """The logged steps up to one, each with the attempt that wrote it.

        Raises:
            StoreError: the step is not logged.
        """
        self._reader.step(step)
        logged = [record.step for record in self._reader.steps if record.step <= step]
        return tuple((past, self._reader.attempt(past)) for past in logged)

    def at(self, step: int) -> Dynamics:
        """The state after a step. Raises StoreError where it is not logged."""
        epochs = self.epochs(step)
        with self._lock:
            self._forget(epochs)
            known = max((n for n in self._states if n <= len(epochs)), default=0)
            state = self._states.get(known) or before(self._labels())
            for number, (past, _) in enumerate(epochs[known:], known + 1):
                state = self._after(state, past)
                self._keep(number, state, last=number == len(epochs))
            return state

    @property
    def nbytes(self) -> int:
        """What the kept states take of memory."""
        with self._lock:
            return sum(state.nbytes for state in self._states.values())

    def _after(self, state: Dynamics, step: int) -> Dynamics:
        """The state after one more step; a damaged one is left out."""
        names = (schema.PREDICTION, schema.MARGIN, schema.LABEL_SCORE)
        try:
            return after(state, step, *(self._reader.array(name, step) for name in names))
        except StoreError:
            return state

    def _forget(self, epochs: tuple[Epoch, ...]) -> None:
        """Drops the states of epochs that a newer attempt has written anew."""
        common = 0
        for old, new in zip(self._epochs, epochs, strict=False):
            if old != new:
                break
            common += 1
        if common < min(len(self._epochs), len(epochs)):
            self._states = {n: state for n, state in self._states.items() if n <= common}
            self._epochs = epochs
        elif len(epochs) > len(self._epochs):
            self._epochs = epochs

    def _keep(self, number: int, state: Dynamics, *, last: bool) -> None:
        if not last and number % self._stride:
            return
        if last and self._last % self._stride:
            self._states.pop(self._last, None)
        self._last = number if last else self._last
        self._states[number] = state
        most = max(_LEAST_STATES, _KEPT_BYTES // max(1, state.nbytes))
        while len(self._states) > most:
            self._stride *= 2
            kept = {n for n in self._states if n % self._stride == 0} | {number}
            self._states = {n: state for n, state in self._states.items() if n in kept}
