"""Which samples are watched: a stratified draw, from arrays or in one pass over a stream.

Every sample gets a uniform random key. A class's quota is filled with the smallest keys of that
class, so that a stream and an array in the same order give the same draw.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MINIMUM_PER_CLASS = 10

Integers = npt.NDArray[np.int64]
Keys = npt.NDArray[np.float64]
Image = npt.NDArray[np.generic]


def quotas(counts: Integers, size: int) -> Integers:
    """How many samples of each class a draw of `size` takes.

    Proportional to the counts by largest remainder, where every class gets at least
    `MINIMUM_PER_CLASS` samples, or all it has, or an equal share where `size` is too small for
    that.

    Args:
        counts: int64 (n_classes,), samples per class.
        size: samples to draw in all.

    Returns:
        int64 (n_classes,), nowhere above `counts`; their sum is min(size, sum of counts).
    """
    if counts.sum() <= size:
        return counts.copy()
    present = int(np.count_nonzero(counts))
    base = np.minimum(counts, min(MINIMUM_PER_CLASS, size // present))
    at_base = counts == 0
    while True:  # in whole numbers, since rounding could put every class below its base
        rest = size - int(base[at_base].sum())
        whole = int(counts[~at_base].sum())
        below = ~at_base & (counts * rest < base * whole)
        if not below.any():
            break
        at_base |= below
    result = np.where(at_base, base, counts * rest // whole)
    remainder = np.where(at_base, -1, counts * rest % whole)
    order = np.argsort(-remainder, kind="stable")
    result[order[: size - int(result.sum())]] += 1
    return result


def smallest_keys(classes: npt.NDArray[np.int32], keys: Keys, taken: Integers) -> Integers:
    """Positions, ascending, of the `taken[c]` samples of each class c with the smallest keys."""
    order = np.lexsort((keys, classes))
    counts = np.bincount(classes, minlength=taken.size)
    starts = np.cumsum(counts) - counts
    rank = np.arange(order.size) - starts[classes[order]]
    return np.sort(order[rank < taken[classes[order]]]).astype(np.int64)


def draw(classes: npt.NDArray[np.int32], size: int | None, seed: int) -> Integers:
    """Positions, ascending, of a stratified draw of at most `size` of the samples."""
    if size is None or classes.size <= size:
        return np.arange(classes.size)
    keys = np.random.default_rng(seed).random(classes.size)
    counts = np.bincount(classes).astype(np.int64)
    return smallest_keys(classes, keys, quotas(counts, size))


class Reservoir:
    """A stratified draw from a stream that is read once, holding at most `2 * size` samples.

    The quotas are those of the whole stream. Only where the mix of classes drifts strongly along
    the stream can a class have too few held samples left for its quota; others fill up then.
    """

    def __init__(self, size: int | None, seed: int) -> None:
        self.total = 0
        self._size = size
        self._generator = np.random.default_rng(seed)
        self._counts = np.zeros(0, np.int64)
        self._images: list[Image] = []
        self._classes: list[int] = []
        self._keys: list[float] = []
        self._index: list[int] = []

    def add(self, images: Image, classes: npt.NDArray[np.int32]) -> None:
        """Offers a batch; its images are copied, so that the batch itself can be freed."""
        keys = self._generator.random(classes.size)
        counts = np.bincount(classes, minlength=self._counts.size).astype(np.int64)
        counts[: self._counts.size] += self._counts
        self._counts = counts
        for image, label, key in zip(images, classes.tolist(), keys.tolist(), strict=True):
            self._images.append(np.array(image))
            self._classes.append(label)
            self._keys.append(key)
            self._index.append(self.total)
            self.total += 1
            if self._size is not None and len(self._images) >= 2 * self._size:
                self._trim(self._size + self._size // 2)

    def result(self) -> tuple[Image, npt.NDArray[np.int32], Integers]:
        """The draw in the order of the stream: images, int32 classes, int64 positions."""
        if self._size is not None and self.total > self._size:
            self._trim(self._size)
        return (
            np.stack(self._images),
            np.array(self._classes, np.int32),
            np.array(self._index, np.int64),
        )

    def _trim(self, size: int) -> None:
        classes = np.array(self._classes, np.int32)
        held = np.bincount(classes, minlength=self._counts.size).astype(np.int64)
        taken = np.minimum(quotas(self._counts, size), held)
        short = min(size, int(held.sum())) - int(taken.sum())
        if short > 0:
            taken += quotas(held - taken, short)
        kept = smallest_keys(classes, np.array(self._keys), taken).tolist()
        self._images = [self._images[position] for position in kept]
        self._classes = [self._classes[position] for position in kept]
        self._keys = [self._keys[position] for position in kept]
        self._index = [self._index[position] for position in kept]
