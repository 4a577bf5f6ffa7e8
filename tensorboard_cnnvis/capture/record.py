"""One pass over the probe set: what a step's record holds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.capture import arguments
from tensorboard_cnnvis.capture.plan import Plan, make_plan
from tensorboard_cnnvis.capture.probe import ProbeSet
from tensorboard_cnnvis.capture.scores import SampleScores, score_samples, summarize
from tensorboard_cnnvis.capture.value_range import unscaled_warning
from tensorboard_cnnvis.network.backend import OutOfMemoryError, values_of
from tensorboard_cnnvis.network.causes import cause
from tensorboard_cnnvis.network.channels import ChannelSums, LayerStatistics
from tensorboard_cnnvis.network.forward import (
    Batch,
    Forward,
    batch_size,
    compile_maps,
    inspect_model,
)
from tensorboard_cnnvis.network.layers import kernel_of
from tensorboard_cnnvis.network.objective import find_objective

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]
_MAX_RECOMPILED = 2  # times; then all layers are summed precisely


@dataclass(frozen=True)
class Options:
    """The user's wishes; see `CNNVis`."""

    layers: Sequence[str] | None = None
    embedding_layers: Sequence[str] | None = None
    batch_size: int | None = None
    reference_samples: int = 8
    from_logits: bool | None = None
    output: str | int | None = None

    def check(self) -> None:
        """Raises ValueError for a wish that no model could fulfil."""
        arguments.check_paths("layers", self.layers)
        arguments.check_paths("embedding_layers", self.embedding_layers)
        arguments.whole_or_none("batch_size", self.batch_size, 1, "to choose one")
        arguments.whole("reference_samples", self.reference_samples, 0)
        arguments.check_head(self.from_logits, self.output)


@dataclass(frozen=True)
class Record:
    """Everything that is stored of one step.

    Attributes:
        arrays: name of `schema` -> array.
        splits: means over each split.
    """

    arrays: dict[str, Array]
    splits: tuple[schema.SplitSummary, ...]


class Recorder:
    """Runs the probe set through a model, the same way at every step.

    Attributes:
        probe: with the model's classes.
        plan: what is logged.
        network: what the model looks like.
        reference: sample_index of the reference samples.
        batch_size: of the pass; it shrinks where memory runs out.
        objective: whether the compiled loss is stored besides the cross-entropy.
        warnings: sentences for the user to see.
    """

    def __init__(self, model: Any, probe: ProbeSet, options: Options) -> None:
        """Looks at the model, without running the probe set.

        Args:
            model: built.
            probe: the watched samples.
            options: the user's wishes.

        Raises:
            ValueError: the model, the probe set and the wishes do not fit together.
        """
        self._model = model
        sample = probe.batch(0, 1)
        self.network = inspect_model(
            model, sample, output=options.output, from_logits=options.from_logits
        )
        head = self.network.head
        self.probe = probe.with_classes(head.n_classes)
        self.reference = _reference(self.probe, options.reference_samples)
        objective, warning = find_objective(
            model, head, self.network.loss, probe.batch(0, 5), probe.labels[:5]
        )
        self.objective = objective is not None
        unscaled = unscaled_warning(probe.splits, [layer.type for layer in self.network.layers])
        self.warnings = (*probe.warnings, *filter(None, (warning, unscaled)))
        self.plan = self._plan(options)
        self.batch_size = batch_size(self.network, options.batch_size)
        self._recompiled = 0
        self._forward = Forward(
            model,
            self.network,
            sample,
            statistics=self.plan.statistics,
            embeddings=self.plan.embeddings,
            objective=objective,
        )
        self._maps = compile_maps(model, self.network, sample, self.plan.maps)

    def record(self, progress: Progress | None = None) -> Record:
        """One pass with the model's current weights.

        Args:
            progress: called with the numbers of samples done and of all samples.
        """
        sums = ChannelSums([self.network.watched_layer(path) for path in self.plan.statistics])
        batches = list(self._batches(sums, progress))
        logits = np.concatenate([batch.logits for batch in batches])
        scores = score_samples(logits, self.probe.labels)
        arrays = _sample_arrays(scores)
        if self.objective:
            parts = [batch.objective for batch in batches if batch.objective is not None]
            arrays[schema.OBJECTIVE] = np.concatenate(parts)
        for info in self.plan.embeddings:
            values = np.concatenate([batch.embeddings[info.layer] for batch in batches])
            arrays[schema.embedding_array(info.layer)] = as_float16(values)
        if self.plan.statistics:
            arrays.update(_channel_arrays(sums.results()))
        arrays.update(self._map_arrays())
        for path, operation in self.plan.kernels.items():
            kernel = values_of(kernel_of(operation)).astype(np.float32)
            arrays[schema.kernel_array(path)] = kernel
            second = kernel_of(operation, pointwise=True)
            if second is not None:
                arrays[schema.pointwise_array(path)] = values_of(second).astype(np.float32)
        return Record(arrays, summarize(self.probe.splits, self.probe.labels, scores))

    def _plan(self, options: Options) -> Plan:
        return make_plan(
            self.network,
            len(self.probe.labels),
            len(self.reference),
            layers=options.layers,
            embedding_layers=options.embedding_layers,
            objective=self.objective,
        )

    def _batches(self, sums: ChannelSums, progress: Progress | None) -> list[Batch]:
        total = len(self.probe.labels)
        batches: list[Batch] = []
        start = 0
        while start < total:
            stop = min(total, start + self.batch_size)
            batch = self._run(start, stop, sums)
            if batch is None:
                continue  # with a smaller batch
            if self.plan.statistics:
                sums.add(batch.channels, stop - start)
            batches.append(batch)
            start = stop
            if progress is not None:
                progress(start, total)
        return batches

    def _run(self, start: int, stop: int, sums: ChannelSums) -> Batch | None:
        """The batch, or None where it did not fit into memory; the next try is smaller."""
        inputs, labels = self.probe.batch(start, stop), self.probe.labels[start:stop]
        try:
            batch = self._passed(inputs, labels)
            lost = sums.unsound(batch.channels) - self._forward.precise if batch.channels else ()
            if lost:
                self._recompiled += 1
                everything = self._recompiled > _MAX_RECOMPILED
                self._forward.watch_precisely(self.plan.statistics if everything else lost)
                batch = self._forward(inputs, labels)
        except OutOfMemoryError:
            if self.batch_size == 1 or self.network.fixed_batch is not None:
                raise
            self.batch_size = max(1, min(self.batch_size, stop - start) // 2)
            return None
        return batch

    def _passed(self, inputs: Array, labels: npt.NDArray[np.int32]) -> Batch:
        """The batch; where only the compiled loss fails, without it from now on."""
        try:
            return self._forward(inputs, labels)
        except OutOfMemoryError:
            raise
        except Exception as error:
            if not self.objective:
                raise
            plain = self._forward.without_objective()
            batch = plain(inputs, labels)  # fails alike where the loss is not to blame
            self._forward, self.objective = plain, False
            name = "" if self.network.loss is None else self.network.loss.name
            warnings.warn(
                f"CNNVis stores only the cross-entropy from now on: the compiled loss {name!r}"
                f" could not be evaluated per sample ({cause(error)})",
                stacklevel=2,
            )
            return batch

    def _map_arrays(self) -> dict[str, Array]:
        if not self.plan.maps:
            return {}
        rows = [self.probe.batch(index, index + 1) for index in self.reference]
        found = self._maps(np.concatenate(rows))
        return {schema.maps_array(path): values for path, values in found.items()}


def as_float16(values: Floats) -> Array:
    """`values` as float16, or as they are where float16 would overflow."""
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float16)
    return values if np.isinf(narrow).sum() > np.isinf(values).sum() else narrow


def _reference(probe: ProbeSet, count: int) -> tuple[int, ...]:
    """Samples to keep maps of: the first of every class, then the second, in sample order."""
    labels = probe.labels
    turn = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        own = labels == label
        turn[own] = np.arange(own.sum())
    order = np.lexsort((labels, turn))[:count]
    return tuple(int(index) for index in np.sort(order))


def _sample_arrays(scores: SampleScores) -> dict[str, Array]:
    arrays: dict[str, Array] = {
        schema.LOSS: scores.loss,
        schema.PREDICTION: scores.prediction,
        schema.MARGIN: scores.margin,
        schema.LABEL_SCORE: scores.label_score,
        schema.LABEL_RANK: scores.label_rank,
        schema.SCORES: scores.scores,
    }
    if scores.score_classes is not None:
        arrays[schema.SCORE_CLASSES] = scores.score_classes
    return arrays


def _channel_arrays(layers: Mapping[str, LayerStatistics]) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for path, found in layers.items():
        arrays[schema.channel_array(path)] = found.statistics
        arrays[schema.top_samples_array(path)] = found.top_samples
        arrays[schema.top_values_array(path)] = found.top_values
    return arrays
