"""What a layer gives for one image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.inference.models import LoadedModel
from tensorboard_cnnvis.network.backend import values_of
from tensorboard_cnnvis.network.forward import Network
from tensorboard_cnnvis.network.layers import find_path, kernel_of

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]


def activation_maps(model: LoadedModel, image: Array, layer: str) -> Floats:
    """A layer's activation maps in inference mode.

    Args:
        model: the model.
        image: (height, width, channels).
        layer: a path, or its last part where that is unique.

    Returns:
        float32 (height, width, n_channels), or (length, n_channels) of a Conv1D and (depth,
        height, width, n_channels) of a Conv3D; channels last whatever the model's order.

    Raises:
        ValueError: there is no such layer, or its output has no spatial axes.
    """
    path = spatial_layer(model.network, layer)
    found: Floats = model.output(path)(model.check_image(image)[None])[0]
    return found


def spatial_layers(network: Network, rank: int | None = None) -> tuple[str, ...]:
    """Paths of the layers whose output has channels at more than one position.

    Args:
        network: of the model.
        rank: number of spatial axes, None for any.
    """
    return tuple(
        layer.path
        for layer in network.layers
        if layer.path in network.operations
        and _is_spatial(layer.output_shape, network.axis(layer.path))
        and (rank is None or len(layer.output_shape or ()) == rank + 1)
    )


def spatial_layer(network: Network, name: str, rank: int | None = None) -> str:
    """The path of a layer with spatial output. Raises ValueError where it has none."""
    path = find_path(network.layers, name)
    spatial = spatial_layers(network, rank)
    if path not in spatial:
        shape = network.layer(path).output_shape
        axes = "spatial output" if rank is None else f"output of {rank} spatial axes"
        raise ValueError(
            f"layer {path!r} has no {axes} for one image (its output is {shape}); layers that have:"
            f" {', '.join(spatial) or 'none'}"
        )
    return path


def kernel(model: LoadedModel, layer: str, pointwise: bool = False) -> Floats:
    """A convolution's kernel, float32 in Keras's axis order.

    Args:
        model: the model.
        layer: a path, or its last part where that is unique.
        pointwise: whether to give the second kernel of a separable convolution.

    Raises:
        ValueError: there is no such layer, or it has no such kernel.
    """
    path = find_path(model.network.layers, layer)
    operation = model.network.operations.get(path)
    weights = kernel_of(operation, pointwise)
    if pointwise and weights is None and kernel_of(operation) is not None:
        raise ValueError(f"layer {path!r} has one kernel: only separable convolutions have two")
    if weights is None or model.network.layer(path).role != "convolution":
        with_kernel = [each.path for each in model.network.layers if each.role == "convolution"]
        raise ValueError(
            f"layer {path!r} is no convolution; convolutions: {', '.join(with_kernel) or 'none'}"
        )
    return values_of(weights).astype(np.float32)


def _is_spatial(shape: Sequence[int | None] | None, axis: int) -> bool:
    if shape is None or len(shape) < 2 or None in shape:
        return False
    positions = shape[1:] if axis == 1 else shape[:-1]
    return any(length != 1 for length in positions)
