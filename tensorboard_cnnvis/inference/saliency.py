"""Gradients of a class's logit by the input: plain, SmoothGrad, integrated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from tensorboard_cnnvis.inference.effort import MAX_FORWARDS, check_count, check_forwards
from tensorboard_cnnvis.inference.fills import Fill, filled
from tensorboard_cnnvis.inference.models import LoadedModel
from tensorboard_cnnvis.inference.results import ArrayResult

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
METHODS = ("gradient", "smooth_grad", "integrated_gradients")


@dataclass(frozen=True)
class SaliencyOptions:
    """How a saliency map is made.

    Attributes:
        method: `gradient` (Simonyan et al. 2013), `smooth_grad` (Smilkov et al. 2017) or
            `integrated_gradients` (Sundararajan et al. 2017).
        samples: noisy copies, for smoothgrad.
        noise: their standard deviation as a share of the image's range.
        steps: points on the way from the baseline to the image, for integrated.
        baseline: where that way begins; see `fills.filled`.
        sigma: of a Gaussian over the map, in pixels; 0 for none.
        seed: of the noise.
    """

    method: str = "gradient"
    samples: int = 32
    noise: float = 0.15
    steps: int = 64
    baseline: Fill = 0.0
    sigma: float = 0.0
    seed: int = 0

    @property
    def passes(self) -> int:
        """Number of passes through the model and back."""
        return {"gradient": 1, "smooth_grad": self.samples}.get(self.method, self.steps)

    def check(self) -> None:
        """Raises ValueError for what cannot be done."""
        if self.method not in METHODS:
            raise ValueError(
                f"method {self.method!r} is unknown; expected one of {', '.join(METHODS)}"
            )
        check_count("samples", self.samples)
        check_count("steps", self.steps)
        for name in ("noise", "sigma"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be a finite number of at least 0, got {value}")


@dataclass(frozen=True)
class Completeness:
    """Whether integrated gradients add up (Sundararajan et al. 2017, proposition 1).

    Attributes:
        total: sum of the attributions.
        difference: logit of the image minus that of the baseline, which it should be.
    """

    total: float
    difference: float

    @property
    def gap(self) -> float:
        """By how much they differ, as a share of the difference; more steps make it smaller."""
        if self.difference == 0:
            return 0.0 if self.total == 0 else float("inf")
        return abs(self.total - self.difference) / abs(self.difference)


@dataclass(frozen=True)
class Saliency(ArrayResult):
    """One map. NumPy takes it as the array `heat`.

    Attributes:
        heat: float32 (height, width): of gradient and smoothgrad the largest absolute value over
            the channels; of integrated the sum over the channels, below 0 where it speaks against
            the class. After the Gaussian.
        values: float32 (height, width, channels): the gradient, its mean over the noisy copies, or
            the attributions, logits per unit of the input or logits.
        method: as asked for.
        class_index: the class.
        logit: of the class for the image as it is.
        completeness: of integrated, else None.
    """

    heat: Floats
    values: Floats
    method: str
    class_index: int
    logit: float
    completeness: Completeness | None

    @property
    def array(self) -> Floats:
        """The map, `heat`."""
        return self.heat


def saliency(
    model: LoadedModel,
    image: Array,
    options: SaliencyOptions | None = None,
    class_index: int | None = None,
    *,
    max_forwards: int = MAX_FORWARDS,
    progress: Callable[[float], None] = lambda share: None,
) -> Saliency:
    """A saliency map of the logit of a class.

    Args:
        model: the model; it is not changed.
        image: (height, width, channels).
        options: the method and what belongs to it; None for the plain gradient.
        class_index: None for the prediction.
        max_forwards: the most passes through the model that may be made.
        progress: called with the share that is done; it may raise to stop.

    Raises:
        ValueError: an option or the class is out of range, or too many passes are needed.
    """
    asked = options or SaliencyOptions()
    asked.check()
    fewer = "take fewer samples" if asked.method == "smooth_grad" else "take fewer steps"
    check_forwards(f"the {asked.method} map", asked.passes, max_forwards, fewer)
    image = model.check_image(image)
    chosen = model.class_of(class_index, model.scores(image[None])[0])
    exact = image.astype(np.float32)
    if asked.method == "integrated_gradients":
        return _integrated(model, exact, asked, chosen, progress)
    size = model.input_gradient.size
    copies = [exact[None]] if asked.method == "gradient" else _noisy(exact, asked, size)
    mean, logit = _mean_gradient(model, copies, asked.passes, chosen, progress)
    if asked.method == "smooth_grad":
        logit = float(model.input_gradient(exact[None], np.int32(chosen))[0][0])
    heat = _smoothed(np.abs(mean).max(axis=-1), asked.sigma)
    return Saliency(heat, mean, asked.method, chosen, logit, None)


def _integrated(
    model: LoadedModel,
    image: Floats,
    asked: SaliencyOptions,
    class_index: int,
    progress: Callable[[float], None],
) -> Saliency:
    """Eq. 1 by the midpoint rule."""
    start = filled(image, asked.baseline, asked.seed)
    way = image - start
    size = model.input_gradient.size
    shares = (np.arange(asked.steps, dtype=np.float32) + np.float32(0.5)) / asked.steps
    points = (
        np.asarray(start + shares[place : place + size, None, None, None] * way, np.float32)
        for place in range(0, asked.steps, size)
    )
    mean, _ = _mean_gradient(model, points, asked.steps, class_index, progress)
    ends = model.input_gradient(np.stack([image, start]), np.int32(class_index))[0]
    values = way * mean
    total = float(values.sum(dtype=np.float64))
    return Saliency(
        heat=_smoothed(values.sum(axis=-1), asked.sigma),
        values=values,
        method=asked.method,
        class_index=class_index,
        logit=float(ends[0]),
        completeness=Completeness(total, float(ends[0]) - float(ends[1])),
    )


def _noisy(image: Floats, asked: SaliencyOptions, size: int) -> Iterator[Floats]:
    """Noisy copies in groups of at most `size`."""
    rng = np.random.default_rng(asked.seed)
    scale = np.float32(asked.noise * (image.max() - image.min()))
    for start in range(0, asked.samples, size):
        count = min(size, asked.samples - start)
        noise = rng.standard_normal((count, *image.shape), np.float32)
        yield image + scale * noise


def _mean_gradient(
    model: LoadedModel,
    groups: Iterable[Floats],
    count: int,
    class_index: int,
    progress: Callable[[float], None],
) -> tuple[Floats, float]:
    """Mean gradient over `count` images, and the logit of the first."""
    total: npt.NDArray[np.float64] | None = None
    first, done = 0.0, 0
    for images in groups:
        for logits, gradients in model.input_gradient.batches(images, np.int32(class_index)):
            if total is None:
                total, first = np.zeros(gradients.shape[1:]), float(logits[0])
            total += gradients.sum(axis=0, dtype=np.float64)
            done += len(logits)
            progress(done / count)
    mean = np.zeros(images.shape[1:]) if total is None else total / count
    return mean.astype(np.float32), first


def _smoothed(heat: Floats, sigma: float) -> Floats:
    if sigma == 0:
        return heat
    found: Floats = gaussian_filter(heat, sigma)
    return found
