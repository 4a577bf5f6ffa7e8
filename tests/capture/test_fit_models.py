"""`model.fit` with CNNVis: models of every kind, however they are compiled and fed."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from fitting import compiled, fit, predicted
from written import read

from tensorboard_cnnvis import CNNVis, schema


@pytest.mark.parametrize(
    "options", [{"jit_compile": True}, {"steps_per_execution": 2}, {"run_eagerly": True}], ids=str
)
def test_ways_to_compile(tmp_path: Path, small_digits: Any, options: Any) -> None:
    x, y = small_digits
    model = compiled(tiny_models.sequential(), **options)
    fit(model, (x, y), CNNVis(tmp_path, (x, y)))
    run = read(tmp_path)
    np.testing.assert_allclose(run.array(schema.SCORES, 1), predicted(model, x), atol=1e-6)


@pytest.mark.parametrize("build", [tiny_models.nested, tiny_models.shared, tiny_models.mobile])
def test_models_within_models_shared_layers_and_classifiers_that_are_convolutions(
    tmp_path: Path, small_digits: Any, build: Any
) -> None:
    x, y = small_digits
    model = compiled(build())
    fit(model, (x, y), CNNVis(tmp_path, (x, y)))
    run = read(tmp_path)
    np.testing.assert_allclose(run.array(schema.SCORES, 1), predicted(model, x), atol=1e-6)
    paths = {layer.path for layer in run.manifest.layers if layer.statistics}
    assert (
        paths
        >= {
            tiny_models.nested: {"backbone/conv1", "backbone/relu1"},
            tiny_models.shared: {"backbone/conv1", "backbone#2/conv1"},
            tiny_models.mobile: {"depthwise", "preds"},
        }[build]
    )


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
