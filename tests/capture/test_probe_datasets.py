"""tf.data and Keras PyDataset: read once, whichever way they are batched, never without end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tensorboard_cnnvis.capture import sources
from tensorboard_cnnvis.capture.probe import build_probe

RNG = np.random.default_rng(0)
X = RNG.random((300, 6, 5, 3)).astype(np.float32)
Y = RNG.integers(0, 4, 300)
DATASET = tf.data.Dataset.from_tensor_slices((X, Y))
EXPECTED = build_probe((X, Y), max_samples=80)


class Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = slice(index * 30, index * 30 + 30)
        return X[rows], np.eye(4)[Y[rows]], np.ones(30)


class Endless(keras.utils.PyDataset):
    @property
    def num_batches(self) -> None:
        return None

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return X[:30], Y[:30]


@pytest.mark.parametrize(
    "data",
    [
        DATASET,
        DATASET.batch(32),
        DATASET.batch(50, drop_remainder=True).prefetch(1),
        DATASET.map(lambda x, y: (x, tf.one_hot(y, 4))),
        DATASET.map(lambda x, y: (x, y, 1.0)).batch(7),
        DATASET.map(lambda x, y: ({"image": x}, y)).batch(7),
        DATASET.repeat().take(300).batch(64),
        DATASET.batch(64).filter(lambda x, y: True),
        Batches(),
        (tf.constant(X), tf.constant(Y)),
        (keras.ops.convert_to_tensor(X), keras.ops.one_hot(Y, 4)),
    ],
)
def test_every_form_gives_the_same_probe_set(data: object) -> None:
    probe = build_probe(data, max_samples=80)
    assert probe.digest == EXPECTED.digest
    np.testing.assert_array_equal(probe.source_index, EXPECTED.source_index)
    np.testing.assert_array_equal(probe.inputs, X[probe.source_index])
    assert probe.splits[0].total == 300
    assert probe.warnings == ()


def test_the_iterators_of_keras_generators_are_indexed() -> None:
    """They never end when iterated, but they are PyDatasets."""
    generator = keras.src.legacy.preprocessing.image.ImageDataGenerator(rescale=2.0)
    probe = build_probe(generator.flow(X, Y, batch_size=16, shuffle=False))
    np.testing.assert_allclose(probe.inputs, 2 * X)
    np.testing.assert_array_equal(probe.labels, Y)


@pytest.mark.parametrize(
    ("element", "channel_axis"),
    [
        (lambda x, y: (x[..., 0], y), False),
        (lambda x, y: (x[..., :1], tf.one_hot(y, 6)), True),  # as many classes as rows
        (lambda x, y: (x, tf.one_hot(y, 4)), True),
    ],
)
@pytest.mark.parametrize("batched", [True, False])
def test_a_batch_is_told_from_an_image(
    element: Callable[..., object], channel_axis: bool, batched: bool
) -> None:
    data = DATASET.map(element)
    probe = build_probe(data.batch(6) if batched else data)
    assert probe.channel_axis == channel_axis
    assert probe.inputs.shape[:3] == (300, 6, 5)
    np.testing.assert_array_equal(probe.labels, Y)


def test_strings_among_class_names() -> None:
    names = ["a", "b", "c", "d"]
    texts = tf.data.Dataset.from_tensor_slices((X, np.array(names)[Y])).batch(9)
    np.testing.assert_array_equal(build_probe(texts, class_names=names).labels, Y)


def test_bfloat16_tensors() -> None:
    probe = build_probe((tf.cast(X, tf.bfloat16), Y))
    assert probe.inputs.dtype == np.float32
    np.testing.assert_array_equal(probe.inputs, tf.cast(tf.cast(X, tf.bfloat16), tf.float32))


def test_ids_and_metadata_follow_the_order_of_iteration() -> None:
    probe = build_probe(
        DATASET.batch(16), max_samples=50, ids=np.arange(300), metadata={"n": np.arange(300)}
    )
    assert probe.ids == tuple(str(position) for position in probe.source_index)
    np.testing.assert_array_equal(probe.metadata["n"], probe.source_index)
    with pytest.raises(ValueError, match="ids has 299 rows, but split 'validation' has 300"):
        build_probe(DATASET.batch(16), ids=np.arange(299))


@pytest.mark.parametrize(
    "data",
    [
        DATASET.repeat(),
        DATASET.repeat().batch(8),
        DATASET.repeat().filter(lambda x, y: True).batch(8),
        Endless(),
    ],
)
def test_infinite_data_is_refused_with_the_way_out(data: object) -> None:
    with pytest.raises(ValueError, match=r"infinite.*\.take\(n\)"):
        build_probe(data)


def test_data_that_never_tells_its_end_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "UNKNOWN_LIMIT", 1_000)

    def forever() -> Iterator[tuple[np.ndarray, int]]:
        while True:
            yield X[0], 1

    signature = (tf.TensorSpec((6, 5, 3)), tf.TensorSpec((), tf.int32))
    endless = tf.data.Dataset.from_generator(forever, output_signature=signature)
    with pytest.raises(ValueError, match=r"no end after 1,000 samples.*\.take\(n\)"):
        build_probe(endless, max_samples=10)


@pytest.mark.parametrize(
    ("data", "warns"),
    [
        (DATASET.shuffle(300).batch(8), True),
        (DATASET.shuffle(300, seed=1).map(lambda x, y: (x, y)).batch(8).prefetch(1), True),
        (DATASET.shuffle(300, reshuffle_each_iteration=False).batch(8), True),
        (DATASET.shuffle(300, seed=1, reshuffle_each_iteration=False).batch(8), False),
        (
            tf.data.Dataset.zip(
                DATASET.map(lambda x, y: x).shuffle(9), DATASET.map(lambda x, y: y)
            ),
            True,
        ),
        (DATASET.batch(8), False),
    ],
)
def test_a_shuffled_data_set_without_ids_is_warned_of(data: object, warns: bool) -> None:
    found = build_probe(data).warnings
    assert [("shuffled" in sentence) for sentence in found] == ([True] if warns else [])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of three images; the pixels tell the file."""
    root = tmp_path_factory.mktemp("images")
    for name, value in (("cat", 10), ("dog", 200)):
        (root / name).mkdir()
        for number in range(3):
            pixels = np.full((8, 9, 3), value + number)
            keras.utils.save_img(root / name / f"{number}.png", pixels, scale=False)
    return root


def directory(folder: Path, shuffle: bool) -> tf.data.Dataset:
    return keras.utils.image_dataset_from_directory(
        folder, image_size=(8, 9), batch_size=4, shuffle=shuffle, verbose=False
    )


def generated(folder: Path, shuffle: bool) -> keras.utils.PyDataset:
    generator = keras.src.legacy.preprocessing.image.ImageDataGenerator()
    return generator.flow_from_directory(
        folder, target_size=(8, 9), shuffle=shuffle, class_mode="sparse"
    )


def ready_first() -> tf.data.Dataset:
    options = tf.data.Options()
    options.deterministic = False
    parallel = DATASET.map(lambda x, y: (x, y), num_parallel_calls=2)
    return parallel.with_options(options).batch(8)


class Reshuffling(Batches):
    """Tells that it shuffles, by the name of attribute that is usual."""

    shuffle = True


ONE_ROW_EACH = [{"ids": np.arange(300)}, {"metadata": {"n": np.arange(300)}}]


@pytest.mark.parametrize("rows", ONE_ROW_EACH, ids=["ids", "metadata"])
@pytest.mark.parametrize(
    "data",
    [
        DATASET.shuffle(300, seed=1).map(lambda x, y: (x, y)).batch(8).prefetch(1),
        DATASET.map(lambda x, y: (x, y), num_parallel_calls=2, deterministic=False).batch(8),
        ready_first(),
        Reshuffling(),
    ],
    ids=["shuffle", "parallel map", "options", "PyDataset"],
)
def test_rows_by_position_are_refused_for_shuffled_samples(data: object, rows: Any) -> None:
    """They would be attached to the wrong images."""
    (what,) = rows
    with pytest.raises(ValueError, match=f"'validation' is shuffled.*{what}.*not shuffled"):
        build_probe(data, **rows)


@pytest.mark.parametrize("rows", ONE_ROW_EACH, ids=["ids", "metadata"])
def test_only_the_shuffled_split_is_refused_its_rows(rows: Any) -> None:
    data = {"train": DATASET.shuffle(300).batch(8), "test": DATASET.batch(8)}
    ((what, given),) = rows.items()
    build_probe(data, **{what: {"test": given}})
    with pytest.raises(ValueError, match="split 'train' is shuffled"):
        build_probe(data, **{what: {"train": given, "test": given}})


@pytest.mark.parametrize("rows", ONE_ROW_EACH, ids=["ids", "metadata"])
def test_rows_of_a_shuffle_that_is_always_the_same_go_by_its_iteration(rows: Any) -> None:
    shuffled = DATASET.shuffle(300, seed=1, reshuffle_each_iteration=False).batch(8)
    (warning,) = build_probe(shuffled, **rows).warnings
    assert "in the order of its iteration" in warning


@pytest.mark.parametrize("read", [directory, generated])
def test_files_of_a_shuffled_directory_are_no_ids(
    folder: Path, read: Callable[[Path, bool], Any]
) -> None:
    shuffled, kept = read(folder, True), read(folder, False)
    for data in (shuffled, kept):
        data.paths = getattr(data, "file_paths", None) or data.filepaths
    with pytest.raises(ValueError, match="is shuffled, so the rows of ids"):
        build_probe(shuffled, ids=shuffled.paths)
    probe = build_probe(kept, ids=kept.paths)
    assert probe.ids is not None
    for path, image in zip(probe.ids, probe.inputs, strict=True):
        np.testing.assert_array_equal(image, keras.utils.img_to_array(keras.utils.load_img(path)))


def test_image_directories_of_keras_are_read(folder: Path) -> None:
    data = directory(folder, shuffle=False)
    probe = build_probe(data, class_names=data.class_names)
    assert probe.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert probe.inputs[:, 0, 0, 0].tolist() == [10, 11, 12, 200, 201, 202]
    assert probe.display == "byte"
