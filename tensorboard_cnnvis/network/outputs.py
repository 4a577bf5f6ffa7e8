"""Where a classifier's logits, scores and penultimate tensor are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network.backend import Tensor
from tensorboard_cnnvis.network.layers import VALUE_KEEPING, activation_name, role
from tensorboard_cnnvis.network.losses import CompiledLoss, compiled_loss
from tensorboard_cnnvis.network.penultimate import find_penultimate
from tensorboard_cnnvis.network.tracing import Trace, Use

SCORE_ACTIVATIONS = ("softmax", "log_softmax", "sigmoid")


@dataclass(frozen=True)
class Head:
    """The output that is watched.

    Attributes:
        key: its name or index, None where the model has one output.
        position: its place among the outputs.
        kind: `softmax`, or `sigmoid` for a single output.
        n_classes: 2 for `sigmoid`.
        activation: the last one, `softmax`, `log_softmax`, `sigmoid`, `linear`, or `unknown`.
        source: where the logits are: `input` or `before_activation` of the use `path`, `graph`
            (before the last activation in the backend's graph), `output` itself, or `log` of it.
        path: see source; "" where it does not apply.
        penultimate: path of the layer whose output enters the final classifier.
        entered: path of that classifier, where no layer gives what enters it: `penultimate` is
            then a path of our own for its input; else "".
    """

    key: str | int | None
    position: int
    kind: str
    n_classes: int
    activation: str
    source: str
    path: str
    penultimate: str
    entered: str = ""

    @property
    def from_logits(self) -> bool | None:
        """What tells `find_head` the same of the model without its compiled loss."""
        return {"output": True, "log": False}.get(self.source)


@dataclass(frozen=True)
class _Ending:
    """The last activation of an output: its name, and where its input is."""

    activation: str
    source: str
    path: str


def check_single_input(model: Any) -> None:
    """Raises ValueError for a model with several inputs."""
    inputs = getattr(model, "inputs", None) if getattr(model, "built", False) else None
    if inputs is not None and len(inputs) > 1:
        names = ", ".join(tensor._keras_history.operation.name for tensor in inputs)
        raise ValueError(
            f"the model has {len(inputs)} inputs ({names}): only models with a single image input"
            " can be watched"
        )


def find_head(
    model: Any,
    trace: Trace,
    layers: tuple[schema.LayerInfo, ...],
    *,
    output: str | int | None = None,
    from_logits: bool | None = None,
) -> tuple[Head, CompiledLoss | None]:
    """The watched output of a model, and the loss that was compiled for it.

    Args:
        model: the model that was traced.
        trace: of one call.
        layers: its layers, from `layers.describe`.
        output: name or index of the output of a model with several.
        from_logits: whether the output is logits; None reads it from the loss or the activation.

    Raises:
        ValueError: the output is no classifier, or cannot be told.
    """
    key, position, tensor = _choose(model, trace, output)
    loss = compiled_loss(model, key, position)
    n_outputs = _width(tensor, key)
    chain = _chain(trace, layers, tensor)
    ending = _ending(chain, tensor)
    kind = _kind(n_outputs, ending, from_logits, loss)
    source = _source(ending, from_logits, loss, chain)
    penultimate, entered = find_penultimate(trace, chain, layers)
    head = Head(
        key=key,
        position=position,
        kind=kind,
        n_classes=2 if kind == "sigmoid" else n_outputs,
        activation=ending.activation,
        source=source[0],
        path=source[1],
        penultimate=penultimate,
        entered=entered,
    )
    return head, loss


def choose_output(output: Any, head: Head) -> Tensor:
    """The watched output among what a model returned."""
    return keras.tree.flatten(output)[head.position]


def logits_of(trace: Trace, head: Head) -> Tensor:
    """The logits of the watched output, (batch, n_classes), or (batch, 1) for `sigmoid`."""
    if head.source == "input":
        tensor = trace.use(head.path).inputs[0]
    elif head.source == "before_activation":
        tensor = trace.use(head.path).before_activation
    else:
        tensor = choose_output(trace.output, head)
    if head.source == "graph":
        found = before_activation(tensor)
        tensor = tensor if found is None else found[1]
    tensor = keras.ops.cast(tensor, "float32")
    if head.source == "log":
        tensor = _log_scores(tensor, head.kind)
    return keras.ops.reshape(tensor, (-1, 1 if head.kind == "sigmoid" else head.n_classes))


def before_activation(tensor: Tensor) -> tuple[str, Tensor] | None:
    """The activation that ends in `tensor` in a TensorFlow graph, and its input.

    For models whose own code applies the softmax, where no layer shows it.
    """
    names = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid"}
    operation = getattr(tensor, "op", None)
    while operation is not None and operation.type in ("Identity", "Cast", "Reshape", "Squeeze"):
        operation = operation.inputs[0].op
    if operation is None or operation.type not in names:
        return None
    return names[operation.type], operation.inputs[0]


def _log_scores(scores: Tensor, kind: str) -> Tensor:
    if kind == "sigmoid":
        return keras.ops.log(scores) - keras.ops.log1p(-scores)
    return keras.ops.log(scores)


def _choose(
    model: Any, trace: Trace, output: str | int | None
) -> tuple[str | int | None, int, Tensor]:
    tensors = keras.tree.flatten(trace.output)
    names = _output_names(model, trace.output, len(tensors))
    listed = ", ".join(repr(name) for name in names)
    if output is None:
        if len(tensors) != 1:
            raise ValueError(
                f"the model has {len(tensors)} outputs ({listed}): name the classifier with"
                f" output={names[0]!r}"
            )
        return names[0], 0, tensors[0]
    if output in names:
        place = names.index(output)
    elif isinstance(output, int) and 0 <= output < len(tensors):
        place = output
    else:
        raise ValueError(f"output {output!r} is not in the model; its outputs are: {listed}")
    return names[place], place, tensors[place]


def _output_names(model: Any, output: Any, count: int) -> list[str | int]:
    if isinstance(output, Mapping):
        names: list[str | int] = [str(name) for name in sorted(output)]
    else:
        try:
            names = list(model.output_names)
        except (AttributeError, ValueError, TypeError):
            names = list(range(count))
    return names if len(names) == count else list(range(count))


def _width(tensor: Tensor, key: str | int | None) -> int:
    """Number of values per sample. Raises ValueError where they are no scores."""
    shape = tuple(tensor.shape)
    width = shape[-1] if len(shape) > 1 else None
    if width is None or any(length != 1 for length in shape[1:-1]):
        raise ValueError(
            f"the output {key!r} is no classifier: expected shape (batch, n_classes), got"
            f" {(None, *shape[1:])}; give output= when another output is the classifier"
        )
    return int(width)


def _chain(trace: Trace, layers: tuple[schema.LayerInfo, ...], tensor: Tensor) -> list[Use]:
    """The uses from the one that made the output backwards, along first inputs.

    Where the model's own code made it, from the use before that code.
    """
    edges = {layer.path: layer.inputs for layer in layers}
    listed = [use for use in trace.uses if use.path in edges]
    order = {use.path: place for place, use in enumerate(listed)}
    inside = before_activation(tensor)
    ends = [tensor] if inside is None else [tensor, inside[1]]
    made = [use for use in listed if any(use.output is end for end in ends)]
    chain = made[-1:] or listed[-1:]
    while chain:
        current = chain[-1]
        paths = edges[current.path]
        if paths:
            before = [use for use in listed if use.path == paths[0]]
        else:
            earlier = listed[: order[current.path]]
            source = current.inputs[0] if current.inputs else None
            before = [use for use in earlier if use.output is source][-1:]
            before = before or _previous(earlier, current)
        if not before:
            break
        chain.append(before[0])
    return chain


def _previous(earlier: list[Use], current: Use) -> list[Use]:
    """The use that ended last before `current`, where no tensor tells which it reads."""
    return [use for use in earlier if not current.path.startswith(f"{use.path}/")][-1:]


def _ending(chain: list[Use], tensor: Tensor) -> _Ending:
    for use in chain if chain and chain[0].output is tensor else ():
        if type(use.operation).__name__ in VALUE_KEEPING:
            continue
        name = activation_name(use.operation) or "linear"
        if name == "linear" and role(use.operation) == "activation":
            continue
        if name in SCORE_ACTIVATIONS:
            source = "input" if role(use.operation) == "activation" else "before_activation"
            if source == "input" or use.before_activation is not None:
                return _Ending(name, source, use.path)
        if role(use.operation) in ("dense", "convolution") and name == "linear":
            return _Ending("linear", "output", "")
        break
    found = before_activation(tensor)
    return _Ending("unknown", "output", "") if found is None else _Ending(found[0], "graph", "")


def _kind(
    n_outputs: int, ending: _Ending, from_logits: bool | None, loss: CompiledLoss | None
) -> str:
    """`softmax` or `sigmoid`. Raises ValueError where the output is no single choice."""
    binary = loss is not None and loss.binary
    if n_outputs == 1 and ending.activation in ("softmax", "log_softmax"):
        raise ValueError(
            "the output is no classifier: a softmax over one value is always 1; use a sigmoid"
        )
    if n_outputs == 1:
        if ending.activation == "sigmoid" or binary or from_logits is not None:
            return "sigmoid"
        raise ValueError(
            "the output is no classifier: it has one value per sample, without a sigmoid or a"
            " binary crossentropy loss; pass from_logits=True if it is the logit of class 1"
        )
    if ending.activation == "sigmoid" or (binary and ending.activation != "softmax"):
        raise ValueError(
            f"the model has {n_outputs} independent sigmoid outputs: multi-label classifiers are"
            " not supported; expected a softmax over the classes or one sigmoid output"
        )
    return "softmax"


def _source(
    ending: _Ending, from_logits: bool | None, loss: CompiledLoss | None, chain: list[Use]
) -> tuple[str, str]:
    """Where the logits are. Raises ValueError where nothing tells."""
    if ending.activation in SCORE_ACTIVATIONS:
        return ending.source, ending.path
    if from_logits is None and loss is not None:
        from_logits = loss.from_logits
        if from_logits is False and ending.activation == "linear":
            raise ValueError(
                f"the compiled loss '{loss.name}' expects scores, but the last layer"
                f" '{chain[0].path}' has no softmax or sigmoid: compile it with from_logits=True;"
                " or pass from_logits=False to CNNVis if the output is scores nevertheless"
            )
    if from_logits is None:
        where = f"layer '{chain[0].path}'" if chain else "the output"
        raise ValueError(
            f"neither the compiled loss nor the last activation tells whether {where} gives"
            " logits or scores: pass from_logits=True or from_logits=False to CNNVis"
        )
    return ("output", "") if from_logits else ("log", "")
