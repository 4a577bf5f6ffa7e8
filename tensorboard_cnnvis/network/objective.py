"""The compiled loss of every sample, where it is another than the cross-entropy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.network.backend import CompiledFunction, Tensor
from tensorboard_cnnvis.network.causes import cause
from tensorboard_cnnvis.network.losses import CompiledLoss
from tensorboard_cnnvis.network.outputs import Head, choose_output, logits_of
from tensorboard_cnnvis.network.tracing import Trace, trace

Floats = npt.NDArray[np.float32]
_ACTIVATIONS = {
    "softmax": keras.ops.softmax,
    "log_softmax": keras.ops.log_softmax,
    "sigmoid": keras.ops.sigmoid,
}


@dataclass(frozen=True)
class Objective:
    """The `call` of a compiled loss, averaged over all axes but the batch.

    Attributes:
        loss: the compiled loss.
        head: the output it is compiled for.
        targets: form of its y_true: `indices` (batch,), `one_hot` (batch, n_classes) or `column`
            (batch, 1).
    """

    loss: CompiledLoss
    head: Head
    targets: str

    def encode(self, labels: npt.NDArray[np.int32]) -> Floats:
        """Class indices (n,) as the targets that the loss takes, float32 as in Keras."""
        if self.targets == "one_hot":
            return np.eye(self.head.n_classes, dtype=np.float32)[labels]
        column = labels.astype(np.float32)
        return column[:, np.newaxis] if self.targets == "column" else column

    def __call__(self, watched: Trace, targets: Tensor, logits: Tensor) -> Tensor:
        """float32 (batch,) inside a compiled function."""
        scores = keras.ops.cast(choose_output(watched.output, self.head), "float32")
        values = keras.ops.convert_to_tensor(self.loss.call(targets, scores))
        if len(values.shape) == 0 or values.shape[0] not in (None, scores.shape[0]):
            values = keras.ops.map(self._single, (targets, scores, logits))
        values = keras.ops.cast(values, "float32")
        return keras.ops.mean(keras.ops.reshape(values, (keras.ops.shape(scores)[0], -1)), axis=1)

    def _single(self, sample: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """The value of one sample: the loss of a batch of one."""
        target, score, logits = (keras.ops.expand_dims(part, 0) for part in sample)
        activation = _ACTIVATIONS.get(self.head.activation)
        if activation is not None and len(score.shape) == 2:
            score = activation(logits)  # a loss of Keras's then finds the logits behind it
        return keras.ops.mean(keras.ops.cast(self.loss.call(target, score), "float32"))


def find_objective(
    model: Any,
    head: Head,
    loss: CompiledLoss | None,
    inputs: npt.NDArray[np.generic],
    labels: npt.NDArray[np.int32],
) -> tuple[Objective | None, str]:
    """The objective to store, or None with a warning where it fails, "" where there is none.

    What a custom loss takes for y_true is found by trying on a few samples.

    Args:
        model: the compiled model.
        head: the watched output.
        loss: the loss that is compiled for it.
        inputs: (n, ...) some samples as the model is fed.
        labels: (n,) their class indices.
    """
    if loss is None or loss.plain(head.kind):
        return None, ""
    count = 5 if head.n_classes == 3 else 3  # so that a wrong form does not happen to broadcast
    rows = np.resize(np.arange(len(inputs)), count)
    error: Exception | None = None
    for form in _forms(head, loss):
        objective = Objective(loss, head, form)
        try:
            _try(model, objective, inputs[rows], labels[rows])
        except Exception as failure:
            error = error or failure
        else:
            return objective, ""
    return None, (
        f"the compiled loss '{loss.name}' could not be evaluated per sample, so only the"
        f" cross-entropy is stored: {cause(error)}"
    )


def _forms(head: Head, loss: CompiledLoss) -> tuple[str, ...]:
    if head.kind == "sigmoid":
        return ("column", "indices")
    indices = loss.takes_indices()
    if indices is None:
        return ("indices", "one_hot", "column")
    return ("indices", "column") if indices else ("one_hot",)


def _try(
    model: Any,
    objective: Objective,
    inputs: npt.NDArray[np.generic],
    labels: npt.NDArray[np.int32],
) -> None:
    def run(x: Tensor, targets: Tensor) -> Tensor:
        watched = trace(model, x)
        return objective(watched, targets, logits_of(watched, objective.head))

    fixed = model.inputs[0].shape[0] if getattr(model, "inputs", None) else None
    rows = np.resize(np.arange(len(inputs)), fixed or len(inputs))
    inputs, targets = inputs[rows], objective.encode(labels[rows])
    specs = [(inputs.shape[1:], inputs.dtype), (targets.shape[1:], targets.dtype)]
    # a known batch size, so that targets of a wrong form fail while they are traced
    function = CompiledFunction(run, specs, len(rows))
    values = function(inputs, targets)
    if len(values) != len(inputs):
        raise ValueError(f"expected {len(inputs)} values, got {len(values)}")
    if len(rows) == objective.head.n_classes:  # (n,) may be taken for a row of (n, n) scores
        others = objective.encode((labels[rows] + 1) % objective.head.n_classes)
        others[0] = targets[0]
        if not np.allclose(function(inputs, others)[0], values[0], equal_nan=True):
            raise ValueError("the value of a sample depends on the targets of others")
