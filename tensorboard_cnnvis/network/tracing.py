"""One call of a model, watched: which operations it uses, in which order, with which tensors.

The operations' `call` is replaced while the model is called once, on symbolic tensors inside a
compiled function, and put back afterwards. That sees into nested, shared and subclassed models
alike, and lets a tensor be read before the activation that is fused into its layer.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import keras

from tensorboard_cnnvis.network.backend import Tensor, faster_call


@dataclass(frozen=True)
class Use:
    """One use of one operation during the call.

    Attributes:
        path: `backbone/conv1`; `dense#2` for the second use.
        operation: the Keras layer, or the operation behind a function such as `keras.ops.relu`.
        inputs: the tensors it was called with, (batch, ...).
        output: its first output, (batch, ...); None where it cannot be read from outside, such
            as inside a loop.
        before_activation: what its fused activation was applied to, or None without one.
    """

    path: str
    operation: Any
    inputs: tuple[Tensor, ...]
    output: Tensor | None
    before_activation: Tensor | None


@dataclass(frozen=True)
class Trace:
    """All uses in the order in which they began, and what the model returned."""

    uses: tuple[Use, ...]
    inputs: Tensor
    output: Any

    def use(self, path: str) -> Use:
        """The use with this path."""
        return next(use for use in self.uses if use.path == path)


def trace(model: Any, inputs: Tensor) -> Trace:
    """Calls `model` on `inputs` in inference mode and tells what happened.

    Args:
        model: a built Keras model.
        inputs: (batch, height, width, channels), symbolic or not.
    """
    watcher = _Watcher(inputs)
    with ExitStack() as stack:
        for operation in operations(model):
            stack.enter_context(watcher.watching(operation))
        output = model(inputs, training=False)
    return Trace(tuple(use for use in watcher.uses if use is not None), inputs, output)


@contextmanager
def floating_inputs(model: Any) -> Iterator[None]:
    """Has graphs that were built for integers take float32: a cast to integers has no gradient."""
    graphs = [functional(operation) for operation in (model, *operations(model))]
    tensors = [tensor for graph in graphs if graph is not None for tensor in graph.inputs]
    with ExitStack() as stack:
        for tensor in tensors:
            if not keras.backend.is_float_dtype(tensor.dtype):
                for casting in (tensor, tensor._keras_history.operation):  # Sequential's reads that
                    stack.enter_context(_replaced(casting, "_dtype", "float32"))
        yield


def per_sample(tensor: Tensor, watched: Trace) -> bool:
    """Whether a tensor has one row per sample, as far as its shape tells."""
    shape, count = tuple(tensor.shape), watched.inputs.shape[0]
    return len(shape) > 0 and (shape[0] is None or count is None or shape[0] == count)


def operations(model: Any) -> list[Any]:
    """Every layer and operation below `model`, each once, without its input layers."""
    found: dict[int, Any] = {}
    waiting = _children(model)
    while waiting:
        operation = waiting.pop(0)
        if id(operation) not in found and not isinstance(operation, keras.layers.InputLayer):
            found[id(operation)] = operation
            waiting += _children(operation)
    return list(found.values())


def functional(operation: Any) -> Any | None:
    """The graph of operations inside a functional or built Sequential model, else None."""
    inner = getattr(operation, "_functional", None)  # of a Sequential
    if inner is not None:
        return inner
    return operation if hasattr(operation, "_nodes_by_depth") else None


def _children(operation: Any) -> list[Any]:
    graph = functional(operation)
    inside = list(graph.operations) if graph is not None else []
    if isinstance(operation, keras.layers.Layer):
        inside += operation._flatten_layers(include_self=False, recursive=False)
    return inside


class _Watcher:
    def __init__(self, inputs: Tensor) -> None:
        self.uses: list[Use | None] = []
        self._graph = _graph(inputs)
        self._open: list[str] = []
        self._counts: Counter[str] = Counter()

    @contextmanager
    def watching(self, operation: Any) -> Iterator[None]:
        original = faster_call(operation) or operation.call

        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            return self._observe(operation, original, args, kwargs)

        with _replaced(operation, "call", call):
            yield

    def _observe(
        self, operation: Any, call: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> Any:
        path = self._path(operation.name)
        place = len(self.uses)
        self.uses.append(None)
        self._open.append(path)
        try:
            output, before = _call(operation, call, args, kwargs)
        finally:
            self._open.pop()
        first = self._readable(_tensors(output))
        inputs = _tensors(args) or _tensors(kwargs)
        self.uses[place] = Use(path, operation, inputs, first, self._readable(before))
        return output

    def _path(self, name: str) -> str:
        path = f"{self._open[-1]}/{name}" if self._open else name
        self._counts[path] += 1
        return path if self._counts[path] == 1 else f"{path}#{self._counts[path]}"

    def _readable(self, tensors: tuple[Tensor, ...]) -> Tensor | None:
        return tensors[0] if tensors and _graph(tensors[0]) is self._graph else None


def _call(
    operation: Any, call: Callable[..., Any], args: Any, kwargs: dict[str, Any]
) -> tuple[Any, tuple[Tensor, ...]]:
    """The output, and what the fused activation was applied to."""
    activation = vars(operation).get("activation")
    if not callable(activation) or isinstance(activation, keras.layers.Layer):
        return call(*args, **kwargs), ()
    seen: list[Tensor] = []

    @functools.wraps(activation)
    def observed(x: Tensor, *more: Any, **options: Any) -> Tensor:
        seen.append(x)
        return activation(x, *more, **options)

    with _replaced(operation, "activation", observed):
        return call(*args, **kwargs), tuple(seen[-1:])


@contextmanager
def _replaced(operation: Any, name: str, value: Any) -> Iterator[None]:
    """Sets an instance attribute past Keras's tracking of state, and takes it back."""
    own = vars(operation)
    missing = name not in own
    before = own.get(name)
    object.__setattr__(operation, name, value)
    try:
        yield
    finally:
        if missing:
            object.__delattr__(operation, name)
        else:
            object.__setattr__(operation, name, before)


def _tensors(structure: Any) -> tuple[Tensor, ...]:
    return tuple(item for item in keras.tree.flatten(structure) if keras.ops.is_tensor(item))


def _graph(tensor: Tensor) -> Any:
    """The graph of a symbolic TensorFlow tensor: a loop's body has one of its own."""
    return getattr(tensor, "graph", None)
