"""Recording neither ends training nor changes what is learnt, whatever happens around it."""

import errno
import io
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from fitting import fit
from written import read

from tensorboard_cnnvis import CNNVis, log_model


def compiled(*middle: Any, **options: Any) -> Any:
    model = keras.Sequential(
        [
            keras.Input(tiny_models.SHAPE),
            *middle,
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    options = {"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", **options}
    model.compile(**options)
    return model


class Talkative(keras.callbacks.Callback):  # type: ignore[misc]
    """Puts into the logs what is no number."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs.update(phase="warm up", table=np.eye(3), nothing=None, tensor=keras.ops.ones(()))


def test_of_the_logs_the_numbers_are_kept(tmp_path: Path, small_digits: Any) -> None:
    x, y = small_digits
    model = compiled(loss="categorical_crossentropy", metrics=[keras.metrics.F1Score(average=None)])
    data = x, np.eye(10, dtype=np.float32)[y]
    fit(model, data, Talkative(), CNNVis(tmp_path, data, keep_models=0), epochs=1)
    assert set(read(tmp_path).steps[0].logs) == {"loss", "tensor"}


class AlwaysDrops(keras.layers.Layer):  # type: ignore[misc]
    """Dropout in inference mode too, as for Monte Carlo estimates."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.seeds = keras.random.SeedGenerator(3)

    def call(self, x: Any) -> Any:
        return keras.random.dropout(x, 0.5, seed=self.seeds)


class AlwaysLearns(keras.layers.Layer):  # type: ignore[misc]
    """BatchNormalization that is always in training mode."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.norm = keras.layers.BatchNormalization(momentum=0.5)

    def build(self, shape: Any) -> None:
        self.norm.build(shape)

    def call(self, x: Any) -> Any:
        return self.norm(x, training=True)


def smoothed(y_true: Any, y_pred: Any) -> Any:
    return keras.losses.sparse_categorical_crossentropy(y_true, 0.9 * y_pred + 0.01)


@pytest.mark.parametrize("layer", [AlwaysDrops, AlwaysLearns])
def test_layers_with_a_state_of_their_own_learn_the_same(
    tmp_path: Path, small_digits: Any, layer: Any
) -> None:
    found = []
    for watched in (False, True):
        keras.utils.set_random_seed(1)
        conv = keras.layers.Conv2D(3, 3, name="conv")
        model = compiled(conv, layer(), loss=smoothed)  # tried on samples before training
        callbacks = [CNNVis(tmp_path, small_digits)] if watched else []
        fit(model, small_digits, *callbacks)
        found.append([keras.ops.convert_to_numpy(each.value) for each in model.variables])
    for plain, recorded in zip(*found, strict=True):
        np.testing.assert_array_equal(plain, recorded)
    assert len(read(tmp_path).steps) == 2


class Remove(keras.callbacks.Callback):  # type: ignore[misc]
    """Takes something away after the first epoch."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 0 and self.path.is_dir():
            shutil.rmtree(self.path)


def test_after_its_directory_was_removed_the_record_goes_on_and_says_so(
    tmp_path: Path, small_digits: Any
) -> None:
    remove = Remove(tmp_path / "exp1")
    with pytest.warns(UserWarning, match=r"was removed during training.*before 1 are lost"):
        fit(compiled(), small_digits, CNNVis(tmp_path / "exp1", small_digits), remove, epochs=3)
    run = read(tmp_path / "exp1")
    assert [record.step for record in run.steps] == [1, 2]
    assert run.inputs().rows(slice(0, 1)).shape == (1, 8, 8, 1)


def test_a_full_disk_leaves_no_empty_event_files(
    tmp_path: Path, small_digits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = CNNVis(tmp_path, small_digits)
    real = os.write

    def full(fd: int, data: Any) -> int:
        if "tfevents" in str(Path(f"/proc/self/fd/{fd}").readlink()):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.warns(UserWarning, match="No space left on device"):
        fit(compiled(), small_digits, callback)
    assert not list(tmp_path.rglob("events.*"))


def test_a_closed_output_is_no_matter(
    tmp_path: Path, small_digits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = io.StringIO()
    closed.close()
    callback = CNNVis(tmp_path, small_digits)
    monkeypatch.setattr(sys, "stdout", closed)
    fit(compiled(), small_digits, callback, epochs=1)
    assert len(read(tmp_path).steps) == 1


def test_a_model_that_is_built_by_its_first_epoch_is_not_stopped_after_it(
    tmp_path: Path, small_digits: Any
) -> None:
    model = tiny_models.Subclassed()
    model.compile(loss="sparse_categorical_crossentropy")
    x, y = small_digits
    callback = CNNVis(tmp_path, small_digits, layers=["conv9"])
    with pytest.warns(UserWarning, match="'conv9' is not in the model"):
        history = model.fit(x, y, batch_size=60, epochs=2, verbose=0, callbacks=[callback])
    assert len(history.history["loss"]) == 2


def test_a_directory_that_became_unwritable_before_training_is_only_warned_of(
    tmp_path: Path, small_digits: Any
) -> None:
    callback = CNNVis(tmp_path / "exp1", small_digits)
    shutil.rmtree(tmp_path / "exp1")
    (tmp_path / "exp1").write_text("in the way")
    with pytest.warns(UserWarning, match="could not record the start"):
        history = fit(compiled(), small_digits, callback)
    assert len(history.history["loss"]) == 2


def test_several_calls_of_fit_bring_no_warnings_of_other_people_s_code(
    tmp_path: Path, small_digits: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", category=DeprecationWarning)
        for attempt in range(6):
            model = compiled(keras.layers.Conv2D(3, 3, name="conv"))
            callback = CNNVis(tmp_path / str(attempt), small_digits, keep_models=0)
            callback.set_model(model)
            callback.on_train_begin()
            callback.on_epoch_end(0)
            callback.on_train_end()
            assert len(read(tmp_path / str(attempt)).steps) == 1
    assert "retracing" not in caplog.text


def test_a_model_that_cannot_be_kept_costs_a_warning_of_one_line(
    tmp_path: Path, small_digits: Any
) -> None:
    class Secretive(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, secret: object) -> None:
            super().__init__()

        def call(self, x: Any) -> Any:
            return x

    with pytest.warns(UserWarning, match="could not keep the model of step 0") as caught:
        fit(compiled(Secretive(object())), small_digits, CNNVis(tmp_path, small_digits), epochs=1)
    (told,) = (str(each.message) for each in caught if "CNNVis" in str(each.message))
    assert "\n" not in told


def test_the_end_of_training_is_noted(tmp_path: Path, small_digits: Any) -> None:
    fit(compiled(), small_digits, CNNVis(tmp_path / "fit", small_digits), epochs=1)
    log_model(tmp_path / "log", compiled(), small_digits)
    assert not read(tmp_path / "fit").live()
    assert not read(tmp_path / "log").live()


def best_first() -> Any:
    return keras.callbacks.EarlyStopping(
        monitor="loss", mode="max", patience=1, restore_best_weights=True
    )


@pytest.mark.parametrize("first", [True, False])
def test_weights_that_are_put_back_are_recorded_wherever_the_callback_stands(
    tmp_path: Path, small_digits: Any, first: bool
) -> None:
    own, stop = CNNVis(tmp_path, small_digits, keep_models=0), best_first()
    model = compiled()
    fit(model, small_digits, *((own, stop) if first else (stop, own)), epochs=5)
    last = read(tmp_path).steps[-1]
    assert (last.step, last.restored_from) == (2, 0)
    x, _ = small_digits
    scores = keras.ops.convert_to_numpy(model(x, training=False))
    np.testing.assert_allclose(read(tmp_path).array("scores", 2), scores, atol=1e-6)


def test_weights_of_no_epoch_are_recorded_and_told(
    tmp_path: Path, small_digits: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    average = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    model = compiled(optimizer=average)
    fit(model, small_digits, CNNVis(tmp_path, small_digits, keep_models=0))
    last = read(tmp_path).steps[-1]
    assert (last.step, last.restored_from) == (2, None)
    x, _ = small_digits
    scores = keras.ops.convert_to_numpy(model(x, training=False))
    np.testing.assert_allclose(read(tmp_path).array("scores", 2), scores, atol=1e-6)
    assert "the weights after training are those of no epoch" in capsys.readouterr().out


def test_earlier_epochs_that_go_out_of_sight_are_told_of(tmp_path: Path, small_digits: Any) -> None:
    x, y = small_digits
    model = compiled()
    for step in (3, 4):
        log_model(tmp_path, model, (x, y), step=step, keep_models=0)
    with pytest.warns(
        UserWarning, match=r"2 earlier epochs .*\(3 to 4\).*first one recorded now, 2"
    ):
        fit(model, (x, y), CNNVis(tmp_path, (x, y)), initial_epoch=2, epochs=3)
    with pytest.warns(UserWarning, match=r"1 earlier epoch .*\(2\).*other samples.*log_dir"):
        log_model(tmp_path, model, (x[:30], y[:30]), step=10, keep_models=0)


def test_kernels_of_a_layer_that_learns_by_lora_are_those_it_computes_with(
    tmp_path: Path, small_digits: Any
) -> None:
    model = compiled(keras.layers.Conv2D(3, 3, name="conv"))
    conv = model.get_layer("conv")
    conv.enable_lora(2)
    model.compile("sgd", "sparse_categorical_crossentropy")
    conv.lora_kernel_b.assign(keras.ops.ones_like(conv.lora_kernel_b))
    log_model(tmp_path, model, small_digits, keep_models=0)
    kernel = keras.ops.convert_to_numpy(conv.kernel)
    np.testing.assert_array_equal(read(tmp_path).array("kernels/conv", 0), kernel)

    conv.lora_kernel_b.assign(conv.lora_kernel_b + 1)
    callback = CNNVis(tmp_path / "fit", small_digits, keep_models=0)
    fit(model, small_digits, callback)
    kernel = keras.ops.convert_to_numpy(conv.kernel)
    np.testing.assert_array_equal(read(tmp_path / "fit").array("kernels/conv", 1), kernel)
