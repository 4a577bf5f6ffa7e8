"""`log_model`: the record of a model that is trained already."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from written import read

from tensorboard_cnnvis import log_model, schema


def scores(model: Any, x: Any) -> Any:
    return keras.ops.convert_to_numpy(model(x, training=False))


def test_a_model_in_memory(tmp_path: Path, small_digits: Any) -> None:
    x, y = small_digits
    model = tiny_models.nested()
    record = log_model(tmp_path, model, (x, y), step=7)
    run = read(tmp_path)
    assert [each.step for each in run.steps] == [7]
    np.testing.assert_allclose(run.array(schema.SCORES, 7), scores(model, x), atol=1e-6)
    assert record.splits[0].accuracy == (scores(model, x).argmax(axis=1) == y).mean()
    assert run.manifest.loss == ""
    assert run.steps[0].learning_rate is None
    assert run.model_path(7) is not None


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_a_file_is_read_without_its_custom_loss(
    tmp_path: Path, small_digits: Any, ending: str
) -> None:
    def unknown(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(y_pred)

    x, y = small_digits
    model = tiny_models.sequential()
    model.compile(loss=unknown)
    path = tmp_path / f"model.{ending}"
    model.save(path)
    log_model(tmp_path / "exp1", path, (x, y))
    run = read(tmp_path / "exp1")
    np.testing.assert_allclose(run.array(schema.SCORES, 0), scores(model, x), atol=1e-6)


def test_steps_logged_one_by_one_make_one_history(tmp_path: Path, small_digits: Any) -> None:
    for step in range(3):
        log_model(tmp_path, tiny_models.sequential(), small_digits, step=step)
    assert [record.step for record in read(tmp_path).steps] == [0, 1, 2]


def test_a_subclassed_model_that_was_never_called(tmp_path: Path, small_digits: Any) -> None:
    log_model(tmp_path, tiny_models.Subclassed(), small_digits)
    assert read(tmp_path).manifest.classifier == "softmax"


def test_progress_counts_the_samples(tmp_path: Path, small_digits: Any) -> None:
    calls: list[tuple[int, int]] = []
    log_model(
        tmp_path,
        tiny_models.sequential(),
        small_digits,
        batch_size=25,
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(25, 60), (50, 60), (60, 60)]


def test_logits_without_a_loss_ask_for_from_logits(tmp_path: Path, small_digits: Any) -> None:
    model = tiny_models.sequential(None)
    with pytest.raises(ValueError, match="pass from_logits=True or from_logits=False"):
        log_model(tmp_path, model, small_digits)
    log_model(tmp_path, model, small_digits, from_logits=True)
    x, _ = small_digits
    logits = scores(model, x)
    np.testing.assert_array_equal(read(tmp_path).array(schema.PREDICTION, 0), logits.argmax(axis=1))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path, small_digits: Any) -> None:
    for name in ("broken.keras", "broken.h5"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 not a model")
        with pytest.raises(ValueError, match=rf"{name}' cannot be read as a Keras model"):
            log_model(tmp_path / "exp1", tmp_path / name, small_digits)
    with pytest.raises(ValueError, match="there is no model file"):
        log_model(tmp_path / "exp1", tmp_path / "absent.keras", small_digits)


def test_a_negative_step_is_refused(tmp_path: Path, small_digits: Any) -> None:
    with pytest.raises(ValueError, match="step must not be negative, got -1"):
        log_model(tmp_path, tiny_models.sequential(), small_digits, step=-1)
