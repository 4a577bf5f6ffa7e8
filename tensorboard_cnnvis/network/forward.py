"""One compiled inference pass that gives everything a step's record needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network import reductions
from tensorboard_cnnvis.network.backend import CompiledFunction, Tensor
from tensorboard_cnnvis.network.channels import WatchedLayer
from tensorboard_cnnvis.network.layers import activation_name, describe
from tensorboard_cnnvis.network.losses import CompiledLoss
from tensorboard_cnnvis.network.objective import Objective
from tensorboard_cnnvis.network.outputs import Head, check_single_input, find_head, logits_of
from tensorboard_cnnvis.network.penultimate import entering, with_entering
from tensorboard_cnnvis.network.tracing import Trace, per_sample, trace

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]
MAX_BATCH = 256
_TRIAL_BATCH = 7  # known, so that an output shows whether it has one row per sample
BATCH_BYTES = 2**29  # of all activations together


@dataclass(frozen=True)
class Network:
    """A model as it was seen in one symbolic call.

    Attributes:
        layers: every use of every layer; `statistics` and `embedding` are not decided here.
        graph: whether the layers' `inputs` are known.
        head: the watched output.
        loss: what was compiled for it, or None.
        operations: path -> layer or operation, of what can be read and is one row per sample.
        folded: paths of the layers that see the samples in pieces, or several at once.
        sample_bytes: of all activations of one sample, as float32.
        fixed_batch: the only batch size that the model takes, or None.
    """

    layers: tuple[schema.LayerInfo, ...]
    graph: bool
    head: Head
    loss: CompiledLoss | None
    operations: dict[str, Any]
    folded: tuple[str, ...]
    sample_bytes: int
    fixed_batch: int | None

    def layer(self, path: str) -> schema.LayerInfo:
        """The layer with this path."""
        return next(layer for layer in self.layers if layer.path == path)

    def axis(self, path: str) -> int:
        """The axis of a layer's channels, 1 or -1."""
        return next((layer.channel_axis for layer in self.layers if layer.path == path), -1)

    def watched_layer(self, path: str) -> WatchedLayer:
        """A layer's numbers of positions and channels. Its output shape must be known."""
        shape = [int(length or 1) for length in self.layer(path).output_shape or (1,)]
        channels = shape[0] if self.axis(path) == 1 else shape[-1]
        positions = int(np.prod(shape)) // max(1, channels)
        return WatchedLayer(path, positions, channels, self.layer(path).activation)


@dataclass(frozen=True)
class Batch:
    """What the forward gives for one batch.

    Attributes:
        logits: float32 (batch, n_classes), (batch, 1) for `sigmoid`.
        objective: float32 (batch,), or None.
        embeddings: path -> float32 (batch, n_features).
        channels: see `reductions.reduce_channels`; empty where no layer is watched.
    """

    logits: Floats
    objective: Floats | None
    embeddings: dict[str, Floats]
    channels: dict[str, Array]


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
    seen: list[Network] = []

    def look(x: Tensor) -> Tensor:
        watched = watch(model, x)
        layers, graph = describe(model, watched)
        head, loss = find_head(model, watched, layers, output=output, from_logits=from_logits)
        if head.entered:
            layers = with_entering(layers, watched, head.entered, head.penultimate)
        readable, folded = _readable(watched)
        size = _sample_bytes(watched)
        seen.append(Network(layers, graph, head, loss, readable, folded, size, fixed))
        return logits_of(watched, head)

    fixed = _fixed_batch(model)
    CompiledFunction(look, [spec_of(sample)], fixed or _TRIAL_BATCH).prepare()
    return seen[0]


class Forward:
    """The compiled pass. Made once per model and used for every step: it reads current weights."""

    def __init__(
        self,
        model: Any,
        network: Network,
        sample: Array,
        *,
        statistics: Sequence[str],
        embeddings: Sequence[schema.EmbeddingInfo],
        objective: Objective | None = None,
    ) -> None:
        """Compiles on the first batch.

        Args:
            model: the model that `network` was seen in.
            network: from `inspect_model`.
            sample: (1, ...) as the model is fed.
            statistics: paths of the layers whose channels are reduced.
            embeddings: which embeddings to give.
            objective: the compiled loss to evaluate per sample.
        """
        self._model, self._network = model, network
        self._sample = sample
        self._statistics = tuple(statistics)
        self._embeddings = tuple(embeddings)
        self._objective = objective
        self._precise: frozenset[str] = frozenset()
        self._run = self._compile()

    def without_objective(self) -> Forward:
        """The same pass without the compiled loss."""
        plain = Forward(
            self._model,
            self._network,
            self._sample,
            statistics=self._statistics,
            embeddings=self._embeddings,
        )
        if self._precise:
            plain.watch_precisely(self._precise)
        return plain

    @property
    def precise(self) -> frozenset[str]:
        """Paths of the layers whose deviations are summed around their means."""
        return self._precise

    def watch_precisely(self, paths: Iterable[str]) -> None:
        """Sums the deviations of these layers around their means from now on; compiles anew."""
        self._precise = self._precise.union(paths)
        self._run = self._compile()

    def __call__(self, inputs: Array, labels: npt.NDArray[np.int32]) -> Batch:
        """Runs a batch.

        Args:
            inputs: (batch, ...) as the model is fed.
            labels: (batch,) class indices, for the objective.

        Raises:
            OutOfMemoryError: the batch is too large.
        """
        count = len(inputs)
        arguments: list[Any] = [self._padded(inputs), np.int32(count)]
        if self._objective is not None:
            arguments.append(self._padded(self._objective.encode(labels)))
        found = self._run(*arguments)
        objective = found["objective"]
        embeddings = zip(self._embeddings, found["embeddings"], strict=True)
        return Batch(
            logits=found["logits"][:count],
            objective=None if objective is None else objective[:count],
            embeddings={info.layer: values[:count] for info, values in embeddings},
            channels=found["channels"],
        )

    def _compile(self) -> CompiledFunction:
        specs = [spec_of(self._sample), (None, np.dtype(np.int32))]
        if self._objective is not None:
            specs.append(spec_of(self._objective.encode(np.zeros(1, np.int32))))
        return CompiledFunction(self._step, specs, self._network.fixed_batch)

    def _step(self, x: Tensor, count: Tensor, targets: Tensor | None = None) -> dict[str, Any]:
        traced = watch(self._model, x)
        outputs = {use.path: use.output for use in traced.uses}
        logits = logits_of(traced, self._network.head)
        objective = None
        if self._objective is not None:
            objective = self._objective(traced, targets, logits)
        embeddings = [embedded(traced, self._network, info) for info in self._embeddings]
        watched = [self._watched(path, outputs[path], count) for path in self._statistics]
        return {
            "logits": logits,
            "objective": objective,
            "embeddings": embeddings,
            "channels": reductions.reduce_channels(watched) if watched else {},
        }

    def _watched(self, path: str, output: Tensor, count: Tensor) -> reductions.Watched:
        if self._network.fixed_batch is not None:
            output = output[:count]  # the rest repeats the last sample
        activation = activation_name(self._network.operations[path])
        precise = path in self._precise
        return reductions.Watched(output, self._network.axis(path), activation, precise)

    def _padded(self, values: Array) -> Array:
        fixed = self._network.fixed_batch
        return values if fixed is None else padded(values, fixed)


def embedded(traced: Trace, network: Network, info: schema.EmbeddingInfo) -> Tensor:
    """An embedding as the record has it, float32 (batch, n_features)."""
    if network.head.entered and info.layer == network.head.penultimate:
        output = entering(traced, network.head.entered)
    else:
        outputs = {use.path: use.output for use in traced.uses}
        output = outputs.get(info.layer, traced.inputs)
    return reductions.embed(output, network.axis(info.layer), info.pooled)


def compile_maps(
    model: Any, network: Network, sample: Array, paths: Sequence[str]
) -> Callable[[Array], dict[str, Array]]:
    """A pass over few samples that gives maps, path -> float16 (n, height, width, channels)."""

    def run(x: Tensor) -> dict[str, Tensor]:
        outputs = {use.path: use.output for use in watch(model, x).uses}
        return {path: reductions.shrink_maps(outputs[path], network.axis(path)) for path in paths}

    step = CompiledFunction(run, [spec_of(sample)], network.fixed_batch)

    def maps(inputs: Array) -> dict[str, Array]:
        size = network.fixed_batch or len(inputs)
        starts = range(0, len(inputs), size)
        parts = [step(padded(inputs[start : start + size], size)) for start in starts]
        joined = {path: np.concatenate([part[path] for part in parts]) for path in paths}
        return {path: values[: len(inputs)] for path, values in joined.items()}

    return maps


def batch_size(network: Network, asked: int | None) -> int:
    """How many samples to run at a time: what was asked, or what the activations allow."""
    if network.fixed_batch is not None:
        return network.fixed_batch
    if asked is not None:
        return asked
    return int(np.clip(BATCH_BYTES // max(1, network.sample_bytes), 1, MAX_BATCH))


def watch(model: Any, x: Tensor) -> Trace:
    """Traces one call. Raises ValueError where the model does not take such inputs."""
    try:
        return trace(model, x)
    except Exception as error:
        takes = getattr(model, "input_shape", None) if getattr(model, "built", False) else None
        expected = f"; the model takes {takes}" if takes else ""
        raise ValueError(
            f"the model cannot be called on inputs of shape {(None, *x.shape[1:])}{expected}:"
            f" {error}"
        ) from error


def spec_of(array: Array) -> tuple[tuple[int, ...] | None, np.dtype[Any]]:
    """What `CompiledFunction` is told of an argument with rows like those of `array`."""
    return array.shape[1:], array.dtype


def padded(values: Array, size: int) -> Array:
    """`values` with the last row repeated until there are `size`."""
    missing = size - len(values)
    return np.concatenate([values, values[-1:].repeat(missing, 0)]) if missing > 0 else values


def _fixed_batch(model: Any) -> int | None:
    inputs = getattr(model, "inputs", None) if getattr(model, "built", False) else None
    return None if not inputs else inputs[0].shape[0]


def _sample_bytes(watched: Trace) -> int:
    outputs = {id(use.output): use.output for use in watched.uses if use.output is not None}
    sizes = (int(np.prod([length or 1 for length in x.shape])) for x in outputs.values())
    return 4 * sum(sizes) // (watched.inputs.shape[0] or 1)


def _readable(watched: Trace) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Path -> operation of what has one row per sample, and the paths of what has not."""
    uses = [use for use in watched.uses if use.output is not None]
    folded = {use.path for use in uses if not per_sample(use.output, watched)}
    readable = {use.path: use.operation for use in uses if use.path not in folded}
    return readable, tuple(use.path for use in uses if use.path in folded)
