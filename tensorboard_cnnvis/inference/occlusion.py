"""How a class's score changes when parts of the image are covered (Zeiler and Fergus 2014)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.inference import effort
from tensorboard_cnnvis.inference.effort import MAX_FORWARDS
from tensorboard_cnnvis.inference.fills import Fill, filled
from tensorboard_cnnvis.inference.models import LoadedModel
from tensorboard_cnnvis.inference.results import ArrayResult

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
_FIRST_POSITIONS = 16  # of the coarsest grid, about


@dataclass(frozen=True)
class Patch:
    """What covers the image, and where.

    Attributes:
        height: pixels.
        width: pixels.
        stride: pixels between two positions.
        fill: what it is made of: a number in the inputs' own unit, or `mean`, `blur`, `noise`;
            see `fills.filled`.
        seed: of the noise.
    """

    height: int
    width: int
    stride: int
    fill: Fill = 0.0
    seed: int = 0

    def check(self, image_height: int, image_width: int) -> None:
        """Raises ValueError where the patch cannot be moved over such an image."""
        for name in ("height", "width", "stride"):
            pixels = getattr(self, name)
            if not isinstance(pixels, Integral):
                raise ValueError(f"{name} must be a whole number of pixels, got {pixels!r}")
        if self.height < 1 or self.width < 1:
            raise ValueError(
                f"the patch is {self.height} x {self.width} pixels; expected at least 1 x 1"
            )
        if self.height > image_height or self.width > image_width:
            raise ValueError(
                f"a patch of {self.height} x {self.width} pixels is larger than the image, which"
                f" has {image_height} x {image_width}: choose a smaller size"
            )
        if self.stride < 1:
            raise ValueError(f"stride must be at least 1 pixel, got {self.stride}")

    def tops(self, image_height: int) -> npt.NDArray[np.int32]:
        """First row of every position, ascending; the last one ends with the image."""
        return _starts(image_height, self.height, self.stride)

    def lefts(self, image_width: int) -> npt.NDArray[np.int32]:
        """First column of every position, ascending; the last one ends with the image."""
        return _starts(image_width, self.width, self.stride)

    def count(self, image_height: int, image_width: int) -> int:
        """Number of positions."""
        return len(self.tops(image_height)) * len(self.lefts(image_width))


@dataclass(frozen=True)
class Positions:
    """Where a patch is put.

    Attributes:
        corners: int32 (n, 2): first row and column.
        height: of the patch.
        width: of the patch.
        covered: (height, width, channels) of the image: it covered from end to end; a patch shows
            the part of it that lies below.
    """

    corners: npt.NDArray[np.int32]
    height: int
    width: int
    covered: Array


@dataclass(frozen=True)
class OcclusionMap(ArrayResult):
    """A class's score under the patch at every position.

    NumPy takes it as the array `scores`.

    Attributes:
        scores: float32 (n_tops, n_lefts): the class's score with the patch there. A position that
            is not known yet has the score of a coarser one above and left of it, or NaN.
        baseline: the score of the image as it is.
        class_index: the class.
        tops: int32 (n_tops,): first row of the patch.
        lefts: int32 (n_lefts,): first column.
        height: of the patch, in pixels.
        width: of the patch, in pixels.
        image_shape: (height, width) of the image.
        done: number of positions that are known.
    """

    scores: Floats
    baseline: float
    class_index: int
    tops: npt.NDArray[np.int32]
    lefts: npt.NDArray[np.int32]
    height: int
    width: int
    image_shape: tuple[int, int]
    done: int

    @property
    def array(self) -> Floats:
        """The map, `scores`."""
        return self.scores

    @property
    def drop(self) -> Floats:
        """By how much the score falls, float32 (n_tops, n_lefts): large where it rests on."""
        return np.asarray(self.baseline - self.scores, np.float32)

    @property
    def complete(self) -> bool:
        """Whether all positions are known."""
        return self.done == self.scores.size

    def pixel_scores(self) -> Floats:
        """The mean score of the patches that cover a pixel, float32 (height, width).

        NaN where none does, as with a stride larger than the patch, or none that is known yet.
        """
        known = np.isfinite(self.scores)
        total = self._below(np.where(known, self.scores, 0))
        count = np.rint(self._below(known))
        covered = count > 0
        mean = np.divide(total, count, out=np.full(self.image_shape, np.nan), where=covered)
        return np.asarray(mean, np.float32)

    def pixel_drop(self) -> Floats:
        """The mean drop of the patches that cover a pixel: the baseline minus `pixel_scores`."""
        return np.asarray(self.baseline - self.pixel_scores(), np.float32)

    def _below(self, values: Array) -> npt.NDArray[np.float64]:
        """Sums over the patches that cover a pixel, (height, width), of one value per patch."""
        steps = np.zeros((self.image_shape[0] + 1, self.image_shape[1] + 1))
        for sign, down, right in (
            (1, 0, 0), (-1, self.height, 0), (-1, 0, self.width), (1, self.height, self.width),
        ):  # fmt: skip
            np.add.at(steps, np.ix_(self.tops + down, self.lefts + right), sign * values)
        return np.asarray(steps.cumsum(axis=0).cumsum(axis=1)[:-1, :-1])


def occluded_scores(model: LoadedModel, image: Array, positions: Positions) -> Floats:
    """The scores of an image with a patch at each of the positions.

    This is the loop over positions, and all of it: an engine that reuses what the patch leaves
    unchanged would replace this function.

    Args:
        model: the model.
        image: (height, width, channels), of the model's input dtype.
        positions: where, and what the patch shows.

    Returns:
        float32 (n, n_classes).
    """
    found, start = [], 0
    while start < len(positions.corners):
        corners = positions.corners[start : start + model.scores.size]
        found.append(model.scores(_covered(image, positions, corners)))
        start += len(corners)
    return np.concatenate(found)


def occlusion(
    model: LoadedModel,
    image: Array,
    patch: Patch,
    class_index: int | None = None,
    max_forwards: int = MAX_FORWARDS,
) -> OcclusionMap:
    """The whole map; see `occlusion_steps`."""
    *_, last = occlusion_steps(model, image, patch, class_index, max_forwards)
    return last


def occlusion_steps(
    model: LoadedModel,
    image: Array,
    patch: Patch,
    class_index: int | None = None,
    max_forwards: int = MAX_FORWARDS,
) -> Iterator[OcclusionMap]:
    """The map as it becomes known, coarse to fine; the last one is complete.

    A caller that wants to stop stops asking.

    Args:
        model: the model.
        image: (height, width, channels).
        patch: what covers it.
        class_index: whose score; None for the prediction.
        max_forwards: the most passes through the model that may be made.

    Raises:
        ValueError: the patch does not fit the image, the class does not exist, or there are more
            positions than `max_forwards`.
    """
    image = model.check_image(image)
    shape = image.shape[0], image.shape[1]
    check_forwards(patch, shape, max_forwards)
    covered = filled(image, patch.fill, patch.seed)
    baseline = model.scores(image[None])[0]
    chosen = model.class_of(class_index, baseline)
    tops, lefts = patch.tops(shape[0]), patch.lefts(shape[1])
    scores = np.full((len(tops), len(lefts)), np.nan, np.float32)
    cells, blocks = _coarse_to_fine(len(tops), len(lefts))
    done = 0
    while done < len(cells):
        start, group = done, cells[done : done + model.scores.size]
        done += len(group)
        corners = np.stack([tops[group[:, 0]], lefts[group[:, 1]]], axis=1)
        positions = Positions(corners, patch.height, patch.width, covered)
        values = occluded_scores(model, image, positions)[:, chosen]
        scores = scores.copy()
        painted = zip(group.tolist(), blocks[start:].tolist(), values.tolist(), strict=False)
        for (row, column), block, value in painted:
            scores[row : row + block, column : column + block] = value
        yield OcclusionMap(
            scores=scores,
            baseline=float(baseline[chosen]),
            class_index=chosen,
            tops=tops,
            lefts=lefts,
            height=patch.height,
            width=patch.width,
            image_shape=shape,
            done=done,
        )


def check_forwards(patch: Patch, shape: tuple[int, int], limit: int) -> int:
    """The number of positions of a patch over an image of this shape.

    Raises:
        ValueError: the patch does not fit.
        effort.TooManyForwardsError: there are more positions than `limit`.
    """
    patch.check(*shape)
    count = patch.count(*shape)
    fitting = patch
    while fitting.count(*shape) > limit and fitting.stride < max(shape):
        fitting = replace(fitting, stride=fitting.stride + 1)
    fits = fitting.count(*shape) <= limit
    fewer = f"choose a stride of at least {fitting.stride}" if fits else "choose a larger patch"
    effort.check_forwards("the occlusion map", count, limit, fewer)
    return count


def _starts(length: int, size: int, stride: int) -> npt.NDArray[np.int32]:
    starts = list(range(0, length - size + 1, stride))
    if starts[-1] != length - size:
        starts.append(length - size)  # the border is covered, too
    return np.array(starts, np.int32)


def _coarse_to_fine(
    n_rows: int, n_columns: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All cells of a grid, (n, 2), and the length of the block that each stands for at first.

    The first cells are few and far apart; each level halves the distance.
    """
    block = 1
    while -(-n_rows // block) * -(-n_columns // block) > _FIRST_POSITIONS:
        block *= 2
    cells, blocks, before = [], [], 0
    while block >= 1:
        rows, columns = np.mgrid[0:n_rows:block, 0:n_columns:block]
        level = np.stack([rows.ravel(), columns.ravel()], axis=1)
        if before:
            level = level[(level % before).any(axis=1)]
        cells.append(level)
        blocks.append(np.full(len(level), block))
        before, block = block, block // 2
    return np.concatenate(cells), np.concatenate(blocks)


def _covered(image: Array, positions: Positions, corners: npt.NDArray[np.int32]) -> Array:
    """The image once per corner (n, height, width, channels), with a patch there."""
    images = np.repeat(image[None], len(corners), axis=0)
    for row, (top, left) in zip(images, corners.tolist(), strict=True):
        below = slice(top, top + positions.height), slice(left, left + positions.width)
        row[below] = positions.covered[below]
    return images
