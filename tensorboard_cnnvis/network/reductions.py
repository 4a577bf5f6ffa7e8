"""What is kept of layers' outputs: the reductions inside the compiled forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network import backend
from tensorboard_cnnvis.network.backend import Tensor

MAX_FLAT_FEATURES = 1024
MAP_SIZE = 32
MAP_CHANNELS = 64
_GROUP = 256  # positions that are added in float32
_TINY = float(np.finfo(np.float32).tiny)
SATURATED = {"tanh": (-0.99, 0.99), "sigmoid": (0.01, 0.99)}  # 99% of their range


@dataclass(frozen=True)
class Watched:
    """A layer's output inside the forward.

    Attributes:
        output: (batch, ..., n_channels), or (batch, n_channels, ...) with `axis` 1.
        axis: of the channels, 1 or -1.
        activation: name of its activation, which tells what saturated means.
        precise: whether its deviations are summed around its mean, at a pass more.
    """

    output: Tensor
    axis: int
    activation: str | None
    precise: bool


def reduce_channels(watched: Sequence[Watched]) -> dict[str, Tensor]:
    """Reduces the outputs of many layers, whose channels follow one another in the results.

    Every output is read as seldom as possible, since memory is what limits this; whatever works
    on the small results is done for all layers at once.

    Returns:
        mean, deviations (sum of squared ones) and squares (sum of squares): float64 (channels,);
        maximum, samples (number of samples that ever exceed 0), positions (number of positions
        that do) and saturated (number of positions): float32 (channels,);
        top_values float32 and top_rows int32 (channels, <= 16): the largest maxima per sample.
    """
    rows = [_channels_last(item.output, item.axis) for item in watched]
    sizes = np.repeat([x.shape[1] for x in rows], [x.shape[2] for x in rows]).astype(np.float64)
    count = keras.ops.cast(keras.ops.shape(rows[0])[0], "float64")
    means = _joined([backend.means(x) for x in rows])
    norms = keras.ops.cast(_joined([backend.square_norms(x) for x in rows]), "float64")
    mean = keras.ops.mean(keras.ops.cast(means, "float64"), axis=0)
    squares = keras.ops.sum(norms * norms, axis=0)
    quick = squares - mean * mean * sizes * count
    mean, deviations = _overridden((mean, quick), rows, watched)
    maxima = _joined([backend.maxima(x) for x in rows])
    maxima = keras.ops.where(keras.ops.isnan(means), -np.inf, maxima)
    return {
        "mean": mean,
        "squares": squares,
        "deviations": deviations,
        "maximum": keras.ops.max(maxima, axis=0),
        "samples": keras.ops.sum(keras.ops.cast(maxima > 0, "float32"), axis=0),
        "positions": keras.ops.concatenate([backend.count_positive(x) for x in rows]),
        "saturated": keras.ops.concatenate(
            [_saturated(x, item.activation) for x, item in zip(rows, watched, strict=True)]
        ),
        **_top(maxima),
    }


def embed(x: Tensor, axis: int, pooled: bool) -> Tensor:
    """A layer's output as float32 (batch, n_features): flattened, or its mean over space."""
    x = keras.ops.cast(x, "float32")
    if pooled:
        return keras.ops.mean(_channels_last(x, axis), axis=1)
    return keras.ops.reshape(x, (-1, _product(x.shape[1:])))


def is_pooled(shape: Sequence[int | None]) -> bool:
    """Whether an output of this shape, without batch, is pooled to be an embedding."""
    return len(shape) > 1 and _product(shape) > MAX_FLAT_FEATURES


def n_features(shape: Sequence[int | None], axis: int) -> int:
    """Width of the embedding of an output of this shape, without batch."""
    channels = shape[0] if axis == 1 else shape[-1]
    return int(channels or 1) if is_pooled(shape) else _product(shape)


def map_shape(shape: Sequence[int | None], axis: int) -> tuple[int, int, int]:
    """Height, width and channels of the stored maps of an output (height, width, channels)."""
    height, width, channels = (int(length or 1) for length in shape)
    if axis == 1:
        height, width, channels = width, channels, height
    block = _block(height, width)
    return -(-height // block), -(-width // block), min(channels, MAP_CHANNELS)


def shrink_maps(x: Tensor, axis: int) -> Tensor:
    """Maps (batch, height, width, channels) averaged over square blocks to at most 32x32.

    Keeps the first 64 channels, as float16, values beyond its range clipped to it.
    """
    x = keras.ops.cast(x, "float32")
    if axis == 1:
        x = keras.ops.transpose(x, (0, 2, 3, 1))
    x = x[..., :MAP_CHANNELS]
    block = _block(x.shape[1], x.shape[2])
    if block > 1:
        x = keras.ops.average_pool(
            x, block, strides=block, padding="same", data_format="channels_last"
        )
    largest = float(np.finfo(np.float16).max)
    return keras.ops.cast(keras.ops.clip(x, -largest, largest), "float16")


def _channels_last(x: Tensor, axis: int) -> Tensor:
    """float32 (batch, positions, n_channels) of an output."""
    x = keras.ops.cast(x, "float32")
    if axis == 1 and len(x.shape) > 2:
        x = keras.ops.moveaxis(x, 1, -1)
    return keras.ops.reshape(x, (-1, _product(x.shape[1:-1]), x.shape[-1]))


def _joined(parts: Sequence[Tensor]) -> Tensor:
    return keras.ops.concatenate(list(parts), axis=-1)


def _precise_moments(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and sum of squared deviations per channel, in two passes, float64.

    The second pass also tells by how much the float32 mean was off.
    """
    batch = keras.ops.cast(keras.ops.shape(rows)[0], "float64")
    count = batch * rows.shape[1]
    near = keras.ops.cast(_wide_sum(rows) / count, "float32")
    apart = rows - near
    off = _wide_sum(apart) / count
    size = keras.ops.maximum(keras.ops.max(keras.ops.abs(apart), axis=(0, 1)), _TINY)
    squares = _wide_sum(keras.ops.square(apart / size)) * keras.ops.cast(size, "float64") ** 2
    return keras.ops.cast(near, "float64") + off, squares - count * off * off


def _wide_sum(rows: Tensor) -> Tensor:
    """float64 sum per channel of float32 (batch, positions, channels), of small sums in float32."""
    positions = rows.shape[1]
    group = max(size for size in range(1, _GROUP + 1) if positions % size == 0)
    small = keras.ops.sum(keras.ops.reshape(rows, (-1, group, rows.shape[2])), axis=1)
    return keras.ops.sum(keras.ops.cast(small, "float64"), axis=0)


def _overridden(
    quick: tuple[Tensor, Tensor], rows: Sequence[Tensor], watched: Sequence[Watched]
) -> tuple[Tensor, Tensor]:
    """Mean and deviations of all layers, those of the layers to be precise about replaced."""
    if not any(item.precise for item in watched):
        return quick
    means, deviations, end = [], [], 0
    for x, item in zip(rows, watched, strict=True):
        start, end = end, end + x.shape[-1]
        part = quick[0][start:end], quick[1][start:end]
        mean, deviation = _precise_moments(x) if item.precise else part
        means.append(mean)
        deviations.append(deviation)
    return _joined(means), _joined(deviations)


def _saturated(rows: Tensor, activation: str | None) -> Tensor:
    if activation not in SATURATED:
        return keras.ops.zeros((rows.shape[-1],), "float32")
    low, high = SATURATED[activation]
    beyond = keras.ops.logical_or(rows < low, rows > high)
    return keras.ops.sum(keras.ops.cast(beyond, "float32"), axis=(0, 1))


def _top(maxima: Tensor) -> dict[str, Tensor]:
    """The rows with the largest of (batch, channels)."""
    ordered = keras.ops.transpose(maxima)
    count = keras.ops.minimum(schema.TOP_SAMPLES, keras.ops.shape(maxima)[0])
    values, rows = keras.ops.top_k(ordered, count)
    return {"top_values": values, "top_rows": keras.ops.cast(rows, "int32")}


def _product(lengths: Sequence[int | None]) -> int:
    product = 1
    for length in lengths:
        product *= int(length or 1)
    return product


def _block(height: int, width: int) -> int:
    return -(-max(height, width) // MAP_SIZE)
