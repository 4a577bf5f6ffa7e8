"""Whether a map is right: the score as the pixels it holds important go (Petsiuk et al. 2018)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.integrate import trapezoid

from tensorboard_cnnvis.inference.effort import MAX_FORWARDS, check_count, check_forwards
from tensorboard_cnnvis.inference.fills import Fill, filled
from tensorboard_cnnvis.inference.models import LoadedModel

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class DeletionCurve:
    """Scores while pixels are replaced, the most important ones first.

    Attributes:
        shares: float32 (n,): share of the pixels that are replaced, from 0 to 1.
        scores: float32 (n,): the class's score in the map's order.
        random: float32 (n_orders, n): the same in random orders.
        class_index: the class.
    """

    shares: Floats
    scores: Floats
    random: Floats
    class_index: int

    @property
    def area(self) -> float:
        """Area under `scores`: the smaller, the better the map finds what the score rests on."""
        return float(trapezoid(self.scores, self.shares))

    @property
    def random_areas(self) -> Floats:
        """Area under each random order, float32 (n_orders,)."""
        return np.asarray(trapezoid(self.random, self.shares, axis=1), np.float32)


def deletion_curve(
    model: LoadedModel,
    image: Array,
    heat: Array,
    class_index: int | None = None,
    *,
    fill: Fill = "mean",
    steps: int = 32,
    orders: int = 5,
    seed: int = 0,
    max_forwards: int = MAX_FORWARDS,
    progress: Callable[[float], None] = lambda share: None,
) -> DeletionCurve:
    """The deletion curve of a map, beside those of random orders.

    Args:
        model: the model.
        image: (height, width, channels).
        heat: (height, width): large where important. Equal pixels go in random order, NaN last.
        class_index: None for the prediction.
        fill: what replaces a pixel; see `fills.filled`.
        steps: number of replacements between none and all pixels.
        orders: number of random orders.
        seed: of the random orders.
        max_forwards: the most passes through the model that may be made.
        progress: called with the share that is done; it may raise to stop.

    Raises:
        ValueError: the map has another size than the image, a number is out of range, or too many
            passes are needed.
    """
    image = model.check_image(image)
    heat = np.asarray(heat, np.float64)
    if heat.shape != image.shape[:2]:
        raise ValueError(
            f"expected a map of the image's shape {image.shape[:2]}, got {heat.shape}; an"
            " OcclusionMap gives one by pixel_drop()"
        )
    check_count("steps", steps)
    check_count("orders", orders, 0)
    needed = (1 + orders) * (steps + 1)
    check_forwards("the deletion curve", needed, max_forwards, "take fewer steps or orders")
    chosen = model.class_of(class_index, model.scores(image[None])[0])
    rng = np.random.default_rng(seed)
    ties = rng.permutation(heat.size)
    importance = np.where(np.isnan(heat), -np.inf, heat).ravel()
    own = np.lexsort((ties, -importance))
    counts = np.rint(np.linspace(0, heat.size, steps + 1)).astype(np.int64)
    covered = filled(image, fill, seed)
    curves: list[Floats] = []
    for order in (own, *(rng.permutation(heat.size) for _ in range(orders))):
        found: list[Floats] = []
        for scores in _curve(model, image, covered, order, counts):
            found.append(scores)
            known = len(curves) * len(counts) + sum(map(len, found))
            progress(known / needed)
        curves.append(np.concatenate(found)[:, chosen])
    shares = (counts / heat.size).astype(np.float32)
    random = np.stack(curves[1:]) if orders else np.zeros((0, steps + 1), np.float32)
    return DeletionCurve(shares, curves[0], random, chosen)


def _curve(
    model: LoadedModel,
    image: Array,
    covered: Array,
    order: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
) -> Iterator[Floats]:
    """Scores (n, n_classes) with the first `counts` pixels of an order replaced, some at a time."""
    rank = np.argsort(order).reshape(image.shape[:2])
    start = 0
    while start < len(counts):
        gone = rank[None] < counts[start : start + model.scores.size, None, None]
        start += len(gone)
        yield model.scores(np.where(gone[..., None], covered, image))
