"""Channel statistics summed over batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network.reductions import SATURATED

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
_SOUND = 1e-2  # of the squares: below it a difference of sums in float32 loses three digits


@dataclass(frozen=True)
class WatchedLayer:
    """A layer whose channels are summed: its positions per sample and number of channels."""

    path: str
    positions: int
    channels: int
    activation: str | None


@dataclass(frozen=True)
class LayerStatistics:
    """A layer's statistics over all samples.

    Attributes:
        statistics: float32 (len(schema.CHANNEL_STATISTICS), n_channels).
        top_samples: int32 (n_channels, <= TOP_SAMPLES).
        top_values: float32 (n_channels, <= TOP_SAMPLES), descending.
    """

    statistics: Floats
    top_samples: npt.NDArray[np.int32]
    top_values: Floats


class ChannelSums:
    """Sums of `reductions.reduce_channels` over the batches that were added so far.

    Means and deviations are merged in float64 (Chan, Golub and LeVeque 1983, eq. 2.1).
    """

    def __init__(self, layers: Sequence[WatchedLayer]) -> None:
        self._layers = tuple(layers)
        channels = [layer.channels for layer in layers]
        self._positions = np.repeat([layer.positions for layer in layers], channels)
        self._ends = np.cumsum(channels)
        size = int(sum(channels))
        self._samples = 0
        self._mean = np.zeros(size)
        self._deviations = np.zeros(size)
        self._maximum = np.full(size, -np.inf, np.float32)
        self._counts = np.zeros((3, size))  # samples, positions, saturated
        self._values: list[Floats] = []
        self._rows: list[npt.NDArray[np.int32]] = []

    def add(self, batch: Mapping[str, npt.NDArray[Any]], n_samples: int) -> None:
        """Adds the reductions of the next `n_samples` samples."""
        known, new = self._samples * self._positions, n_samples * self._positions
        apart = batch["mean"] - self._mean
        self._mean = self._mean + apart * (new / (known + new))
        with np.errstate(invalid="ignore"):  # an infinite mean has no deviation
            self._deviations = (
                self._deviations
                + np.maximum(batch["deviations"], 0)
                + apart * apart * (known * (new / (known + new)))
            )
        self._maximum = np.maximum(self._maximum, batch["maximum"])
        names = ("samples", "positions", "saturated")
        self._counts = self._counts + np.stack([batch[name] for name in names])
        self._values.append(batch["top_values"].astype(np.float32))
        self._rows.append(batch["top_rows"].astype(np.int32) + np.int32(self._samples))
        self._samples += n_samples

    def unsound(self, batch: Mapping[str, npt.NDArray[Any]]) -> set[str]:
        """Paths of the layers whose deviations have lost too many digits to be added."""
        squares = batch["squares"].astype(np.float64)
        lost = (batch["deviations"] < _SOUND * squares) & (squares > 0)
        lost |= ~np.isfinite(batch["deviations"]) & np.isfinite(batch["mean"])
        return {layer.path for layer in self._layers if lost[self._slice(layer)].any()}

    def results(self) -> dict[str, LayerStatistics]:
        """The statistics per layer path."""
        positions = self._samples * self._positions
        rows = np.stack(
            [
                self._mean,
                np.sqrt(self._deviations / positions),
                self._maximum,
                self._counts[0] / self._samples,
                self._counts[1] / positions,
                self._counts[2] / positions,
            ]
        ).astype(np.float32)
        values, samples = self._top()
        found = {}
        for layer in self._layers:
            part = self._slice(layer)
            statistics = rows[:, part].copy()
            if layer.activation not in SATURATED:
                statistics[schema.CHANNEL_STATISTICS.index("saturated")] = np.nan
            found[layer.path] = LayerStatistics(statistics, samples[part], values[part])
        return found

    def _top(self) -> tuple[Floats, npt.NDArray[np.int32]]:
        values, rows = np.concatenate(self._values, axis=1), np.concatenate(self._rows, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")[:, : schema.TOP_SAMPLES]
        return np.take_along_axis(values, order, 1), np.take_along_axis(rows, order, 1)

    def _slice(self, layer: WatchedLayer) -> slice:
        end = int(self._ends[self._layers.index(layer)])
        return slice(end - layer.channels, end)
