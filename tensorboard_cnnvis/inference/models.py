"""Kept models, loaded and ready to be run."""

from __future__ import annotations

import gc
import operator
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.network import calls, gradients
from tensorboard_cnnvis.network.calls import BatchedCall
from tensorboard_cnnvis.network.forward import Network, inspect_model
from tensorboard_cnnvis.network.loading import UnknownClassError, UnsafeModelError, load_model
from tensorboard_cnnvis.store.reader import RunReader, StoreError

Array = npt.NDArray[Any]
_CALLS = 32  # compiled functions kept per model
_COMPARED = 16  # samples
_SCORE_ERROR = 1e-3  # of the recorded scores, perhaps of another device or precision


@dataclass(frozen=True)
class Trust:
    """What the user lets a model's file do. Never part of a request.

    Attributes:
        unsafe: run code in the file, which Lambda layers need.
        import_modules: import these first; what they define or register may be used.
    """

    unsafe: bool = False
    import_modules: tuple[str, ...] = ()


class ModelError(ValueError):
    """A model that cannot be had; `hint` says what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.args[0]}; {self.hint}"


class LoadedModel:
    """A model with its compiled calls, which are made when they are first needed.

    Attributes:
        keras_model: the model itself.
        network: its layers and its watched output.
        sample: zeros (1, height, width, channels) in the dtype of the inputs.
    """

    def __init__(
        self,
        keras_model: Any,
        sample: Array,
        *,
        output: str | int | None = None,
        from_logits: bool | None = None,
    ) -> None:
        """Looks at the model.

        Args:
            keras_model: built, or a subclassed one that can be called.
            sample: (1, height, width, channels) as the model is fed.
            output: see `network.outputs.find_head`.
            from_logits: see `network.outputs.find_head`.

        Raises:
            ValueError: the model does not take such inputs, or is no classifier.
        """
        self.keras_model = keras_model
        self.sample = np.zeros_like(sample[:1])
        self.network: Network = inspect_model(
            keras_model, self.sample, output=output, from_logits=from_logits
        )
        self.output = lru_cache(_CALLS)(self._compile_output)
        self.embedding = lru_cache(_CALLS)(self._compile_embedding)
        self.layer_gradient = lru_cache(_CALLS)(self._compile_layer_gradient)

    @property
    def n_classes(self) -> int:
        """Number of classes, 2 for one sigmoid output."""
        return self.network.head.n_classes

    @cached_property
    def scores(self) -> BatchedCall:
        """Images (n, height, width, channels) -> scores float32 (n, n_classes)."""
        return calls.compile_scores(self.keras_model, self.network, self.sample)

    @cached_property
    def input_gradient(self) -> BatchedCall:
        """Images and a class -> see `gradients.compile_input_gradient`."""
        return gradients.compile_input_gradient(self.keras_model, self.network, self.sample)

    def class_of(self, class_index: int | None, scores: Array) -> int:
        """The class that was asked for, the prediction where it is None.

        Args:
            class_index: of the model's classes.
            scores: (n_classes,) of the image.

        Raises:
            ValueError: the model has no such class, or the image no prediction.
        """
        chosen = prediction_of(scores) if class_index is None else operator.index(class_index)
        if class_index is None and chosen < 0:
            raise ValueError(
                "the model's scores of this image are NaN, so that it has no prediction: choose a"
                " class, or another image or epoch"
            )
        if not 0 <= chosen < self.n_classes:
            raise ValueError(
                f"class {chosen} is out of range; the model has the classes 0 to"
                f" {self.n_classes - 1}"
            )
        return chosen

    def check_image(self, image: Array) -> Array:
        """`image` in the dtype of the inputs.

        Raises:
            ValueError: its shape is another, or its values are none of theirs.
        """
        expected = self.sample.shape[1:]
        if image.shape != expected:
            raise ValueError(
                f"expected an image of shape {expected} as the probe set has, got {image.shape}"
            )
        with np.errstate(invalid="ignore"):
            found = np.ascontiguousarray(image, self.sample.dtype)
        if found.dtype.kind in "biu" and not np.array_equal(found, image):
            raise ValueError(
                f"expected an image of {found.dtype} values as the probe set has, got {image.dtype}"
                f" from {image.min():g} to {image.max():g}: bring it to that unit, and round it"
            )
        return found

    def _compile_output(self, path: str) -> BatchedCall:
        return calls.compile_output(self.keras_model, self.network, self.sample, path)

    def _compile_embedding(self, info: schema.EmbeddingInfo) -> BatchedCall:
        return calls.compile_embedding(self.keras_model, self.network, self.sample, info)

    def _compile_layer_gradient(self, path: str) -> BatchedCall:
        return gradients.compile_layer_gradient(self.keras_model, self.network, self.sample, path)


def prediction_of(scores: Array) -> int:
    """The class with the highest of scores (n_classes,); -1 where any is NaN, as in the record."""
    return -1 if np.isnan(scores).any() else int(scores.argmax())


class ModelCache:
    """The models that were used last; one that is idle for long goes."""

    def __init__(
        self,
        limit: int = 2,
        idle_seconds: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Holds up to `limit` models; `clock` gives seconds."""
        self._limit = limit
        self._idle = idle_seconds
        self._clock = clock
        self._models: OrderedDict[object, tuple[float, LoadedModel]] = OrderedDict()
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._models)

    def get(self, key: object, load: Callable[[], LoadedModel]) -> LoadedModel:
        """The model under `key`, from `load` where it is not held."""
        with self._lock:
            self.drop_idle()
            held = self._models.pop(key, None)
            if held is None:  # before another is loaded
                self._forget(list(self._models)[: max(0, len(self._models) + 1 - self._limit)])
            model = load() if held is None else held[1]
            self._models[key] = self._clock(), model
            return model

    def drop_idle(self) -> None:
        """Lets go of the models that were not asked for in the idle time."""
        with self._lock:
            oldest = self._clock() - self._idle
            self._forget([key for key, (used, _) in self._models.items() if used < oldest])

    def _forget(self, keys: Sequence[object]) -> None:
        """Frees models at once: they and their compiled calls hold each other."""
        for key in keys:
            del self._models[key]
        if keys:
            gc.collect()


def kept_steps(reader: RunReader) -> tuple[int, ...]:
    """The steps of which a model is there."""
    steps = (record.step for record in reader.steps)
    return tuple(step for step in steps if reader.model_path(step) is not None)


def kept_model(
    reader: RunReader,
    step: int,
    cache: ModelCache,
    trust: Trust = Trust(),
) -> LoadedModel:
    """The model that was kept of a step.

    Raises:
        ModelError: there is none, or it cannot be read or run.
    """
    try:
        path = reader.model_path(step)
    except StoreError as error:
        raise ModelError(str(error), f"kept models: {_listed(kept_steps(reader))}") from error
    try:
        status = None if path is None else path.stat()
    except FileNotFoundError:  # pruned just now by the training that goes on
        status = None
    if path is None or status is None:
        raise ModelError(
            f"no model of epoch {step} is kept; kept are: {_listed(kept_steps(reader))}",
            "choose one of these, or train with a larger keep_models",
        )
    key = str(path), status.st_mtime_ns, status.st_size, trust
    return cache.get(key, lambda: _load(reader, step, path, trust))


def _load(reader: RunReader, step: int, path: Path, trust: Trust) -> LoadedModel:
    try:
        model = load_model(path, unsafe=trust.unsafe, import_modules=trust.import_modules)
        return _looked_into(model, reader, step)
    except UnsafeModelError as error:
        hint = (
            "if you trust the file, allow it: tensorboard --cnnvis_unsafe_models, or unsafe=True"
            " in Python"
        )
        raise ModelError(str(error), hint) from error
    except UnknownClassError as error:
        hint = (
            "have the module that defines it imported: tensorboard --cnnvis_import"
            ' my_package.layers, or import_modules=["my_package.layers"] in Python'
        )
        raise ModelError(str(error), hint) from error
    except ImportError as error:
        listed = ", ".join(trust.import_modules)
        raise ModelError(
            f"the modules to import ({listed}) cannot be imported: {error}",
            "install the package where this runs, or correct the name",
        ) from error
    except ValueError as error:
        raise ModelError(str(error), "log the model again, or choose another epoch") from error


def _looked_into(model: Any, reader: RunReader, step: int) -> LoadedModel:
    """A model as it was recorded.

    Where nothing tells whether its output is logits, as in older records, the scores that were
    recorded do. Raises ValueError where these are not the model's either.
    """
    manifest = reader.manifest_of(step)
    sample = np.zeros((1, *manifest.input.shape), np.dtype(manifest.input.dtype))

    def made(from_logits: bool | None) -> LoadedModel:
        return LoadedModel(model, sample, output=manifest.output, from_logits=from_logits)

    try:
        return made(manifest.from_logits)
    except ValueError:
        if manifest.from_logits is not None or schema.SCORES not in reader.step(step).arrays:
            raise
        for from_logits in (True, False):
            with suppress(ValueError):
                found = made(from_logits)
                if _gives_the_scores(found, reader, step):
                    return found
        raise


def _gives_the_scores(model: LoadedModel, reader: RunReader, step: int) -> bool:
    expected = reader.rows(schema.SCORES, step, 0, min(_COMPARED, reader.manifest.n_samples))
    found = model.scores(reader.inputs()[: len(expected)])
    return found.shape == expected.shape and np.allclose(found, expected, atol=_SCORE_ERROR)


def _listed(steps: tuple[int, ...]) -> str:
    return ", ".join(str(step) for step in steps) or "none"
