"""Our own walk of a Keras model: one `LayerInfo` for every use of every layer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network.tracing import Trace, Use, functional

# layers that only pass their input on, in inference mode, but for its shape
VALUE_KEEPING = frozenset(
    {
        "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout",
        "GaussianDropout", "GaussianNoise", "Flatten", "Reshape", "Identity",
        "ActivityRegularization",
    }
)  # fmt: skip
_MOVING = frozenset({"Permute", "Reshape", "Transpose", "Moveaxis", "Swapaxes"})  # axes
_CLASSES = {
    "convolution": (
        "Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose DepthwiseConv1D "
        "DepthwiseConv2D SeparableConv1D SeparableConv2D"
    ),
    "dense": "Dense EinsumDense",
    "activation": "Activation ReLU LeakyReLU ELU PReLU Softmax",
    "normalization": (
        "BatchNormalization LayerNormalization GroupNormalization UnitNormalization "
        "RMSNormalization SpectralNormalization"
    ),
    "pooling": (
        "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D "
        "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalAveragePooling1D "
        "GlobalAveragePooling2D GlobalAveragePooling3D AdaptiveAveragePooling1D "
        "AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
        "AdaptiveMaxPooling2D AdaptiveMaxPooling3D"
    ),
}
_ROLES: tuple[tuple[type, str], ...] = tuple(
    (getattr(keras.layers, name), role)
    for role, names in _CLASSES.items()
    for name in names.split()
    if hasattr(keras.layers, name)
)
_ACTIVATION_OPERATIONS = {
    "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "celu", "silu", "hard_silu", "glu",
    "sigmoid", "hard_sigmoid", "log_sigmoid", "sparse_sigmoid", "tanh", "hard_tanh", "tanh_shrink",
    "softplus", "sparse_plus", "softsign", "soft_shrink", "hard_shrink", "squareplus", "threshold",
    "softmax", "log_softmax", "sparsemax",
}  # fmt: skip


def describe(model: Any, trace: Trace) -> tuple[tuple[schema.LayerInfo, ...], bool]:
    """The model's layers in the order of computation, and whether their graph is known.

    A nested functional model appears as its layers, `backbone/conv1`, whose `inputs` reach
    through its boundary. A layer that computes with others in its own code (role `model`) is
    listed before these, and its insides have no `inputs`.
    """
    graph = functional(model)
    edges = _Edges(graph).inputs if graph is not None else {}
    listed = [use for use in trace.uses if functional(use.operation) is None]
    axes = channel_axes(trace)
    counted: set[int] = set()
    layers = [] if graph is None else [_input_info(layer) for layer in _input_layers(graph)]
    for use in listed:
        info = _info(use, edges.get(use.path, ()), _composite(use, trace), counted)
        layers.append(replace(info, channel_axis=axes[use.path]))
    return tuple(layers), graph is not None


def role(operation: Any) -> str:
    """The part a layer or operation plays: see `schema.LayerInfo`."""
    for kind, name in _ROLES:
        if isinstance(operation, kind):
            return name
    if isinstance(operation, keras.layers.InputLayer):
        return "input"
    if not isinstance(operation, keras.layers.Layer):
        return "activation" if type_name(operation) in _ACTIVATION_OPERATIONS else "other"
    return "other"


def type_name(operation: Any) -> str:
    """`Conv2D` for a layer, `leaky_relu` for the operation of `keras.ops.leaky_relu`."""
    name = type(operation).__name__
    if isinstance(operation, keras.layers.Layer):
        return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def activation_name(operation: Any) -> str | None:
    """Name of the activation that is fused into a layer or that it is, or None."""
    if isinstance(operation, keras.layers.ReLU):
        return _relu_name(operation)
    if role(operation) == "activation" and not hasattr(operation, "activation"):
        name = type(operation).__name__
        fixed = {"LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu", "Softmax": "softmax"}
        return fixed.get(name, type_name(operation))
    activation = getattr(operation, "activation", None)
    if activation is None or not callable(activation):
        return None
    if isinstance(activation, keras.layers.Layer):
        return activation_name(activation)
    return str(getattr(activation, "__name__", type(activation).__name__))


def find_path(layers: Sequence[schema.LayerInfo], name: str) -> str:
    """The path of a layer named by its path, or by its last part where that is unique.

    Raises:
        ValueError: it is not in the model, or several are called so.
    """
    paths = [layer.path for layer in layers]
    ending = [path for path in paths if path.rpartition("/")[2] == name]
    if name not in paths and len(ending) != 1:
        what = "names several layers" if ending else "is not in the model"
        raise ValueError(f"layer {name!r} {what}; its layers are: {', '.join(ending or paths)}")
    return name if name in paths else ending[0]


def kernel_of(convolution: Any, pointwise: bool = False) -> Any:
    """The kernel of a convolution now, None without one. LoRA makes it of several weights.

    Of a separable convolution it is the depthwise one, or the `pointwise` one.
    """
    if pointwise:
        return getattr(convolution, "pointwise_kernel", None)
    return getattr(convolution, "kernel", getattr(convolution, "depthwise_kernel", None))


def convolution_kind(operation: Any) -> str | None:
    """Name of Keras's convolution that a layer is or derives from; None of all others."""
    names = _CLASSES["convolution"].split()
    kinds = (name for name in names if isinstance(operation, getattr(keras.layers, name, ())))
    return next(kinds, None)


def channel_axes(trace: Trace) -> dict[str, int]:
    """Path -> the axis of the channels in a use's output: 1 with `channels_first`, else -1.

    A layer that does not tell, such as ReLU or Add, keeps that of what it reads.
    """
    made: dict[int, int] = {}  # by the tensor, which the inside of a layer tells last
    for use in trace.uses:
        if use.output is not None:
            made[id(use.output)] = _channel_axis(use, len(use.output.shape), made)
    return {use.path: made.get(id(use.output), -1) for use in trace.uses}


def _channel_axis(use: Use, rank: int, made: dict[int, int]) -> int:
    operation = use.operation
    if rank < 3:
        return -1
    if isinstance(operation, keras.layers.BatchNormalization):
        return 1 if operation.axis == 1 else -1
    if getattr(operation, "data_format", None) is not None:
        return 1 if operation.data_format == "channels_first" else -1
    source = use.inputs[0] if use.inputs else None
    kept = source is not None and len(source.shape) == rank
    return made.get(id(source), -1) if kept and type(operation).__name__ not in _MOVING else -1


def _relu_name(layer: Any) -> str:
    if layer.negative_slope:
        return "leaky_relu"
    return "relu6" if layer.max_value == 6 else "relu"


def _info(
    use: Use, inputs: tuple[str, ...], composite: bool, counted: set[int]
) -> schema.LayerInfo:
    operation = use.operation
    first = id(operation) not in counted
    counted.add(id(operation))
    trainable, frozen = _parameters(operation) if first else (0, 0)
    found = role(operation)
    return schema.LayerInfo(
        path=use.path,
        type=type_name(operation),
        role="model" if composite and found == "other" else found,
        output_shape=None if use.output is None else tuple(use.output.shape)[1:],
        trainable=trainable,
        frozen=frozen,
        inputs=inputs,
        activation=activation_name(operation),
        convolution=convolution_kind(operation),
    )


def _composite(use: Use, trace: Trace) -> bool:
    return any(other.path.startswith(f"{use.path}/") for other in trace.uses)


def _parameters(operation: Any) -> tuple[int, int]:
    """Numbers of trained and of other parameters of its own, without those of layers inside."""
    if not isinstance(operation, keras.layers.Layer):
        return 0, 0
    inside = operation._flatten_layers(include_self=False)
    others = {id(weight) for layer in inside for weight in layer.weights}
    own = [weight for weight in operation.weights if id(weight) not in others]
    trained = {id(weight) for weight in operation.trainable_weights}
    trainable = sum(_size(weight) for weight in own if id(weight) in trained)
    return trainable, sum(_size(weight) for weight in own) - trainable


def _size(weight: Any) -> int:
    size = 1
    for length in weight.shape:
        size *= int(length)
    return size


def _input_layers(graph: Any) -> list[Any]:
    return [tensor._keras_history.operation for tensor in graph.inputs]


def _input_info(layer: Any) -> schema.LayerInfo:
    shape = tuple(layer.batch_shape)[1:]
    return schema.LayerInfo(layer.name, type(layer).__name__, "input", shape, 0, 0)


class _Edges:
    """Which paths each path reads, from the nodes of a functional model.

    Visits the nodes in the order of Keras's own call, so that uses are numbered alike.
    """

    def __init__(self, graph: Any) -> None:
        self.inputs: dict[str, tuple[str, ...]] = {}
        self._counts: Counter[str] = Counter()
        names: list[tuple[str, ...]] = [(layer.name,) for layer in _input_layers(graph)]
        self._walk(graph, "", names)

    def _walk(self, graph: Any, prefix: str, given: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Follows one graph whose inputs come from `given`; returns where its outputs come from."""
        origin = dict(zip((id(tensor) for tensor in graph.inputs), given, strict=True))
        for depth in sorted(graph._nodes_by_depth, reverse=True):
            for node in graph._nodes_by_depth[depth]:
                known = all(id(tensor) in origin for tensor in node.input_tensors)
                if node.operation is not None and not node.is_input and known:
                    sources = [origin[id(tensor)] for tensor in node.input_tensors]
                    found = self._visit(node, prefix, sources)
                    outputs = (id(tensor) for tensor in node.outputs)
                    origin.update(zip(outputs, found, strict=False))
        return [origin[id(tensor)] for tensor in graph.outputs]

    def _visit(
        self, node: Any, prefix: str, sources: list[tuple[str, ...]]
    ) -> list[tuple[str, ...]]:
        path = prefix + node.operation.name
        self._counts[path] += 1
        path = path if self._counts[path] == 1 else f"{path}#{self._counts[path]}"
        inner = functional(node.operation)
        if inner is not None:
            return self._walk(inner, f"{path}/", sources)
        merged = [source for group in sources for source in group]
        self.inputs[path] = tuple(dict.fromkeys(merged))
        return [(path,)] * len(node.outputs)
