"""The job that makes the maps of several samples by one method."""

from __future__ import annotations

import time

import numpy as np

from tensorboard_cnnvis.jobs.attribution import Attribution, attribute
from tensorboard_cnnvis.jobs.messages import Arrays, Result
from tensorboard_cnnvis.jobs.models import finite_limits, model_of, refusals
from tensorboard_cnnvis.jobs.task import Task

_BYTES_A_SECOND = 10**7  # of previews: a sheet of large images is told of less often


def run(task: Task) -> Result:
    """Those of an attribution, and members: sample indices.

    Arrays `index` int32 (m,), `maps` float32 (m, height, width), NaN where not yet made, `class`
    int32 (m,), -1 there, and `baseline` float32 (m,), the class's score.
    """
    members = task.parameters["members"]
    with refusals():
        model, reader = model_of(task), task.reader()
        inputs = reader.inputs()
        height, width, _ = inputs.shape[1:]
        arrays = {
            "index": np.array(members, np.int32),
            "maps": np.full((len(members), height, width), np.nan, np.float32),
            "class": np.full(len(members), -1, np.int32),
            "baseline": np.full(len(members), np.nan, np.float32),
        }
        sheet = _Sheet(task, arrays)
        for place, index in enumerate(members):
            image = model.check_image(inputs[index])
            found = attribute(model, image, task, sheet.tell)
            arrays["baseline"][place] = model.scores(image[None])[0, found.class_index]
            sheet.add(place, found)
    return sheet.result()


class _Sheet:
    """The maps as they are made, told of as they come."""

    def __init__(self, task: Task, arrays: Arrays) -> None:
        self._task = task
        self._arrays = arrays
        self._unit = ""
        self._made, self._told = 0, 0
        self._next = 0.0  # before this time.monotonic() no more maps are told

    def add(self, place: int, found: Attribution) -> None:
        """Takes in a map."""
        self._arrays["maps"][place] = found.map
        self._arrays["class"][place] = found.class_index
        self._unit, self._made = found.unit, place + 1
        self.tell(0.0)

    def tell(self, share: float, _: Attribution | None = None) -> None:
        """Reports the share of the map under way, with the maps that are not told yet."""
        now, maps = time.monotonic(), self._arrays["maps"]
        progress = (self._made + share) / len(maps)
        if self._made == self._told or now < self._next or not self._task.due():
            self._task.report(progress, {})
            return
        self._told, self._next = self._made, now + maps.nbytes / _BYTES_A_SECOND
        result = self.result()
        self._task.report(progress, result.arrays, result.payload)

    def result(self) -> Result:
        """What there is."""
        low, high = finite_limits(self._arrays["maps"])
        told = {"unit": self._unit, "low": low, "high": high, "done": self._made}
        return Result(told, self._arrays)
