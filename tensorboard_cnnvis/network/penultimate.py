"""What enters the final classifier: the default embedding."""

from __future__ import annotations

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network.backend import Tensor
from tensorboard_cnnvis.network.layers import VALUE_KEEPING, role
from tensorboard_cnnvis.network.tracing import Trace, Use, per_sample


def find_penultimate(
    trace: Trace, chain: list[Use], layers: tuple[schema.LayerInfo, ...]
) -> tuple[str, str]:
    """Path of what enters the last Dense or convolution, past layers that keep its values.

    And the path of that classifier, where what enters it is no layer's output.
    """
    kinds = ("dense", "convolution")
    place = next((i for i, use in enumerate(chain) if role(use.operation) in kinds), 0)
    classifier = chain[place] if chain else None
    if classifier is not None and _by_tensors(trace, classifier, layers):
        found = _source_layer(trace, classifier, layers)
        return (found, "") if found else (f"{classifier.path} (input)", classifier.path)
    before = chain[place + 1 :]
    for use in before:
        keeps = type(use.operation).__name__ in VALUE_KEEPING
        if not keeps and use.output is not None and per_sample(use.output, trace):
            return use.path, ""
    return (before[0].path if before else layers[-1].path), ""


def _by_tensors(trace: Trace, classifier: Use, layers: tuple[schema.LayerInfo, ...]) -> bool:
    """Whether the graph does not tell what a classifier reads, and its input's tensor may."""
    known = any(layer.path == classifier.path and layer.inputs for layer in layers)
    if known or role(classifier.operation) not in ("dense", "convolution"):
        return False
    graph = getattr(trace.inputs, "graph", None)
    inputs = classifier.inputs
    outer = bool(inputs) and graph is not None and getattr(inputs[0], "graph", None) is graph
    return outer and per_sample(inputs[0], trace)


def _source_layer(trace: Trace, classifier: Use, layers: tuple[schema.LayerInfo, ...]) -> str:
    """Path of the layer that gives what enters the classifier, "" without one."""
    listed = {layer.path for layer in layers}
    uses = [use for use in trace.uses if use.path in listed and use.output is not None]
    tensor, keeping = classifier.inputs[0], ""
    while True:
        same = _same_values(tensor)
        made = [use for each in same for use in uses if use.output is each]
        if not made or not per_sample(made[-1].output, trace):
            return keeping
        use = made[-1]
        if type(use.operation).__name__ not in VALUE_KEEPING or not use.inputs:
            return use.path
        tensor, keeping = use.inputs[0], use.path
        uses = uses[: uses.index(use)]  # Dropout gives its very input, in inference mode


def _same_values(tensor: Tensor) -> list[Tensor]:
    """A tensor of a TensorFlow graph, and those it has its values from."""
    found = [tensor]
    while found[-1].op.type in ("Identity", "Cast", "Reshape", "Squeeze", "ExpandDims"):
        found.append(found[-1].op.inputs[0])
    return found


def entering(trace: Trace, classifier: str) -> Tensor:
    """What enters the use with this path, (batch, ...)."""
    return trace.use(classifier).inputs[0]


def with_entering(
    layers: tuple[schema.LayerInfo, ...], trace: Trace, classifier: str, path: str
) -> tuple[schema.LayerInfo, ...]:
    """The layers with one of our own, `path`, before the classifier, for what enters it."""
    shape = tuple(entering(trace, classifier).shape)[1:]
    info = schema.LayerInfo(path, "Tensor", "other", shape, 0, 0)
    place = next(i for i, layer in enumerate(layers) if layer.path == classifier)
    return (*layers[:place], info, *layers[place:])
