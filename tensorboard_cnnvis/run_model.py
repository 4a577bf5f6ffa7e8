"""A kept model of a run, asked from Python: what `open_run(path).model(step)` gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.inference import activations, deletion, gradcam, occlusion, saliency
from tensorboard_cnnvis.inference.deletion import DeletionCurve
from tensorboard_cnnvis.inference.effort import MAX_FORWARDS
from tensorboard_cnnvis.inference.fills import Fill
from tensorboard_cnnvis.inference.gradcam import GradCam
from tensorboard_cnnvis.inference.models import LoadedModel, ModelCache, Trust, kept_model
from tensorboard_cnnvis.inference.occlusion import OcclusionMap, Patch
from tensorboard_cnnvis.inference.saliency import Saliency, SaliencyOptions
from tensorboard_cnnvis.store.reader import RunReader

__all__ = ["DeletionCurve", "GradCam", "OcclusionMap", "RunModel", "Saliency", "open_model"]

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Progress = Callable[[float], None]
_CACHE = ModelCache(limit=2, idle_seconds=float("inf"))


def open_model(
    reader: RunReader, step: int, *, unsafe: bool = False, import_modules: Sequence[str] = ()
) -> RunModel:
    """The model kept of a step. Raises ValueError where there is none, or it cannot be read."""
    modules = (import_modules,) if isinstance(import_modules, str) else tuple(import_modules)
    trust = Trust(unsafe, modules)
    return RunModel(reader, step, kept_model(reader, step, _CACHE, trust))


class RunModel:
    """A kept model with the run's samples.

    Every method takes a sample: a sample_index, or an image (height, width, channels) of your own
    in the unit of the inputs. Classes are named by their index; None is the prediction.

    Attributes:
        step: the epoch.
        keras_model: the model itself.
    """

    def __init__(self, reader: RunReader, step: int, model: LoadedModel) -> None:
        self._inputs = reader.inputs()
        self._model = model
        self.step = step
        self.keras_model = model.keras_model

    def __repr__(self) -> str:
        return f"<RunModel {self.keras_model.name!r} of epoch {self.step}>"

    @property
    def layers(self) -> tuple[str, ...]:
        """Paths of the layers whose activation maps can be had."""
        return activations.spatial_layers(self._model.network)

    def scores(self, sample: int | Array) -> Floats:
        """The scores of all classes, float32 (n_classes,)."""
        image = self._model.check_image(self._image(sample))
        found: Floats = self._model.scores(image[None])[0]
        return found

    def activations(self, sample: int | Array, layer: str) -> Floats:
        """A layer's activation maps, float32 (height, width, n_channels).

        Args:
            sample: see the class.
            layer: a path, or its last part where that is unique.
        """
        return activations.activation_maps(self._model, self._image(sample), layer)

    def kernel(self, layer: str, pointwise: bool = False) -> Floats:
        """A convolution's kernel, float32 in Keras's axis order.

        Of a separable one it is the depthwise kernel, or the `pointwise` one.
        """
        return activations.kernel(self._model, layer, pointwise)

    def occlusion(
        self,
        sample: int | Array,
        size: int | tuple[int, int] = 8,
        stride: int = 4,
        fill: Fill = 0.0,
        class_index: int | None = None,
        *,
        seed: int = 0,
        max_forwards: int = MAX_FORWARDS,
        progress: Progress = lambda share: None,
    ) -> OcclusionMap:
        """The score of a class as a function of the occluder's position.

        Args:
            sample: see the class.
            size: of the patch in pixels, or its (height, width).
            stride: pixels between two positions; the border is covered whether or not it divides.
            fill: a number in the inputs' unit, `zero`, `mean`, `blur` or `noise`.
            class_index: whose score.
            seed: of the noise.
            max_forwards: the most positions; more are refused, and counted in the message.
            progress: called with the share that is done; it may raise to stop.

        Returns:
            The map, which NumPy takes as the scores under the patch, float32 (n_tops, n_lefts).
            `drop` is by how much they fall, `pixel_drop()` the same at the image's size.
        """
        patch = Patch(*_height_and_width(size), stride, fill, seed)
        image = self._image(sample)
        steps = occlusion.occlusion_steps(self._model, image, patch, class_index, max_forwards)
        for found in steps:
            progress(found.done / found.scores.size)
        return found

    def grad_cam(
        self, sample: int | Array, class_index: int | None = None, layer: str | None = None
    ) -> GradCam:
        """Grad-CAM of a class; `layer` None is the last convolution.

        Returns:
            The map, which NumPy takes as float32 (height, width) of the image, at least 0; `raw` is
            the layer's own, below 0 where it speaks against the class.
        """
        return gradcam.grad_cam(self._model, self._image(sample), class_index, layer)

    def saliency(
        self,
        sample: int | Array,
        method: str = "gradient",
        class_index: int | None = None,
        *,
        samples: int = 32,
        noise: float = 0.15,
        steps: int = 64,
        baseline: Fill = 0.0,
        sigma: float = 0.0,
        seed: int = 0,
        max_forwards: int = MAX_FORWARDS,
        progress: Progress = lambda share: None,
    ) -> Saliency:
        """A map from the gradient of a class's logit by the input.

        Args:
            sample: see the class.
            method: `gradient`, `smooth_grad` or `integrated_gradients`.
            class_index: whose logit.
            samples: noisy copies, for smooth_grad.
            noise: their standard deviation as a share of the image's range.
            steps: on the way from the baseline, for integrated_gradients.
            baseline: a number or `zero`, `mean`, `blur`, `noise`, for integrated_gradients.
            sigma: of a Gaussian over the map, in pixels.
            seed: of the noise.
            max_forwards: the most passes through the model.
            progress: called with the share that is done; it may raise to stop.

        Returns:
            The map, which NumPy takes as float32 (height, width); `values` has all channels, and
            `completeness.gap` tells how far integrated gradients are from adding up.
        """
        return saliency.saliency(
            self._model,
            self._image(sample),
            SaliencyOptions(method, samples, noise, steps, baseline, sigma, seed),
            class_index,
            max_forwards=max_forwards,
            progress=progress,
        )

    def deletion(
        self,
        sample: int | Array,
        heat: Any,
        class_index: int | None = None,
        *,
        fill: Fill = "mean",
        steps: int = 32,
        orders: int = 5,
        seed: int = 0,
    ) -> DeletionCurve:
        """The score as the pixels go that a map holds most important, and in random orders.

        Args:
            sample: see the class.
            heat: a map (height, width) of the image's size, or what a method above returned.
            class_index: whose score; give the one that the map is of.
            fill: what replaces a pixel.
            steps: number of replacements between none and all pixels.
            orders: number of random orders.
            seed: of the random orders.
        """
        values = heat.pixel_drop() if isinstance(heat, OcclusionMap) else np.asarray(heat)
        return deletion.deletion_curve(
            self._model,
            self._image(sample),
            values,
            class_index,
            fill=fill,
            steps=steps,
            orders=orders,
            seed=seed,
        )

    def _image(self, sample: int | Array) -> Array:
        return sample if isinstance(sample, np.ndarray) and sample.ndim else self._inputs[sample]


def _height_and_width(size: int | Sequence[int]) -> tuple[int, int]:
    pair = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(pair) != 2:
        raise ValueError(f"size must be a number of pixels or (height, width), got {size}")
    return pair
