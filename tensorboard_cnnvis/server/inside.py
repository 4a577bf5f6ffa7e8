"""What the record holds of the network's inside: layers, channels, kernels, maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.channels import Judge, judges, saturated, verdict
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.kernels import is_separable
from tensorboard_cnnvis.server.runs import OpenRun
from tensorboard_cnnvis.store.kernels import stored_name
from tensorboard_cnnvis.store.reader import RunReader

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LayerRow:
    """A layer as the page lists it at one step.

    Attributes:
        path, type, role, output_shape, channel_axis, activation, statistics, embedding: see
            `schema.LayerInfo`; `statistics` tells that they are there at this step.
        kernel: None, or its shape (None where it is not known) and its source: `record`, or
            `model` where it must be read from the kept one. Of a separable convolution that is
            the depthwise kernel, and `pointwise` tells the same of the other.
        maps: whether maps of the reference samples are stored.
        n_channels: number of channels, None where it is not known.
        judged: whether dead channels are told.
        dead: their number, None where the layer is not judged.
        almost_dead: number of channels that fire on 1% of the samples at most, dead ones apart.
        saturated: number of channels that are saturated at 95% of the positions or more, None
            without tanh or sigmoid.
    """

    path: str
    type: str
    role: str
    output_shape: tuple[int | None, ...] | None
    channel_axis: int
    activation: str | None
    statistics: bool
    embedding: bool
    kernel: dict[str, Any] | None
    maps: bool
    n_channels: int | None
    judged: bool
    dead: int | None
    almost_dead: int | None
    saturated: int | None


@dataclass(frozen=True)
class Judged:
    """Statistics by which a layer's channels are judged, and what is to be known of them."""

    statistics: Floats | None
    note: str


def kept_models(reader: RunReader) -> list[int]:
    """The steps whose model is still there."""
    return [item.step for item in reader.steps if reader.model_path(item.step) is not None]


def layer_rows(opened: OpenRun, step: int) -> Iterator[LayerRow]:
    """The layers in the order of computation."""
    reader = opened.reader
    manifest = reader.manifest_of(step)
    layers = manifest.layers
    arrays, by = reader.step(step).arrays, judges(layers)
    has_model = reader.model_path(step) is not None
    embedded = {item.layer for item in manifest.embeddings}
    for layer in layers:
        stored = _statistics(reader, layer.path, step)
        seen = _judged(reader, layer.path, by.get(layer.path), step).statistics
        found = None if seen is None else verdict(seen)
        flat = None if stored is None else saturated(stored)
        yield LayerRow(
            path=layer.path,
            type=layer.type,
            role=layer.role,
            output_shape=layer.output_shape,
            channel_axis=layer.channel_axis,
            activation=layer.activation,
            statistics=stored is not None,
            embedding=layer.path in embedded,
            kernel=_kernel(layer, arrays, has_model),
            maps=schema.maps_array(layer.path) in arrays,
            n_channels=_n_channels(layer, stored),
            judged=found is not None,
            dead=None if found is None else int(found.dead.sum()),
            almost_dead=None if found is None else int(found.almost_dead.sum()),
            saturated=None if flat is None else int(flat.sum()),
        )


def find_layer(reader: RunReader, path: str, step: int | None) -> schema.LayerInfo:
    """A layer of a step's model, None for the newest, by its path.

    Raises RequestError with the ones there are.
    """
    layers = (reader.manifest if step is None else reader.manifest_of(step)).layers
    for layer in layers:
        if layer.path == path:
            return layer
    known = ", ".join(layer.path for layer in layers) or "none are recorded"
    raise RequestError(404, f"layer {path!r} is not in the model", f"its layers are: {known}")


def input_channels(reader: RunReader, layer: schema.LayerInfo, step: int) -> int | None:
    """How many channels a convolution is given; its kernel has fewer where it is grouped."""
    shapes = {each.path: each.output_shape for each in reader.manifest_of(step).layers}
    given = shapes.get(layer.inputs[0]) if layer.inputs else None
    return given[0 if layer.channel_axis == 1 else -1] if given else None


def channel_history(reader: RunReader, path: str, step: int) -> tuple[list[int], Floats]:
    """Steps, and statistics float32 (len(steps), len(schema.CHANNEL_STATISTICS), n_channels).

    Steps of another attempt at which the layer had another number of channels are left out.
    """
    find_layer(reader, path, step)
    name = schema.channel_array(path)
    here = reader.step(step).arrays.get(name)
    if here is None:
        what = f"no statistics of layer {path!r} are recorded at epoch {step}"
        raise RequestError(404, what, _recorded(reader, step, "channels/", "train with layers="))
    steps = [
        item.step
        for item in reader.steps
        if name in item.arrays and item.arrays[name].shape == here.shape
    ]
    return steps, np.stack([reader.array(name, item) for item in steps])


def judged(reader: RunReader, path: str, step: int) -> Judged:
    """By what a layer's dead channels are told at a step, if at all."""
    return _judged(reader, path, judges(reader.manifest_of(step).layers).get(path), step)


def reference_maps(reader: RunReader, path: str, step: int, index: int) -> Floats:
    """A reference sample's stored maps, float32 (height, width, n_channels)."""
    find_layer(reader, path, step)
    samples, name = reader.manifest_of(step).reference_samples, schema.maps_array(path)
    if name not in reader.step(step).arrays:
        what = f"no maps of layer {path!r} are stored at epoch {step}"
        raise RequestError(404, what, _recorded(reader, step, "maps/", "ask for its activations"))
    if index not in samples:
        known = ", ".join(map(str, samples))
        what = f"sample {index} is no reference sample: its maps are not stored"
        raise RequestError(404, what, f"reference samples: {known}; or ask for its activations")
    row: Floats = reader.row(name, step, samples.index(index)).astype(np.float32)
    return row


def _statistics(reader: RunReader, path: str, step: int) -> Floats | None:
    name = schema.channel_array(path)
    return reader.array(name, step) if name in reader.step(step).arrays else None


def _judged(reader: RunReader, path: str, judge: Judge | None, step: int) -> Judged:
    if judge is None:
        return Judged(None, "not judged: dead is told only after an activation of the ReLU family")
    by = f"judged by {judge.layer!r}, which its channels reach" if judge.layer != path else ""
    found = _statistics(reader, judge.layer, step)
    if found is not None:
        return Judged(found, by)
    if judge.normalized:
        what = f"not judged: {judge.layer!r}, which its channels reach, is not recorded"
        return Judged(None, what)
    return Judged(_statistics(reader, path, step), by)


def _kernel(
    layer: schema.LayerInfo, arrays: dict[str, schema.ArrayInfo], has_model: bool
) -> dict[str, Any] | None:
    if layer.role != "convolution":
        return None
    told = _kernel_source(stored_name(layer.path, arrays), arrays, has_model)
    if told is not None and is_separable(layer):
        second = stored_name(layer.path, arrays, pointwise=True)
        told["pointwise"] = _kernel_source(second, arrays, has_model)
    return told


def _kernel_source(
    name: str | None, arrays: dict[str, schema.ArrayInfo], has_model: bool
) -> dict[str, Any] | None:
    if name is not None:
        return {"shape": arrays[name].shape, "source": "record"}
    return {"shape": None, "source": "model"} if has_model else None


def _n_channels(layer: schema.LayerInfo, statistics: Floats | None) -> int | None:
    if statistics is not None:
        return int(statistics.shape[1])
    if not layer.output_shape:
        return None
    return layer.output_shape[0 if layer.channel_axis == 1 else -1]


def _recorded(reader: RunReader, step: int, kind: str, otherwise: str) -> str:
    arrays = reader.step(step).arrays
    names = [name.removeprefix(kind) for name in arrays if name.startswith(kind)]
    return f"recorded are: {', '.join(names)}" if names else f"none are; {otherwise}"
