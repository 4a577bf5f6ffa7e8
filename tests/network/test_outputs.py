"""Logits, scores and the penultimate tensor are found whatever the model's ending."""

from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from keras import layers

from tensorboard_cnnvis.network.forward import Forward, inspect_model

RNG = np.random.default_rng(0)
X = RNG.random((6, *tiny_models.SHAPE), np.float32)
LABELS = np.arange(6, dtype=np.int32)


def logits(model: Any, **options: Any) -> Any:
    network = inspect_model(model, X[:1], **options)
    return Forward(model, network, X[:1], statistics=(), embeddings=())(X, LABELS).logits


def head(model: Any, **options: Any) -> Any:
    return inspect_model(model, X[:1], **options).head


def softmax(values: Any) -> Any:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def functional(*ending: Any) -> Any:
    pixels = keras.Input(tiny_models.SHAPE, name="pixels")
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(pixels)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    for layer in ending:
        x = layer(x)
    return keras.Model(pixels, x)


def subclassed() -> Any:
    model = tiny_models.Subclassed()
    model(X)
    return model


ENDINGS = {
    "fused": tiny_models.sequential,
    "own layer": tiny_models.branches,
    "nested": tiny_models.nested,
    "mobile net": tiny_models.mobile,
    "in the code of a subclass": subclassed,
    "an operation": lambda: functional(layers.Dense(5), keras.ops.softmax),
    "Softmax layer": lambda: functional(layers.Dense(5), layers.Softmax()),
    "a layer as activation": lambda: functional(layers.Dense(5, activation=layers.Softmax())),
    "behind a cast": lambda: functional(
        layers.Dense(5, activation="softmax"), layers.Activation("linear", dtype="float32")
    ),
    "fused into a convolution": lambda: functional(
        layers.Reshape((1, 1, 4)), layers.Conv2D(5, 1, activation="softmax"), layers.Flatten()
    ),
}


@pytest.mark.parametrize("ending", list(ENDINGS))
def test_logits_come_before_the_last_activation(ending: str) -> None:
    model = ENDINGS[ending]()
    found = logits(model)
    scores = keras.ops.convert_to_numpy(model(X, training=False))
    np.testing.assert_allclose(softmax(found), scores, atol=1e-6)


def test_logits_do_not_saturate_where_the_scores_do() -> None:
    model = tiny_models.sequential()
    kernel = model.layers[-1].kernel
    kernel.assign(kernel * 1000)
    scores = keras.ops.convert_to_numpy(model(X, training=False))
    assert scores.min() == 0  # the logarithm of a score would be lost
    inner = keras.Model(model.inputs[0], model.layers[-2].output)(X, training=False)
    expected = keras.ops.convert_to_numpy(inner @ kernel)
    np.testing.assert_allclose(logits(model), expected, rtol=1e-5, atol=1e-3)


def test_a_single_sigmoid_output_gives_its_logit() -> None:
    model = functional(layers.Dense(1, activation="sigmoid"))
    found = logits(model)
    assert head(model).kind == "sigmoid"
    assert head(model).n_classes == 2
    scores = keras.ops.convert_to_numpy(model(X, training=False))
    np.testing.assert_allclose(1 / (1 + np.exp(-found)), scores, atol=1e-6)


@pytest.mark.parametrize(
    ("build", "path"),
    [
        (tiny_models.sequential, "pool"),  # past Dropout and Flatten
        (tiny_models.branches, "average"),  # the Dense has its softmax in a layer of its own
        (tiny_models.mobile, "average"),  # the classifier is a convolution
        (tiny_models.nested, "backbone/pool1"),
        (subclassed, "average"),
        (
            lambda: functional(
                layers.Dense(7),
                layers.Activation("relu", name="act"),
                layers.Dropout(0.5),
                layers.Dense(5, activation="softmax"),
            ),
            "act",
        ),
    ],
)
def test_the_penultimate_tensor_is_what_enters_the_classifier(build: Any, path: str) -> None:
    assert head(build()).penultimate == path


def test_from_logits_is_read_from_the_compiled_loss() -> None:
    model = functional(layers.Dense(5))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    expected = keras.ops.convert_to_numpy(model(X, training=False))
    np.testing.assert_allclose(logits(model), expected, atol=1e-6)


def test_without_a_loss_the_user_is_asked_for_from_logits() -> None:
    model = functional(layers.Dense(5, name="last"))
    with pytest.raises(ValueError, match=r"layer 'last'.*pass from_logits=True"):
        logits(model)
    expected = keras.ops.convert_to_numpy(model(X, training=False))
    np.testing.assert_allclose(logits(model, from_logits=True), expected, atol=1e-6)


def test_a_loss_on_scores_without_softmax_is_refused() -> None:
    model = functional(layers.Dense(5, name="last"))
    model.compile(loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="'last' has no softmax or sigmoid"):
        logits(model)


def test_scores_of_unknown_making_are_taken_when_the_user_says_so() -> None:
    shares = layers.Lambda(lambda x: x / keras.ops.sum(x, axis=-1, keepdims=True))
    model = functional(layers.Dense(5, activation="softplus"), shares)
    scores = keras.ops.convert_to_numpy(model(X, training=False))
    np.testing.assert_allclose(softmax(logits(model, from_logits=False)), scores, atol=1e-5)


def test_one_of_several_outputs_is_chosen_by_name_or_index() -> None:
    model = tiny_models.two_heads()
    with pytest.raises(ValueError, match=r"2 outputs .*'digit', 'angle'.*output='digit'"):
        head(model)
    assert head(model, output="digit").n_classes == 10
    assert head(model, output=0).n_classes == 10
    with pytest.raises(ValueError, match="'digits' is not in the model; its outputs are: 'digit'"):
        head(model, output="digits")


def test_the_loss_of_the_chosen_output_counts() -> None:
    model = tiny_models.two_heads()
    model.compile(loss={"digit": "categorical_crossentropy", "angle": "mse"})
    assert inspect_model(model, X[:1], output="digit").loss.name == "categorical_crossentropy"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: functional(layers.Dense(1)), "is no classifier: it has one value"),
        (lambda: functional(layers.Dense(1, activation="softmax")), "is no classifier: a softmax"),
        (
            lambda: functional(layers.Dense(5, activation="sigmoid")),
            "5 independent sigmoid outputs: multi-label classifiers are not supported",
        ),
        (
            lambda: keras.Sequential(
                [keras.Input(tiny_models.SHAPE), layers.Conv2D(3, 1, activation="softmax")]
            ),
            r"is no classifier: expected shape \(batch, n_classes\)",
        ),
    ],
)
def test_an_output_that_is_no_classifier_is_refused(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        head(build())


def test_multi_label_logits_are_refused() -> None:
    model = functional(layers.Dense(5))
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    with pytest.raises(ValueError, match="multi-label"):
        head(model)


def test_several_inputs_are_refused_by_name() -> None:
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    x = layers.Flatten()(layers.Add()([left, right]))
    model = keras.Model([left, right], layers.Dense(3, activation="softmax")(x))
    with pytest.raises(ValueError, match=r"2 inputs \(left, right\)"):
        head(model)


def test_inputs_of_another_shape_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"of shape \(None, 12, 12, 1\); the model takes \(None, 8, 8, 1\)"
    ):
        inspect_model(tiny_models.sequential(), np.zeros((1, 12, 12, 1), np.float32))
