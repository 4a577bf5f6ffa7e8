"""A record with every kind of column and every kind of gap, and the same as a pandas frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.query import Scope, find
from tensorboard_cnnvis.store.reader import RunReader
from tensorboard_cnnvis.store.writer import RunWriter
from tensorboard_cnnvis.table.sample_table import SampleTable

CLASSES = ("ant", "bee", "Ankle boot", 'it\'s \\ "4"')
CAMERAS = ("left", "right", "top")
N = 200


@dataclass(frozen=True, repr=False)
class Queried:
    """`frame` is made from the arrays alone: classes as names, and as numbers in `*_index`."""

    table: SampleTable
    frame: pd.DataFrame
    scores: np.ndarray[Any, Any]

    def rows(self, text: str, **scope: Any) -> list[int]:
        everything = {"among": np.ones(N, np.bool_), **scope}
        return np.flatnonzero(find(text, Scope(self.table, 0, **everything))).tolist()

    def theirs(self, text: str) -> list[int]:
        return self.frame.query(text, engine="python").index.tolist()


def make_record(log_dir: Path, top_scores: int | None = None) -> Queried:
    rng = np.random.default_rng(0)
    label = rng.integers(-1, len(CLASSES), N).astype(np.int32)
    prediction = rng.integers(-1, len(CLASSES), N).astype(np.int32)
    loss = rng.choice([0.1, 0.25, 0.3, 1.5, 2.0, 7.75, np.nan, np.inf], N).astype(np.float32)
    margin = rng.normal(size=N).astype(np.float32)
    scores = rng.dirichlet(np.ones(len(CLASSES)), N).astype(np.float32)
    place = {"camera": rng.integers(-1, 3, N), "flagged": rng.choice([0, 1, 255], N)}
    camera = [CAMERAS[code] if code >= 0 else "" for code in place["camera"]]
    note = [f"Note {number % 50}" for number in range(N)]
    above = rng.integers(0, len(CLASSES), N).astype(np.int32)
    columns = (
        schema.ColumnInfo("camera", "category"),
        schema.ColumnInfo("flagged", "boolean"),
        schema.ColumnInfo("note", "text"),
        schema.ColumnInfo("a number", "number"),
        schema.ColumnInfo("was", "category"),
    )
    image = schema.InputInfo((1, 1, 1), "uint8", "inputs.npy", None, None, 0, 255, "uint8")
    split = schema.SplitInfo("train", 0, 80, 80, 0, 1, (0.5,), (0.5,), 0)
    splits = (split, replace(split, name="validation", start=80, count=N - 80))
    manifest = schema.Manifest(
        "", 0.0, "p", CLASSES, splits, N, image, (), False, (), "softmax", "", False,
        columns=columns, top_scores=top_scores,
    )  # fmt: skip
    order = np.argsort(-scores, axis=1, kind="stable")[:, :top_scores]
    was = np.array([*CLASSES, ""])[rng.integers(-1, len(CLASSES), N)]
    with RunWriter(log_dir) as writer:
        writer.array(schema.LABELS, label)
        writer.array(schema.SOURCE_INDEX, np.arange(N))
        for name, values in (("camera", camera), ("note", note), ("was", was.tolist())):
            writer.strings(schema.metadata_array(name), values)
        writer.array(schema.metadata_array("flagged"), place["flagged"].astype(np.uint8))
        writer.array(schema.metadata_array("a number"), margin * 10)
        writer.manifest(manifest)
        own = scores[np.arange(N), label]
        for name, array in (
            (schema.LOSS, loss), (schema.PREDICTION, prediction), (schema.MARGIN, margin),
            (schema.LABEL_SCORE, own), (schema.LABEL_RANK, above),
        ):  # fmt: skip
            writer.array(name, array, 0)
        if top_scores is None:
            writer.array(schema.SCORES, scores, 0)
        else:
            writer.array(schema.SCORES, np.take_along_axis(scores, order, 1), 0)
            writer.array(schema.SCORE_CLASSES, order.astype(np.int32), 0)
        writer.commit(schema.StepRecord(0, 0.0, splits=()))
    frame = pd.DataFrame(
        {
            "sample_index": np.arange(N),
            "split": ["train"] * 80 + ["validation"] * (N - 80),
            "label": _named(label, CLASSES),
            "label_index": np.where(label < 0, np.nan, label),
            "prediction": _named(prediction, CLASSES),
            "prediction_index": np.where(prediction < 0, np.nan, prediction),
            "correct": _flags(np.where(label < 0, 255, label == prediction)),
            "loss": loss,
            "margin": margin,
            "label_score": own,
            "rank": np.where(label < 0, np.nan, above + 1.0),
            "camera": [text or None for text in camera],
            "flagged": _flags(place["flagged"]),
            "note": note,
            "a number": margin * 10,
            "was": [text or None for text in was.tolist()],
        }
    )
    return Queried(SampleTable(RunReader(log_dir / schema.SUBDIRECTORY)), frame, scores)


def _named(codes: np.ndarray[Any, Any], names: tuple[str, ...]) -> list[str | None]:
    return [names[code] if code >= 0 else None for code in codes]


def _flags(values: np.ndarray[Any, Any]) -> Any:
    return pd.array([None if value == 255 else bool(value) for value in values], dtype="boolean")
