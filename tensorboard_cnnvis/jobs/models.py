"""The kept models that the worker runs, and the images that it runs them on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.inference import devices
from tensorboard_cnnvis.inference.models import (
    LoadedModel,
    ModelCache,
    ModelError,
    Trust,
    kept_model,
)
from tensorboard_cnnvis.jobs.messages import Settings
from tensorboard_cnnvis.jobs.task import JobError, Task

ANY_NUMBER = 2**31  # of passes: TensorBoard's side asks before there are many
_CACHE = ModelCache()


def model_of(task: Task) -> LoadedModel:
    """The kept model of the job's step. Raises JobError where there is none."""
    settings = task.settings
    devices.limit_memory(settings.gpu_memory_mb)
    trust = Trust(settings.unsafe_models, settings.import_modules)
    task.report(0.0, {})
    return kept_model(task.reader(), task.subject.step, _CACHE, trust)


def image_of(task: Task) -> npt.NDArray[Any]:
    """The image (height, width, channels) of the job: one that came with it, or a sample."""
    if "image" in task.arrays:
        return task.arrays["image"]
    return task.reader().inputs()[task.parameters["index"]]


@contextmanager
def refusals(
    hint: str = "change the parameters, or choose another layer or epoch",
) -> Iterator[None]:
    """Makes a JobError of what a model or an image does not allow."""
    try:
        yield
    except ModelError as error:
        raise JobError(str(error.args[0]), error.hint) from error
    except ValueError as error:
        raise JobError(str(error), getattr(error, "hint", "") or hint) from error


def warm(settings: Settings) -> None:
    """Starts TensorFlow and has it run something."""
    devices.limit_memory(settings.gpu_memory_mb)
    devices.start()


def drop_idle() -> None:
    """Lets go of the models that were not used for some minutes."""
    _CACHE.drop_idle()


def finite_limits(values: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Smallest and largest finite value; NaN where there is none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
