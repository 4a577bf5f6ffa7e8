"""A folder with one sub-folder of images per class, read as the model's inputs."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from tensorboard_cnnvis.capture import sampling
from tensorboard_cnnvis.capture.sources import Watched

Progress = Callable[[int, int], None]

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
BILINEAR = Image.Resampling.BILINEAR
NAMED = 5  # unreadable files named in the warning


class ImageFolder:
    """The images below a folder; the classes are its sub-folders in sorted order.

    An image is resized (bilinear) to the model's input, in float32 of 0 to 255 times `rescale`.
    Only the drawn images are read. Those that cannot be read are left out, replaced by others of
    their class where there are some, and listed in `unreadable`.

    Attributes:
        class_names: names of the sub-folders.
        files: all image files, class by class.
        classes: int32 (n_files,).
        ids: the files' paths below the folder.
        unreadable: (path below the folder, reason) of what the last `watch` could not read.
    """

    def __init__(
        self,
        folder: str | Path,
        shape: tuple[int, ...],
        *,
        rescale: float = 1.0,
        progress: Progress | None = None,
    ) -> None:
        """Lists the files.

        Args:
            folder: path of the folder.
            shape: (height, width), or (height, width, channels) with 1, 3 or 4 channels.
            rescale: factor for all values.
            progress: called with the numbers of images tried and to be tried.

        Raises:
            ValueError: no such folder, no images in sub-folders, or an impossible shape.
        """
        self._root = Path(folder)
        self._shape = _checked_shape(shape)
        self._rescale = rescale
        self._progress = progress
        self.class_names = _class_names(self._root)
        self.files: list[Path] = []
        classes: list[int] = []
        for index, name in enumerate(self.class_names):
            found = _image_files(self._root / name)
            self.files += found
            classes += [index] * len(found)
        if not self.files:
            raise ValueError(
                f"no images below {self._root}: expected one sub-folder of images per class"
            )
        self.classes = np.array(classes, np.int32)
        self.ids = tuple(file.relative_to(self._root).as_posix() for file in self.files)
        self.unreadable: tuple[tuple[str, str], ...] = ()

    def watch(self, max_samples: int | None, seed: int) -> Watched:
        """Reads a stratified draw of the readable images.

        Raises:
            ValueError: none of them can be read.
        """
        size = len(self.files) if max_samples is None else max_samples
        keys = np.random.default_rng(seed).random(len(self.files))
        images: dict[int, npt.NDArray[np.float32]] = {}
        failed: dict[int, str] = {}
        while True:
            left = np.setdiff1d(np.arange(len(self.files)), list(failed))
            counts = np.bincount(self.classes[left], minlength=len(self.class_names))
            quotas = sampling.quotas(counts.astype(np.int64), size)
            drawn = left[sampling.smallest_keys(self.classes[left], keys[left], quotas)]
            unread = [index for index in drawn.tolist() if index not in images]
            if not unread:
                break
            self._read(unread, len(drawn) + len(failed), images, failed)
        self.unreadable = tuple((self.ids[index], failed[index]) for index in sorted(failed))
        if not drawn.size:
            raise ValueError(f"none of the images below {self._root} can be read: {self._named()}")
        return Watched(
            inputs=np.stack([images[index] for index in drawn.tolist()]),
            classes=self.classes[drawn],
            source_index=drawn,
            total=len(self.files),
            ids=self.ids,
            warnings=(self._named(),) if failed else (),
        )

    def _read(
        self,
        indices: list[int],
        total: int,
        images: dict[int, npt.NDArray[np.float32]],
        failed: dict[int, str],
    ) -> None:
        for index in indices:
            try:
                images[index] = self._image(self.files[index])
            except _UNREADABLE as error:
                failed[index] = _reason(error)
            if self._progress is not None:
                self._progress(len(images) + len(failed), total)

    def _image(self, file: Path) -> npt.NDArray[np.float32]:
        """Float32, of the shape that was asked for."""
        height, width = self._shape[:2]
        mode = MODES[self._shape[2] if len(self._shape) == 3 else 1]
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                resized = _eight_bit(image).convert(mode).resize((width, height), BILINEAR)
        values = np.asarray(resized, np.float32).reshape(self._shape)
        return values if self._rescale == 1 else values * np.float32(self._rescale)

    def _named(self) -> str:
        head = "; ".join(f"{name} ({reason})" for name, reason in self.unreadable[:NAMED])
        more = len(self.unreadable) - NAMED
        images = "image was" if len(self.unreadable) == 1 else "images were"
        return (
            f"{len(self.unreadable):,} unreadable {images} skipped: {head}"
            f"{f'; and {more:,} more' if more > 0 else ''}."
        )


_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    Image.DecompressionBombWarning,
    Image.DecompressionBombError,
)


def _eight_bit(image: Image.Image) -> Image.Image:
    """The image, where it has 16 bits scaled to 8: `convert` would clip it at 255."""
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.asarray(image) / 257).round().astype(np.uint8))


def _checked_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in MODES):
        raise ValueError(
            "an image folder can be read as (height, width) or (height, width, channels) with 1, 3"
            f" or 4 channels, but the model takes {shape}: give the inputs as .npz"
        )
    return shape


def _class_names(root: Path) -> tuple[str, ...]:
    if not root.is_dir():
        raise ValueError(f"no folder {root}: expected one with a sub-folder of images per class")
    return tuple(
        sorted(path.name for path in root.iterdir() if path.is_dir() and path.name[0] != ".")
    )


def _image_files(folder: Path) -> list[Path]:
    extensions = Image.registered_extensions()
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in extensions and path.name[0] != "." and path.is_file()
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not an image"
    if isinstance(error, (Image.DecompressionBombWarning, Image.DecompressionBombError)):
        return "too many pixels"
    return str(error) or type(error).__name__
