"""What depends on the backend Keras runs on: compiling a function, and its fastest reductions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

Tensor = Any  # of whichever backend Keras runs on
_LANES = 8  # counters of one byte in an int64
_SMALLEST_GROUP = 16
_WRITING = (
    "Assign", "Rng", "StatefulStandard", "StatefulUniform", "StatefulTruncated",
    "ResourceApply", "ResourceScatter", "ResourceSparse", "ResourceStrided",
)  # fmt: skip


class OutOfMemoryError(MemoryError):
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
        self._dtypes = [dtype for _, dtype in specs]
        self._function = tf.function(function, input_signature=signature, autograph=False)
        self._traced: Any = None
        self._written: list[Any] = []

    @property
    def prepared(self) -> bool:
        """Whether it is traced, so that a call only runs it."""
        return self._traced is not None

    def prepare(self) -> None:
        """Traces the function without running it."""
        if self._traced is None:
            self._traced = self._function.get_concrete_function()
            self._written = _written_variables(self._traced.graph)

    def __call__(self, *arguments: Any) -> Any:
        """Runs it, and puts back every variable that it writes: seeds, moving statistics.

        Raises:
            OutOfMemoryError: the arguments are too many for the memory.
        """
        self.prepare()
        convert = self._tf.convert_to_tensor
        before = [variable.read_value() for variable in self._written]
        try:
            tensors = [convert(x, d) for x, d in zip(arguments, self._dtypes, strict=True)]
            found = self._traced(*tensors)
        except self._tf.errors.ResourceExhaustedError as error:
            raise OutOfMemoryError(str(error).splitlines()[0]) from error
        finally:
            for variable, value in zip(self._written, before, strict=True):
                variable.assign(value)
        return keras.tree.map_structure(lambda x: None if x is None else x.numpy(), found)


def values_of(variable: Any) -> npt.NDArray[Any]:
    """What a variable, or a tensor that is computed from some, holds now."""
    tensor = keras.ops.convert_to_tensor(variable)
    known = hasattr(tensor, "numpy")  # without NumPy's own way, which TensorFlow has deprecated
    found: npt.NDArray[Any] = tensor.numpy() if known else keras.ops.convert_to_numpy(tensor)
    return found


def _written_variables(graph: Any) -> list[Any]:
    """All variables of a traced function that writes any, none of one that only reads.

    Reading and assigning a whole variable copies nothing.
    """
    definition = graph.as_graph_def()
    nodes = itertools.chain(definition.node, *(f.node_def for f in definition.library.function))
    return list(graph.variables) if any(node.op.startswith(_WRITING) for node in nodes) else []


def square_norms(rows: Tensor) -> Tensor:
    """Root of the sum of squares over axis 1 of float32 (batch, positions, channels).

    TensorFlow's kernel squares and adds in one pass, without a tensor of squares.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.raw_ops.EuclideanNorm(input=rows, axis=[1])
    return keras.ops.sqrt(keras.ops.sum(keras.ops.square(rows), axis=1))


def means(rows: Tensor) -> Tensor:
    """Mean over axis 1 of float32 (batch, positions, channels), as (batch, channels)."""
    return _pooled(keras.ops.average_pool, rows)


def maxima(rows: Tensor) -> Tensor:
    """Maximum over axis 1 of float32 (batch, positions, channels), as (batch, channels)."""
    return _pooled(keras.ops.max_pool, rows)


def faster_call(layer: Any) -> Callable[..., Tensor] | None:
    """A `call` that gives what the layer's own gives in inference mode, in less time, or None.

    Keras spells BatchNormalization out as a product and a sum; TensorFlow has one kernel for it.
    That saves a ResNet a quarter of its time.
    """
    plain = type(layer) is keras.layers.BatchNormalization and layer.compute_dtype == "float32"
    if not plain or layer.axis not in (-1, 3) or keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    def call(inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        if training or mask is not None or len(inputs.shape) != 4:
            return type(layer).call(layer, inputs, training=training, mask=mask)
        mean = keras.ops.convert_to_tensor(layer.moving_mean)
        return tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=layer.gamma if layer.scale else tf.ones_like(mean),
            offset=layer.beta if layer.center else tf.zeros_like(mean),
            mean=mean,
            variance=layer.moving_variance,
            epsilon=layer.epsilon,
            is_training=False,
        ).y

    return call


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


def _pooled(pool: Callable[..., Tensor], rows: Tensor) -> Tensor:
    """A pooling kernel over all positions: twice as fast as a reduction on a CPU."""
    positions, channels = rows.shape[1:]
    if positions == 1:
        return rows[:, 0]
    image = keras.ops.reshape(rows, (-1, positions, 1, channels))
    found = pool(image, (positions, 1), strides=1, padding="valid", data_format="channels_last")
    return keras.ops.reshape(found, (-1, channels))


def _count_in_bytes(rows: Tensor, group: int, channels: int) -> Tensor:
    """Adds up to 255 positions in bytes, eight channels in one int64: a third of the time."""
    import tensorflow as tf

    above = tf.cast(tf.reshape(rows, (-1, group, channels)) > 0, tf.uint8)
    words = tf.bitcast(tf.reshape(above, (-1, group, channels // _LANES, _LANES)), tf.int64)
    counts = tf.bitcast(tf.reduce_sum(words, axis=1), tf.uint8)
    return tf.reduce_sum(tf.cast(tf.reshape(counts, (-1, channels)), tf.float32), axis=0)
