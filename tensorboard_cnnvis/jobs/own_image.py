"""The job that makes an input of the user's own image, and predicts it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.inference.images import Scaling, read_image, scaling_of
from tensorboard_cnnvis.inference.models import prediction_of
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.models import model_of, refusals
from tensorboard_cnnvis.jobs.task import Task
from tensorboard_cnnvis.schema import InputInfo


def run(task: Task) -> Result:
    """Parameters resize and rescale, with the file's bytes in `data`; or none, with `image`.

    Arrays `input` (height, width, channels) as the model is fed, `scores` float32 (n_classes,).
    """
    manifest = task.reader().manifest_of(task.subject.step)
    with refusals("choose another file: PNG, JPEG and other images of up to 10 MB are read"):
        model = model_of(task)
        if "image" in task.arrays:
            image, facts = task.arrays["image"], {}
        else:
            scaling = _scaling(task, manifest.input)
            image = read_image(_data(task), manifest.input, scaling)
            facts = {"resize": scaling.fit, "rescale": [scaling.low, scaling.high]}
        scores = model.scores(model.check_image(image)[None])[0]
    prediction = prediction_of(scores)
    payload = {
        "prediction": prediction,
        "class_name": manifest.class_names[prediction] if prediction >= 0 else "",
        "probe": manifest.probe,
        **facts,
    }
    return Result(payload, {"input": image, "scores": scores})


def _scaling(task: Task, info: InputInfo) -> Scaling:
    fit, rescale = task.parameters["resize"], task.parameters["rescale"]
    if rescale is None:
        return scaling_of(info, fit)
    low, high = rescale
    return Scaling(low, high, fit)


def _data(task: Task) -> bytes:
    data: npt.NDArray[np.uint8] = task.arrays["data"]
    return data.tobytes()
