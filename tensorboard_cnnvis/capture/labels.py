"""Targets in every form Keras takes for classification, as class indices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int32]

_NUMBERS = (int, float, np.integer, np.floating, np.bool_)


def check_class_names(class_names: Sequence[str] | None) -> tuple[str, ...]:
    """The names as a tuple, empty where none were given.

    Raises:
        ValueError: a single string, a mapping, or a name that occurs twice.
    """
    if class_names is None:
        return ()
    if isinstance(class_names, (str, bytes)) or not _is_listing(class_names):
        raise ValueError(
            f"class_names must be a list with one name per class, got {class_names!r}:"
            " give them in the order of the class indices"
        )
    names = tuple(_text(name) for name in class_names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"class_names must differ; more than once: {', '.join(twice)}")
    return names


def class_indices(targets: object, class_names: tuple[str, ...], split: str) -> Labels:
    """Class indices of a batch, or of all, of a split's targets.

    Args:
        targets: integers (n,) or (n, 1), one-hot (n, n_classes), or names (n,) or (n, 1).
        class_names: empty where not known.
        split: named in messages.

    Returns:
        int32 (n,).

    Raises:
        ValueError: the targets are no single class per sample, or none of the known classes.
    """
    values = np.asarray(targets)
    if values.dtype == object and all(isinstance(value, _NUMBERS) for value in values.flat):
        values = values.astype(np.float64)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2 and values.dtype.kind in "biuf":
        indices = _from_one_hot(values, class_names, split)
    elif values.ndim != 1:
        raise ValueError(
            f"split '{split}': expected one class per image, as integers (n,), one-hot"
            f" (n, n_classes) or class names, got targets of shape {values.shape};"
            " segmentation and detection are not supported"
        )
    elif values.dtype.kind in "OSU":
        return _from_names(values, class_names, split)
    else:
        indices = _from_numbers(values, split)
    _check_range(indices, class_names, split)
    return indices


def _from_numbers(values: npt.NDArray[np.generic], split: str) -> Labels:
    if values.dtype.kind == "b":
        return values.astype(np.int32)
    if values.dtype.kind not in "iuf":
        raise ValueError(
            f"split '{split}': expected class indices or names, got targets of dtype {values.dtype}"
        )
    whole = values.astype(np.float64)
    odd = np.flatnonzero(~(whole == np.floor(whole)))
    if odd.size:
        raise ValueError(
            f"split '{split}': expected whole class indices, got {whole[odd[0]]:g} at sample"
            f" {odd[0]}; soft labels and regression are not supported: give the class index"
        )
    outside = np.flatnonzero((whole < 0) | (whole > np.iinfo(np.int32).max))
    if outside.size:
        raise ValueError(
            f"split '{split}': class indices start at 0, got {whole[outside[0]]:g} at sample"
            f" {outside[0]}: leave unlabelled samples out"
        )
    return whole.astype(np.int32)


def _from_one_hot(
    values: npt.NDArray[np.generic], class_names: tuple[str, ...], split: str
) -> Labels:
    if class_names and values.shape[1] != len(class_names):
        raise ValueError(
            f"split '{split}': one-hot targets of {values.shape[1]} classes, but class_names has"
            f" {len(class_names)}: give one name per column"
        )
    flags = values != 0
    binary = np.all(~flags | (values == 1), axis=1)
    if not binary.all():
        row = int(np.argmin(binary))
        raise ValueError(
            f"split '{split}': the targets of sample {row} are soft ({_shown(values[row])});"
            " only one class per image is supported: give the probe set hard labels, without"
            " mixup or smoothing (label_smoothing= of the loss is fine)"
        )
    counts = flags.sum(axis=1)
    if not np.all(counts == 1):
        row = int(np.argmax(counts != 1))
        raise ValueError(
            f"split '{split}': sample {row} has {counts[row]} classes; multi-label targets are not"
            " supported: every image needs exactly one class"
        )
    indices: Labels = flags.argmax(axis=1).astype(np.int32)
    return indices


def _from_names(
    values: npt.NDArray[np.generic], class_names: tuple[str, ...], split: str
) -> Labels:
    if not class_names:
        raise ValueError(
            f"split '{split}': the labels are strings, so class_names is needed:"
            " give the names in the order of the model's outputs"
        )
    index = {name: position for position, name in enumerate(class_names)}
    names = [_text(value) for value in values.tolist()]
    for position, name in enumerate(names):
        if name not in index:
            raise ValueError(
                f"split '{split}': label {name!r} of sample {position} is not among class_names"
                f" ({_shown(class_names)}): add it or leave those samples out"
            )
    return np.fromiter((index[name] for name in names), np.int32, len(names))


def _check_range(indices: Labels, class_names: tuple[str, ...], split: str) -> None:
    if class_names and indices.size and int(indices.max()) >= len(class_names):
        position = int(np.argmax(indices))
        raise ValueError(
            f"split '{split}': label {indices[position]} of sample {position} is outside"
            f" class_names, which has {len(class_names)} names (0 to {len(class_names) - 1}):"
            " labels are 0-based; give a name for every class"
        )


def _is_listing(value: object) -> bool:
    return hasattr(value, "__iter__") and not hasattr(value, "keys")


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _shown(values: Sequence[object] | npt.NDArray[np.generic]) -> str:
    head = ", ".join(_text(value) for value in list(values)[:5])
    return head + (", ..." if len(values) > 5 else "")
