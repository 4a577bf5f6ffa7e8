"""The job that tests a map: the score as the pixels that it holds important go."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.inference.deletion import deletion_curve
from tensorboard_cnnvis.inference.models import LoadedModel
from tensorboard_cnnvis.jobs.attribution import attribute, importance_of
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.models import ANY_NUMBER, image_of, model_of, refusals
from tensorboard_cnnvis.jobs.task import Task

_MAP_DONE = 0.5


def run(task: Task) -> Result:
    """Those of an attribution, deletion_steps, deletion_seed, deletion_fill, orders.

    `map`, where it comes with the request, is that attribution's, and is not made again.

    Arrays float32 (deletion_steps + 1,): `share` of the pixels that are replaced, `score`, and
    `random`, the mean over random orders, `random_orders` (orders, deletion_steps + 1).
    """
    parameters = task.parameters
    with refusals():
        model, image = model_of(task), image_of(task)
        found, done = _map_of(model, image, task)
        curve = deletion_curve(
            model,
            image,
            importance_of(parameters["method"], found),
            parameters["class"],
            fill=parameters["deletion_fill"],
            steps=parameters["deletion_steps"],
            orders=parameters["orders"],
            seed=parameters["deletion_seed"],
            max_forwards=ANY_NUMBER,
            progress=task.share(done, 1.0),
        )
    arrays = {
        "share": curve.shares,
        "score": curve.scores,
        "random": curve.random.mean(axis=0, dtype=np.float32),
        "random_orders": curve.random,
    }
    payload = {
        "class": curve.class_index,
        "class_name": task.reader().manifest_of(task.subject.step).class_names[curve.class_index],
        "area": curve.area,
        "random_area": float(curve.random_areas.mean()),
        "random_areas": curve.random_areas.tolist(),
    }
    return Result(payload, arrays)


def _map_of(
    model: LoadedModel, image: npt.NDArray[Any], task: Task
) -> tuple[npt.NDArray[np.float32], float]:
    """The map (height, width) that is tested, and the share of the work that is done by then."""
    if "map" in task.arrays:
        return task.arrays["map"], 0.0
    found = attribute(model, image, task, lambda share, _: task.report(_MAP_DONE * share, {}))
    return found.map, _MAP_DONE
