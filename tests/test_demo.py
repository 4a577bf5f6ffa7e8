"""The demonstration's data: real images, and labels of which a known share is wrong."""

from __future__ import annotations

import dataclasses
import gzip
import io
import os
import pickle
import signal
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from tensorboard_cnnvis import demo
from tensorboard_cnnvis.cli import main
from tensorboard_cnnvis.run import open_run


def write_idx(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    content = bytes([0, 0, 8, values.ndim]) + sizes + values.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture
def idx(tmp_path: Path) -> Path:
    """A directory like Debian's dataset-fashion-mnist, small; its test files are not zipped."""
    images = np.arange(30 * 28 * 28).reshape(30, 28, 28) % 251
    write_idx(tmp_path / "train-images-idx3-ubyte.gz", images)
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", np.arange(30) % 10)
    write_idx(tmp_path / "t10k-images-idx3-ubyte", images[:10, ::-1])
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", np.arange(10))
    return tmp_path


def test_digits_are_split_and_none_is_lost() -> None:
    data = demo.load("digits")
    assert data.x_train.shape == (4000, 28, 28, 1)
    assert data.x_validation.shape == (1000, 28, 28, 1)
    assert data.x_train.dtype == np.uint8
    assert data.x_train.max() == 255
    together = np.concatenate([data.true_train, data.y_validation])
    assert np.bincount(together).tolist() == [500] * 10
    assert np.bincount(data.y_validation).min() > 70
    pixels = np.concatenate([data.x_train, data.x_validation]).reshape(5000, -1)
    assert len(np.unique(pixels, axis=0)) == 5000


def test_three_percent_of_the_training_labels_are_wrong_and_marked() -> None:
    data = demo.load("digits")
    wrong = demo.corrupt(data)
    differs = wrong.y_train != data.y_train
    assert differs.sum() == 120
    assert wrong.y_train.min() >= 0
    assert wrong.y_train.max() <= 9
    np.testing.assert_array_equal(wrong.y_validation, data.y_validation)
    columns = wrong.metadata()
    np.testing.assert_array_equal(columns["train"]["corrupted"], differs)
    assert columns["train"]["true_label"].tolist() == [str(label) for label in data.y_train]
    assert not columns["validation"]["corrupted"].any()
    np.testing.assert_array_equal(demo.corrupt(data).y_train, wrong.y_train)
    assert np.any(demo.corrupt(data, seed=1).y_train != wrong.y_train)


def test_a_local_idx_directory(idx: Path) -> None:
    data = demo.load("fashion_mnist", idx)
    assert data.x_train.shape == (30, 28, 28, 1)
    assert data.x_train[3, 5, 7, 0] == (3 * 784 + 5 * 28 + 7) % 251
    np.testing.assert_array_equal(data.x_validation, data.x_train[:10, ::-1])
    assert data.true_train.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 3
    assert data.class_names[9] == "Ankle boot"


@pytest.fixture
def keras_datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Keras keeps what it has downloaded; it downloads nothing."""

    def no_network(*_: object) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", no_network)
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


def cifar_images(part: int) -> np.ndarray:
    """One image (32, 32, 3) with each byte its own."""
    return (np.arange(3072) * (part + 1) % 251).astype(np.uint8).reshape(1, 32, 32, 3)


@pytest.fixture
def cifar10(keras_datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive as Keras keeps it: one image a batch, which Keras repeats to its 10,000."""
    with tarfile.open(keras_datasets / "cifar-10-batches-py-target_archive", "w:gz") as archive:
        for part, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
            planes = cifar_images(part).transpose(0, 3, 1, 2).reshape(1, 3072)
            content = pickle.dumps({b"data": planes, b"labels": [part]}, protocol=3)
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    # only the real archive of 170 MB has the checksum that Keras wants
    monkeypatch.setattr("keras.src.utils.file_utils.validate_file", lambda *_, **__: True)


@pytest.mark.usefixtures("cifar10")
def test_cifar10_comes_from_keras_in_colour_and_is_trained_on(tmp_path: Path) -> None:
    data = demo.load("cifar10")
    assert (data.x_train.shape, data.x_train.dtype) == ((50_000, 32, 32, 3), np.uint8)
    for part in range(5):
        np.testing.assert_array_equal(data.x_train[10_000 * part], cifar_images(part)[0])
    assert data.true_train[::10_000].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(data.x_validation, cifar_images(5))
    assert data.y_validation.tolist() == [5]
    assert [data.class_names[index] for index in (0, 5, 9)] == ["airplane", "dog", "truck"]
    few = slice(None, None, 500)
    small = dataclasses.replace(
        data, x_train=data.x_train[few], y_train=data.y_train[few], true_train=data.true_train[few]
    )
    demo.train(demo.corrupt(small), tmp_path / "cifar10", epochs=1)
    run = open_run(tmp_path / "cifar10")
    assert run.manifest.input.shape == (32, 32, 3)
    assert run.manifest.class_names == data.class_names
    assert run.samples(0)["corrupted"].sum() == 3


def test_fashion_mnist_comes_from_keras_where_no_directory_is_named(
    keras_datasets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = keras_datasets / "fashion-mnist"
    images = np.arange(40 * 784).reshape(40, 28, 28) % 251
    for part, n_samples in (("train", 40), ("t10k", 20)):
        write_idx(kept / f"{part}-images-idx3-ubyte.gz", images[:n_samples])
        write_idx(kept / f"{part}-labels-idx1-ubyte.gz", np.arange(n_samples) % 10)
    runs = tmp_path / "runs"
    command = ["demo", "--data", "fashion_mnist", "--no-serve", "--epochs", "2"]
    assert main([*command, "--logdir", str(runs)]) == 0
    assert "40 images to train on, 1 of them mislabelled" in capsys.readouterr().out
    run = open_run(runs / "fashion_mnist")
    assert run.steps == (0, 1)
    assert [(s.name, s.count) for s in run.manifest.splits] == [("train", 40), ("validation", 20)]
    np.testing.assert_array_equal(run.inputs.rows(slice(0, 40))[..., 0], images)


@pytest.mark.usefixtures("keras_datasets")
@pytest.mark.parametrize(
    ("name", "way_out"),
    [
        ("cifar10", "use --data digits"),
        ("fashion_mnist", "use --data digits or name a directory with the IDX files by --data-dir"),
    ],
)
def test_without_a_network_the_way_out_is_told(
    name: str, way_out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--data", name, "--no-serve"]) == 2
    told = capsys.readouterr().err
    assert f"{name} cannot be downloaded" in told
    assert told.rstrip().endswith(way_out)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: (d / "t10k-labels-idx1-ubyte").unlink(), "neither t10k-labels-idx1-ubyte nor"),
        (
            lambda d: (d / "train-images-idx3-ubyte.gz").write_bytes(b"PK no gzip"),
            "train-images-idx3-ubyte.gz cannot be read",
        ),
        (
            lambda d: os.truncate(d / "t10k-images-idx3-ubyte", 900),
            "t10k-images-idx3-ubyte is no complete IDX file of bytes with 3 axes",
        ),
        (
            lambda d: write_idx(d / "t10k-labels-idx1-ubyte", np.zeros((2, 5))),
            "t10k-labels-idx1-ubyte is no complete IDX file of bytes with 1 axes",
        ),
        (
            lambda d: write_idx(d / "t10k-labels-idx1-ubyte", np.zeros(9)),
            "holds 10 images and 9 labels",
        ),
    ],
)
def test_damaged_idx_files(idx: Path, spoil: object, message: str) -> None:
    spoil(idx)  # type: ignore[operator]
    with pytest.raises(ValueError, match=message):
        demo.load("fashion_mnist", idx)


def test_a_directory_fits_fashion_mnist_only(idx: Path) -> None:
    with pytest.raises(
        ValueError, match="--data-dir is for --data fashion_mnist, got --data digits"
    ):
        demo.load("digits", idx)


@pytest.mark.slow
def test_the_command_trains_and_records_both_splits(tmp_path: Path) -> None:
    assert main(["demo", "--no-serve", "--epochs", "1", "--logdir", str(tmp_path)]) == 0
    run = open_run(tmp_path / "digits")
    assert run.steps == (0,)
    assert [(s.name, s.count, s.total) for s in run.manifest.splits] == [
        ("train", 2000, 4000),
        ("validation", 1000, 1000),
    ]
    samples = run.samples(0)
    wrong = samples["corrupted"].astype(bool)
    assert 30 < wrong.sum() < 90  # 60 of 2,000 drawn
    assert ((samples["label"].astype(str) != samples["true_label"].astype(str)) == wrong).all()
    assert samples.loc[wrong, "loss"].mean() > 2 * samples.loc[~wrong, "loss"].mean()
    assert run.record(0).splits[1].accuracy > 0.6
    assert run.manifest.warnings == ()


@pytest.mark.slow
def test_the_command_serves_until_it_is_interrupted(tmp_path: Path, idx: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [Path(sys.executable).parent / "tensorboard-cnnvis", "demo", "--epochs", "1"]
    options = ["--data", "fashion_mnist", "--data-dir", idx, "--logdir", tmp_path / "runs"]
    with subprocess.Popen(
        [*command, *options, "--port", str(port)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Done."):
                break
        url = f"http://127.0.0.1:{port}/"
        assert any(f"Open {url}#cnnvis" in line for line in lines), lines
        assert runs_listed(url) == ["fashion_mnist/cnnvis"]
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(60) == 0
        finally:
            process.kill()
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), 1):
        pass


def runs_listed(url: str) -> list[str]:
    """The runs of the tab, as soon as TensorBoard has read them."""
    import json

    for _ in range(60):
        with urllib.request.urlopen(f"{url}data/plugin/cnnvis/runs") as response:
            found = [entry["run"] for entry in json.load(response)["runs"]]
        if found:
            return found
        time.sleep(1)
    return []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "cifar10", "--data-dir", "."], "--data-dir is for --data fashion_mnist"),
        (["--data", "fashion_mnist", "--data-dir", "."], "has neither train-images-idx3-ubyte"),
    ],
)
def test_a_users_error_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tensorboard-cnnvis: ")
    assert message in line
