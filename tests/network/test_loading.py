"""Files of models: what is read, what is refused and why."""

import sys
import textwrap
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from keras import layers

from tensorboard_cnnvis.network.loading import (
    UnknownClassError,
    UnreadableModelError,
    UnsafeModelError,
    load_model,
)

X = np.random.default_rng(0).random((3, *tiny_models.SHAPE), np.float32)
ENDINGS = pytest.mark.parametrize("ending", ["keras", "h5"])


def ends_in(layer: Any) -> Any:
    return keras.Sequential(
        [keras.Input(tiny_models.SHAPE), layer, layers.Flatten(), layers.Dense(3)]
    )


def unknown_loss(y: Any, p: Any) -> Any:
    return keras.ops.mean(p)


@ENDINGS
def test_a_model_comes_back_without_its_loss(tmp_path: Path, ending: str) -> None:
    model = tiny_models.nested()
    model.compile(loss=unknown_loss)
    path = tmp_path / f"model.{ending}"
    model.save(path)
    read = load_model(path)
    assert not read.compiled
    np.testing.assert_array_equal(read(X, training=False), model(X, training=False))


@ENDINGS
def test_a_lambda_is_refused_unless_it_is_allowed(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"model.{ending}"
    model = ends_in(layers.Lambda(lambda x: x * 2, output_shape=tiny_models.SHAPE))
    model.save(path)
    with pytest.raises(UnsafeModelError, match="it holds a Lambda layer, that is code which would"):
        load_model(path)
    read = load_model(path, unsafe=True)
    np.testing.assert_array_equal(read(X), model(X))
    with pytest.raises(UnsafeModelError):  # allowed once is not allowed for ever
        load_model(path)


@ENDINGS
def test_an_unregistered_class_is_named_and_found_in_a_module(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"doubling_{ending}.py").write_text(
        textwrap.dedent(
            """
            import keras

            class Doubling(keras.layers.Layer):
                def call(self, x):
                    return x * 2
            """
        )
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    module = __import__(f"doubling_{ending}")
    path = tmp_path / f"model.{ending}"
    model = ends_in(module.Doubling())
    model.save(path)
    del sys.modules[module.__name__]
    with pytest.raises(UnknownClassError, match="'Doubling', which is not registered") as caught:
        load_model(path)
    assert caught.value.name == "Doubling"
    read = load_model(path, import_modules=[module.__name__])
    np.testing.assert_array_equal(read(X), model(X))


def test_an_unregistered_function_is_named(tmp_path: Path) -> None:
    def bent(x: Any) -> Any:
        return keras.ops.relu(x) ** 2

    path = tmp_path / "model.keras"
    ends_in(layers.Conv2D(2, 3, activation=bent)).save(path)
    with pytest.raises(UnknownClassError, match="it uses 'bent'"):
        load_model(path)


def test_a_module_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    tiny_models.sequential().save(path)
    with pytest.raises(ImportError, match="no_such_package"):
        load_model(path, import_modules=["no_such_package"])


@ENDINGS
def test_a_damaged_or_missing_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"model.{ending}"
    with pytest.raises(UnreadableModelError, match="there is no model file"):
        load_model(path)
    path.write_bytes(b"PK\x03\x04 not a model")
    with pytest.raises(UnreadableModelError, match="cannot be read as a Keras model"):
        load_model(path)


def test_an_archive_that_ends_early(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    tiny_models.sequential().save(path)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(UnreadableModelError, match="cannot be read as a Keras model"):
        load_model(path)
