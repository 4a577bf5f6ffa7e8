"""Results that NumPy takes as an array."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class ArrayResult(ABC):
    """A map with what belongs to it; where an array is expected, it is its map."""

    @property
    @abstractmethod
    def array(self) -> Floats:
        """The map."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the map."""
        return self.array.shape

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        return np.array(self.array, dtype, copy=True) if copy else np.asarray(self.array, dtype)

    def __getitem__(self, key: Any) -> Any:
        return self.array[key]

    def __len__(self) -> int:
        return len(self.array)
