"""The forms in which a user's samples come, and one pass over each of them.

Nothing here imports TensorFlow or torch: a `tf.data.Dataset`, a Keras `PyDataset` and a
`DataLoader` are told by what they offer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.capture import labels, sampling, shuffling

Array = npt.NDArray[np.generic]

UNKNOWN_LIMIT = 2_000_000  # samples read from a data set that does not tell its size
WAY_OUT = "limit it with .take(n), or give arrays or a data set of one epoch"
EXPECTED = (
    "(x, y) arrays, a tf.data.Dataset, a Keras PyDataset, a torch DataLoader, or a dict of split"
    " name -> any of these"
)


@dataclass(frozen=True)
class Watched:
    """The watched samples of one split.

    Attributes:
        inputs: (n, height, width, channels), or (n, height, width).
        classes: int32 (n,).
        source_index: int64 (n,), ascending: position in the user's data.
        total: number of samples in the user's data.
        order: whether the user's data is shuffled; see `shuffling.order`.
        ids: one per sample of the user's data, where the data itself has them.
        warnings: sentences for the user to see.
    """

    inputs: Array
    classes: npt.NDArray[np.int32]
    source_index: npt.NDArray[np.int64]
    total: int
    order: shuffling.Order = "kept"
    ids: tuple[str, ...] | None = None
    warnings: tuple[str, ...] = ()


@runtime_checkable
class Drawable(Protocol):
    """Data that can draw its own samples without reading the others."""

    def watch(self, max_samples: int | None, seed: int) -> Watched:
        """A stratified draw of at most `max_samples`."""


def read_split(
    name: str, data: object, class_names: tuple[str, ...], max_samples: int | None, seed: int
) -> Watched:
    """Draws the watched samples of one split, touching each of its samples at most once."""
    if isinstance(data, Drawable):
        return data.watch(max_samples, seed)
    if isinstance(data, (tuple, list)):
        return _from_arrays(name, data, class_names, max_samples, seed)
    if isinstance(data, Mapping) or not (hasattr(data, "__iter__") or hasattr(data, "__getitem__")):
        raise ValueError(f"split '{name}': expected {EXPECTED}, got {type(data).__name__}")
    if hasattr(data, "__next__") and not hasattr(data, "__getitem__"):
        raise ValueError(
            f"split '{name}': a {type(data).__name__} can be read only once and does not tell its"
            " end: give arrays, or a data set that can be iterated again"
        )
    if hasattr(data, "shape") and hasattr(data, "dtype"):
        raise ValueError(f"split '{name}': got images without labels: give (x, y)")
    return _from_batches(name, data, class_names, max_samples, seed)


def to_numpy(value: Any) -> Array:
    """A tensor of any library, or nested lists, as an array; bfloat16 and float8 as float32."""
    if "bfloat16" in str(getattr(value, "dtype", "")) and hasattr(value, "float"):
        value = value.float()  # torch refuses to convert its bfloat16
    array = np.asarray(_plain(value))
    if array.dtype.kind == "V" and "float" in array.dtype.name:
        return array.astype(np.float32)  # exact; .npy files cannot hold the original dtype
    return array


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) or not hasattr(value, "numpy"):
        return value
    try:
        return value.numpy()
    except (TypeError, RuntimeError):  # torch: on a GPU, or part of a gradient
        if not hasattr(value, "detach"):
            raise
        return value.detach().cpu().numpy()


def _from_arrays(
    name: str,
    data: tuple[Any, ...] | list[Any],
    class_names: tuple[str, ...],
    max_samples: int | None,
    seed: int,
) -> Watched:
    x, y = _pair(name, data)
    sized = x if hasattr(x, "shape") and hasattr(x, "__getitem__") else _listed(name, x)
    _check_images(name, tuple(sized.shape))
    classes = labels.class_indices(to_numpy(y), class_names, name)
    if len(classes) != sized.shape[0]:
        raise ValueError(
            f"split '{name}': y has {len(classes):,} labels for {sized.shape[0]:,} images in x:"
            " give one label per image"
        )
    if not classes.size:
        raise ValueError(f"split '{name}' is empty: give at least one image")
    index = sampling.draw(classes, max_samples, seed)
    inputs = _own(sized) if index.size == classes.size else _rows(sized, index)
    _check_dtype(name, inputs)
    return Watched(inputs, classes[index], index, classes.size)


def _rows(x: Any, index: npt.NDArray[np.int64]) -> Array:
    """The chosen rows, without a copy of all of `x` (which may be a file or on a GPU)."""
    if isinstance(x, np.ndarray):
        return to_numpy(x[index])
    return np.stack([to_numpy(x[row]) for row in index.tolist()])


def _own(x: Any) -> Array:
    """All of `x`, as it is now: what the user does to it later must not reach the record."""
    inputs = to_numpy(x)
    return inputs if isinstance(x, np.memmap) and x.mode == "r" else inputs.copy()


def _listed(name: str, x: object) -> Array:
    try:
        return to_numpy(x)
    except ValueError as error:
        raise ValueError(
            f"split '{name}': the images have different sizes; resize them to the model's input"
        ) from error


def _from_batches(
    name: str, data: object, class_names: tuple[str, ...], max_samples: int | None, seed: int
) -> Watched:
    bounded = _check_finite(name, data)
    reservoir = sampling.Reservoir(max_samples, seed)
    for images, targets in _batches(name, data):
        classes = labels.class_indices(targets, class_names, name)
        if len(classes) != len(images):
            raise ValueError(
                f"split '{name}': a batch has {len(classes)} labels for {len(images)} images"
            )
        reservoir.add(images, classes)
        if not bounded and reservoir.total > UNKNOWN_LIMIT:
            raise ValueError(
                f"split '{name}': no end after {UNKNOWN_LIMIT:,} samples of a data set that does"
                f" not tell its size: {WAY_OUT}"
            )
    if not reservoir.total:
        raise ValueError(f"split '{name}' is empty: the data set gave no batch")
    try:
        inputs, kept, index = reservoir.result()
    except ValueError as error:
        raise ValueError(
            f"split '{name}': the images have different sizes; resize them to the model's input"
        ) from error
    return Watched(inputs, kept, index, reservoir.total, order=shuffling.order(data))


def _batches(name: str, data: object) -> Iterator[tuple[Array, Array]]:
    """(images, targets) with a batch axis, whether or not `data` is batched."""
    batched: bool | None = None
    for element in _elements(data):
        x, y = _pair(name, element)
        images, targets = to_numpy(x), to_numpy(y)
        if batched is None:
            batched = _is_batched(images, targets)
        if not batched:
            images, targets = images[np.newaxis], targets[np.newaxis]
        _check_images(name, images.shape)
        _check_dtype(name, images)
        yield images, targets


def _is_batched(images: Array, targets: Array) -> bool:
    """Three axes are a batch of images without channels, or one image with them."""
    if images.ndim != 3:
        return images.ndim > 3
    if targets.ndim != 1:
        return targets.ndim > 1
    one_hot = images.shape[-1] <= 4 and np.count_nonzero(targets) == 1 and targets.size > 1
    return len(targets) == len(images) and not one_hot


def _elements(data: Any) -> Iterable[Any]:
    """The batches of one epoch; a PyDataset is indexed, everything else iterated."""
    if hasattr(data, "__getitem__") and _length(data) is not None and not _is_tf(data):
        return (data[index] for index in range(_length(data) or 0))
    batches: Iterator[Any] = iter(data)
    return batches


def _is_tf(data: object) -> bool:
    return hasattr(data, "element_spec")


def _length(data: Any) -> int | None:
    """Number of batches where the data set tells it."""
    try:
        length = data.num_batches if hasattr(data, "num_batches") else len(data)
    except (TypeError, NotImplementedError):
        return None
    return None if length is None else int(length)


def _check_finite(name: str, data: Any) -> bool:
    """Whether the data set tells its size. Raises ValueError where it is infinite."""
    if _is_tf(data):
        cardinality = int(data.cardinality())
        if cardinality == -1 or (cardinality < 0 and _repeats_forever(data)):
            raise ValueError(f"split '{name}': the data set is infinite (repeat?): {WAY_OUT}")
        return cardinality >= 0
    if hasattr(type(data), "num_batches") and _length(data) is None:
        raise ValueError(
            f"split '{name}': the {type(data).__name__} is infinite or does not tell its"
            f" num_batches: {WAY_OUT}"
        )
    return _length(data) is not None


def _repeats_forever(data: Any) -> bool:
    kind = type(data).__name__
    if "Repeat" in kind and int(getattr(data, "_count", 0)) == -1:
        return True
    if "Take" in kind:
        return False
    return any(_repeats_forever(source) for source in shuffling.upstream(data))


def _pair(name: str, data: Any) -> tuple[Any, Any]:
    """The x and y of (x, y) or (x, y, sample_weight)."""
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
        got = f"{len(data)} values" if isinstance(data, (tuple, list)) else type(data).__name__
        raise ValueError(
            f"split '{name}': expected (x, y), or (x, y, sample_weight), got {got}:"
            " map the data set to (image, label) pairs"
        )
    return _single(name, data[0], "inputs"), _single(name, data[1], "targets")


def _single(name: str, value: Any, what: str) -> Any:
    """The one array of `value`; several are refused by name."""
    if isinstance(value, Mapping):
        parts = list(value.values())
        names = [str(key) for key in value]
    elif isinstance(value, tuple):
        parts = list(value)
        names = [f"#{position}" for position in range(len(parts))]
    else:
        return value
    if len(parts) == 1:
        return parts[0]
    hint = (
        "only models with one image input are supported"
        if what == "inputs"
        else "give only those of the output that is to be watched"
    )
    raise ValueError(
        f"split '{name}': got {len(parts)} {what} ({', '.join(names)}), expected one: {hint}"
    )


def _check_images(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) not in (3, 4):
        raise ValueError(
            f"split '{name}': expected images (n, height, width) or (n, height, width, channels),"
            f" got x of shape {shape}"
        )
    if shape[0] and 0 in shape:
        raise ValueError(f"split '{name}': the images have no pixels: x has shape {shape}")


def _check_dtype(name: str, inputs: Array) -> None:
    if inputs.dtype.kind not in "biuf":
        raise ValueError(f"split '{name}': expected images of numbers, got dtype {inputs.dtype}")
