"""The compiled loss per sample against the loss that Keras itself computes."""

import functools
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models

from tensorboard_cnnvis.network.forward import Forward, inspect_model
from tensorboard_cnnvis.network.objective import find_objective

RNG = np.random.default_rng(0)
X = RNG.random((12, *tiny_models.SHAPE), np.float32)
LABELS = RNG.integers(0, 10, 12).astype(np.int32)
ONE_HOT = np.eye(10, dtype=np.float32)[LABELS]


def objective(loss: Any, labels: Any = LABELS, model: Any = None) -> Any:
    """The objective of each sample, or None, and the warning."""
    model = model or tiny_models.sequential()
    model.compile(loss=loss)
    network = inspect_model(model, X[:1])
    found, warning = find_objective(model, network.head, network.loss, X, labels)
    if found is None:
        return model, None, warning
    forward = Forward(model, network, X[:1], statistics=(), embeddings=(), objective=found)
    return model, forward(X, labels).objective, warning


def own_loss(model: Any, x: Any, y: Any) -> float:
    return float(model.evaluate(x, y, batch_size=1, verbose=0))


def focal(y_true: Any, y_pred: Any) -> Any:
    """A custom loss on one-hot targets."""
    share = keras.ops.sum(y_true * y_pred, axis=-1)
    return -((1 - share) ** 2) * keras.ops.log(share)


def sparse_focal(y_true: Any, y_pred: Any) -> Any:
    """A custom loss on class indices."""
    return focal(keras.ops.one_hot(keras.ops.cast(y_true, "int32"), 10), y_pred)


def scalar(y_true: Any, y_pred: Any) -> Any:
    """A custom loss that returns the mean over the batch."""
    return keras.ops.mean(focal(y_true, y_pred))


class Squared(keras.losses.Loss):  # type: ignore[misc]
    """A custom loss object; averages over the classes are left to the caller."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return keras.ops.square(y_true - y_pred)


@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
        keras.losses.SparseCategoricalCrossentropy(),
        keras.losses.CategoricalCrossentropy(),
        keras.losses.sparse_categorical_crossentropy,
        functools.partial(keras.losses.categorical_crossentropy, label_smoothing=0.0),
    ],
)
def test_the_plain_cross_entropy_is_no_objective(loss: Any) -> None:
    assert objective(loss)[1:] == (None, "")


def test_binary_cross_entropy_of_one_sigmoid_is_no_objective() -> None:
    model = tiny_models.sequential("sigmoid", 1)
    assert objective("binary_crossentropy", LABELS % 2, model)[1:] == (None, "")


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (keras.losses.CategoricalCrossentropy(label_smoothing=0.2), ONE_HOT),
        (keras.losses.CategoricalFocalCrossentropy(), ONE_HOT),
        ("categorical_focal_crossentropy", ONE_HOT),
        (functools.partial(keras.losses.categorical_crossentropy, label_smoothing=0.1), ONE_HOT),
        (keras.losses.CategoricalGeneralizedCrossEntropy(), LABELS),
        (keras.losses.BinaryCrossentropy(), ONE_HOT),
        ("kl_divergence", ONE_HOT),
        ("poisson", ONE_HOT),
        ("categorical_hinge", ONE_HOT),
        ("hinge", ONE_HOT),
        ("squared_hinge", ONE_HOT),
        ("cosine_similarity", ONE_HOT),
        ("mse", ONE_HOT),
        ("mae", ONE_HOT),
        ("huber", ONE_HOT),
        ("log_cosh", ONE_HOT),
        (keras.losses.Dice(), ONE_HOT),
        (keras.losses.Tversky(), ONE_HOT),
        (keras.losses.SparseCategoricalCrossentropy(ignore_class=3), LABELS),
        (focal, ONE_HOT),
        (sparse_focal, LABELS),
        (scalar, ONE_HOT),
        (Squared(), ONE_HOT),
    ],
    ids=lambda value: None if isinstance(value, np.ndarray) else getattr(value, "name", str(value)),
)
def test_the_objective_is_what_the_compiled_loss_gives_for_each_sample(
    loss: Any, targets: Any
) -> None:
    model, found, warning = objective(loss)
    assert warning == ""
    each = [own_loss(model, X[i : i + 1], targets[i : i + 1]) for i in range(4)]
    np.testing.assert_allclose(found[:4], each, rtol=1e-5, atol=1e-6)


def test_label_smoothing_of_a_sigmoid() -> None:
    model = tiny_models.sequential("sigmoid", 1)
    labels = LABELS % 2
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.2)
    model, found, _ = objective(loss, labels, model)
    each = [own_loss(model, X[i : i + 1], labels[i : i + 1]) for i in range(4)]
    np.testing.assert_allclose(found[:4], each, rtol=1e-5)


def test_a_smoothed_loss_does_not_saturate() -> None:
    model = tiny_models.sequential()
    kernel = model.layers[-1].kernel
    kernel.assign(kernel * 1000)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    _, found, _ = objective(loss, LABELS, model)
    assert found.max() > 20  # from scores it would stop at 16.1


def test_a_loss_that_cannot_be_evaluated_costs_a_warning() -> None:
    def broken(y_true: Any, y_pred: Any) -> Any:
        raise RuntimeError("needs the whole data set")

    _, found, warning = objective(broken)
    assert found is None
    assert "'broken' could not be evaluated per sample" in warning
    assert "needs the whole data set" in warning


def test_the_form_of_the_targets_is_found_when_a_fixed_batch_has_as_many_rows_as_classes() -> None:
    def focal(y_true: Any, y_pred: Any) -> Any:
        share = keras.ops.sum(y_true * y_pred, axis=-1)
        return -((1 - share) ** 2) * keras.ops.log(share)

    pixels = keras.Input(batch_shape=(10, *tiny_models.SHAPE))
    x = keras.layers.Flatten()(pixels)
    model = keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(x))
    model.compile(loss=focal)
    inputs = np.random.default_rng(0).random((5, *tiny_models.SHAPE), np.float32)
    network = inspect_model(model, inputs[:1])
    labels = np.arange(5, dtype=np.int32)
    found, _ = find_objective(model, network.head, network.loss, inputs, labels)
    assert found is not None
    assert found.targets == "one_hot"
