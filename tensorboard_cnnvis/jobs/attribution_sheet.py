"""The job that makes the maps of several samples by one method."""

from __future__ import annotations

import numpy as np

from tensorboard_cnnvis.jobs.attribution import Attribution, attribute
from tensorboard_cnnvis.jobs.messages import Arrays, Result
from tensorboard_cnnvis.jobs.models import finite_limits, model_of, refusals
from tensorboard_cnnvis.jobs.task import Task


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
        unit = ""
        for place, index in enumerate(members):
            image = model.check_image(inputs[index])

            def each(share: float, _: Attribution | None, place: int = place) -> None:
                task.report((place + share) / len(members), {})

            found = attribute(model, image, task, each)
            unit = found.unit
            arrays["maps"][place] = found.map
            arrays["class"][place] = found.class_index
            arrays["baseline"][place] = model.scores(image[None])[0, found.class_index]
            told = _told(arrays, unit, place + 1)
            task.report((place + 1) / len(members), arrays, told)
    return Result(_told(arrays, unit, len(members)), arrays)


def _told(arrays: Arrays, unit: str, done: int) -> dict[str, object]:
    low, high = finite_limits(arrays["maps"])
    return {"unit": unit, "low": low, "high": high, "done": done}
