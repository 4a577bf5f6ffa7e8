"""A folder of class folders gives resized images, their classes and their paths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tensorboard_cnnvis.capture.image_folder import ImageFolder
from tensorboard_cnnvis.capture.probe import build_probe


def save(path: Path, value: object, size: tuple[int, int] = (8, 6), mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value).save(path)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        save(tmp_path / "owl" / f"{number}.png", (number, 0, 0))
    for number in range(12):
        save(tmp_path / "cat" / "indoors" / f"{number:02}.bmp", (100 + number, 50, 0))
    save(tmp_path / "dog" / "grey.PNG", 7, mode="L")
    (tmp_path / "owl" / "notes.txt").write_text("not an image")
    (tmp_path / ".cache").mkdir()
    return tmp_path


def test_classes_are_the_sorted_sub_folders(folder: Path) -> None:
    images = ImageFolder(folder, (6, 8, 3))
    assert images.class_names == ("cat", "dog", "owl")
    assert np.bincount(images.classes).tolist() == [12, 1, 6]
    assert images.ids[0] == "cat/indoors/00.bmp"
    assert images.ids[12:14] == ("dog/grey.PNG", "owl/0.png")


def test_images_are_the_models_inputs(folder: Path) -> None:
    probe = build_probe(ImageFolder(folder, (3, 4, 3)), class_names=["cat", "dog", "owl"])
    assert probe.inputs.shape == (19, 3, 4, 3)
    assert probe.inputs.dtype == np.float32
    assert probe.inputs[5].reshape(-1, 3).tolist() == [[105, 50, 0]] * 12
    assert probe.inputs[12].reshape(-1, 3).tolist() == [[7, 7, 7]] * 12
    assert probe.ids is not None
    assert probe.ids[18] == "owl/5.png"
    assert probe.display == "byte"
    assert probe.warnings == ()


def test_rescale_and_no_channel_axis(folder: Path) -> None:
    probe = build_probe(ImageFolder(folder, (6, 8), rescale=1 / 255))
    assert probe.batch(12, 13).shape == (1, 6, 8)
    np.testing.assert_allclose(probe.inputs[12], 7 / 255, rtol=1e-6)
    assert probe.display == "unit"


def test_only_the_drawn_images_are_read(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    images = ImageFolder(folder, (6, 8, 3), progress=lambda *state: seen.append(state))
    probe = build_probe(images, max_samples=9, ids=None)
    assert seen == [(count, 9) for count in range(1, 10)]
    assert np.bincount(probe.labels).tolist() == [5, 1, 3]
    assert probe.splits[0].total == 19
    assert probe.ids == tuple(images.ids[index] for index in probe.source_index)
    assert probe.inputs[0, 0, 0, 0] == 100 + int(probe.ids[0][-6:-4])


def test_unreadable_images_are_named_counted_and_replaced(folder: Path) -> None:
    (folder / "owl" / "0.png").write_bytes(b"nothing")
    whole = (folder / "owl" / "1.png").read_bytes()
    (folder / "owl" / "1.png").write_bytes(whole[: len(whole) // 2])
    images = ImageFolder(folder, (6, 8, 3))
    probe = build_probe(images)
    assert len(probe.labels) == 17
    assert probe.splits[0].total == 19
    assert dict(images.unreadable)["owl/0.png"] == "not an image"
    assert [name for name, _ in images.unreadable] == ["owl/0.png", "owl/1.png"]
    assert probe.ids is not None
    assert not {"owl/0.png", "owl/1.png"} & set(probe.ids)
    assert (
        "2 unreadable images were skipped: owl/0.png (not an image); owl/1.png"
        in (probe.warnings[0])
    )
    assert len(build_probe(images, max_samples=17).labels) == 17


def test_a_bomb_is_unreadable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(folder / "dog" / "huge.png", 1, size=(40, 40), mode="1")
    save(folder / "dog" / "large.png", 1, size=(40, 20), mode="1")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 700)
    images = ImageFolder(folder, (6, 8, 3))
    assert len(build_probe(images).labels) == 19
    assert images.unreadable == (
        ("dog/huge.png", "too many pixels"),
        ("dog/large.png", "too many pixels"),
    )


def test_sixteen_bits_and_transparency_and_palettes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    Image.fromarray(np.full((6, 8), 257 * 40, np.uint16)).save(tmp_path / "a" / "0.png")
    save(tmp_path / "a" / "1.png", (40, 40, 40, 9), mode="RGBA")
    Image.new("RGB", (8, 6), (40, 40, 40)).quantize(4).save(tmp_path / "a" / "2.png")
    probe = build_probe(ImageFolder(tmp_path, (6, 8, 3)))
    assert probe.inputs.min() == probe.inputs.max() == 40


def test_refusals(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = tmp_path_factory.mktemp("empty")
    with pytest.raises(ValueError, match=r"no folder .*nowhere"):
        ImageFolder(folder / "nowhere", (6, 8, 3))
    with pytest.raises(ValueError, match=r"no images below .* one sub-folder of images per class"):
        ImageFolder(empty, (6, 8, 3))
    with pytest.raises(ValueError, match=r"the model takes \(6, 8, 5\): give the inputs as .npz"):
        ImageFolder(folder, (6, 8, 5))
    (empty / "a").mkdir()
    (empty / "a" / "x.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"none of the images .* can be read: 1 unreadable"):
        build_probe(ImageFolder(empty, (6, 8, 3)))
