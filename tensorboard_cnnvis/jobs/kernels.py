"""The job that reads a convolution's kernel from a kept model."""

from __future__ import annotations

from tensorboard_cnnvis.inference.activations import kernel
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.models import model_of, refusals
from tensorboard_cnnvis.jobs.task import Task


def run(task: Task) -> Result:
    """Parameters layer and pointwise. Array `kernel`, float32 in Keras's axis order."""
    layer, pointwise = task.parameters["layer"], task.parameters["pointwise"]
    with refusals():
        return Result({}, {"kernel": kernel(model_of(task), layer, pointwise)})
