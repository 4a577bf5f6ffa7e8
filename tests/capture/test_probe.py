"""What a user hands over as `data` becomes watched samples that are exactly theirs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from samples import SMALL, X, Y, equal, same_samples
from torch_like import SharedTensor

from tensorboard_cnnvis.capture.probe import build_probe


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


def test_splits_scaled_differently_are_warned_of() -> None:
    probe = build_probe({"train": (X / 255, Y), "test": SMALL})
    assert any("disagree" in warning for warning in probe.warnings)
    assert probe.inputs.dtype == np.float64
    assert any("scaled twice" in w for w in build_probe((X / 255 / 255, Y)).warnings)


def test_repeated_ids_are_warned_of() -> None:
    assert build_probe(SMALL, ids=["a"] * 40).warnings == ("39 ids occur more than once.",)


def test_sample_weights_are_ignored() -> None:
    assert equal(build_probe((*SMALL, np.ones(40))), build_probe(SMALL))


def test_a_single_named_input_is_that_input() -> None:
    assert equal(build_probe(({"image": X[:40]}, {"class": Y[:40]})), build_probe(SMALL))


def test_numbers_of_numpy_are_numbers() -> None:
    probe = build_probe((X, Y), max_samples=np.int64(100), seed=np.uint8(3))
    assert equal(probe, build_probe((X, Y), max_samples=100, seed=3))
    assert len(build_probe((X, Y), max_samples=None).labels) == 1000


def test_a_probe_set_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        build_probe(SMALL).digest = ""  # type: ignore[misc]
