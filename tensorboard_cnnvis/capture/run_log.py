"""A recorder's findings, written: the manifest once, then step after step."""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

import tensorboard_cnnvis
from tensorboard_cnnvis import schema
from tensorboard_cnnvis.capture.earlier import Earlier, look
from tensorboard_cnnvis.capture.probe import ProbeSet
from tensorboard_cnnvis.capture.record import Progress, Recorder
from tensorboard_cnnvis.network.backend import values_of
from tensorboard_cnnvis.network.causes import cause
from tensorboard_cnnvis.store import inputs, models
from tensorboard_cnnvis.store.writer import RunWriter


def check_writable(log_dir: str | os.PathLike[str]) -> Path:
    """The log directory as a path, created.

    Raises:
        ValueError: nothing can be written there.
    """
    directory = Path(log_dir) / schema.SUBDIRECTORY
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise ValueError(
            f"log_dir {str(log_dir)!r} cannot be written: {error.strerror}; give a directory that"
            " this process may create and write"
        ) from error
    return Path(log_dir)


class RunLog:
    """One attempt: its event file, its inputs and its kept models."""

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        recorder: Recorder,
        *,
        keep_models: int,
        seed: int,
        freq: int = 1,
    ) -> None:
        """Writes what holds for the whole attempt.

        Args:
            log_dir: the user's.
            recorder: of the model that is logged.
            keep_models: how many of this attempt's models to keep, 0 for none.
            seed: that the probe set was drawn with.
            freq: epochs per logged step.

        Raises:
            ValueError: `log_dir` cannot be written.
        """
        self._recorder = recorder
        self._keep_models = keep_models
        self._warned = False
        self._earlier: Earlier | None = look(
            log_dir, recorder.probe.digest, len(recorder.probe.class_names)
        )
        self._writer = RunWriter(log_dir)
        try:
            self._write_manifest(seed, freq)
        except BaseException:
            self._writer.discard()
            raise

    def step(
        self,
        model: Any,
        step: int,
        *,
        logs: Mapping[str, float] | None = None,
        restored_from: int | None = None,
        progress: Progress | None = None,
    ) -> schema.StepRecord:
        """Records the model as it is now and makes the step visible."""
        began = time.perf_counter()
        found = self._recorder.record(progress)
        for name, values in found.arrays.items():
            self._writer.array(name, values, step)
        for summary in found.splits:
            self._writer.scalar(f"probe/{summary.name}/loss", summary.loss, step)
            self._writer.scalar(f"probe/{summary.name}/accuracy", summary.accuracy, step)
        record = schema.StepRecord(
            step=step,
            wall_time=time.time(),
            splits=found.splits,
            learning_rate=learning_rate(model),
            restored_from=restored_from,
            model=self._keep(model, step),
            logs=dict(logs or {}),
            seconds=time.perf_counter() - began,
        )
        self._writer.commit(record)
        self._tell_hidden(step)
        return record

    def removed(self) -> bool:
        """Whether the event file is gone from the directory, so that nobody will see more."""
        return self._writer.removed()

    def end(self) -> None:
        """Notes that no more steps will come."""
        self._writer.end()

    def close(self) -> None:
        """Closes the event file."""
        self._writer.close()

    def _tell_hidden(self, step: int) -> None:
        """Warns, at the first step, of earlier epochs that go out of sight."""
        sentence = "" if self._earlier is None else self._earlier.hidden_by(step)
        self._earlier = None
        if sentence:
            warnings.warn(sentence, stacklevel=2)

    def _keep(self, model: Any, step: int) -> str | None:
        """Saves the model; a model that cannot be saved costs a warning, not the step."""
        if self._keep_models == 0:
            return None
        directory, attempt = self._writer.directory, self._writer.attempt
        try:
            name = models.save_model(directory, attempt, step, lambda path: save(model, path))
            models.prune_models(directory, attempt, self._keep_models)
        except Exception as error:
            if not self._warned:
                self._warned = True
                warnings.warn(
                    f"CNNVis could not keep the model of step {step}"
                    f" ({cause(error)}); the record goes on without it",
                    stacklevel=2,
                )
            return None
        return name

    def _write_manifest(self, seed: int, freq: int) -> None:
        recorder, writer = self._recorder, self._writer
        probe, plan = recorder.probe, recorder.plan
        info = _store_inputs(writer, probe)
        writer.array(schema.LABELS, probe.labels)
        writer.array(schema.SOURCE_INDEX, probe.source_index)
        if probe.ids is not None:
            writer.strings(schema.IDS, probe.ids)
        for name, values in probe.metadata.items():
            _write_column(writer, schema.metadata_array(name), values)
        loss = recorder.network.loss
        writer.manifest(
            schema.Manifest(
                attempt=writer.attempt,
                created=time.time(),
                probe=probe.digest,
                class_names=probe.class_names,
                splits=probe.splits,
                n_samples=len(probe.labels),
                input=info,
                layers=plan.layers,
                graph=recorder.network.graph,
                embeddings=plan.embeddings,
                classifier=recorder.network.head.kind,
                loss="" if loss is None else loss.name,
                objective=recorder.objective,
                reference_samples=recorder.reference if plan.maps else (),
                top_scores=plan.top_scores,
                has_ids=probe.ids is not None,
                columns=probe.columns,
                reductions=plan.reductions,
                warnings=recorder.warnings,
                freq=freq,
                seed=seed,
                keras_version=keras.__version__,
                backend=keras.backend.backend(),
                package_version=tensorboard_cnnvis.__version__,
                output=recorder.network.head.position,
                from_logits=recorder.network.head.from_logits,
            )
        )


def save(model: Any, path: Path) -> None:
    """Saves a model without the state of its optimizer, which would triple the file."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        model.save(path)
        return
    model.optimizer = None
    try:
        model.save(path)
    finally:
        model.optimizer = optimizer


def learning_rate(model: Any) -> float | None:
    """The optimizer's learning rate now, or None for a model that is not compiled."""
    optimizer = getattr(model, "optimizer", None)
    rate = getattr(optimizer, "learning_rate", None)
    return None if rate is None else float(str(np.float32(values_of(rate))))


def _store_inputs(writer: RunWriter, probe: ProbeSet) -> schema.InputInfo:
    stored = inputs.save_inputs(writer.directory, probe.inputs)
    images = probe.images
    height, width, channels = probe.inputs.shape[1:]
    return schema.InputInfo(
        shape=(height, width, channels),
        dtype=probe.inputs.dtype.name,
        file=stored.file,
        scale=stored.scale,
        offset=stored.offset,
        display_low=probe.display_low,
        display_high=probe.display_high,
        display=probe.display,
        images_file=None if images is None else inputs.save_images(writer.directory, images),
    )


def _write_column(writer: RunWriter, name: str, values: Any) -> None:
    if hasattr(values, "dtype") and values.dtype.kind in "biuf":
        writer.array(name, values)
    else:
        texts: Sequence[str] = [str(value) for value in values]
        writer.strings(name, texts)
