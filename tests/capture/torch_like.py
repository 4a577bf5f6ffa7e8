"""What CNNVis sees of torch, which is no dependency: loaders, their samplers, and tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


class Loader:
    """What CNNVis sees of a torch DataLoader: batches that it can iterate over again."""

    def __init__(self, x: np.ndarray, y: np.ndarray, sampler: object = None) -> None:
        self.x, self.y, self.sampler = x, y, sampler
        self.passes = 0

    def __len__(self) -> int:
        return (len(self.x) + 31) // 32

    def __iter__(self) -> Iterator[list[Any]]:
        self.passes += 1
        for start in range(0, len(self.x), 32):
            yield [Tensor(self.x[start : start + 32]), Tensor(self.y[start : start + 32])]


class Tensor:
    """A tensor that must be detached and moved before it converts, as torch's do."""

    def __init__(self, array: np.ndarray, ready: int = 0) -> None:
        self.array, self.ready = array, ready

    def detach(self) -> Tensor:
        return Tensor(self.array, 1)

    def cpu(self) -> Tensor:
        return Tensor(self.array, self.ready + 1)

    def numpy(self) -> np.ndarray:
        if self.ready < 2:
            raise TypeError("detach() and cpu() first")
        return self.array


class BFloat16(Tensor):
    """torch's bfloat16, which does not convert to NumPy."""

    dtype = "torch.bfloat16"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    def __getitem__(self, row: int) -> BFloat16:
        return BFloat16(self.array[row])

    def detach(self) -> BFloat16:
        return self

    def cpu(self) -> BFloat16:
        return self

    def float(self) -> Tensor:
        return Tensor(self.array, 2)

    def numpy(self) -> np.ndarray:
        raise TypeError("Got unsupported ScalarType BFloat16")


class SharedTensor(Tensor):
    """A tensor on the CPU: its array is its own memory."""

    def __init__(self, array: np.ndarray) -> None:
        super().__init__(array, 2)
        self.shape, self.dtype = array.shape, array.dtype

    def __getitem__(self, row: int) -> np.ndarray:
        return self.array[row]

    def detach(self) -> Tensor:
        raise AssertionError("it converts as it is")

    cpu = detach


class RandomSampler:
    """By this name torch's loaders tell that they shuffle."""


class Weighted(RandomSampler):
    """A user's own kind of it."""


class DistributedSampler:
    shuffle = True
