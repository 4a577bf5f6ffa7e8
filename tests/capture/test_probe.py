"""What a user hands over as `data` becomes watched samples that are exactly theirs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pandas as pd
import pytest

from tensorboard_cnnvis.capture.probe import ProbeSet, build_probe

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (1000, 6, 5, 3)).astype(np.uint8)
Y = np.repeat([0, 1, 2], [700, 280, 20])[RNG.permutation(1000)]
SMALL = (X[:40], Y[:40])


class Loader:
    """What CNNVis sees of a torch DataLoader: batches that it can iterate over again."""

    def __init__(self, x: np.ndarray, y: np.ndarray, sampler: object = None) -> None:
        self.x, self.y, self.sampler = x, y, sampler
        self.passes = 0

    def __len__(self) -> int:
        return (len(self.x) + 31) // 32

    def __iter__(self) -> Iterator[list[Any]]:
        self.passes += 1
        for start in range(0, len(self.x), 32):
            yield [Tensor(self.x[start : start + 32]), Tensor(self.y[start : start + 32])]


class Tensor:
    """A tensor that must be detached and moved before it converts, as torch's do."""

    def __init__(self, array: np.ndarray, ready: int = 0) -> None:
        self.array, self.ready = array, ready

    def detach(self) -> Tensor:
        return Tensor(self.array, 1)

    def cpu(self) -> Tensor:
        return Tensor(self.array, self.ready + 1)

    def numpy(self) -> np.ndarray:
        if self.ready < 2:
            raise TypeError("detach() and cpu() first")
        return self.array


class BFloat16(Tensor):
    """torch's bfloat16, which does not convert to NumPy."""

    dtype = "torch.bfloat16"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    def __getitem__(self, row: int) -> BFloat16:
        return BFloat16(self.array[row])

    def detach(self) -> BFloat16:
        return self

    def cpu(self) -> BFloat16:
        return self

    def float(self) -> Tensor:
        return Tensor(self.array, 2)

    def numpy(self) -> np.ndarray:
        raise TypeError("Got unsupported ScalarType BFloat16")


class SharedTensor(Tensor):
    """A tensor on the CPU: its array is its own memory."""

    def __init__(self, array: np.ndarray) -> None:
        super().__init__(array, 2)
        self.shape, self.dtype = array.shape, array.dtype

    def __getitem__(self, row: int) -> np.ndarray:
        return self.array[row]

    def detach(self) -> Tensor:
        raise AssertionError("it converts as it is")

    cpu = detach


def same_samples(probe: ProbeSet, x: np.ndarray, y: np.ndarray) -> None:
    """The i-th watched sample is the user's sample source_index[i]."""
    np.testing.assert_array_equal(probe.inputs, x[probe.source_index])
    assert probe.inputs.dtype == x.dtype
    np.testing.assert_array_equal(probe.labels, y[probe.source_index])


def equal(one: ProbeSet, other: ProbeSet) -> bool:
    return one.digest == other.digest and np.array_equal(one.source_index, other.source_index)


def test_arrays_below_the_limit_are_kept_whole() -> None:
    probe = build_probe((X, Y))
    same_samples(probe, X, Y)
    assert probe.source_index.tolist() == list(range(1000))
    (split,) = probe.splits
    assert (split.name, split.start, split.count, split.total) == ("validation", 0, 1000, 1000)
    assert (probe.display, probe.display_low, probe.display_high) == ("uint8", 0, 255)
    assert probe.class_names == ()
    assert probe.ids is None
    assert probe.warnings == ()


def test_what_the_user_changes_later_does_not_reach_the_probe_set() -> None:
    x, y = SMALL[0].copy(), SMALL[1].copy()
    ids, score = np.arange(40), np.arange(40.0)
    probes = [
        build_probe((given, y), ids=ids, metadata={"score": score})
        for given in (x, x[:, :], SharedTensor(x))
    ]
    for array in (x, y, ids, score):
        array[:] = 0
    for probe in probes:
        same_samples(probe, *SMALL)
        assert probe.ids == tuple(str(index) for index in range(40))
        np.testing.assert_array_equal(probe.metadata["score"], np.arange(40))


def test_a_file_that_is_mapped_for_reading_is_not_copied(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.shares_memory(build_probe((mapped, Y)).inputs, mapped)
    private = np.load(tmp_path / "x.npy", mmap_mode="c")
    assert not np.shares_memory(build_probe((private, Y)).inputs, private)


def test_a_draw_is_stratified_and_true_to_its_source() -> None:
    probe = build_probe((X, Y), max_samples=100, seed=3)
    same_samples(probe, X, Y)
    assert np.bincount(probe.labels).tolist() == [64, 26, 10]  # [70, 28, 2] without the minimum
    assert probe.splits[0].total == 1000
    assert equal(probe, build_probe((X, Y), max_samples=100, seed=3))
    assert not equal(probe, build_probe((X, Y), max_samples=100, seed=4))


def test_ids_and_metadata_are_those_of_the_drawn_samples() -> None:
    ids = np.array([f"image-{position}" for position in range(1000)])
    frame = pd.DataFrame({"position": np.arange(1000), "even": np.arange(1000) % 2 == 0})
    probe = build_probe(
        (X, Y), max_samples=100, ids=ids, metadata=frame.sample(frac=1.0).sort_index()
    )
    assert probe.ids == tuple(ids[probe.source_index])
    np.testing.assert_array_equal(probe.metadata["position"], probe.source_index)
    np.testing.assert_array_equal(probe.metadata["even"], probe.source_index % 2 == 0)


def test_splits_are_contiguous_and_counted_apart() -> None:
    probe = build_probe({"train": (X, Y), "test": SMALL}, max_samples=100)
    train, test = probe.splits
    assert [(s.name, s.start, s.count, s.total) for s in probe.splits] == [
        ("train", 0, 100, 1000),
        ("test", 100, 40, 40),
    ]
    np.testing.assert_array_equal(probe.inputs[:100], X[probe.source_index[:100]])
    np.testing.assert_array_equal(probe.inputs[100:], X[:40])
    assert probe.source_index[100:].tolist() == list(range(40))
    np.testing.assert_allclose(test.channel_means, X[:40].mean((0, 1, 2)))
    np.testing.assert_allclose(train.channel_stds, probe.inputs[:100].std((0, 1, 2)))


@pytest.mark.parametrize(
    "dtype", [bool, np.uint8, np.int16, np.int64, np.float16, np.float32, np.float64]
)
def test_dtypes_stay(dtype: type) -> None:
    x = (X[:20] > 100).astype(dtype)
    probe = build_probe((x, Y[:20]))
    same_samples(probe, x, Y)
    assert probe.display == ("uint8" if dtype is np.uint8 else "unit")


def test_bfloat16_becomes_float32_exactly() -> None:
    x = (X[:20] / 255).astype(ml_dtypes.bfloat16)
    probe = build_probe((x, Y[:20]))
    assert probe.inputs.dtype == np.float32
    np.testing.assert_array_equal(probe.inputs, x.astype(np.float32))


@pytest.mark.parametrize("max_samples", [7, None])
def test_bfloat16_of_torch(max_samples: int | None) -> None:
    x = (X[:20] / 256).astype(np.float32)
    same_samples(build_probe((BFloat16(x), Y[:20]), max_samples=max_samples), x, Y)


def test_a_tensor_that_converts_is_not_moved_first() -> None:
    """TensorFlow calls `cpu` of its tensors deprecated."""
    same_samples(build_probe((SharedTensor(X[:20]), Y[:20])), X, Y)


def test_images_without_a_channel_axis() -> None:
    probe = build_probe((X[..., 0], Y), max_samples=50)
    assert not probe.channel_axis
    assert probe.inputs.shape == (50, 6, 5, 1)
    np.testing.assert_array_equal(probe.batch(10, 20), X[probe.source_index[10:20], ..., 0])
    assert build_probe((X, Y)).batch(0, 4).shape == (4, 6, 5, 3)


def test_a_file_on_disk_is_read_at_the_drawn_rows_only(tmp_path: Any) -> None:
    class Watching:
        """An array of a file, as h5py's: rows are read when indexed."""

        shape, dtype = X.shape, X.dtype

        def __init__(self) -> None:
            self.read: list[int] = []

        def __getitem__(self, row: int) -> np.ndarray:
            self.read.append(row)
            return X[row]

    lazy = Watching()
    probe = build_probe((lazy, Y), max_samples=10)
    assert lazy.read == probe.source_index.tolist()
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert equal(probe, build_probe((mapped, Y), max_samples=10))


def test_a_loader_is_read_once_and_gives_what_the_arrays_give() -> None:
    loader = Loader(X, Y)
    probe = build_probe(loader, max_samples=100)
    assert loader.passes == 1
    same_samples(probe, X, Y)
    assert equal(probe, build_probe((X, Y), max_samples=100))
    assert probe.warnings == ()


class RandomSampler:
    """By this name torch's loaders tell that they shuffle."""


class Weighted(RandomSampler):
    """A user's own kind of it."""


class DistributedSampler:
    shuffle = True


@pytest.mark.parametrize("sampler", [RandomSampler(), Weighted(), DistributedSampler()])
def test_a_shuffling_loader_is_warned_of_and_takes_no_ids(sampler: object) -> None:
    shuffled = Loader(X[:40], Y[:40], sampler)
    (warning,) = build_probe(shuffled).warnings
    assert "'validation' is shuffled and has no ids" in warning
    with pytest.raises(ValueError, match="is shuffled, so the rows of ids"):
        build_probe(shuffled, ids=np.arange(40))


def test_classes_are_named_when_the_model_is_known() -> None:
    probe = build_probe(SMALL)
    assert probe.with_classes(4).class_names == ("0", "1", "2", "3")
    named = build_probe(SMALL, class_names=["a", "b", "c"])
    assert named.with_classes(3).class_names == ("a", "b", "c")
    with pytest.raises(ValueError, match="the labels reach 2, but the model has 2 classes"):
        build_probe((X, Y)).with_classes(2)
    with pytest.raises(ValueError, match="class_names has 3 names, but the model has 4"):
        named.with_classes(4)


def test_the_digest_tells_inputs_labels_and_splits_apart() -> None:
    x, y = SMALL
    other_x, other_y = x.copy(), y.copy()
    other_x[3, 2, 1, 0] ^= 1
    other_y[3] = (other_y[3] + 1) % 3
    digests = [
        build_probe(data).digest
        for data in [(x, y), (other_x, y), (x, other_y), {"train": (x, y)}, (x[:39], y[:39])]
    ]
    assert len(set(digests)) == 5
    assert build_probe((x.copy(), np.eye(3)[y])).digest == digests[0]


def test_to_image_makes_the_pictures() -> None:
    def negative(batch: np.ndarray) -> np.ndarray:
        assert batch.shape[1:] == (6, 5, 3)
        return 255 - batch[..., :1]

    probe = build_probe((X, Y), to_image=negative)
    assert probe.images is not None
    np.testing.assert_array_equal(probe.images, 255 - X[..., :1])
    assert (probe.display, probe.display_low, probe.display_high) == ("to_image", 0, 255)
    flat = build_probe((X[..., 0], Y), to_image=lambda batch: batch.astype(np.uint8))
    assert flat.images is not None
    assert flat.images.shape == (1000, 6, 5, 1)
    with pytest.raises(ValueError, match=r"40 inputs into as many uint8 images.*got float32"):
        build_probe(SMALL, to_image=lambda batch: batch.astype(np.float32))
    with pytest.raises(ValueError, match="1 or 3 channels, got 2"):
        build_probe(SMALL, to_image=lambda batch: batch[..., :2])


def test_to_image_may_work_in_place() -> None:
    def blacken(batch: np.ndarray) -> np.ndarray:
        batch[:] = 0
        return batch

    x, y = SMALL
    probe = build_probe((x.copy(), y), to_image=blacken)
    assert probe.images is not None
    assert not probe.images.any()
    same_samples(probe, x, y)


def test_splits_scaled_differently_are_warned_of() -> None:
    probe = build_probe({"train": (X / 255, Y), "test": SMALL})
    assert any("disagree" in warning for warning in probe.warnings)
    assert probe.inputs.dtype == np.float64
    assert any("scaled twice" in w for w in build_probe((X / 255 / 255, Y)).warnings)


def test_repeated_ids_are_warned_of() -> None:
    assert build_probe(SMALL, ids=["a"] * 40).warnings == ("39 ids occur more than once.",)


def test_sample_weights_are_ignored() -> None:
    assert equal(build_probe((*SMALL, np.ones(40))), build_probe(SMALL))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((X[:40], Y[:41]), "'validation': y has 41 labels for 40 images in x"),
        ((X[:0], Y[:0]), "'validation' is empty"),
        (Loader(X[:0], Y[:0]), "'validation' is empty"),
        ({}, "empty dict: expected"),
        ((X[:, :, 0, 0], Y), r"images \(n, height, width\).*got x of shape \(1000, 6\)"),
        ((X[:, :0], Y), r"no pixels: x has shape \(1000, 0, 5, 3\)"),
        ((X.astype(str), Y), "images of numbers, got dtype <U"),
        (([X[0], X[1, :3]], Y[:2]), "different sizes; resize"),
        (({"left": X, "right": X}, Y), r"got 2 inputs \(left, right\), expected one: only models"),
        (((X, X, X), Y), r"got 3 inputs \(#0, #1, #2\), expected one"),
        ((X, {"age": Y, "sex": Y}), r"got 2 targets \(age, sex\), expected one: give only"),
        (X, "images without labels: give"),
        ((X,), "expected .x, y.*got 1 values"),
        ({"x": X, "y": Y}, "a dict of x and y: give the pair"),
        ({"a,b": SMALL}, "split names are words .* got 'a,b'"),
        ({"train": {"x": X, "y": Y}}, "'train': expected .*got dict"),
        (7, "expected .*a torch DataLoader.*got int"),
        ((part for part in [SMALL]), "a generator can be read only once"),
        ({"train": SMALL, "test": (X[:, :3], Y)}, r"one shape, got 'train' \(6, 5, 3\)"),
    ],
)
def test_refusals(data: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_probe(data)


def test_a_single_named_input_is_that_input() -> None:
    assert equal(build_probe(({"image": X[:40]}, {"class": Y[:40]})), build_probe(SMALL))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_samples": 0}, "max_samples must be at least 1, or None for all, got 0"),
        ({"max_samples": 2.5}, "max_samples must be a whole number, or None for all, got 2.5"),
        ({"max_samples": "all"}, "max_samples must be a whole number, or None for all, got 'all'"),
        ({"max_samples": True}, "max_samples must be a whole number"),
        ({"seed": -1}, "seed must not be negative, got -1"),
        ({"seed": None}, "seed must be a whole number, got None"),
        ({"to_image": 3}, "to_image must be a function or None, got 3"),
        ({"class_names": 3}, "class_names must be a list with one name per class, got 3"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_probe(SMALL, **options)


def test_numbers_of_numpy_are_numbers() -> None:
    probe = build_probe((X, Y), max_samples=np.int64(100), seed=np.uint8(3))
    assert equal(probe, build_probe((X, Y), max_samples=100, seed=3))
    assert len(build_probe((X, Y), max_samples=None).labels) == 1000


def test_a_to_image_that_fails_is_named() -> None:
    def broken(batch: np.ndarray) -> np.ndarray:
        return batch @ np.eye(7)

    with pytest.raises(ValueError, match=r"to_image failed on a batch of 40 inputs, uint8 of sh"):
        build_probe(SMALL, to_image=broken)


def test_a_probe_set_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        build_probe(SMALL).digest = ""  # type: ignore[misc]
