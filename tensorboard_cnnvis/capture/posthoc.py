"""The same record for a model that is already trained."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.capture import arguments
from tensorboard_cnnvis.capture.probe import build_probe
from tensorboard_cnnvis.capture.record import Options, Progress, Recorder
from tensorboard_cnnvis.capture.run_log import RunLog, check_writable
from tensorboard_cnnvis.network.loading import UnknownClassError, UnsafeModelError, load_model

Array = npt.NDArray[np.generic]


def log_model(  # noqa: PLR0913 - as many as CNNVis has
    log_dir: str | os.PathLike[str],
    model: Any,
    data: object,
    *,
    step: int = 0,
    class_names: Sequence[str] | None = None,
    ids: object = None,
    metadata: object = None,
    layers: Sequence[str] | None = None,
    embedding_layers: Sequence[str] | None = None,
    max_samples: int | None = 2000,
    seed: int = 0,
    batch_size: int | None = None,
    keep_models: int = 3,
    reference_samples: int = 8,
    from_logits: bool | None = None,
    output: str | int | None = None,
    to_image: Callable[[Array], object] | None = None,
    progress: Progress | None = None,
) -> schema.StepRecord:
    """Records one step of a trained model.

    Args:
        log_dir: the run's directory.
        model: a Keras model, or the path of a .keras or .h5 file. A file is loaded without its
            compiled loss.
        data: see `CNNVis`, as are the arguments that are not named here.
        step: the step to record it as.
        class_names: one per class.
        ids: a key per sample.
        metadata: columns with a value per sample.
        layers: paths of the layers whose channels are recorded.
        embedding_layers: paths of the layers to embed the samples by.
        max_samples: per split.
        seed: of the draw.
        batch_size: of the pass.
        keep_models: 0 leaves the model out of the record.
        reference_samples: number of samples whose activation maps are kept.
        from_logits: whether the output is logits.
        output: which output is the classifier.
        to_image: makes uint8 images of a batch of inputs.
        progress: called with the numbers of samples done and of all samples.

    Returns:
        The step's record, with mean loss and accuracy of each split.

    Raises:
        ValueError: something does not fit, or the file is no Keras model.
    """
    options = Options(layers, embedding_layers, batch_size, reference_samples, from_logits, output)
    options.check()
    step, seed = arguments.whole("step", step, 0), arguments.whole("seed", seed, 0)
    keep_models = arguments.whole("keep_models", keep_models, 0)
    arguments.check_directory("log_dir", log_dir)
    arguments.check_model(model)
    arguments.check_function("progress", progress)
    directory = check_writable(log_dir)
    loaded = load(model) if isinstance(model, (str, os.PathLike)) else model
    probe = build_probe(
        data,
        class_names=class_names,
        ids=ids,
        metadata=metadata,
        max_samples=max_samples,
        seed=seed,
        to_image=to_image,
    )
    if not loaded.built:
        loaded(keras.ops.convert_to_tensor(probe.batch(0, 1)), training=False)
    recorder = Recorder(loaded, probe, options)
    log = RunLog(directory, recorder, keep_models=keep_models, seed=seed)
    try:
        record = log.step(loaded, step, progress=progress)
        log.end()
        return record
    finally:
        log.close()


def load(path: str | os.PathLike[str]) -> Any:
    """A model from its file, without its compiled loss and without running code from the file.

    Raises:
        ValueError: there is no such file, or it is no Keras model.
    """
    try:
        return load_model(path)
    except (UnsafeModelError, UnknownClassError) as error:
        raise ValueError(
            f"{error}; load it by keras.models.load_model and give the model instead of its file"
        ) from error
