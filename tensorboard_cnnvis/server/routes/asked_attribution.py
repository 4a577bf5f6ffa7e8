"""An attribution as it was asked for, checked against the run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.inside import find_layer
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import class_of
from tensorboard_cnnvis.server.runs import OpenRun

METHODS = ("occlusion", "grad_cam", "gradient", "smooth_grad", "integrated_gradients")
_FILLS = ("zero", "mean", "blur", "noise")
_MOST = 10**6  # samples, steps
LARGEST = 1e30  # value of an input


@dataclass(frozen=True)
class Asked:
    """An attribution.

    Attributes:
        parameters: of the job: method, class and those of the method, all of them.
        forwards: passes through the model that it needs.
        fewer: how to need fewer.
    """

    parameters: dict[str, Any]
    forwards: int
    fewer: str


def attribution_of(opened: OpenRun, step: int, params: Params) -> Asked:
    """The attribution by a step's model that a request asks for, or why it cannot be made."""
    method = params.text("method")
    if method not in METHODS:
        raise RequestError(400, f"there is no method {method!r}", f"expected {', '.join(METHODS)}")
    of_class = None if params.text("class", "") == "" else class_of(opened, params)
    asked: dict[str, Any] = {"method": method, "class": of_class}
    if method == "occlusion":
        return _occlusion(opened, params, asked)
    if method == "grad_cam":
        return Asked({**asked, "layer": _layer(opened, step, params)}, 2, "")
    asked["sigma"] = params.number("sigma", 0.0, low=0.0, high=1000.0)
    if method == "smooth_grad":
        samples = params.integer("samples", 32, low=1, high=_MOST)
        asked["noise"] = params.number("noise", 0.15, low=0.0, high=1000.0)
        asked |= {"samples": samples, "seed": params.integer("seed", 0)}
        return Asked(asked, samples, "take fewer samples")
    if method == "integrated_gradients":
        steps = params.integer("steps", 64, low=1, high=_MOST)
        asked["baseline"] = fill_of(params, "baseline", "zero")
        asked |= {"steps": steps, "seed": params.integer("seed", 0)}
        return Asked(asked, steps, "take fewer steps")
    return Asked(asked, 1, "")


def is_spatial(layer: schema.LayerInfo, axes: int | None = None) -> bool:
    """Whether a layer computes maps: channels at more than one position, of so many axes."""
    shape = layer.output_shape
    if shape is None or layer.role == "input" or len(shape) < 2:
        return False
    positions = shape[1:] if layer.channel_axis == 1 else shape[:-1]
    return axes in (None, len(positions)) and any(length != 1 for length in positions)


def spatial_layer(opened: OpenRun, step: int, path: str, axes: int | None = None) -> str:
    """A layer's path. Raises RequestError where it has no maps, with those that have."""
    layer = find_layer(opened.reader, path, step)
    if not is_spatial(layer, axes):
        layers = opened.reader.manifest_of(step).layers
        spatial = ", ".join(item.path for item in layers if is_spatial(item, axes))
        wanted = "spatial output" if axes is None else f"output of {axes} spatial axes"
        what = f"layer {path!r} has no {wanted}: {layer.output_shape} for one image"
        raise RequestError(400, what, f"layers that have: {spatial or 'none'}")
    return path


def _occlusion(opened: OpenRun, params: Params, asked: dict[str, Any]) -> Asked:
    height, width, _ = opened.reader.manifest.input.shape
    usual = min(32, max(1, round(2 * min(height, width) / 7)))
    size = {
        name: params.integer(name, min(usual, length), low=1)
        for name, length in (("height", height), ("width", width))
    }
    if size["height"] > height or size["width"] > width:
        what = f"a patch of {size['height']} x {size['width']} pixels is larger than the image"
        raise RequestError(400, what, f"the image has {height} x {width}: choose a smaller patch")
    stride = params.integer("stride", max(1, usual // 4), low=1)
    fill = fill_of(params, "fill", "zero")
    seed = params.integer("seed", 0) if fill == "noise" else 0
    count = _starts(height, size["height"], stride) * _starts(width, size["width"], stride)
    parameters = {**asked, **size, "stride": stride, "fill": fill, "seed": seed}
    return Asked(parameters, count, "choose a larger stride")


def _starts(length: int, size: int, stride: int) -> int:
    """Number of positions along an axis; the last one ends with the image."""
    return math.ceil((length - size) / stride) + 1


def _layer(opened: OpenRun, step: int, params: Params) -> str | None:
    path = params.text("layer", "")
    return spatial_layer(opened, step, path, axes=2) if path else None


def fill_of(params: Params, name: str, default: str) -> str | float:
    """One of the fills, or a number in the inputs' unit: `value`, or given in its place."""
    text = params.text(name, default)
    if text in _FILLS:
        return text
    if text == "value":
        params.text("value")
        return params.number("value", 0.0, low=-LARGEST, high=LARGEST)
    try:
        return params.number(name, 0.0, low=-LARGEST, high=LARGEST)
    except RequestError:
        what = f"{name}={text!r} cannot be used"
        hint = f"expected {', '.join(_FILLS)}, value (with a number as value) or a number"
        raise RequestError(400, what, hint) from None
