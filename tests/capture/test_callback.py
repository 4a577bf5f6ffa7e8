"""`model.fit` with CNNVis: what is on disk afterwards is what the model gave."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from written import read

from tensorboard_cnnvis import CNNVis, schema


def compiled(model: Any, loss: Any = "sparse_categorical_crossentropy", **options: Any) -> Any:
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"], **options)
    return model


def fit(model: Any, data: Any, *callbacks: Any, epochs: int = 2, **options: Any) -> Any:
    x, y = data
    return model.fit(
        x, y, epochs=epochs, batch_size=20, verbose=0, callbacks=list(callbacks), **options
    )


def predicted(model: Any, x: Any) -> Any:
    return keras.ops.convert_to_numpy(model(x, training=False))


def test_the_record_of_the_last_epoch_is_the_trained_model(
    tmp_path: Path, small_digits: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    x, y = small_digits
    model = compiled(tiny_models.branches())
    names = [f"digit {index}" for index in range(10)]
    history = fit(model, (x, y), CNNVis(tmp_path / "exp1", (x, y), class_names=names))
    run = read(tmp_path / "exp1")
    assert [record.step for record in run.steps] == [0, 1]
    scores = predicted(model, x)
    np.testing.assert_allclose(run.array(schema.SCORES, 1), scores, atol=1e-6)
    own = scores[np.arange(60), y].astype(np.float64)
    np.testing.assert_allclose(run.array(schema.LOSS, 1), -np.log(own), atol=1e-5)
    np.testing.assert_array_equal(run.array(schema.PREDICTION, 1), scores.argmax(axis=1))
    average = keras.Model(model.inputs[0], model.get_layer("average").output)
    embedding = run.array(schema.embedding_array("average"), 1)
    assert embedding.dtype == np.float16
    np.testing.assert_allclose(embedding, predicted(average, x), atol=1e-3)
    kernel = keras.ops.convert_to_numpy(model.get_layer("stem").kernel)
    np.testing.assert_array_equal(run.array(schema.kernel_array("stem"), 1), kernel)
    assert run.manifest.class_names == tuple(names)
    assert run.manifest.loss == "sparse_categorical_crossentropy"
    assert not run.manifest.objective
    summary = run.steps[1].splits[0]
    assert summary.accuracy == pytest.approx((scores.argmax(axis=1) == y).mean())
    assert summary.loss == pytest.approx(-np.log(own).mean(), abs=1e-5)
    assert run.steps[1].logs["loss"] == pytest.approx(history.history["loss"][1])
    assert run.steps[1].learning_rate == 0.001
    printed = capsys.readouterr().out
    assert "60 of 60 (validation)" in printed
    assert "embedding: average (8 features)" in printed
    assert "tensorboard --logdir" in printed
    assert "kB per epoch" in printed
    assert "in all" in printed


def test_maps_of_the_reference_samples_are_those_of_the_layer(
    tmp_path: Path, small_digits: Any
) -> None:
    x, y = small_digits
    model = compiled(tiny_models.branches())
    fit(model, (x, y), CNNVis(tmp_path, (x, y), reference_samples=4), epochs=1)
    run = read(tmp_path)
    chosen = list(run.manifest.reference_samples)
    assert len({int(y[index]) for index in chosen}) == 4  # of different classes
    stem = keras.Model(model.inputs[0], model.get_layer("stem").output)
    maps = run.array(schema.maps_array("stem"), 0)
    np.testing.assert_allclose(maps, predicted(stem, x[chosen]), atol=2e-3)


def test_means_of_each_split_are_ordinary_scalars(tmp_path: Path, small_digits: Any) -> None:
    from tensorboard.backend.event_processing import event_accumulator

    x, y = small_digits
    splits = {"train": (x[:20], y[:20]), "validation": (x[20:], y[20:])}
    fit(compiled(tiny_models.sequential()), (x, y), CNNVis(tmp_path, splits))
    run = read(tmp_path)
    events = event_accumulator.EventAccumulator(str(run.directory)).Reload()
    tags = events.Tags()
    assert set(tags["scalars"] + tags["tensors"]) >= {
        f"probe/{split}/{name}" for split in splits for name in ("loss", "accuracy")
    }
    assert [split.name for split in run.steps[0].splits] == ["train", "validation"]


def test_freq_takes_every_nth_epoch_and_the_last(tmp_path: Path, small_digits: Any) -> None:
    callback = CNNVis(tmp_path, small_digits, freq=3)
    fit(compiled(tiny_models.sequential()), small_digits, callback, epochs=6)
    assert [record.step for record in read(tmp_path).steps] == [0, 3, 5]


def test_the_latest_models_are_kept_without_optimizer_and_training_goes_on(
    tmp_path: Path, small_digits: Any
) -> None:
    x, y = small_digits
    model = compiled(tiny_models.sequential())
    optimizer = model.optimizer
    fit(model, (x, y), CNNVis(tmp_path, (x, y), keep_models=2), epochs=4)
    assert model.optimizer is optimizer
    assert int(optimizer.iterations) == 4 * 3
    run = read(tmp_path)
    paths = [run.model_path(step) for step in range(4)]
    assert [path is not None for path in paths] == [False, False, True, True]
    kept = keras.models.load_model(paths[3], compile=False)
    np.testing.assert_allclose(predicted(kept, x), predicted(model, x), atol=1e-6)
    whole = tmp_path / "whole.keras"
    model.save(whole)
    assert paths[3].stat().st_size < whole.stat().st_size


def test_no_model_is_kept_when_none_is_asked_for(tmp_path: Path, small_digits: Any) -> None:
    fit(
        compiled(tiny_models.sequential()),
        small_digits,
        CNNVis(tmp_path, small_digits, keep_models=0),
        epochs=1,
    )
    assert not list(tmp_path.rglob("*.keras"))


@pytest.mark.parametrize(
    "options", [{"jit_compile": True}, {"steps_per_execution": 2}, {"run_eagerly": True}], ids=str
)
def test_ways_to_compile(tmp_path: Path, small_digits: Any, options: Any) -> None:
    x, y = small_digits
    model = compiled(tiny_models.sequential(), **options)
    fit(model, (x, y), CNNVis(tmp_path, (x, y)))
    run = read(tmp_path)
    np.testing.assert_allclose(run.array(schema.SCORES, 1), predicted(model, x), atol=1e-6)


def test_training_that_is_taken_up_again_goes_on_counting(
    tmp_path: Path, small_digits: Any
) -> None:
    model = compiled(tiny_models.sequential())
    fit(model, small_digits, CNNVis(tmp_path, small_digits), epochs=2)
    fit(model, small_digits, CNNVis(tmp_path, small_digits), epochs=4, initial_epoch=2)
    run = read(tmp_path)
    assert [record.step for record in run.steps] == [0, 1, 2, 3]
    assert run.attempt(1) != run.attempt(2)


def test_one_callback_serves_several_calls_of_fit(tmp_path: Path, small_digits: Any) -> None:
    model, callback = compiled(tiny_models.sequential()), CNNVis(tmp_path, small_digits)
    fit(model, small_digits, callback, epochs=1)
    fit(model, small_digits, callback, epochs=2, initial_epoch=1)
    assert [record.step for record in read(tmp_path).steps] == [0, 1]


def test_mixed_precision_is_recorded_within_its_rounding(tmp_path: Path, small_digits: Any) -> None:
    x, y = small_digits
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = compiled(tiny_models.branches())
        fit(model, (x, y), CNNVis(tmp_path, (x, y)), epochs=1)
    finally:
        keras.config.set_dtype_policy("float32")
    run = read(tmp_path)
    np.testing.assert_allclose(run.array(schema.SCORES, 0), predicted(model, x), atol=2e-3)
    assert run.steps[0].learning_rate == 0.001


def test_a_subclassed_model_is_recorded_with_a_table_of_its_layers(
    tmp_path: Path, small_digits: Any
) -> None:
    x, y = small_digits
    model = compiled(tiny_models.Subclassed())
    fit(model, (x, y), CNNVis(tmp_path, (x, y), layers=["block/relu"]))
    run = read(tmp_path)
    assert not run.manifest.graph
    assert [layer.path for layer in run.manifest.layers if layer.statistics] == ["block/relu"]
    np.testing.assert_allclose(run.array(schema.SCORES, 1), predicted(model, x), atol=1e-6)
    assert run.model_path(1) is not None


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


def test_weights_that_early_stopping_puts_back_are_a_step_of_their_own(
    tmp_path: Path, small_digits: Any
) -> None:
    x, y = small_digits
    model = compiled(tiny_models.sequential())
    stop = keras.callbacks.EarlyStopping(
        monitor="accuracy", mode="min", patience=3, restore_best_weights=True
    )
    fit(model, (x, y), stop, CNNVis(tmp_path, (x, y)), epochs=8)
    last = read(tmp_path).steps[-1]
    run = read(tmp_path)
    assert last.restored_from == stop.best_epoch
    assert last.step == run.steps[-2].step + 1
    assert all(record.restored_from is None for record in run.steps[:-1])
    np.testing.assert_allclose(run.array(schema.SCORES, last.step), predicted(model, x), atol=1e-6)
    np.testing.assert_array_equal(
        run.array(schema.SCORES, last.step), run.array(schema.SCORES, stop.best_epoch)
    )


def test_a_loss_that_turns_nan_is_stored_as_such(tmp_path: Path, small_digits: Any) -> None:
    x, y = small_digits
    x = x.copy()
    x[7] = np.nan
    fit(compiled(tiny_models.branches()), small_digits, CNNVis(tmp_path, (x, y)), epochs=1)
    run = read(tmp_path)
    assert np.isnan(run.array(schema.LOSS, 0)[7])
    assert run.steps[0].splits[0].non_finite == 1
    assert np.isfinite(run.steps[0].splits[0].loss)


def test_more_than_100_classes(tmp_path: Path, small_digits: Any) -> None:
    x, y = small_digits
    model = compiled(tiny_models.sequential("softmax", 150))
    fit(model, (x, y + 100), CNNVis(tmp_path, (x, y + 100)), epochs=1)
    run = read(tmp_path)
    assert run.manifest.top_scores == 20
    scores = predicted(model, x)
    classes = run.array(schema.SCORE_CLASSES, 0)
    kept = np.take_along_axis(scores, classes, axis=1)
    np.testing.assert_allclose(run.array(schema.SCORES, 0), kept, atol=1e-6)
    own = scores[np.arange(60), y + 100]
    np.testing.assert_allclose(run.array(schema.LABEL_SCORE, 0), own, atol=1e-6)


def test_the_chosen_head_of_a_model_with_several(tmp_path: Path, small_digits: Any) -> None:
    x, y = small_digits
    model = tiny_models.two_heads()
    model.compile(loss={"digit": "sparse_categorical_crossentropy", "angle": "mse"})
    targets = {"digit": y, "angle": y.astype(np.float32)}
    fit(model, (x, targets), CNNVis(tmp_path, (x, y), output="digit"), epochs=1)
    run = read(tmp_path)
    scores = keras.ops.convert_to_numpy(model(x, training=False)[0])
    np.testing.assert_allclose(run.array(schema.SCORES, 0), scores, atol=1e-6)


def test_images_without_a_channel_axis_and_bytes_are_fed_as_given(
    tmp_path: Path, digits: Any
) -> None:
    x, y = digits[0][:40], digits[1][:40]
    model = keras.Sequential(
        [
            keras.Input((8, 8)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Reshape((8, 8, 1)),
            keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    fit(compiled(model), (x, y), CNNVis(tmp_path, (x, y)), epochs=1)
    run = read(tmp_path)
    assert run.manifest.input.shape == (8, 8, 1)
    np.testing.assert_allclose(run.array(schema.SCORES, 0), predicted(model, x), atol=1e-6)


def test_a_batch_that_does_not_fit_into_memory_is_halved(tmp_path: Path, small_digits: Any) -> None:
    x, y = small_digits
    model = compiled(
        keras.Sequential(
            [
                keras.Input(tiny_models.SHAPE),
                tiny_models.Greedy(name="greedy"),
                keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
                keras.layers.Flatten(),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
    )
    fit(model, (x, y), CNNVis(tmp_path, (x, y), batch_size=32), epochs=1)
    run = read(tmp_path)
    parts = [predicted(model, x[start : start + 20]) for start in range(0, 60, 20)]
    np.testing.assert_allclose(run.array(schema.SCORES, 0), np.concatenate(parts), atol=1e-6)


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


def test_a_large_record_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = np.zeros((3, 64, 64, 1), np.float32)
    wide = keras.Sequential(
        [
            keras.Input((64, 64, 1)),
            *[keras.layers.Conv2D(330, 3, name=f"conv{index}") for index in range(27)],
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    callback = CNNVis(tmp_path, (x, np.arange(3)), keep_models=0)
    callback.set_model(compiled(wide))
    callback.on_train_begin()
    printed = capsys.readouterr().out
    assert "warning   more than 100 MB per epoch, most of it kernels" in printed
    callback.on_train_end()
