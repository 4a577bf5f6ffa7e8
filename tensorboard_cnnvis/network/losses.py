"""The loss a model was compiled with, as far as it matters for a per-sample record."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from tensorboard_cnnvis.network.backend import Tensor

_INDEX_TARGETS = {
    "sparse_categorical_crossentropy",
    "categorical_generalized_cross_entropy",
    "circle",
}
_BINARY = {"binary_crossentropy", "binary_focal_crossentropy"}
_PLAIN_SOFTMAX = {"sparse_categorical_crossentropy", "categorical_crossentropy"}


@dataclass(frozen=True)
class CompiledLoss:
    """A compiled loss.

    Attributes:
        name: `categorical_crossentropy`, or a custom loss's own name.
        from_logits: whether it reads logits; None where it does not say.
        options: what it was made with, such as `label_smoothing`.
        keras: whether it is one of Keras's own.
        call: (y_true, y_pred) -> one value per sample, or a scalar.
    """

    name: str
    from_logits: bool | None
    options: Mapping[str, Any]
    keras: bool
    call: Callable[[Tensor, Tensor], Tensor]

    @property
    def binary(self) -> bool:
        """Whether it takes every output for a yes-or-no question of its own."""
        return self.keras and self.name in _BINARY

    def plain(self, classifier: str) -> bool:
        """Whether its `call` gives the cross-entropy that is stored as `loss` anyway."""
        names = _PLAIN_SOFTMAX if classifier == "softmax" else {"binary_crossentropy"}
        ignored = self.options.get("ignore_class")
        smoothing = self.options.get("label_smoothing") or 0.0
        return self.keras and self.name in names and ignored is None and smoothing == 0.0

    def takes_indices(self) -> bool | None:
        """Whether its targets are class indices, not one-hot; None where it does not say."""
        return self.name in _INDEX_TARGETS if self.keras else None


def compiled_loss(model: Any, key: str | int | None, position: int) -> CompiledLoss | None:
    """The loss that `model` was compiled with for one of its outputs.

    Args:
        model: compiled or not.
        key: name or index of the output.
        position: its place among the outputs.
    """
    loss = getattr(model, "loss", None)
    if isinstance(loss, Mapping):
        loss = loss.get(key)
    elif isinstance(loss, (list, tuple)):
        loss = loss[position] if position < len(loss) else None
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
    return None if loss is None else _read(loss)


def _read(loss: Any) -> CompiledLoss:
    if isinstance(loss, keras.losses.Loss):
        function = getattr(loss, "fn", None)
        options = dict(getattr(loss, "_fn_kwargs", {}))
        from_logits = options.get("from_logits", getattr(loss, "from_logits", None))
        own = _is_keras(function) if function is not None else _is_keras(type(loss))
        return CompiledLoss(_name(loss, function), from_logits, options, own, loss.call)
    function, options = _unwrapped(loss)
    own = _is_keras(function)
    from_logits = options.get("from_logits", False if own and _reads_scores(function) else None)
    return CompiledLoss(_name(loss, function), from_logits, options, own, _same_rank(loss))


def _unwrapped(loss: Any) -> tuple[Any, dict[str, Any]]:
    if isinstance(loss, functools.partial):
        return loss.func, dict(loss.keywords)
    return loss, {}


def _reads_scores(function: Any) -> bool:
    """Whether the function has a `from_logits` argument, whose default is False."""
    code = getattr(function, "__code__", None)
    return code is not None and "from_logits" in code.co_varnames[: code.co_argcount]


def _name(loss: Any, function: Any) -> str:
    name = getattr(function, "__name__", None) or getattr(loss, "name", None)
    return str(name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(loss).__name__).lower())


def _is_keras(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).split(".")[0] == "keras"


def _same_rank(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """Targets (batch,) become (batch, 1) for outputs (batch, 1), as Keras does for functions."""

    def call(y_true: Tensor, y_pred: Tensor) -> Tensor:
        if len(y_true.shape) == 1 and len(y_pred.shape) == 2 and y_pred.shape[-1] == 1:
            y_true = keras.ops.expand_dims(y_true, -1)
        return function(y_true, y_pred)

    return call
