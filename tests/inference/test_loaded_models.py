"""Kept models: found by their epoch, loaded safely, run as they were recorded."""

import dataclasses
import gc
import weakref
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from keras import layers
from looked_into import cnn, image_of, loaded

from tensorboard_cnnvis import log_model, schema
from tensorboard_cnnvis.inference.models import (
    ModelCache,
    ModelError,
    Trust,
    kept_model,
    kept_steps,
)
from tensorboard_cnnvis.store.reader import RunReader

X = np.random.default_rng(0).random((12, *tiny_models.SHAPE), np.float32)
LABELS = np.arange(12) % 10


@keras.saving.register_keras_serializable("test_loaded_models")
class Softly(layers.Layer):  # type: ignore[misc]
    """Scores in code of its own."""

    def call(self, x: Any) -> Any:
        return keras.ops.softmax(x)


def logged(directory: Path, model: Any, labels: Any = LABELS, **options: Any) -> RunReader:
    log_model(directory, model, (X, labels), **options)
    return RunReader(directory / schema.SUBDIRECTORY)


def mixed() -> Any:
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        return tiny_models.nested()
    finally:
        keras.mixed_precision.set_global_policy("float32")


@pytest.mark.parametrize(
    ("build", "options"),
    [
        (tiny_models.sequential, {}),
        (tiny_models.branches, {}),
        (tiny_models.nested, {}),
        (tiny_models.mobile, {}),
        (tiny_models.Subclassed, {}),
        (lambda: tiny_models.sequential(None), {"from_logits": True}),
        (lambda: tiny_models.sequential("sigmoid", 1), {}),
        (lambda: tiny_models.sequential(None, 1), {"from_logits": True}),
        (tiny_models.two_heads, {"output": "digit"}),
        (mixed, {}),
    ],
)
def test_a_kept_model_gives_the_scores_of_the_record(
    tmp_path: Path, build: Any, options: Any
) -> None:
    """Though it is loaded without the loss that told what its output is."""
    built = build()
    binary = built.built and built.count_params() < 400
    reader = logged(tmp_path, built, LABELS % 2 if binary else LABELS, **options)
    model = kept_model(reader, 0, ModelCache())
    np.testing.assert_allclose(model.scores(X), reader.array(schema.SCORES, 0), atol=1e-6)


@pytest.mark.parametrize(
    ("build", "layer", "pooled"),
    [
        (tiny_models.sequential, None, False),
        (tiny_models.Subclassed, None, False),
        (lambda: cnn((40, 36, 3), n_outputs=10), "conv1", True),
        (lambda: cnn((40, 36, 3), n_outputs=10), "pool", True),
    ],
)
def test_an_image_has_the_vector_that_was_recorded_of_it(
    tmp_path: Path, build: Any, layer: str | None, pooled: bool
) -> None:
    model = build()
    shape = (40, 36, 3) if pooled else tiny_models.SHAPE
    images = np.random.default_rng(0).random((12, *shape), np.float32)
    log_model(tmp_path, model, (images, LABELS), embedding_layers=[layer] if layer else None)
    reader = RunReader(tmp_path / schema.SUBDIRECTORY)
    info = reader.manifest.embeddings[0]
    assert info.pooled == pooled
    stored = reader.array(schema.embedding_array(info.layer), 0)
    found = kept_model(reader, 0, ModelCache()).embedding(info)(images[3:5])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, stored[3:5], rtol=2e-3, atol=1e-4)


class Older(RunReader):
    """A record from before the manifest told whether the output is logits."""

    def manifest_of(self, step: int) -> schema.Manifest:
        return dataclasses.replace(super().manifest_of(step), from_logits=None)


@pytest.mark.parametrize("from_logits", [True, False])
def test_the_recorded_scores_tell_of_logits_where_the_manifest_does_not(
    tmp_path: Path, from_logits: bool
) -> None:
    model = tiny_models.sequential(None)
    if not from_logits:  # scores by a function that is no known activation
        model = keras.Sequential([*model.layers, Softly(name="softly")])
    reader = logged(tmp_path, model, from_logits=from_logits)
    found = kept_model(Older(reader.directory), 0, ModelCache()).scores(X)
    np.testing.assert_allclose(found, reader.array(schema.SCORES, 0), atol=1e-6)


def test_scores_that_are_not_the_models_tell_nothing(tmp_path: Path) -> None:
    reader = logged(tmp_path, tiny_models.sequential(None), from_logits=True)
    path = reader.model_path(0)
    assert path is not None
    keras.utils.set_random_seed(9)
    tiny_models.sequential(None).save(path)
    with pytest.raises(ModelError, match="logits or scores"):
        kept_model(Older(reader.directory), 0, ModelCache())


def test_a_compiled_loss_tells_of_logits_and_the_kept_model_remembers(tmp_path: Path) -> None:
    model = tiny_models.sequential(None)
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    reader = logged(tmp_path, model)
    assert reader.manifest.from_logits is True
    found = kept_model(reader, 0, ModelCache()).scores(X)
    np.testing.assert_allclose(found, reader.array(schema.SCORES, 0), atol=1e-6)


def test_a_model_is_run_as_its_own_attempt_told(tmp_path: Path) -> None:
    """A restart with another model leaves what the epochs before it gave."""
    pixels = keras.Input(tiny_models.SHAPE)
    votes = [tiny_models.sequential()(pixels) for _ in range(2)]
    logged(tmp_path, keras.Model(pixels, layers.Average()(votes)), from_logits=False)
    reader = logged(tmp_path, tiny_models.sequential(None), step=1, from_logits=True)
    for step in (0, 1):
        found = kept_model(reader, step, ModelCache()).scores(X)
        np.testing.assert_allclose(found, reader.array(schema.SCORES, step), atol=1e-6)


def test_a_model_that_came_from_an_h5_file(tmp_path: Path) -> None:
    model = tiny_models.nested()
    model.save(tmp_path / "trained.h5")
    reader = logged(tmp_path / "exp1", tmp_path / "trained.h5")
    found = kept_model(reader, 0, ModelCache()).scores(X)
    np.testing.assert_allclose(found, model(X, training=False), atol=1e-6)


def test_a_step_without_a_model_names_those_that_have_one(tmp_path: Path) -> None:
    for step in range(4):
        reader = logged(tmp_path, tiny_models.sequential(), step=step, keep_models=step % 2)
    assert kept_steps(reader) == (1, 3)
    with pytest.raises(ModelError, match=r"no model of epoch 2 is kept; kept are: 1, 3; choose"):
        kept_model(reader, 2, ModelCache())
    with pytest.raises(ModelError, match=r"epoch 9 is not logged; logged are 0 to 3; kept models"):
        kept_model(reader, 9, ModelCache())


def test_a_lambda_is_refused_with_the_reason_and_the_way_out(tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input(tiny_models.SHAPE),
            layers.Lambda(lambda x: x * 2, output_shape=tiny_models.SHAPE),
            *tiny_models.sequential().layers,
        ]
    )
    reader = logged(tmp_path, model)
    with pytest.raises(ModelError, match=r"a Lambda layer.*--cnnvis_unsafe_models") as caught:
        kept_model(reader, 0, ModelCache())
    assert "unsafe=True" in caught.value.hint
    found = kept_model(reader, 0, ModelCache(), Trust(unsafe=True))
    np.testing.assert_allclose(found.scores(X), reader.array(schema.SCORES, 0), atol=1e-6)


def test_an_unknown_class_is_refused_with_the_reason_and_the_way_out(tmp_path: Path) -> None:
    class Odd(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x

    model = keras.Sequential(
        [keras.Input(tiny_models.SHAPE), Odd(), *tiny_models.sequential().layers]
    )
    reader = logged(tmp_path, model)
    with pytest.raises(
        ModelError, match=r"'Odd', which is not registered.*--cnnvis_import my_pack"
    ):
        kept_model(reader, 0, ModelCache())
    with pytest.raises(ModelError, match=r"the modules to import \(no_such\) cannot be imported"):
        kept_model(reader, 0, ModelCache(), Trust(import_modules=("no_such",)))


def test_a_damaged_model_is_told(tmp_path: Path) -> None:
    reader = logged(tmp_path, tiny_models.sequential())
    path = reader.model_path(0)
    assert path is not None
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"cannot be read as a Keras model.*another epoch"):
        kept_model(reader, 0, ModelCache())


def test_an_image_whose_scores_are_nan_has_no_prediction() -> None:
    model = loaded(cnn((10, 10, 1)), image_of(10, 10, 1))
    scores = np.full(5, np.nan, np.float32)
    with pytest.raises(ValueError, match="scores of this image are NaN, so that it has no predic"):
        model.class_of(None, scores)
    assert model.class_of(2, scores) == 2


class TestCache:
    def test_the_last_used_stay(self) -> None:
        made: list[str] = []
        model = loaded(cnn((10, 10, 1)), image_of(10, 10, 1))

        def get(key: str) -> None:
            def load() -> Any:
                made.append(key)
                return model

            cache.get(key, load)

        cache = ModelCache(limit=2)
        for key in "abacab":
            get(key)
        assert made == ["a", "b", "c", "b"]
        assert len(cache) == 2

    def test_an_idle_one_goes(self) -> None:
        now = [0.0]
        model = loaded(cnn((10, 10, 1)), image_of(10, 10, 1))
        cache = ModelCache(limit=4, idle_seconds=60, clock=lambda: now[0])
        cache.get("a", lambda: model)
        now[0] = 50
        cache.get("b", lambda: model)
        now[0] = 90
        cache.drop_idle()
        assert len(cache) == 1

    def test_models_that_go_are_freed_before_another_is_loaded(self, tmp_path: Path) -> None:
        for step in range(3):
            reader = logged(tmp_path, tiny_models.nested(), step=step)
        now = [0.0]
        cache = ModelCache(limit=2, idle_seconds=60, clock=lambda: now[0])

        def used(step: int) -> Any:
            model = kept_model(reader, step, cache)
            model.scores(X)
            model.input_gradient(X[:1], np.int32(0))
            return weakref.ref(model.keras_model)

        gc.disable()  # for it might come at the right moment
        try:
            held = [used(step) for step in range(3)]
            assert [model() is None for model in held] == [True, False, False]
            now[0] = 70.0
            cache.drop_idle()
            assert [model() is None for model in held] == [True, True, True]
        finally:
            gc.enable()

    def test_a_model_that_was_written_anew_is_read_anew(self, tmp_path: Path) -> None:
        reader, cache = logged(tmp_path, tiny_models.sequential()), ModelCache()
        first = kept_model(reader, 0, cache)
        assert kept_model(reader, 0, cache) is first
        path = reader.model_path(0)
        assert path is not None
        tiny_models.sequential().save(path)
        assert kept_model(reader, 0, cache) is not first


def test_the_models_used_last_are_held_and_idle_ones_go(tmp_path: Path) -> None:
    reader = logged(tmp_path, tiny_models.nested())
    model = kept_model(reader, 0, ModelCache())
    now, loads = [0.0], list[str]()
    held = ModelCache(limit=2, idle_seconds=60.0, clock=lambda: now[0])

    def asked(key: str) -> list[str]:
        """The models that had to be loaded for it."""
        before = len(loads)
        held.get(key, lambda: loads.append(key) or model)
        return loads[before:]

    assert [asked(key) for key in "abab"] == [["a"], ["b"], [], []]
    assert asked("c") == ["c"] and len(held) == 2, "the one unused longest makes way"
    assert asked("b") == [] and asked("a") == ["a"]
    now[0] = 50.0
    assert asked("a") == []
    now[0] = 70.0
    held.drop_idle()
    assert len(held) == 1
    assert asked("a") == [] and asked("b") == ["b"]
