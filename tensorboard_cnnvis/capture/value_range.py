"""What the values of the inputs say: statistics per split, display range, warnings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.schema import SplitInfo

Array = npt.NDArray[np.generic]

CHUNK_BYTES = 2**24
MAX_CHANNELS = 64
TOLERANCE = 1e-3  # resizing overshoots a little
BYTE_FLOOR = 16.0  # non-negative values up to 255 are taken for bytes only above this
SCALED_TWICE = 0.01  # 1/255 and some
SPREAD_RATIO = 3.0
RESCALING_LAYERS = frozenset({"Rescaling", "Normalization", "BatchNormalization"})


@dataclass(frozen=True)
class DisplayRange:
    """Input values shown as black and white, and how they were found (`InputInfo.display`)."""

    low: float
    high: float
    kind: str


@dataclass(frozen=True)
class Statistics:
    """Of the finite values: `low`, `high`, and `means` and `stds` float64 (channels,)."""

    low: float
    high: float
    means: npt.NDArray[np.float64]
    stds: npt.NDArray[np.float64]
    non_finite: int


def chunks(inputs: Array) -> Iterator[Array]:
    """Row slices of about 16 MiB."""
    row_bytes = max(1, inputs[:1].nbytes)
    rows = max(1, CHUNK_BYTES // row_bytes)
    for start in range(0, len(inputs), rows):
        yield inputs[start : start + rows]


def statistics(inputs: Array) -> Statistics:
    """Statistics of (n, height, width, channels), in one pass over chunks.

    The moments of the chunks are merged as in Chan, Golub and LeVeque 1979. Without any finite
    value the extremes are NaN, as are the moments of a channel without any.
    """
    channels = min(inputs.shape[-1], MAX_CHANNELS)
    count = np.zeros(channels)
    mean = np.zeros(channels)
    squares = np.zeros(channels)
    low, high, non_finite = np.inf, -np.inf, 0
    for chunk in chunks(inputs):
        values = chunk.reshape(-1, chunk.shape[-1])
        finite = np.isfinite(values)
        if not finite.all():
            non_finite += values.size - int(np.count_nonzero(finite))
            values = np.where(finite, values, np.nan)
        low = min(low, float(np.fmin.reduce(values, axis=None)))
        high = max(high, float(np.fmax.reduce(values, axis=None)))
        n, chunk_mean, chunk_squares = _moments(values[:, :channels])
        total = np.maximum(count + n, 1)
        delta = chunk_mean - mean
        squares += chunk_squares + delta**2 * count * n / total
        mean += delta * n / total
        count += n
    known = count > 0
    variance = squares / np.maximum(count, 1)
    return Statistics(
        low=low if known.any() else np.nan,
        high=high if known.any() else np.nan,
        means=np.where(known, mean, np.nan),
        stds=np.where(known, np.sqrt(variance), np.nan),
        non_finite=non_finite,
    )


def _moments(
    values: Array,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Count, mean and sum of squared deviations of each column; NaN is left out."""
    wide = values.astype(np.float64)
    missing = np.isnan(wide)
    n = np.full(wide.shape[1], float(len(wide)))
    if missing.any():
        n -= missing.sum(axis=0)
        wide[missing] = 0
    mean = np.ones(len(wide)) @ wide / np.maximum(n, 1)
    wide -= mean
    wide[missing] = 0
    return n, mean, np.einsum("ij,ij->j", wide, wide)


def split_info(name: str, inputs: Array, start: int, total: int) -> SplitInfo:
    """The stored description of a split whose watched samples are `inputs`."""
    found = statistics(inputs)
    return SplitInfo(
        name=name,
        start=start,
        count=len(inputs),
        total=total,
        low=found.low,
        high=found.high,
        channel_means=tuple(found.means.tolist()),
        channel_stds=tuple(found.stds.tolist()),
        non_finite=found.non_finite,
    )


def display_range(dtype: np.dtype[np.generic], low: float, high: float) -> DisplayRange:
    """How values between `low` and `high` are shown."""
    if dtype == np.uint8:
        return DisplayRange(0.0, 255.0, "uint8")
    if not (np.isfinite(low) and np.isfinite(high)):
        return DisplayRange(0.0, 1.0, "stretched")
    if low >= -TOLERANCE and high <= 1 + TOLERANCE:
        return DisplayRange(0.0, 1.0, "unit")
    if low >= -1 - TOLERANCE and high <= 1 + TOLERANCE:
        return DisplayRange(-1.0, 1.0, "symmetric")
    if low >= -255 * TOLERANCE and BYTE_FLOOR < high <= 255 * (1 + TOLERANCE):
        return DisplayRange(0.0, 255.0, "byte")
    return DisplayRange(low, high if high > low else low + 1.0, "stretched")


def split_warnings(
    splits: Sequence[SplitInfo], dtypes: Sequence[np.dtype[np.generic]]
) -> list[str]:
    """Sentences on values that are not finite, scaled twice, or scaled unlike another split's."""
    sentences = []
    for split in splits:
        if split.non_finite:
            sentences.append(
                f"Split '{split.name}' holds {split.non_finite:,} input values that are NaN or"
                " infinite."
            )
        if 0 <= split.low < split.high < SCALED_TWICE:
            sentences.append(
                f"The inputs of split '{split.name}' reach only {split.high:.3g}: they look scaled"
                " twice (divided by 255 two times?)."
            )
    kinds = [
        display_range(dtype, split.low, split.high).kind.replace("uint8", "byte")
        for split, dtype in zip(splits, dtypes, strict=True)
    ]
    for split, kind in zip(splits[1:], kinds[1:], strict=True):
        if _disagree(splits[0], kinds[0], split, kind):
            sentences.append(
                f"The splits disagree in their values: '{splits[0].name}' spans"
                f" {splits[0].low:.3g} to {splits[0].high:.3g}, '{split.name}' {split.low:.3g} to"
                f" {split.high:.3g}. Was one scaled and the other not?"
            )
    return sentences


def unscaled_warning(splits: Sequence[SplitInfo], layer_types: Sequence[str]) -> str | None:
    """A sentence where inputs of 0 to 255 meet a model that nowhere rescales or normalises.

    Args:
        splits: of the probe set.
        layer_types: class names of the model's layers.
    """
    high = max((split.high for split in splits), default=0.0)
    centred = any(split.low < -255 * TOLERANCE for split in splits)
    if not high > BYTE_FLOOR or centred or RESCALING_LAYERS & set(layer_types):
        return None
    return (
        f"The inputs reach {high:.4g} and the model has no Rescaling or normalisation layer: they"
        " look not scaled at all."
    )


def _disagree(first: SplitInfo, first_kind: str, other: SplitInfo, other_kind: str) -> bool:
    spans = [first.high - first.low, other.high - other.low]
    if not all(np.isfinite(spans)):
        return False
    if "stretched" not in (first_kind, other_kind) and first_kind != other_kind:
        return True
    apart = abs((first.high + first.low) - (other.high + other.low)) / 2
    return max(spans) > SPREAD_RATIO * min(spans) or apart > max(spans) / 2
