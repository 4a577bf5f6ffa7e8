"""The probe set: the labelled samples that are watched, drawn once before training."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.capture import arguments, labels, sources, value_range
from tensorboard_cnnvis.capture import metadata as _metadata

Array = npt.NDArray[np.generic]
Images = npt.NDArray[np.uint8]

DEFAULT_SPLIT = "validation"
IMAGE_BATCH = 256


@dataclass(frozen=True)
class ProbeSet:
    """The watched samples of all splits; a split's samples are contiguous.

    Attributes:
        inputs: (n, height, width, channels), in the dtype that was given.
        channel_axis: False where the user gave (n, height, width): the model is fed that.
        labels: int32 (n,), class indices.
        class_names: one per class; empty until `with_classes` where none were given.
        splits: in the order of the samples, with their statistics.
        source_index: int64 (n,): position in the user's split.
        ids: one per sample, or None.
        metadata: column -> one value per sample; see `metadata.watched_metadata`.
        columns: name and kind of the metadata columns.
        display_low: input value shown as black.
        display_high: input value shown as white.
        display: how those were found: uint8, unit, symmetric, byte, stretched or to_image.
        images: uint8 (n, height, width, 1 or 3) made by `to_image`, or None.
        digest: hash over inputs, labels and splits.
        warnings: sentences for the user to see.
    """

    inputs: Array
    channel_axis: bool
    labels: npt.NDArray[np.int32]
    class_names: tuple[str, ...]
    splits: tuple[schema.SplitInfo, ...]
    source_index: npt.NDArray[np.int64]
    ids: tuple[str, ...] | None
    metadata: dict[str, _metadata.Values]
    columns: tuple[schema.ColumnInfo, ...]
    display_low: float
    display_high: float
    display: str
    images: Images | None
    digest: str
    warnings: tuple[str, ...]

    def batch(self, start: int, stop: int) -> Array:
        """Rows `start` to `stop` of the inputs, in the shape that the model is fed."""
        rows = self.inputs[start:stop]
        return rows if self.channel_axis else rows[..., 0]

    def with_classes(self, n_classes: int) -> ProbeSet:
        """The probe set of a model with `n_classes` classes, named "0", "1", ... by default.

        Raises:
            ValueError: the labels or the class names do not fit.
        """
        if self.class_names and len(self.class_names) != n_classes:
            raise ValueError(
                f"class_names has {len(self.class_names)} names, but the model has {n_classes}"
                " classes: give one name per class, in the order of its outputs"
            )
        highest = int(self.labels.max())
        if highest >= n_classes:
            raise ValueError(
                f"the labels reach {highest}, but the model has {n_classes} classes"
                f" (0 to {n_classes - 1}): labels are 0-based"
            )
        names = self.class_names or tuple(str(index) for index in range(n_classes))
        return replace(self, class_names=names)


def build_probe(
    data: object,
    *,
    class_names: Sequence[str] | None = None,
    ids: object = None,
    metadata: object = None,
    max_samples: int | None = 2000,
    seed: int = 0,
    to_image: Callable[[Array], object] | None = None,
) -> ProbeSet:
    """Draws the samples to watch.

    Args:
        data: (x, y), a `tf.data.Dataset`, a Keras `PyDataset`, a `DataLoader`, or a dict of split
            name -> any of these. A pair is the split `validation`.
        class_names: one per class.
        ids: a key per sample of the user's data, or a dict split -> those.
        metadata: columns with one row per sample of the user's data, or a dict split -> those.
        max_samples: per split; a larger one is drawn from, stratified by class. None keeps all.
        seed: of the draw.
        to_image: makes uint8 images of a batch of inputs.

    Raises:
        ValueError: the data cannot be watched; the message says why and what to do.
    """
    max_samples = arguments.whole_or_none("max_samples", max_samples, 1, "for all")
    seed = arguments.whole("seed", seed, 0)
    arguments.check_function("to_image", to_image)
    names = labels.check_class_names(class_names)
    parts = {
        name: sources.read_split(name, part, names, max_samples, seed)
        for name, part in _splits(data).items()
    }
    channel_axis = _common_shape(parts)
    splits = _describe(parts, channel_axis)
    index = {name: part.source_index for name, part in parts.items()}
    totals = {name: part.total for name, part in parts.items()}
    own_ids = {name: part.ids for name, part in parts.items() if part.ids is not None}
    orders = {name: part.order for name, part in parts.items()}
    notes = _metadata.check_order("ids", ids, orders)
    notes += _metadata.check_order("metadata", metadata, orders)
    kept_ids = _metadata.watched_ids(own_ids or None if ids is None else ids, index, totals)
    columns, values = _metadata.watched_metadata(metadata, index, totals)
    inputs = _joined(parts, channel_axis)
    classes = np.concatenate([part.classes for part in parts.values()])
    images = None if to_image is None else _pictures(inputs, channel_axis, to_image)
    shown = _display(inputs.dtype, splits, images)
    return ProbeSet(
        inputs=inputs,
        channel_axis=channel_axis,
        labels=classes,
        class_names=names,
        splits=splits,
        source_index=np.concatenate(list(index.values())),
        ids=kept_ids,
        metadata=values,
        columns=columns,
        display_low=shown.low,
        display_high=shown.high,
        display=shown.kind,
        images=images,
        digest=_digest(inputs, classes, splits),
        warnings=(*_warnings(parts, splits, kept_ids), *notes),
    )


def _splits(data: object) -> dict[str, object]:
    if not isinstance(data, Mapping):
        return {DEFAULT_SPLIT: data}
    if not data:
        raise ValueError(f"data is an empty dict: expected {sources.EXPECTED}")
    if set(data) <= {"x", "y"}:
        raise ValueError("data is a dict of x and y: give the pair (x, y)")
    for name in data:
        if not isinstance(name, str) or not name or set(name) & set(",/"):
            raise ValueError(
                f"split names are words like 'train', without comma or slash, got {name!r}"
            )
    return dict(data)


def _common_shape(parts: Mapping[str, sources.Watched]) -> bool:
    """Whether the inputs have a channel axis. Raises ValueError where the splits differ."""
    shapes = {name: part.inputs.shape[1:] for name, part in parts.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"'{name}' {shape}" for name, shape in shapes.items())
        raise ValueError(f"the splits must hold images of one shape, got {listed}")
    return len(next(iter(shapes.values()))) == 3


def _four_axes(inputs: Array, channel_axis: bool) -> Array:
    return inputs if channel_axis else inputs[..., np.newaxis]


def _describe(
    parts: Mapping[str, sources.Watched], channel_axis: bool
) -> tuple[schema.SplitInfo, ...]:
    splits: list[schema.SplitInfo] = []
    for name, part in parts.items():
        start = splits[-1].start + splits[-1].count if splits else 0
        inputs = _four_axes(part.inputs, channel_axis)
        splits.append(value_range.split_info(name, inputs, start, part.total))
    return tuple(splits)


def _joined(parts: Mapping[str, sources.Watched], channel_axis: bool) -> Array:
    inputs = [part.inputs for part in parts.values()]
    together = inputs[0] if len(inputs) == 1 else np.concatenate(inputs)
    return _four_axes(together, channel_axis)


def _pictures(inputs: Array, channel_axis: bool, to_image: Callable[[Array], object]) -> Images:
    """What `to_image` makes of all inputs: uint8 (n, height, width, 1 or 3)."""
    batches = []
    for start in range(0, len(inputs), IMAGE_BATCH):
        rows = inputs[start : start + IMAGE_BATCH].copy()  # which the user may change
        made = _made(to_image, rows if channel_axis else rows[..., 0])
        made = made[..., np.newaxis] if made.ndim == 3 else made
        if made.dtype != np.uint8 or made.ndim != 4 or len(made) != len(rows):
            raise ValueError(
                f"to_image must turn {len(rows)} inputs into as many uint8 images (n, height,"
                f" width, 1 or 3), got {made.dtype} of shape {made.shape}"
            )
        batches.append(made)
    images = np.concatenate(batches)
    if images.shape[-1] not in (1, 3):
        raise ValueError(
            f"to_image must return images with 1 or 3 channels, got {images.shape[-1]}"
        )
    return images.astype(np.uint8, copy=False)


def _made(to_image: Callable[[Array], object], rows: Array) -> Array:
    try:
        return sources.to_numpy(to_image(rows))
    except Exception as error:
        raise ValueError(
            f"to_image failed on a batch of {len(rows)} inputs, {rows.dtype} of shape"
            f" {rows.shape} ({type(error).__name__}: {error})"
        ) from error


def _display(
    dtype: np.dtype[np.generic], splits: Sequence[schema.SplitInfo], images: Images | None
) -> value_range.DisplayRange:
    if images is not None:
        return value_range.DisplayRange(0.0, 255.0, "to_image")
    lows = [split.low for split in splits if np.isfinite(split.low)]
    highs = [split.high for split in splits if np.isfinite(split.high)]
    return value_range.display_range(dtype, min(lows, default=np.nan), max(highs, default=np.nan))


def _digest(
    inputs: Array, classes: npt.NDArray[np.int32], splits: Sequence[schema.SplitInfo]
) -> str:
    digest = hashlib.blake2b(digest_size=12)
    digest.update(f"{inputs.dtype.str} {inputs.shape}".encode())
    for chunk in value_range.chunks(inputs):
        digest.update(np.ascontiguousarray(chunk).tobytes())
    digest.update(classes.tobytes())
    for split in splits:
        digest.update(f"{split.name}/{split.start}/{split.count}/".encode())
    return digest.hexdigest()


def _warnings(
    parts: Mapping[str, sources.Watched],
    splits: Sequence[schema.SplitInfo],
    ids: tuple[str, ...] | None,
) -> list[str]:
    sentences = value_range.split_warnings(splits, [p.inputs.dtype for p in parts.values()])
    sentences += [sentence for part in parts.values() for sentence in part.warnings]
    sentences += [
        f"Split '{name}' is shuffled and has no ids: its source indices cannot be reproduced."
        " Give a data set that is not shuffled, or arrays."
        for name, part in parts.items()
        if part.order == "random"
    ]
    if ids is None:
        return sentences
    given = [name for name in ids if name]
    if len(set(given)) < len(given):
        sentences.append(f"{len(given) - len(set(given)):,} ids occur more than once.")
    return sentences
