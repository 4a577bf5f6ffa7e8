"""Gradients of a class's logit, by the backend that Keras runs on."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.network.backend import Tensor
from tensorboard_cnnvis.network.calls import BatchedCall, channels_last, output_of
from tensorboard_cnnvis.network.forward import Network, watch
from tensorboard_cnnvis.network.outputs import logits_of
from tensorboard_cnnvis.network.tracing import Trace, floating_inputs

Array = npt.NDArray[Any]
_CLASS = (np.dtype(np.int32),)
_PASSES = 3  # of memory: the activations are kept for the way back


class NoGradientError(ValueError):
    """The class's logit does not depend, differentiably, on what was asked for."""


def compile_input_gradient(model: Any, network: Network, sample: Array) -> BatchedCall:
    """Images (n, height, width, channels) and a class -> its logit, and the logit's gradient.

    The images are float32 even where the model is fed integers, whose cast it then leaves out.

    Returns:
        A call that gives (logits float32 (n,), gradients float32 (n, height, width, channels)).
    """

    def run(x: Tensor, class_index: Tensor) -> tuple[Tensor, Tensor]:
        with floating_inputs(model):
            target = class_logit(watch(model, x), network, class_index)
        return target, keras.ops.cast(gradient(target, x, "the input"), "float32")

    return BatchedCall(run, network, sample.astype(np.float32), scalars=_CLASS, passes=_PASSES)


def compile_layer_gradient(model: Any, network: Network, sample: Array, path: str) -> BatchedCall:
    """Images and a class -> its logit, a layer's output, and the logit's gradient by it.

    Returns:
        A call that gives (logits float32 (n,), output and gradients float32 (n, ..., channels)).
    """

    def run(x: Tensor, class_index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        traced = watch(model, x)
        target = class_logit(traced, network, class_index)
        output = traced.use(path).output
        found = keras.ops.cast(gradient(target, output, f"layer {path!r}"), "float32")
        found = channels_last(found, network.axis(path))
        return target, output_of(traced, network, path), found

    return BatchedCall(run, network, sample, scalars=_CLASS, passes=_PASSES)


def class_logit(trace: Trace, network: Network, class_index: Tensor) -> Tensor:
    """A class's logit, float32 (batch,).

    One sigmoid output z is the log odds of class 1; those of class 0 are -z.
    """
    logits = logits_of(trace, network.head)
    if network.head.kind == "sigmoid":
        return keras.ops.where(class_index == 1, logits[:, 0], -logits[:, 0])
    return keras.ops.take(logits, class_index, axis=1)


def gradient(target: Tensor, source: Tensor, what: str) -> Tensor:
    """The gradient of every `target` (batch,) by its own row of `source` (batch, ...).

    Raises:
        NoGradientError: there is none; the message names `what`.
    """
    import tensorflow as tf  # the only backend that `CompiledFunction` knows

    found = tf.gradients(target, source)[0]
    if found is None:
        raise NoGradientError(
            f"the class's logit has no gradient by {what}: it does not reach the output, or only"
            " by a step that has no gradient, such as a cast to integers"
        )
    return tf.convert_to_tensor(found)
