"""`model.fit` with CNNVis under every kind of loss that classifiers are compiled with."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from written import read

from tensorboard_cnnvis import CNNVis, schema


def focal(y_true: Any, y_pred: Any) -> Any:
    share = keras.ops.sum(y_true * y_pred, axis=-1)
    return -((1 - share) ** 2) * keras.ops.log(share)


def batch_mean(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(focal(y_true, y_pred))


def unusable(y_true: Any, y_pred: Any) -> Any:
    """Trains, but fails for the few samples it is tried on."""
    keras.ops.reshape(y_true, (20, 10))
    return focal(y_true, y_pred)


SOFTMAX, LINEAR, SIGMOID = ("softmax", 10), (None, 10), ("sigmoid", 1)
# loss, last activation and outputs, form of the targets, whether it is stored besides the loss
KINDS: dict[str, tuple[Any, tuple[str | None, int], str, bool]] = {
    "sparse string": ("sparse_categorical_crossentropy", SOFTMAX, "index", False),
    "one-hot string": ("categorical_crossentropy", SOFTMAX, "one_hot", False),
    "from logits": (
        keras.losses.SparseCategoricalCrossentropy(from_logits=True), LINEAR, "index", False,
    ),
    "label smoothing": (
        keras.losses.CategoricalCrossentropy(label_smoothing=0.1), SOFTMAX, "one_hot", True,
    ),
    "focal": (keras.losses.CategoricalFocalCrossentropy(), SOFTMAX, "one_hot", True),
    "focal from logits": (
        keras.losses.CategoricalFocalCrossentropy(from_logits=True), LINEAR, "one_hot", True,
    ),
    "binary": ("binary_crossentropy", SIGMOID, "binary", False),
    "binary from logits": (
        keras.losses.BinaryCrossentropy(from_logits=True), (None, 1), "binary", False,
    ),
    "binary focal": (keras.losses.BinaryFocalCrossentropy(), SIGMOID, "binary", True),
    "hinge": ("categorical_hinge", SOFTMAX, "one_hot", True),
    "squared error": ("mse", SOFTMAX, "one_hot", True),
    "custom function": (focal, SOFTMAX, "one_hot", True),
    "custom scalar": (batch_mean, SOFTMAX, "one_hot", True),
    "custom, unusable": (unusable, SOFTMAX, "one_hot", False),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(KINDS))
def test_fit(tmp_path: Path, small_digits: Any, kind: str) -> None:
    loss, (last, n_outputs), form, stored = KINDS[kind]
    x, y = small_digits
    targets = {"index": y, "one_hot": np.eye(10, dtype=np.float32)[y], "binary": y % 2}[form]
    model = tiny_models.sequential(last, n_outputs)
    model.compile(optimizer="sgd", loss=loss)
    callback = CNNVis(tmp_path, (x, targets), keep_models=0)
    model.fit(x, targets, batch_size=20, epochs=1, verbose=0, callbacks=[callback])
    run = read(tmp_path)
    assert run.manifest.objective is stored
    assert run.has(schema.OBJECTIVE, 0) is stored
    failed = [text for text in run.manifest.warnings if "could not be evaluated" in text]
    assert len(failed) == (kind == "custom, unusable")
    classes = targets if form == "binary" else y
    own = run.array(schema.SCORES, 0)[np.arange(60), classes].astype(np.float64)
    np.testing.assert_allclose(run.array(schema.LOSS, 0), -np.log(own), atol=1e-5)
    assert run.manifest.classifier == ("sigmoid" if n_outputs == 1 else "softmax")
    if stored:
        total = model.evaluate(x, targets, batch_size=1, verbose=0)
        assert run.array(schema.OBJECTIVE, 0).mean() == pytest.approx(total, rel=1e-4)


def test_the_plain_loss_is_what_keras_reports(tmp_path: Path, small_digits: Any) -> None:
    x, y = small_digits
    model = tiny_models.sequential()
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
    callback = CNNVis(tmp_path, (x, y))
    model.fit(x, y, epochs=1, verbose=0, validation_data=(x, y), callbacks=[callback])
    record = read(tmp_path).steps[0]
    assert record.splits[0].loss == pytest.approx(record.logs["val_loss"], rel=1e-5)


def test_sample_and_class_weights_change_the_training_and_not_the_record(
    tmp_path: Path, small_digits: Any
) -> None:
    x, y = small_digits
    model = tiny_models.sequential()
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
    weights = {index: float(index + 1) for index in range(10)}
    watched = (x, y, np.arange(60.0))
    callback = CNNVis(tmp_path, watched)
    model.fit(x, y, epochs=1, verbose=0, class_weight=weights, callbacks=[callback])
    scores = keras.ops.convert_to_numpy(model(x, training=False)).astype(np.float64)
    own = -np.log(scores[np.arange(60), y])
    run = read(tmp_path)
    np.testing.assert_allclose(run.array(schema.LOSS, 0), own, atol=1e-5)
    assert run.steps[0].splits[0].loss == pytest.approx(own.mean(), abs=1e-5)
    assert not run.manifest.objective


def test_multi_label_is_refused_before_training(tmp_path: Path, small_digits: Any) -> None:
    model = tiny_models.sequential("sigmoid", 10)
    model.compile(loss="binary_crossentropy")
    with pytest.raises(ValueError, match="multi-label classifiers are not supported"):
        model.fit(*small_digits, verbose=0, callbacks=[CNNVis(tmp_path, small_digits)])
