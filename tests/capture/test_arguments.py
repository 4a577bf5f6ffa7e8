"""A wrong argument is refused by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
from written import read

from tensorboard_cnnvis import CNNVis, log_model

WRONG_OF_BOTH = [
    ({"layers": "conv"}, "layers must be a list of layer paths, got 'conv'"),
    ({"layers": 3}, "layers must be a list of layer paths, got 3"),
    ({"embedding_layers": [0]}, "embedding_layers must be a list of layer paths.*got 0 in it"),
    ({"max_samples": 2.5}, "max_samples must be a whole number, or None for all, got 2.5"),
    ({"seed": -1}, "seed must not be negative, got -1"),
    ({"batch_size": "a"}, "batch_size must be a whole number, or None to choose one, got 'a'"),
    ({"batch_size": 0}, "batch_size must be at least 1, or None to choose one, got 0"),
    ({"keep_models": 0.5}, "keep_models must be a whole number, got 0.5"),
    ({"keep_models": -1}, "keep_models must not be negative, got -1"),
    ({"reference_samples": None}, "reference_samples must be a whole number, got None"),
    ({"from_logits": "yes"}, "from_logits must be True, False or None, got 'yes'"),
    ({"output": 1.0}, "output must be the name or the index of one of the model's outputs"),
    ({"to_image": 3}, "to_image must be a function or None, got 3"),
]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *WRONG_OF_BOTH,
        ({"freq": 1.5}, "freq must be a whole number, got 1.5"),
        ({"freq": 0}, "freq must be at least 1, got 0"),
        ({"log_dir": None}, "log_dir must be the path of the run's directory.*got None"),
    ],
)
def test_of_the_callback(tmp_path: Path, small_digits: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CNNVis(**{"log_dir": tmp_path / "run", "data": small_digits, **options})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *WRONG_OF_BOTH,
        ({"step": 1.5}, "step must be a whole number, got 1.5"),
        ({"step": -1}, "step must not be negative, got -1"),
        ({"model": 42}, r"model must be a Keras model, or the path of a .*got builtins\.int"),
        ({"log_dir": 3}, "log_dir must be the path of the run's directory.*got 3"),
        ({"progress": True}, "progress must be a function or None, got True"),
    ],
)
def test_of_log_model(tmp_path: Path, small_digits: Any, options: Any, message: str) -> None:
    given = {
        "log_dir": tmp_path / "run",
        "model": tiny_models.sequential(),
        "data": small_digits,
        **options,
    }
    with pytest.raises(ValueError, match=message):
        log_model(**given)


def test_numbers_of_numpy_are_numbers(tmp_path: Path, small_digits: Any) -> None:
    log_model(
        tmp_path,
        tiny_models.sequential(),
        small_digits,
        step=np.int64(3),
        max_samples=np.int32(20),
        seed=np.uint16(7),
        batch_size=np.int64(8),
        keep_models=np.int8(1),
        reference_samples=np.int64(2),
        from_logits=np.bool_(False),
    )
    run = read(tmp_path)
    assert [record.step for record in run.steps] == [3]
    assert (run.manifest.seed, len(run.manifest.reference_samples)) == (7, 2)


def test_a_damaged_keras_file_is_not_said_to_be_absent(tmp_path: Path, small_digits: Any) -> None:
    path = tmp_path / "model.keras"
    tiny_models.sequential().save(path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(
        ValueError, match=r"model\.keras' cannot be read as a Keras model"
    ) as caught:
        log_model(tmp_path / "run", path, small_digits)
    assert "not found" not in str(caught.value).lower()
    assert "damaged" in str(caught.value)
