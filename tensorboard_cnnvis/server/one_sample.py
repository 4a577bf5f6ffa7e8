"""Everything that is known of one sample: scores, history, facts."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis import dynamics
from tensorboard_cnnvis.store.reader import RunReader, StoreError
from tensorboard_cnnvis.table.sample_table import SampleTable

Array = npt.NDArray[Any]
_MOST_SCORES = 20
_HISTORY: dict[str, type[np.generic]] = {
    schema.LOSS: np.float32,
    schema.PREDICTION: np.int32,
    schema.MARGIN: np.float32,
    schema.LABEL_SCORE: np.float32,
}


def top_scores(reader: RunReader, data: SampleTable, index: int, step: int) -> tuple[Array, Array]:
    """At most 20 classes (int32) and scores (float32), descending, the label's among them."""
    most = _MOST_SCORES
    stored = reader.row(schema.SCORES, step, index).astype(np.float32)
    label = int(data.values("label")[index])
    if reader.manifest.top_scores is None:
        classes = np.argsort(-stored, kind="stable").astype(np.int32)
        scores = stored[classes]
    else:
        classes, scores = reader.row(schema.SCORE_CLASSES, step, index).astype(np.int32), stored
    if label >= 0 and label not in classes[:most]:
        own = reader.row(schema.LABEL_SCORE, step, index).astype(np.float32)
        classes = np.append(classes[: most - 1], np.int32(label))
        scores = np.append(scores[: most - 1], own)
    return classes[:most], scores[:most]


def history(reader: RunReader, data: SampleTable, index: int) -> dict[str, Array]:
    """What was recorded of the sample at every step, and its class's median loss there.

    The class is the watched samples with the same label and split; NaN losses are left out. What
    is damaged is NaN, or -1 for a prediction.
    """
    peers = (data.values("label") == data.values("label")[index]) & (
        data.values("split") == data.values("split")[index]
    )
    steps = [record.step for record in reader.steps]
    kept: dict[str, list[float]] = {name: [] for name in _HISTORY}
    medians = []
    for step in steps:
        for name in _HISTORY:
            kept[name].append(_value(reader, name, step, index))
        medians.append(_median_loss(reader, step, peers))
    return {
        "steps": np.array(steps, np.int32),
        **{name: _filled(kept[name], dtype) for name, dtype in _HISTORY.items()},
        "class_median_loss": np.array(medians, np.float32),
    }


def events(reader: RunReader, data: SampleTable, index: int) -> dict[str, Any]:
    """What happened to the sample over all logged steps; damaged ones are left out."""
    steps = [record.step for record in reader.steps]
    found = np.array([_value(reader, schema.PREDICTION, step, index) for step in steps])
    known = ~np.isnan(found)
    predictions = found[known].astype(np.int32)
    label = int(data.values("label")[index])
    return dataclasses.asdict(dynamics.events(np.array(steps, np.int32)[known], predictions, label))


def _value(reader: RunReader, name: str, step: int, index: int) -> float:
    try:
        return float(reader.row(name, step, index))
    except StoreError:
        return float("nan")


def _median_loss(reader: RunReader, step: int, peers: Array) -> float:
    try:
        losses = reader.array(schema.LOSS, step)[peers]
    except StoreError:
        return float("nan")
    known = losses[~np.isnan(losses)]
    return float(np.median(known)) if len(known) else float("nan")


def _filled(values: list[float], dtype: type[np.generic]) -> Array:
    array = np.array(values)
    return (np.where(np.isnan(array), -1, array) if dtype is np.int32 else array).astype(dtype)


def facts(reader: RunReader, data: SampleTable, index: int, step: int) -> dict[str, Any]:
    """The JSON part of `GET sample`."""
    losses = data.values("loss", step)
    own, finite = losses[index], losses[np.isfinite(losses)]
    split = data.values("split")[index]
    return {
        "sample_index": index,
        "source_index": data.values("source_index")[index],
        "id": data.texts("id")[index] if reader.manifest.has_ids else None,
        "split": reader.manifest.splits[split].name,
        "label": data.values("label")[index],
        "prediction": data.values("prediction", step)[index],
        "loss": own,
        "margin": data.values("margin", step)[index],
        "label_score": data.values("label_score", step)[index],
        "rank": 1 + int((finite > own).sum()) if np.isfinite(own) else None,
        "ranked": len(finite),
        "events": events(reader, data, index),
        "metadata": [[name, data.show(name, index)] for name in data.metadata],
    }
