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
from tensorboard_cnnvis.store.reader import RunReader

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
    opened: OpenRun, layer: schema.LayerInfo, pointwise: bool = False, step: int | None = None
) -> dict[str, npt.NDArray[Any]]:
    """Steps whose kernel is stored, and by step and filter its L2 norm and that of its change.

    Steps of another attempt at which the kernel had another shape than at `step`, None for the
    last, are left out.

    Returns:
        `steps` int32 (t,); `norm` and `change` float32 (t, n_filters): NaN at the first step.

    Raises:
        RequestError: the kernel is stored at no step.
    """
    reader, axes = opened.reader, kernel_axes(layer, pointwise)
    stored = _stored(reader, layer.path, pointwise)
    steps = list(stored)
    if not steps:
        what = f"the kernel of layer {layer.path!r} is not stored at any epoch"
        raise RequestError(404, what, "it is for convolutions whose kernel has at most 4 MB")
    shapes = {at: reader.step(at).arrays[name].shape for at, name in stored.items()}
    shape = shapes[steps[-1] if step is None or step not in shapes else step]

    def both(at: int, before: int | None) -> Floats:
        kernel = filters(reader.array(stored[at], at), axes)
        if before is None:
            change = np.full_like(kernel, np.nan)
        else:
            change = kernel - filters(reader.array(stored[before], before), axes)
        return np.stack([np.linalg.norm(kernel, axis=1), np.linalg.norm(change, axis=1)])

    kept = [at for at in steps if shapes[at] == shape]
    earlier = dict(zip(steps[1:], steps, strict=False))
    rows = []
    for at in kept:
        before = earlier.get(at) if shapes.get(earlier.get(at, at)) == shape else None
        of = ("norms", layer.path, pointwise, axes, before)
        rows.append(opened.table.kept(of, at, partial(both, at, before)))
    found = np.stack(rows)
    return {"steps": np.array(kept, np.int32), "norm": found[:, 0], "change": found[:, 1]}


def _stored(reader: RunReader, path: str, pointwise: bool) -> dict[int, str]:
    """Step -> name of the array with a layer's kernel, of the steps at which it is stored."""
    names = {item.step: stored_name(path, item.arrays, pointwise) for item in reader.steps}
    return {step: name for step, name in names.items() if name is not None}


def _kind(layer: schema.LayerInfo) -> str:
    """Keras's convolution that a layer is, or derives from."""
    return layer.convolution or layer.type
