"""`model.fit` with CNNVis: what is on disk afterwards is what the model gave."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from fitting import compiled, fit, predicted
from written import read

from tensorboard_cnnvis import CNNVis, schema


def test_the_record_of_the_last_epoch_is_the_trained_model(
    tmp_path: Path, small_digits: Any
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
