"""The job that makes a layer's activation maps of one image."""

from __future__ import annotations

import numpy as np

from tensorboard_cnnvis.inference.activations import activation_maps
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.models import finite_limits, image_of, model_of, refusals
from tensorboard_cnnvis.jobs.task import Task


def run(task: Task) -> Result:
    """Parameters layer and the image.

    Arrays `maps` float32 (..., n_channels), and over their positions `mean` and `maximum`
    float32 (n_channels,).
    """
    with refusals():
        maps = activation_maps(model_of(task), image_of(task), task.parameters["layer"])
    positions = tuple(range(maps.ndim - 1))
    low, high = finite_limits(maps)
    arrays = {
        "maps": maps,
        "mean": maps.mean(axis=positions, dtype=np.float64).astype(np.float32),
        "maximum": maps.max(axis=positions),
    }
    return Result({"low": low, "high": high}, arrays)
