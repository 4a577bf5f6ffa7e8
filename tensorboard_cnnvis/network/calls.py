"""Compiled calls of a model that is looked into: its scores, one layer's output."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network.backend import CompiledFunction, OutOfMemoryError, Tensor
from tensorboard_cnnvis.network.forward import (
    Network,
    batch_size,
    embedded,
    padded,
    spec_of,
    watch,
)
from tensorboard_cnnvis.network.outputs import logits_of
from tensorboard_cnnvis.network.tracing import Trace

Array = npt.NDArray[Any]
_BATCH_SECONDS = 0.25  # nothing can stop a batch: as long as that a cancel may wait
_FAST_BATCHES = 4  # one after another, until a batch is doubled again


class BatchedCall:
    """A compiled function of images, run in batches that fit into memory."""

    def __init__(
        self,
        function: Callable[..., Any],
        network: Network,
        sample: Array,
        *,
        scalars: tuple[np.dtype[Any], ...] = (),
        passes: int = 1,
    ) -> None:
        """Compiles at the first call.

        Args:
            function: images (batch, ...) and scalars -> a structure of tensors (batch, ...).
            network: of the model that the function calls.
            sample: (1, ...) as the images will come.
            scalars: dtypes of the scalars.
            passes: how many times the memory of a forward pass is needed.
        """
        specs = [spec_of(sample), *((None, dtype) for dtype in scalars)]
        self._fixed = network.fixed_batch
        self._run = CompiledFunction(function, specs, self._fixed)
        self.size = self._fixed or max(1, batch_size(network, None) // passes)

    @property
    def size(self) -> int:
        """Number of images in a batch.

        Halved where memory runs out, or where so many take longer than a quarter of a second;
        what took long is doubled again after some batches in a quarter of that time.
        """
        return self._size

    @size.setter
    def size(self, size: int) -> None:
        self._size = self._most = size
        self._fast = 0

    def __call__(self, images: Array, *scalars: Any) -> Any:
        """The function's results for all images (n, ...), n > 0, one after another.

        Raises:
            OutOfMemoryError: not even a single image fits.
        """
        parts = list(self.batches(images, *scalars))
        return keras.tree.map_structure(lambda *found: np.concatenate(found), *parts)

    def batches(self, images: Array, *scalars: Any) -> Iterator[Any]:
        """The same, batch by batch."""
        start = 0
        while start < len(images):
            rows = images[start : start + self.size]
            count = len(rows)
            known, began = self._run.prepared, time.perf_counter()
            try:
                found = self._run(padded(rows, self._fixed or count), *scalars)
            except OutOfMemoryError:
                if self.size == 1 or self._fixed is not None:
                    raise
                self.size = max(1, min(self.size, count) // 2)
                continue
            start += count
            if known and self._fixed is None:
                self._adapt(count, time.perf_counter() - began)
            yield keras.tree.map_structure(operator.itemgetter(slice(count)), found)

    def _adapt(self, count: int, seconds: float) -> None:
        """Takes fewer images where `count` took long, more again where whole batches do not."""
        if seconds > _BATCH_SECONDS:
            self._size, self._fast = max(1, min(self._size, count) // 2), 0
        elif count == self._size:
            self._fast = self._fast + 1 if seconds <= _BATCH_SECONDS / 4 else 0
        if self._fast == _FAST_BATCHES:
            self._size, self._fast = min(2 * self._size, self._most), 0


def compile_scores(model: Any, network: Network, sample: Array) -> BatchedCall:
    """Images (n, ...) -> scores, float32 (n, n_classes), as the record stores them."""

    def run(x: Tensor) -> Tensor:
        return scores_of(watch(model, x), network)

    return BatchedCall(run, network, sample)


def compile_output(model: Any, network: Network, sample: Array, path: str) -> BatchedCall:
    """Images (n, ...) -> a layer's output, float32 (n, ..., channels)."""

    def run(x: Tensor) -> Tensor:
        return output_of(watch(model, x), network, path)

    return BatchedCall(run, network, sample)


def compile_embedding(
    model: Any, network: Network, sample: Array, info: schema.EmbeddingInfo
) -> BatchedCall:
    """Images (n, ...) -> an embedding as the record has it, float32 (n, n_features)."""

    def run(x: Tensor) -> Tensor:
        return embedded(watch(model, x), network, info)

    return BatchedCall(run, network, sample)


def scores_of(trace: Trace, network: Network) -> Tensor:
    """The scores of all classes from the logits, float32 (batch, n_classes)."""
    logits = logits_of(trace, network.head)
    if network.head.kind == "sigmoid":
        return keras.ops.sigmoid(keras.ops.concatenate([-logits, logits], axis=1))
    return keras.ops.softmax(logits, axis=-1)


def output_of(trace: Trace, network: Network, path: str) -> Tensor:
    """A layer's output with its channels last, float32 (batch, ..., channels)."""
    output = keras.ops.cast(trace.use(path).output, "float32")
    return channels_last(output, network.axis(path))


def channels_last(x: Tensor, axis: int) -> Tensor:
    """(batch, ..., channels) of an output with its channels at `axis`, 1 or -1."""
    return keras.ops.moveaxis(x, 1, -1) if axis == 1 else x
