"""What is kept of a layer's output: reductions inside the compiled forward, and their sums.

Everything here reads tensors through `keras.ops`, in float32.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import keras
import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network.tracing import Tensor

Floats = npt.NDArray[np.float32]
MAX_FLAT_FEATURES = 1024
MAP_SIZE = 32
MAP_CHANNELS = 64
_SATURATED = {"tanh": (-0.99, 0.99), "sigmoid": (0.01, 0.99)}  # 99% of their range


@dataclass(frozen=True)
class Channels:
    """One batch's reductions of one layer, as arrays.

    Attributes:
        moments: float32 (6, n_channels): mean, sum of squared deviations, maximum, and the
            numbers of samples above 0, of positions above 0 and of saturated positions.
        top_values: float32 (n_channels, k) largest per-sample maxima of the batch, descending.
        top_rows: int32 (n_channels, k) rows of the batch they belong to.
        positions: number of positions of the batch, samples times height times width.
    """

    moments: Floats
    top_values: Floats
    top_rows: npt.NDArray[np.int32]
    positions: int


def reduce_channels(x: Tensor, axis: int, activation: str | None) -> tuple[Tensor, Tensor, Tensor]:
    """`moments`, `top_values` and `top_rows` of `Channels` for an output (batch, ..., n_channels).

    Args:
        x: a layer's output.
        axis: of the channels, 1 or -1.
        activation: name of its activation, which tells what saturated means.
    """
    rows = _channels_last(keras.ops.cast(x, "float32"), axis)
    maxima = keras.ops.max(rows, axis=1)
    flat = keras.ops.reshape(rows, (-1, rows.shape[-1]))
    mean = keras.ops.mean(flat, axis=0)
    deviations = keras.ops.sum(keras.ops.square(flat - mean), axis=0)
    above = _count(flat > 0)
    low, high = _SATURATED.get(activation or "", (None, None))
    if low is None:
        saturated = keras.ops.zeros_like(mean)
    else:
        saturated = _count(keras.ops.logical_or(flat < low, flat > high))
    samples = _count(maxima > 0)
    highest = keras.ops.max(maxima, axis=0)
    moments = keras.ops.stack([mean, deviations, highest, samples, above, saturated])
    ordered = keras.ops.where(keras.ops.isnan(maxima), -np.inf, maxima)
    count = keras.ops.minimum(schema.TOP_SAMPLES, keras.ops.shape(maxima)[0])
    values, places = keras.ops.top_k(keras.ops.transpose(ordered), count)
    return moments, values, keras.ops.cast(places, "int32")


def embed(x: Tensor, axis: int, pooled: bool) -> Tensor:
    """A layer's output as float32 (batch, n_features): flattened, or its mean over space."""
    x = keras.ops.cast(x, "float32")
    if pooled:
        return keras.ops.mean(_channels_last(x, axis), axis=1)
    return keras.ops.reshape(x, (-1, _product(x.shape[1:])))


def is_pooled(shape: tuple[int | None, ...]) -> bool:
    """Whether an output of this shape, without batch, is pooled to be an embedding."""
    return len(shape) > 1 and _product(shape) > MAX_FLAT_FEATURES


def map_shape(shape: tuple[int | None, ...], axis: int) -> tuple[int, int, int]:
    """Height, width and channels of the stored maps of an output (height, width, channels)."""
    height, width, channels = shape if axis == -1 else (*shape[1:], shape[0])
    block = _block(int(height or 1), int(width or 1))
    return (
        -(-int(height or 1) // block),
        -(-int(width or 1) // block),
        min(int(channels or 1), MAP_CHANNELS),
    )


def shrink_maps(x: Tensor, axis: int) -> Tensor:
    """Maps (batch, height, width, channels) averaged over square blocks to at most 32x32.

    Keeps the first 64 channels.
    """
    x = keras.ops.cast(x, "float32")
    if axis == 1:
        x = keras.ops.transpose(x, (0, 2, 3, 1))
    x = x[..., :MAP_CHANNELS]
    block = _block(x.shape[1], x.shape[2])
    if block == 1:
        return x
    return keras.ops.average_pool(
        x, block, strides=block, padding="same", data_format="channels_last"
    )


@dataclass
class ChannelSums:
    """A layer's statistics over the batches that were added so far.

    Means and deviations are merged in float64 (Chan, Golub and LeVeque 1983, eq. 1.5).
    """

    activation: str | None
    _samples: int = 0
    _positions: int = 0
    _mean: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _deviations: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _highest: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    _counts: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _values: list[Floats] = field(default_factory=list)
    _rows: list[npt.NDArray[np.int32]] = field(default_factory=list)

    def add(self, batch: Channels, n_samples: int) -> None:
        """Adds a batch of the next `n_samples` samples."""
        moments = batch.moments.astype(np.float64)
        mean, deviations, highest = moments[0], moments[1], batch.moments[2]
        self._values.append(batch.top_values)
        self._rows.append(batch.top_rows + np.int32(self._samples))
        if self._samples == 0:
            self._mean, self._deviations = mean, deviations
            self._highest, self._counts = highest, moments[3:]
        else:
            both = self._positions + batch.positions
            apart = mean - self._mean
            share = batch.positions / both
            self._deviations = (
                self._deviations + deviations + apart * apart * (self._positions * share)
            )
            self._mean = self._mean + apart * share
            self._highest = np.maximum(self._highest, highest)
            self._counts = self._counts + moments[3:]
        self._samples += n_samples
        self._positions += batch.positions

    def statistics(self) -> Floats:
        """float32 (len(schema.CHANNEL_STATISTICS), n_channels)."""
        samples, positions, saturated = self._counts
        if self.activation not in _SATURATED:
            saturated = np.full_like(saturated, np.nan)
        rows = [
            self._mean,
            np.sqrt(self._deviations / self._positions),
            self._highest,
            samples / self._samples,
            positions / self._positions,
            saturated / self._positions,
        ]
        return np.stack(rows).astype(np.float32)

    def top(self) -> tuple[npt.NDArray[np.int32], Floats]:
        """Sample indices and values of the largest maxima, (n_channels, <= TOP_SAMPLES)."""
        values = np.concatenate(self._values, axis=1)
        rows = np.concatenate(self._rows, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")[:, : schema.TOP_SAMPLES]
        return np.take_along_axis(rows, order, 1), np.take_along_axis(values, order, 1)


def _channels_last(x: Tensor, axis: int) -> Tensor:
    """(batch, ..., n_channels) as (batch, positions, n_channels)."""
    if axis == 1 and len(x.shape) > 2:
        x = keras.ops.moveaxis(x, 1, -1)
    return keras.ops.reshape(x, (-1, _product(x.shape[1:-1]), x.shape[-1]))


def _count(condition: Tensor) -> Tensor:
    return keras.ops.sum(keras.ops.cast(condition, "float32"), axis=0)


def _product(lengths: tuple[int | None, ...]) -> int:
    product = 1
    for length in lengths:
        product *= int(length or 1)
    return product


def _block(height: int, width: int) -> int:
    return -(-max(height, width) // MAP_SIZE)
