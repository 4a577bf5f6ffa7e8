"""Grad-CAM: which positions of a layer speak for a class (Selvaraju et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import zoom

from tensorboard_cnnvis.inference.activations import spatial_layer, spatial_layers
from tensorboard_cnnvis.inference.models import LoadedModel
from tensorboard_cnnvis.inference.results import ArrayResult
from tensorboard_cnnvis.network.gradients import NoGradientError

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class GradCam(ArrayResult):
    """One map. NumPy takes it as the array `heat`.

    Attributes:
        heat: float32 (height, width) of the image, at least 0: `raw` above 0, interpolated.
        raw: float32 (height, width) of the layer: the weighted sum of its maps, below 0 where they
            speak against the class.
        weights: float32 (n_channels,): the mean gradient of each map (eq. 1).
        layer: path.
        class_index: the class.
        logit: of the class; -z for class 0 of one sigmoid output z.
    """

    heat: Floats
    raw: Floats
    weights: Floats
    layer: str
    class_index: int
    logit: float

    @property
    def array(self) -> Floats:
        """The map, `heat`."""
        return self.heat


def grad_cam(
    model: LoadedModel, image: Array, class_index: int | None = None, layer: str | None = None
) -> GradCam:
    """Grad-CAM by the logit of a class.

    Args:
        model: the model; it is not changed.
        image: (height, width, channels).
        class_index: None for the prediction.
        layer: whose maps; None for the last convolution that the logit depends on.

    Raises:
        ValueError: no such class or layer, the layer has no maps of two spatial axes, or the
            logit does not depend on it.
    """
    image = model.check_image(image)
    chosen = model.class_of(class_index, model.scores(image[None])[0])
    if layer is not None:
        return _grad_cam(model, image, chosen, spatial_layer(model.network, layer, rank=2))
    for path in reversed(convolutions(model)):
        try:
            return _grad_cam(model, image, chosen, path)
        except NoGradientError:  # a convolution of another output
            continue
    spatial = ", ".join(spatial_layers(model.network, rank=2)) or "none"
    raise ValueError(
        f"the model has no convolution with maps that the output depends on: choose a layer;"
        f" layers with maps: {spatial}"
    )


def convolutions(model: LoadedModel) -> tuple[str, ...]:
    """Paths of the convolutions with maps of two spatial axes, in the order of computation."""
    spatial = spatial_layers(model.network, rank=2)
    return tuple(path for path in spatial if model.network.layer(path).role == "convolution")


def _grad_cam(model: LoadedModel, image: Array, class_index: int, path: str) -> GradCam:
    call = model.layer_gradient(path)
    logit, maps, gradients = (found[0] for found in call(image[None], np.int32(class_index)))
    weights = gradients.mean(axis=(0, 1))  # eq. 1
    raw = maps @ weights  # eq. 2, before its ReLU
    return GradCam(
        heat=_enlarged(np.maximum(raw, 0), image.shape[0], image.shape[1]),
        raw=raw,
        weights=weights,
        layer=path,
        class_index=class_index,
        logit=float(logit),
    )


def _enlarged(values: Floats, height: int, width: int) -> Floats:
    """Bilinear interpolation to (height, width); the outer edges stay at the outer edges."""
    factors = height / values.shape[0], width / values.shape[1]
    found: Floats = zoom(values, factors, order=1, mode="nearest", grid_mode=True)
    return found
