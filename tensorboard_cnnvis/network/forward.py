"""One compiled inference pass that gives everything a step's record needs.

`compiled` is the only function that knows the backend; the rest is `keras.ops`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network import reductions
from tensorboard_cnnvis.network.layers import activation_name, channel_axis, describe
from tensorboard_cnnvis.network.losses import CompiledLoss
from tensorboard_cnnvis.network.outputs import (
    Head,
    check_single_input,
    choose_output,
    find_head,
    logits_of,
)
from tensorboard_cnnvis.network.reductions import Channels, Floats
from tensorboard_cnnvis.network.tracing import Tensor, Trace, trace

Array = npt.NDArray[np.generic]
MAX_BATCH = 256
BATCH_BYTES = 2**30  # of all activations together


class OutOfMemoryError(RuntimeError):
    """The batch did not fit into memory."""


@dataclass(frozen=True)
class Network:
    """A model as it was seen in one symbolic call.

    Attributes:
        layers: every use of every layer; `statistics` and `embedding` are not decided here.
        graph: whether the layers' `inputs` are known.
        head: the watched output.
        loss: what was compiled for it, or None.
        sample_bytes: of all activations of one sample.
        fixed_batch: the only batch size that the model takes, or None.
    """

    layers: tuple[schema.LayerInfo, ...]
    graph: bool
    head: Head
    loss: CompiledLoss | None
    sample_bytes: int
    fixed_batch: int | None

    def layer(self, path: str) -> schema.LayerInfo:
        """The layer with this path."""
        return next(layer for layer in self.layers if layer.path == path)


@dataclass(frozen=True)
class Batch:
    """What the forward gives for one batch.

    Attributes:
        logits: float32 (batch, n_classes), (batch, 1) for `sigmoid`.
        objective: float32 (batch,), or None.
        embeddings: path -> float32 (batch, n_features).
        channels: path -> reductions.
    """

    logits: Floats
    objective: Floats | None
    embeddings: dict[str, Floats]
    channels: dict[str, Channels]


def inspect_model(
    model: Any,
    sample: Array,
    *,
    output: str | int | None = None,
    from_logits: bool | None = None,
) -> Network:
    """Looks at a built model by calling it once, symbolically.

    Args:
        model: the model.
        sample: (1, ...) as the model is fed.
        output: see `outputs.find_head`.
        from_logits: see `outputs.find_head`.

    Raises:
        ValueError: the model does not take such inputs, or its output is no classifier.
    """
    check_single_input(model)
    fixed = _fixed_batch(model)
    seen: list[Network] = []

    def look(x: Tensor) -> Tensor:
        watched = _traced(model, x)
        layers, graph = describe(model, watched)
        head, loss = find_head(model, watched, layers, output=output, from_logits=from_logits)
        seen.append(Network(layers, graph, head, loss, _sample_bytes(watched), fixed))
        return logits_of(watched, head)

    compiled(look, [(sample.shape[1:], sample.dtype)], fixed).prepare()
    return seen[0]


class Forward:
    """The compiled pass. Made once per model, used for every step: it reads current weights."""

    def __init__(
        self,
        model: Any,
        network: Network,
        sample: Array,
        *,
        statistics: Sequence[str],
        embeddings: Sequence[schema.EmbeddingInfo],
        objective: Callable[[Trace, Tensor, Tensor], Tensor] | None = None,
        targets: Array | None = None,
    ) -> None:
        """Compiles lazily, on the first batch.

        Args:
            model: the model that `network` was seen in.
            network: from `inspect_model`.
            sample: (1, ...) as the model is fed.
            statistics: paths of the layers whose channels are reduced.
            embeddings: which embeddings to give.
            objective: (trace, targets, logits) -> (batch,), or None.
            targets: (n, ...) what the objective compares with; its shape and dtype.
        """
        self._network = network
        self._statistics = tuple(statistics)
        self._embeddings = tuple(embeddings)
        self._fixed = network.fixed_batch

        def run(x: Tensor, count: Tensor, targets: Tensor | None = None) -> Any:
            watched = _traced(model, x)
            logits = logits_of(watched, network.head)
            return {
                "logits": logits,
                "objective": None if objective is None else objective(watched, targets, logits),
                "embeddings": [self._embed(watched, info, count) for info in self._embeddings],
                "channels": [self._reduce(watched, path, count) for path in self._statistics],
            }

        specs = [(sample.shape[1:], sample.dtype), (None, np.dtype(np.int32))]
        if targets is not None:
            specs.append((targets.shape[1:], targets.dtype))
        self._run = compiled(run, specs, self._fixed)

    def __call__(self, inputs: Array, targets: Array | None = None) -> Batch:
        """Runs a batch.

        Args:
            inputs: (batch, ...) as the model is fed.
            targets: (batch, ...) for the objective.

        Raises:
            OutOfMemoryError: the batch is too large.
        """
        count = len(inputs)
        arguments = [self._padded(inputs), np.int32(count)]
        if targets is not None:
            arguments.append(self._padded(targets))
        found = self._run(*arguments)
        objective = found["objective"]
        return Batch(
            logits=found["logits"][:count],
            objective=None if objective is None else objective[:count],
            embeddings={
                info.layer: values[:count]
                for info, values in zip(self._embeddings, found["embeddings"], strict=True)
            },
            channels={
                path: Channels(*parts[:3], positions=int(parts[3]))
                for path, parts in zip(self._statistics, found["channels"], strict=True)
            },
        )

    def _padded(self, values: Array) -> Array:
        missing = 0 if self._fixed is None else self._fixed - len(values)
        return values if missing <= 0 else np.concatenate([values, values[-1:].repeat(missing, 0)])

    def _output(self, watched: Trace, path: str) -> tuple[Tensor, Any]:
        for use in watched.uses:
            if use.path == path:
                return use.output, use.operation
        return watched.inputs, None  # the input layer

    def _embed(self, watched: Trace, info: schema.EmbeddingInfo, count: Tensor) -> Tensor:
        x, operation = self._output(watched, info.layer)
        return reductions.embed(x, channel_axis(operation), info.pooled)

    def _reduce(self, watched: Trace, path: str, count: Tensor) -> tuple[Tensor, ...]:
        x, operation = self._output(watched, path)
        if self._fixed is not None:
            x = x[:count]  # the rest repeats the last sample
        axis = channel_axis(operation)
        positions = keras.ops.size(x) // x.shape[axis]
        return (*reductions.reduce_channels(x, axis, activation_name(operation)), positions)


def compile_maps(
    model: Any, network: Network, sample: Array, paths: Sequence[str]
) -> Callable[[Array], list[Floats]]:
    """A pass over few samples that gives float32 maps (n, height, width, channels) per path."""

    def run(x: Tensor) -> list[Tensor]:
        watched = _traced(model, x)
        uses = [watched.use(path) for path in paths]
        return [reductions.shrink_maps(u.output, channel_axis(u.operation)) for u in uses]

    step = compiled(run, [(sample.shape[1:], sample.dtype)], network.fixed_batch)

    def maps(inputs: Array) -> list[Floats]:
        fixed = network.fixed_batch or len(inputs)
        parts = []
        for start in range(0, len(inputs), fixed):
            rows = inputs[start : start + fixed]
            padded = np.concatenate([rows, rows[-1:].repeat(fixed - len(rows), 0)])
            parts.append([values[: len(rows)] for values in step(padded)])
        return [np.concatenate(values) for values in zip(*parts, strict=True)]

    return maps


def batch_size(network: Network, asked: int | None) -> int:
    """How many samples to run at a time: what was asked, or what the activations allow."""
    if network.fixed_batch is not None:
        return network.fixed_batch
    if asked is not None:
        return asked
    return int(np.clip(BATCH_BYTES // max(1, network.sample_bytes), 1, MAX_BATCH))


class compiled:  # noqa: N801 - used as a function
    """A function of tensors, compiled; called with arrays, it gives arrays.

    This is what another backend has to provide.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        specs: Sequence[tuple[tuple[int, ...] | None, np.dtype[Any]]],
        batch: int | None,
    ) -> None:
        """Compiles lazily.

        Args:
            function: tensors -> a structure of tensors; must not depend on array values.
            specs: per argument its shape without the batch axis (None for a scalar) and dtype.
            batch: the batch size, None for any.

        Raises:
            NotImplementedError: Keras runs on a backend that is not supported yet.
        """
        if keras.backend.backend() != "tensorflow":
            raise NotImplementedError(
                f"Keras runs on {keras.backend.backend()!r}; expected the tensorflow backend: set"
                " KERAS_BACKEND=tensorflow before importing keras"
            )
        import tensorflow as tf

        self._tf = tf
        self._signature = [
            tf.TensorSpec(() if shape is None else (batch, *shape), dtype)
            for shape, dtype in specs
        ]
        self._function = tf.function(function, input_signature=self._signature, autograph=False)

    def prepare(self) -> None:
        """Traces the function, without running it."""
        self._function.get_concrete_function()

    def __call__(self, *arguments: Any) -> Any:
        """Runs it. Raises OutOfMemoryError."""
        try:
            found = self._function(*arguments)
        except self._tf.errors.ResourceExhaustedError as error:
            raise OutOfMemoryError(str(error).splitlines()[0]) from error
        return keras.tree.map_structure(lambda x: None if x is None else x.numpy(), found)


def _traced(model: Any, x: Tensor) -> Trace:
    try:
        return trace(model, x)
    except Exception as error:
        raise ValueError(
            f"the model cannot be called on inputs of shape {tuple(x.shape)}: {error}"
        ) from error


def _fixed_batch(model: Any) -> int | None:
    inputs = getattr(model, "inputs", None) if getattr(model, "built", False) else None
    return None if not inputs else inputs[0].shape[0]


def _sample_bytes(watched: Trace) -> int:
    outputs = {id(use.output): use.output for use in watched.uses if use.output is not None}
    return sum(
        int(np.prod([length or 1 for length in x.shape[1:]])) * 4 for x in outputs.values()
    )
