"""The inside of the network: layers, channels, kernels, activation maps."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.channels import bound, verdict
from tensorboard_cnnvis.jobs.client import MODELS
from tensorboard_cnnvis.server import computed, inside
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.kernels import is_separable, kernel_axes, norms
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import picture_of, step_of
from tensorboard_cnnvis.server.routes.asked_attribution import spatial_layer
from tensorboard_cnnvis.server.runs import Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer, json_answer
from tensorboard_cnnvis.store.kernels import stored_name


def layers(runs: Runs, params: Params) -> Answer:
    """`GET layers`; has the worker load what running a kept model needs, ahead of a click."""
    opened = runs.open(params.text("run"))
    step, reader = step_of(opened, params), opened.reader
    rows = [dataclasses.asdict(row) for row in inside.layer_rows(opened, step)]
    n_samples, models = reader.manifest.n_samples, inside.kept_models(reader)
    if models:
        runs.jobs.warm(MODELS)
    return json_answer(
        {"layers": rows, "models": models, "n_samples": n_samples, "bound": bound(n_samples)}
    )


def channels(runs: Runs, params: Params) -> Answer:
    """`GET channels`."""
    opened = runs.open(params.text("run"))
    step, path, reader = step_of(opened, params), params.text("layer"), opened.reader
    steps, history = inside.channel_history(reader, path, step)
    judged = inside.judged(reader, path, step)
    arrays = {
        "steps": np.array(steps, np.int32),
        **{name: history[:, row] for row, name in enumerate(schema.CHANNEL_STATISTICS)},
        "top_samples": reader.array(schema.top_samples_array(path), step),
        "top_values": reader.array(schema.top_values_array(path), step),
    }
    if judged.statistics is not None:
        found = verdict(judged.statistics)
        arrays["dead"] = found.dead.astype(np.uint8)
        arrays["almost_dead"] = found.almost_dead.astype(np.uint8)
    payload = {
        "judged": judged.statistics is not None,
        "activation": inside.find_layer(reader, path, step).activation,
        "note": judged.note,
    }
    return columns_answer(arrays, payload)


def kernels(runs: Runs, params: Params) -> Answer:
    """`GET kernels` and `POST kernels`, which has what is not stored read from the kept model."""
    opened = runs.open(params.text("run"))
    step, reader = step_of(opened, params), opened.reader
    layer = inside.find_layer(reader, params.text("layer"), step)
    pointwise = _pointwise(layer, params)
    name = stored_name(layer.path, reader.step(step).arrays, pointwise)
    told = {
        "type": layer.type,
        "axes": kernel_axes(layer, pointwise),
        "in_channels": None if pointwise else inside.input_channels(reader, layer, step),
    }
    if name is not None:
        return columns_answer({"kernel": reader.array(name, step)}, {**told, "source": "record"})
    if layer.role != "convolution" or reader.model_path(step) is None:
        what = f"the kernel of layer {layer.path!r} is not stored at epoch {step}"
        raise RequestError(404, what, _elsewhere(layer, inside.kept_models(reader)))
    asked = {"layer": layer.path, "pointwise": pointwise}
    request = computed.request_of(opened, step, "kernels", asked)
    return computed.answer(opened, runs.jobs, params, request, **told, source="model")


def kernel_norms(runs: Runs, params: Params) -> Answer:
    """`GET kernel_norms`."""
    opened = runs.open(params.text("run"))
    steps = [item.step for item in opened.reader.steps]
    asked = params.text("step", "") != ""
    step = step_of(opened, params) if asked else max(steps, default=None)
    layer = inside.find_layer(opened.reader, params.text("layer"), step)
    return columns_answer(norms(opened, layer, _pointwise(layer, params), step), {})


def activations(runs: Runs, params: Params) -> Answer:
    """`POST activations`."""
    opened = runs.open(params.text("run"))
    step, picture = step_of(opened, params), picture_of(opened, runs.jobs, params)
    layer = spatial_layer(opened, step, params.text("layer"))
    request = computed.request_of(
        opened, step, "activations", {"layer": layer, **picture.parameters}, picture.arrays
    )
    return computed.answer(opened, runs.jobs, params, request)


def maps(runs: Runs, params: Params) -> Answer:
    """`GET maps`."""
    opened = runs.open(params.text("run"))
    step, path = step_of(opened, params), params.text("layer")
    found = inside.reference_maps(opened.reader, path, step, params.integer("reference"))
    return columns_answer({"maps": found}, {})


GET: dict[str, Callable[[Runs, Params], Answer]] = {
    "layers": layers,
    "channels": channels,
    "kernels": kernels,
    "kernel_norms": kernel_norms,
    "maps": maps,
}

POST: dict[str, Callable[[Runs, Params], Answer]] = {
    "kernels": kernels,
    "activations": activations,
}


def _pointwise(layer: schema.LayerInfo, params: Params) -> bool:
    """Whether the second kernel of a separable convolution is asked for."""
    if not params.flag("pointwise"):
        return False
    if not is_separable(layer):
        what = f"layer {layer.path!r} ({layer.type}) has no pointwise kernel"
        raise RequestError(400, what, "only separable convolutions have one")
    return True


def _elsewhere(layer: schema.LayerInfo, models: list[int]) -> str:
    """Where a kernel that is not stored can be had."""
    if layer.role != "convolution":
        return "only convolutions have a kernel"
    if not models:
        return "no model is kept either; train with keep_models=1 or more"
    return f"kept models have it: epochs {', '.join(map(str, models))}"
