"""A run's record made without TensorFlow: a linear softmax classifier trained by NumPy.

Every number in it follows from the arrays in `Recording`, so that a test can recompute it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.inputs import save_inputs
from tensorboard_cnnvis.store.writer import RunWriter

LAYER = "backbone/dense"


@dataclass
class Recording:
    """What was written: inputs (n, h, w, 1), and per step logits and embeddings."""

    log_dir: Path
    inputs: npt.NDArray[Any]
    labels: npt.NDArray[np.int32]
    splits: tuple[schema.SplitInfo, ...]
    logits: dict[int, npt.NDArray[np.float64]]
    embeddings: dict[int, npt.NDArray[np.float16]]
    metadata: dict[str, Any]
    manifest: schema.Manifest

    @property
    def directory(self) -> Path:
        return self.log_dir / schema.SUBDIRECTORY


def record_run(
    log_dir: Path,
    x: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    *,
    class_names: tuple[str, ...] | None = None,
    n_train: int = 0,
    epochs: int = 3,
    first_epoch: int = 0,
    n_features: int = 8,
    seed: int = 0,
    broken_losses: bool = False,
    padding: int = 0,
    before_step: Callable[[int], object] = lambda step: None,
    ended: bool = False,
    change: Callable[[schema.Manifest], schema.Manifest] = lambda manifest: manifest,
    also: Callable[[RunWriter, int], object] = lambda writer, step: None,
) -> Recording:
    """Writes a run over inputs (n, h, w): the first `n_train` samples are the split `train`.

    `padding` bytes a step are written besides, for benchmarks on large files. `before_step` may
    hold the writing up, and `ended` notes the end, as of training that was not killed. `change`
    gives another manifest, and `also` writes more of a step.
    """
    rng = np.random.default_rng(seed)
    names = class_names or tuple(str(index) for index in range(int(labels.max()) + 1))
    inputs = x[..., None]
    splits = _splits(inputs, n_train)
    metadata = {
        "brightness": x.reshape(len(x), -1).mean(axis=1),
        "flagged": rng.random(len(x)) < 0.1,
        "camera": rng.choice(["left", "right", "<b>top</b>"], len(x)),
        "note": np.array([f"note {index}" for index in range(len(x))]),
    }
    trainer = _Linear(x.reshape(len(x), -1) / 255.0, labels, len(names), n_features, rng)
    logits, embeddings = {}, {}
    with RunWriter(log_dir) as writer:
        manifest = change(_manifest(writer, inputs, labels, names, splits, n_features))
        _write_static(writer, labels, splits, metadata)
        writer.manifest(manifest)
        for step in range(first_epoch, first_epoch + epochs):
            before_step(step)
            logits[step], embeddings[step] = trainer.step()
            also(writer, step)
            if broken_losses:
                logits[step][:2] = [[np.nan], [np.inf]]
            _write_step(writer, step, logits[step], embeddings[step], labels, splits, padding)
        if ended:
            writer.end()
    return Recording(
        log_dir, inputs, labels.astype(np.int32), splits, logits, embeddings, metadata, manifest
    )


def cross_entropy(
    logits: npt.NDArray[np.float64], labels: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """Per-sample loss in nats."""
    with np.errstate(invalid="ignore"):
        top = logits.max(axis=1, keepdims=True)
        total = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
        loss: npt.NDArray[np.float64] = total - logits[np.arange(len(labels)), labels]
    return loss


class _Linear:
    """Softmax regression on random features, by gradient descent."""

    def __init__(
        self,
        x: npt.NDArray[Any],
        labels: npt.NDArray[Any],
        n_classes: int,
        n_features: int,
        rng: np.random.Generator,
    ) -> None:
        self.x, self.targets = x, np.eye(n_classes)[labels]
        self.hidden = rng.normal(size=(x.shape[1], n_features)) / np.sqrt(x.shape[1])
        self.out = np.zeros((n_features, n_classes))

    def step(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float16]]:
        for _ in range(5):
            features = np.tanh(self.x @ self.hidden)
            logits = features @ self.out
            scores = _softmax(logits)
            delta = (scores - self.targets) / len(self.x)
            back = (delta @ self.out.T) * (1 - features**2)
            self.out -= 1.0 * features.T @ delta
            self.hidden -= 1.0 * self.x.T @ back
        features = np.tanh(self.x @ self.hidden)
        return features @ self.out, features.astype(np.float16)


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    scores: npt.NDArray[np.float64] = exp / exp.sum(axis=1, keepdims=True)
    return scores


def _splits(inputs: npt.NDArray[Any], n_train: int) -> tuple[schema.SplitInfo, ...]:
    bounds = [("train", 0, n_train), ("validation", n_train, len(inputs))]
    return tuple(
        schema.SplitInfo(
            name,
            start,
            stop - start,
            10 * (stop - start),
            float(inputs[start:stop].min()),
            float(inputs[start:stop].max()),
            (float(inputs[start:stop].mean()),),
            (float(inputs[start:stop].std()),),
            0,
        )
        for name, start, stop in bounds
        if stop > start
    )


def _manifest(
    writer: RunWriter,
    inputs: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    names: tuple[str, ...],
    splits: tuple[schema.SplitInfo, ...],
    n_features: int,
) -> schema.Manifest:
    height, width, channels = inputs.shape[1:]
    stored = save_inputs(writer.directory, inputs)
    layer = schema.LayerInfo
    flat = height * width
    return schema.Manifest(
        attempt=writer.attempt,
        created=time.time(),
        probe=f"{labels.sum()}-{len(labels)}",
        class_names=names,
        splits=splits,
        n_samples=len(inputs),
        input=schema.InputInfo(
            (height, width, channels), str(inputs.dtype), stored.file, stored.scale, stored.offset,
            0.0, 255.0, "uint8",
        ),
        layers=(
            layer("input", "InputLayer", "input", (height, width, channels), 0, 0),
            layer("backbone/flatten", "Flatten", "other", (flat,), 0, 0, ("input",)),
            layer(LAYER, "Dense", "dense", (n_features,), flat * n_features, 0,
                  ("backbone/flatten",), "tanh", embedding=True),
            layer("logits", "Dense", "dense", (len(names),), n_features * len(names), 0, (LAYER,),
                  "linear"),
        ),
        graph=True,
        embeddings=(schema.EmbeddingInfo(LAYER, n_features, False),),
        classifier="softmax",
        loss="sparse_categorical_crossentropy",
        objective=False,
        has_ids=True,
        columns=(
            schema.ColumnInfo("brightness", "number"),
            schema.ColumnInfo("flagged", "boolean"),
            schema.ColumnInfo("camera", "category"),
            schema.ColumnInfo("note", "text"),
        ),
        keras_version="none",
        backend="numpy",
        package_version="0",
    )  # fmt: skip


def _write_static(
    writer: RunWriter,
    labels: npt.NDArray[Any],
    splits: tuple[schema.SplitInfo, ...],
    metadata: dict[str, Any],
) -> None:
    writer.array(schema.LABELS, labels.astype(np.int32))
    # every tenth of the user's samples was drawn
    source = np.concatenate([10 * np.arange(split.count, dtype=np.int64) for split in splits])
    writer.array(schema.SOURCE_INDEX, source)
    writer.strings(schema.IDS, [f"img_{index:05d}.png" for index in range(len(labels))])
    for name, values in metadata.items():
        if values.dtype.kind == "U":
            writer.strings(schema.metadata_array(name), [str(value) for value in values])
        else:
            writer.array(schema.metadata_array(name), values)


def _write_step(
    writer: RunWriter,
    step: int,
    logits: npt.NDArray[np.float64],
    embedding: npt.NDArray[np.float16],
    labels: npt.NDArray[Any],
    splits: tuple[schema.SplitInfo, ...],
    padding: int,
) -> None:
    rows = np.arange(len(labels))
    own = logits[rows, labels]
    others = logits.copy()
    others[rows, labels] = -np.inf
    with np.errstate(invalid="ignore"):
        scores = _softmax(logits)
        loss = cross_entropy(logits, labels).astype(np.float32)
        margin = own - others.max(axis=1)
    unknown = np.isnan(logits).any(axis=1)
    prediction = np.where(unknown, -1, logits.argmax(axis=1)).astype(np.int32)
    arrays = {
        schema.LOSS: loss,
        schema.PREDICTION: prediction,
        schema.MARGIN: margin.astype(np.float32),
        schema.LABEL_SCORE: scores[rows, labels].astype(np.float32),
        schema.LABEL_RANK: (logits > own[:, None]).sum(axis=1).astype(np.int32),
        schema.SCORES: scores.astype(np.float32),
        schema.embedding_array(LAYER): embedding,
    }
    for name, values in arrays.items():
        writer.array(name, values, step)
    if padding:
        writer.array(schema.maps_array("padding"), np.zeros(padding, np.uint8), step)
    summaries = tuple(_summary(split, loss, prediction, labels) for split in splits)
    for summary in summaries:
        writer.scalar(f"probe/{summary.name}/loss", summary.loss, step)
    writer.commit(schema.StepRecord(step, time.time(), summaries, learning_rate=0.1))


def _summary(
    split: schema.SplitInfo,
    loss: npt.NDArray[np.float32],
    prediction: npt.NDArray[np.int32],
    labels: npt.NDArray[Any],
) -> schema.SplitSummary:
    part = slice(split.start, split.start + split.count)
    hit, own = prediction[part] == labels[part], labels[part]
    finite = np.isfinite(loss[part])
    return schema.SplitSummary(
        split.name,
        float(loss[part][finite].mean()) if finite.any() else float("nan"),
        float(hit.mean()),
        float(np.mean([hit[own == label].mean() for label in np.unique(own)])),
        int((~finite).sum()),
    )
