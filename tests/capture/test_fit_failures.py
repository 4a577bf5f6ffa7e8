"""What is wrong is told before training where it can be known; later it only warns."""

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from fitting import compiled, fit
from written import read

from tensorboard_cnnvis import CNNVis, schema


def test_layers_are_checked_before_training_or_after_the_first_batch(
    tmp_path: Path, small_digits: Any
) -> None:
    seen: list[int] = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(1))
    callback = CNNVis(tmp_path, small_digits, layers=["conv9"])
    with pytest.raises(ValueError, match="'conv9' is not in the model; its layers are: pixels"):
        fit(compiled(tiny_models.sequential()), small_digits, count, callback)
    assert len(seen) == 0
    with pytest.raises(ValueError, match="'conv9' is not in the model; its layers are: block"):
        fit(compiled(tiny_models.Subclassed()), small_digits, count, callback)
    assert len(seen) == 1


def test_a_loss_that_turns_nan_is_stored_as_such_and_nothing_else_is_said(
    tmp_path: Path, small_digits: Any
) -> None:
    x, y = small_digits
    x = x.copy()
    x[7], x[9] = np.nan, np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("error", UserWarning)
        fit(compiled(tiny_models.branches()), small_digits, CNNVis(tmp_path, (x, y)), epochs=1)
    run = read(tmp_path)
    assert np.flatnonzero(~np.isfinite(run.array(schema.LOSS, 0))).tolist() == [7, 9]
    assert run.steps[0].splits[0].non_finite == 2
    assert np.isfinite(run.steps[0].splits[0].loss)


def test_a_record_that_fails_warns_once_and_training_goes_on(
    tmp_path: Path, small_digits: Any
) -> None:
    log_dir = tmp_path / "exp1"

    def remove(epoch: int, logs: Any) -> None:
        """Puts a file where the run's directory was."""
        if epoch == 0:
            (log_dir / "cnnvis").rename(tmp_path / "gone")
            (log_dir / "cnnvis").write_text("")

    spoil = keras.callbacks.LambdaCallback(on_epoch_end=remove)
    model = compiled(tiny_models.sequential())
    with pytest.warns(UserWarning, match=r"CNNVis could not .*cannot be written") as caught:
        history = fit(model, small_digits, CNNVis(log_dir, small_digits), spoil, epochs=4)
    assert len([each for each in caught if "CNNVis" in str(each.message)]) == 1
    assert len(history.history["loss"]) == 4


class Moody(keras.layers.Layer):  # type: ignore[misc]
    """Fails in inference mode from the moment it is told to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.bad = self.add_weight(shape=(), initializer="zeros", trainable=False, name="bad")

    def call(self, x: Any, training: bool = False) -> Any:
        import tensorflow as tf

        if training:
            return x
        good = tf.debugging.assert_less(keras.ops.convert_to_tensor(self.bad), 0.5, "moody layer")
        with tf.control_dependencies([good]):
            return tf.identity(x)


def test_a_pass_that_fails_warns_once_and_later_epochs_are_recorded(
    tmp_path: Path, small_digits: Any
) -> None:
    moody = Moody(name="moody")
    model = compiled(
        keras.Sequential(
            [
                keras.Input(tiny_models.SHAPE),
                moody,
                keras.layers.Flatten(),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
    )
    mood = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: moody.bad.assign(float(epoch in (1, 2)))
    )
    with pytest.warns(UserWarning, match="moody layer") as caught:
        fit(model, small_digits, mood, CNNVis(tmp_path, small_digits, keep_models=0), epochs=4)
    assert len([each for each in caught if "CNNVis" in str(each.message)]) == 1
    assert [record.step for record in read(tmp_path).steps] == [0, 3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"freq": 0}, "freq must be at least 1"),
        ({"keep_models": -1}, "keep_models must not be negative"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"reference_samples": -1}, "reference_samples must not be negative"),
        ({"layers": "conv"}, "layers must be a list of layer paths, got 'conv'"),
    ],
)
def test_wrong_arguments_are_refused(
    tmp_path: Path, small_digits: Any, options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        CNNVis(tmp_path, small_digits, **options)


def test_a_log_dir_that_cannot_be_written_is_refused(tmp_path: Path, small_digits: Any) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"log_dir '.*file' cannot be written"):
        CNNVis(tmp_path / "file", small_digits)


def test_labels_and_class_names_must_fit_the_model(tmp_path: Path, small_digits: Any) -> None:
    callback = CNNVis(tmp_path, small_digits, class_names=[str(index) for index in range(11)])
    with pytest.raises(ValueError, match="class_names has 11 names, but the model has 10"):
        fit(compiled(tiny_models.sequential()), small_digits, callback)
