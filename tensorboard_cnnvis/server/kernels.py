"""Stored kernels of convolutions: their axes, their filters, how they change."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.runs import OpenRun
from tensorboard_cnnvis.store.kernels import stored_name

Floats = npt.NDArray[np.float32]
_AXES = {
    "DepthwiseConv1D": ("length", "in", "multiplier"),
    "DepthwiseConv2D": ("height", "width", "in", "multiplier"),
    "SeparableConv1D": ("length", "in", "multiplier"),
    "SeparableConv2D": ("height", "width", "in", "multiplier"),
    "Conv1DTranspose": ("length", "out", "in"),
    "Conv2DTranspose": ("height", "width", "out", "in"),
    "Conv3DTranspose": ("depth", "height", "width", "out", "in"),
    "Conv1D": ("length", "in", "out"),
    "Conv3D": ("depth", "height", "width", "in", "out"),
}
_CONV2D_AXES = ("height", "width", "in", "out")


def is_separable(layer: schema.LayerInfo) -> bool:
    """Whether a convolution has two kernels."""
    return _kind(layer).startswith("Separable")


def kernel_axes(layer: schema.LayerInfo, pointwise: bool = False) -> tuple[str, ...]:
    """The axes of the kernel of a convolution."""
    kind = _kind(layer)
    return _AXES.get(kind.removeprefix("Separable") if pointwise else kind, _CONV2D_AXES)


def filters(kernel: Floats, axes: tuple[str, ...]) -> Floats:
    """A kernel as one row a filter, (n_filters, n_weights).

    A depthwise kernel has one filter for each pair of input channel and multiplier, in the order
    of its output channels.
    """
    if "multiplier" in axes:
        return kernel.reshape(-1, kernel.shape[-2] * kernel.shape[-1]).T
    place = axes.index("out")
    return np.moveaxis(kernel, place, 0).reshape(kernel.shape[place], -1)


def norms(
    opened: OpenRun, layer: schema.LayerInfo, pointwise: bool = False
) -> dict[str, npt.NDArray[Any]]:
    """Steps whose kernel is stored, and by step and filter its L2 norm and that of its change.

    Returns:
        `steps` int32 (t,); `norm` and `change` float32 (t, n_filters): NaN at the first step.

    Raises:
        RequestError: the kernel is stored at no step.
    """
    reader, axes = opened.reader, kernel_axes(layer, pointwise)
    names = {
        item.step: stored_name(layer.path, item.arrays, pointwise) or "" for item in reader.steps
    }
    steps = [step for step, name in names.items() if name]
    if not steps:
        what = f"the kernel of layer {layer.path!r} is not stored at any epoch"
        raise RequestError(404, what, "it is for convolutions whose kernel has at most 4 MB")

    def stored(step: int) -> Floats:
        return filters(reader.array(names[step], step), axes)

    def both(step: int, before: int | None) -> Floats:
        kernel = stored(step)
        earlier = None if before is None else stored(before)
        if earlier is not None and earlier.shape != kernel.shape:  # of another attempt
            earlier = None
        change = np.full_like(kernel, np.nan) if earlier is None else kernel - earlier
        return np.stack([np.linalg.norm(kernel, axis=1), np.linalg.norm(change, axis=1)])

    rows = [
        opened.table.kept(
            ("norms", layer.path, pointwise, before), step, partial(both, step, before)
        )
        for before, step in zip([None, *steps[:-1]], steps, strict=True)
    ]
    last = rows[-1].shape
    kept = [place for place, row in enumerate(rows) if row.shape == last]
    found = np.stack([rows[place] for place in kept])
    at = np.array([steps[place] for place in kept], np.int32)
    return {"steps": at, "norm": found[:, 0], "change": found[:, 1]}


def _kind(layer: schema.LayerInfo) -> str:
    """Keras's convolution that a layer is, or derives from."""
    return layer.convolution or layer.type
