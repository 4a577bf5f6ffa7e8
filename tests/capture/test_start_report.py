"""The block that is printed before training: what is watched, what it costs, how to look."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tiny_models
from fitting import compiled, fit

from tensorboard_cnnvis import CNNVis

Output = pytest.CaptureFixture[str]
layers = keras.layers


class CtrlC(keras.callbacks.Callback):  # type: ignore[misc]
    """Stops the training as a user does who has read the block."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        raise KeyboardInterrupt


def block(capsys: Output) -> dict[str, str]:
    """The printed lines by their first word."""
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == "CNN Vis"
    return {line[2:12].strip(): line[12:] for line in lines}


def bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_it_tells_samples_layers_disk_and_command(
    tmp_path: Path, small_digits: Any, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    x, y = small_digits
    watched = {"train": (x, y), "validation": (x[:20], y[:20])}
    fit(compiled(tiny_models.branches()), (x, y), CNNVis("runs/exp1", watched, max_samples=40))
    lines = block(capsys)
    assert lines["samples"] == "40 of 60 (train), 20 of 20 (validation)"
    assert lines["layers"] == "5 with channel statistics; embedding: average (8 features)"
    assert lines["look"] == "tensorboard --logdir runs"
    assert "warning" not in lines


def in_bytes(text: str) -> float:
    """Of `0.13 MB` or `40 kB`."""
    number, unit = text.split()[:2]
    return float(number.replace(",", "")) * {"kB": 1e3, "MB": 1e6}[unit]


@pytest.mark.parametrize(("freq", "logged"), [(1, 7), (3, 3), (5, 3), (100, 2)])
def test_the_estimate_is_what_is_written(
    tmp_path: Path, small_digits: Any, capsys: Output, freq: int, logged: int
) -> None:
    """The first epoch, every `freq`th and the last one; maps make the rest of little weight."""
    model = compiled(tiny_models.sequential())
    callback = CNNVis(tmp_path, small_digits, freq=freq, keep_models=0, reference_samples=60)
    fit(model, small_digits, callback, epochs=7)
    each, total = block(capsys)["disk"].removeprefix("about ").split(" per epoch, ")
    inputs = small_digits[0].nbytes
    assert in_bytes(total) == pytest.approx(logged * in_bytes(each) + inputs, rel=0.1)
    assert bytes_below(tmp_path) == pytest.approx(in_bytes(total), rel=0.25)


def wide(n_layers: int) -> Any:
    """Activations of 1,024 values each."""
    return keras.Sequential(
        [
            keras.Input(tiny_models.SHAPE),
            layers.Conv2D(16, 1, name="conv"),
            *[layers.ReLU(name=f"relu{index}") for index in range(n_layers)],
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def deep() -> Any:
    """27 kernels of 3.9 MB."""
    return keras.Sequential(
        [
            keras.Input(tiny_models.SHAPE),
            *[layers.Conv2D(330, 3, padding="same") for _ in range(28)],
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ]
    )


@pytest.mark.parametrize(
    ("model", "n_samples", "embedded", "warning"),
    [
        (
            lambda: wide(10), 5000, [f"relu{index}" for index in range(10)],
            "embeddings: name fewer embedding_layers, or lower max_samples",
        ),
        (deep, 3, None, "kernels: name fewer layers"),
    ],
)  # fmt: skip
def test_above_100_mb_an_epoch_it_warns_while_there_is_time_to_stop(
    tmp_path: Path, capsys: Output, model: Any, n_samples: int, embedded: Any, warning: str
) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (n_samples, *tiny_models.SHAPE)).astype(np.uint8)
    data = (x, rng.integers(0, 10, n_samples))
    callback = CNNVis(tmp_path, data, embedding_layers=embedded, max_samples=None, keep_models=0)
    with pytest.raises(KeyboardInterrupt):
        fit(compiled(model()), data, callback, CtrlC(), epochs=30)
    lines = block(capsys)
    assert lines["warning"] == f"more than 100 MB per epoch, most of it {warning}"
    each, total = (
        lines["disk"].removeprefix("about ").removesuffix(" MB in all").split(" MB per epoch, ")
    )
    assert 100 < int(each) < 120
    assert int(total.replace(",", "")) == pytest.approx(30 * int(each), rel=0.01)
    assert bytes_below(tmp_path) < 10**6


def test_below_it_does_not_warn(tmp_path: Path, capsys: Output) -> None:
    x = np.zeros((5000, *tiny_models.SHAPE), np.uint8)
    data = (x, np.arange(5000) % 10)
    names = [f"relu{index}" for index in range(9)]
    callback = CNNVis(tmp_path, data, embedding_layers=names, max_samples=None)
    with pytest.raises(KeyboardInterrupt):
        fit(compiled(wide(9)), data, callback, CtrlC())
    assert "warning" not in block(capsys)
