"""What cannot be stored costs itself, not the rest of the record, and the reason is told."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from keras import layers
from written import read

from tensorboard_cnnvis import CNNVis, log_model, schema


def picky(y_true: Any, y_pred: Any) -> Any:
    """Fails for class 9, which is not among the first samples it is tried on."""
    import tensorflow as tf

    share = keras.ops.sum(y_true * y_pred, axis=-1)
    with tf.control_dependencies([tf.debugging.assert_less(y_true[:, 9], 0.5, "picky loss")]):
        return tf.identity(-keras.ops.log(share))


def test_a_loss_that_fails_on_later_samples_leaves_the_rest(
    tmp_path: Path, small_digits: Any
) -> None:
    x, y = small_digits
    few = y != 9
    model = tiny_models.sequential()
    model.compile("sgd", picky)
    callback = CNNVis(tmp_path, (x, y), batch_size=20, keep_models=0)
    targets = np.eye(10, dtype=np.float32)[y]
    with pytest.warns(UserWarning, match=r"only the cross-entropy.*'picky'.*picky loss") as caught:
        model.fit(x[few], targets[few], epochs=2, verbose=0, callbacks=[callback])
    (told,) = (str(each.message) for each in caught if "CNNVis" in str(each.message))
    assert "\n" not in told
    run = read(tmp_path)
    assert [record.step for record in run.steps] == [0, 1]
    assert not run.has(schema.OBJECTIVE, 0)
    assert np.isfinite(run.array(schema.LOSS, 1)).all()


class Patches(keras.Model):  # type: ignore[misc]
    """Looks at both halves of an image one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.half = layers.Conv2D(3, 3, activation="relu", name="half")
        self.whole = layers.Conv2D(4, 3, activation="relu", name="whole")
        self.scores = layers.Dense(10, activation="softmax", name="scores")

    def call(self, x: Any) -> Any:
        pieces = self.half(keras.ops.reshape(x, (-1, 4, 8, 1)))
        joined = keras.ops.reshape(pieces, (-1, 2 * 2 * 6 * 3))
        both = [joined, keras.ops.mean(self.whole(x), axis=(1, 2))]
        return self.scores(keras.ops.concatenate(both, axis=-1))


def test_a_layer_without_one_row_per_sample_is_left_out_with_a_note(
    tmp_path: Path, small_digits: Any
) -> None:
    x, y = small_digits
    model = Patches()
    log_model(tmp_path, model, (x, y), keep_models=0)
    run = read(tmp_path)
    assert [layer.path for layer in run.manifest.layers if layer.statistics] == ["whole"]
    assert any("one row per sample: 'half'" in text for text in run.manifest.reductions)
    scores = keras.ops.convert_to_numpy(model(x))
    np.testing.assert_allclose(run.array(schema.SCORES, 0), scores, atol=1e-6)
    for option in ("layers", "embedding_layers"):
        with pytest.raises(ValueError, match="'half' cannot be logged"):
            log_model(tmp_path, model, (x, y), **{option: ["half"]})


class Plain(keras.Model):  # type: ignore[misc]
    """Computes between its layers what enters the classifier."""

    def __init__(self, between: Any) -> None:
        super().__init__()
        self.between = between
        self.conv = layers.Conv2D(5, 3, name="conv")
        self.drop = layers.Dropout(0.5, name="drop")
        self.scores = layers.Dense(10, activation="softmax", name="scores")

    def call(self, x: Any) -> Any:
        return self.scores(self.between(self, x))


BETWEEN = {
    "relu": lambda model, x: keras.ops.relu(keras.ops.mean(model.conv(x), axis=(1, 2))),
    "sum": lambda model, x: keras.ops.mean(model.conv(x) + model.conv(-x), axis=(1, 2)),
    "image": lambda model, x: keras.ops.mean(x, axis=(1, 2)),
}


@pytest.mark.parametrize("between", list(BETWEEN))
def test_the_embedding_is_what_enters_the_classifier_even_if_no_layer_gives_it(
    tmp_path: Path, small_digits: Any, between: str
) -> None:
    x, y = small_digits
    model = Plain(BETWEEN[between])
    log_model(tmp_path, model, (x, y), keep_models=0)
    run = read(tmp_path)
    (info,) = run.manifest.embeddings
    assert info.layer == "scores (input)"
    assert any("what enters 'scores'" in text for text in run.manifest.reductions)
    expected = keras.ops.convert_to_numpy(BETWEEN[between](model, x))
    stored = run.array(schema.embedding_array(info.layer), 0)
    np.testing.assert_allclose(stored, expected, atol=2e-3)


def test_a_layer_that_keeps_the_value_names_it(tmp_path: Path, small_digits: Any) -> None:
    def dropped(model: Any, x: Any) -> Any:
        return model.drop(keras.ops.relu(keras.ops.mean(model.conv(x), axis=(1, 2))))

    def reshaped(model: Any, x: Any) -> Any:
        return model.drop(keras.ops.reshape(model.conv(x), (-1, 180)))

    for between, name in ((dropped, "drop"), (reshaped, "conv")):
        log_model(tmp_path / name, Plain(between), small_digits, keep_models=0)
        assert [info.layer for info in read(tmp_path / name).manifest.embeddings] == [name]
