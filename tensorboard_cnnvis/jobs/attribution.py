"""The job that makes a map of what in an image a class's score rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.inference.gradcam import grad_cam
from tensorboard_cnnvis.inference.models import LoadedModel, prediction_of
from tensorboard_cnnvis.inference.occlusion import OcclusionMap, Patch, occlusion_steps
from tensorboard_cnnvis.inference.saliency import SaliencyOptions, saliency
from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.models import (
    ANY_NUMBER,
    finite_limits,
    image_of,
    model_of,
    refusals,
)
from tensorboard_cnnvis.jobs.task import Task

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Attribution:
    """A map, or what of it is known yet.

    Attributes:
        map: float32 (height, width) of the image. Of occlusion the mean score under the patches
            that cover a pixel, else the higher, the more a pixel speaks for the class.
        class_index: the class.
        unit: of the map.
        positions: number of passes in all.
        done: of these.
        arrays: what there is besides.
        facts: small values besides.
    """

    map: npt.NDArray[np.float32]
    class_index: int
    unit: str
    positions: int = 1
    done: int = 1
    arrays: dict[str, Array] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def importance_of(method: str, found: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A method's map made large where the class's score rests on, float32 (height, width)."""
    return -found if method == "occlusion" else found


def run(task: Task) -> Result:
    """Parameters method, class (None: the prediction), those of the method, and the image.

    Arrays `map` float32 (height, width), and those of the method: of occlusion `grid` float32
    (n_tops, n_lefts), `tops` and `lefts` int32; of Grad-CAM `raw` float32, of the layer's size.
    """
    with refusals():
        model, image = model_of(task), image_of(task)
        scores = model.scores(model.check_image(image)[None])[0]

        def told(found: Attribution) -> Result:
            low, high = finite_limits(found.map)
            names = task.reader().manifest_of(task.subject.step).class_names
            payload = {
                "class": found.class_index,
                "class_name": names[found.class_index],
                "baseline": float(scores[found.class_index]),
                "prediction": prediction_of(scores),
                "unit": found.unit,
                "low": low,
                "high": high,
                "positions": found.positions,
                "done": found.done,
                "completeness_gap": None,
                **found.facts,
            }
            return Result(payload, {"map": found.map, **found.arrays})

        def each(share: float, found: Attribution | None) -> None:
            result = Result({}, {}) if found is None else told(found)
            task.report(share, result.arrays, result.payload)

        return told(attribute(model, image, task, each))


def attribute(
    model: LoadedModel,
    image: Array,
    task: Task,
    each: Callable[[float, Attribution | None], None],
) -> Attribution:
    """The map that a job's parameters ask for.

    Args:
        model: the model.
        image: (height, width, channels).
        task: the job.
        each: called between batches with the share that is done and what is known by then, if
            anything; it may raise to stop.
    """
    parameters = task.parameters
    method, of_class = parameters["method"], parameters["class"]
    if method == "occlusion":
        patch = _patch(parameters)
        for known in occlusion_steps(model, image, patch, of_class, ANY_NUMBER):
            if not known.complete and task.due():
                each(known.done / known.scores.size, _occluded(known))
        return _occluded(known)
    if method == "grad_cam":
        cam = grad_cam(model, image, of_class, parameters["layer"])
        facts = {"layer": cam.layer, "logit": cam.logit}
        return Attribution(cam.heat, cam.class_index, "Grad-CAM", 1, 1, {"raw": cam.raw}, facts)
    options = _saliency_options(parameters)
    found = saliency(
        model,
        image,
        options,
        of_class,
        max_forwards=ANY_NUMBER,
        progress=lambda share: each(share, None),
    )
    unit = "logit" if method == "integrated_gradients" else "logit per unit of the input"
    gap = None if found.completeness is None else found.completeness.gap
    facts = {"logit": found.logit, "completeness_gap": gap}
    passes = options.passes
    return Attribution(found.heat, found.class_index, unit, passes, passes, facts=facts)


def _patch(parameters: Any) -> Patch:
    height, width, stride = (int(parameters[name]) for name in ("height", "width", "stride"))
    return Patch(height, width, stride, parameters["fill"], parameters["seed"])


def _saliency_options(parameters: Any) -> SaliencyOptions:
    names = ("method", "samples", "noise", "steps", "baseline", "sigma", "seed")
    return SaliencyOptions(**{name: parameters[name] for name in names if name in parameters})


def _occluded(found: OcclusionMap) -> Attribution:
    arrays = {"grid": found.scores, "tops": found.tops, "lefts": found.lefts}
    count, under = found.scores.size, found.pixel_scores()
    return Attribution(under, found.class_index, "score", count, found.done, arrays)
