"""What depends on the backend Keras runs on: compiling a function, and its fastest reductions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from tensorboard_cnnvis.network.tracing import Tensor

_LANES = 8  # counters of one byte in an int64
_SMALLEST_GROUP = 16


class OutOfMemoryError(RuntimeError):
    """The batch did not fit into memory."""


class CompiledFunction:
    """A compiled function of tensors; called with arrays, it gives arrays."""

    def __init__(
        self,
        function: Callable[..., Any],
        specs: Sequence[tuple[tuple[int, ...] | None, np.dtype[Any]]],
        batch: int | None,
    ) -> None:
        """Compiles lazily, and once: the batch axis may vary.

        Args:
            function: tensors -> a structure of tensors and None.
            specs: per argument its shape without the batch axis (None for a scalar) and dtype.
            batch: the batch size, None for any.

        Raises:
            ValueError: Keras runs on a backend that is not supported yet.
        """
        if keras.backend.backend() != "tensorflow":
            raise ValueError(
                f"Keras runs on {keras.backend.backend()!r}; expected the tensorflow backend: set"
                " KERAS_BACKEND=tensorflow before keras is imported"
            )
        import tensorflow as tf

        self._tf = tf
        signature = [
            tf.TensorSpec(() if shape is None else (batch, *shape), dtype) for shape, dtype in specs
        ]
        self._function = tf.function(function, input_signature=signature, autograph=False)

    def prepare(self) -> None:
        """Traces the function without running it."""
        self._function.get_concrete_function()

    def __call__(self, *arguments: Any) -> Any:
        """Runs it.

        Raises:
            OutOfMemoryError: the arguments are too many for the memory.
        """
        try:
            found = self._function(*arguments)
        except self._tf.errors.ResourceExhaustedError as error:
            raise OutOfMemoryError(str(error).splitlines()[0]) from error
        return keras.tree.map_structure(lambda x: None if x is None else x.numpy(), found)


def square_norms(rows: Tensor) -> Tensor:
    """Root of the sum of squares over axis 1 of float32 (batch, positions, channels).

    TensorFlow's kernel squares and adds in one pass, without a tensor of squares.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.raw_ops.EuclideanNorm(input=rows, axis=[1])
    return keras.ops.sqrt(keras.ops.sum(keras.ops.square(rows), axis=1))


def count_positive(rows: Tensor) -> Tensor:
    """Number of positions above 0 per channel, float32 (channels,).

    Args:
        rows: (batch, positions, channels).
    """
    positions, channels = int(rows.shape[1]), int(rows.shape[2])
    group = max(size for size in range(1, 256) if positions % size == 0)
    fits = channels % _LANES == 0 and group >= min(_SMALLEST_GROUP, positions)
    if keras.backend.backend() != "tensorflow" or not fits:
        above = keras.ops.cast(rows > 0, "float32")
        return keras.ops.sum(keras.ops.sum(above, axis=1), axis=0)
    return _count_in_bytes(rows, group, channels)


def _count_in_bytes(rows: Tensor, group: int, channels: int) -> Tensor:
    """Adds up to 255 positions in bytes, eight channels in one int64: a third of the time."""
    import tensorflow as tf

    above = tf.cast(tf.reshape(rows, (-1, group, channels)) > 0, tf.uint8)
    words = tf.bitcast(tf.reshape(above, (-1, group, channels // _LANES, _LANES)), tf.int64)
    counts = tf.bitcast(tf.reduce_sum(words, axis=1), tf.uint8)
    return tf.reduce_sum(tf.cast(tf.reshape(counts, (-1, channels)), tf.float32), axis=0)
