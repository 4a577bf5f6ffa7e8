"""Two runs, or two epochs of one, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.comparison import (
    CHANGES,
    UNKNOWN,
    Outcome,
    churn,
    disagreement,
    mcnemar,
    outcome,
)
from tensorboard_cnnvis.analysis.intervals import wilson
from tensorboard_cnnvis.analysis.neighbor_overlap import neighbor_overlap, paired_layers
from tensorboard_cnnvis.analysis.neighbors import METRICS
from tensorboard_cnnvis.analysis.stratified import stratified
from tensorboard_cnnvis.server.comparison import Comparison, comparison_of
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import in_splits, step_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.vectors import source
from tensorboard_cnnvis.server.wire import Answer, columns_answer, json_answer

Array = npt.NDArray[Any]
_MOST_NEIGHBORS = 100
_MOST_COMPARED = 5000


def comparison(runs: Runs, params: Params) -> Answer:
    """`POST comparison`."""
    opened = runs.open(params.text("run"))
    step = step_of(opened, params)
    found = comparison_of(runs, opened, params, "by")
    rows, table = _rows(found, params), found.table
    index = found.matching.matched.index[rows]
    change = table.values("change", step)[index]
    predictions, other = (of[index] for of in table.predictions(step))
    arrays: dict[str, Array] = {
        "index": index,
        "other_index": found.matching.matched.other_index[rows],
        "change": np.where(change < 0, UNKNOWN, change).astype(np.uint8),
        "loss_difference": table.values("loss_difference", step)[index],
        "margin_difference": table.values("margin_difference", step)[index],
        "prediction": predictions,
        "other_prediction": other,
        "disagreement": disagreement(predictions, other, len(table.classes)),
    }
    payload = {
        **_matched(found, params, rows),
        "class_names": table.classes,
        "churn": churn(predictions, other),
        **_judged(outcome(change)),
    }
    return columns_answer(arrays, payload)


def overlap(runs: Runs, params: Params) -> Answer:
    """`POST overlap`."""
    opened = runs.open(params.text("run"))
    step = step_of(opened, params)
    found = comparison_of(runs, opened, params, "by")
    k = params.integer("k", 15, low=1, high=_MOST_NEIGHBORS)
    most = params.integer("n", 2000, low=2, high=_MOST_COMPARED)
    metric = params.text("metric", "cosine")
    if metric not in METRICS:
        raise RequestError(400, f"there is no metric {metric!r}", f"metrics: {', '.join(METRICS)}")
    rows = np.flatnonzero(_rows(found, params))
    matched = found.matching.matched
    drawn = rows[stratified(opened.table.values("label")[matched.index[rows]], most, seed=0)]
    own = _recorded(opened, step)
    others = _recorded(found.other, found.other_step)
    pairs, left = paired_layers(own, others)
    layers = []
    for layer, other_layer in pairs:
        vectors = _vectors(opened, layer, step, matched.index[drawn])
        beside = _vectors(found.other, other_layer, found.other_step, matched.other_index[drawn])
        kept = neighbor_overlap(vectors, beside, k, metric)
        layers.append({"layer": layer, "other_layer": other_layer, **vars(kept)})
    payload = {
        "layers": layers,
        "left_out": left,
        "n": len(drawn),
        "of": len(rows),
        "k": k,
        "metric": metric,
    }
    return json_answer(payload)


POST: dict[str, Callable[[Runs, Params], Answer]] = {"comparison": comparison, "overlap": overlap}


def _rows(found: Comparison, params: Params) -> npt.NDArray[np.bool_]:
    """Which of the matched samples (m,) are of the asked splits."""
    return in_splits(found.opened.table, params)[found.matching.matched.index]


def _matched(found: Comparison, params: Params, rows: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """How many samples were matched, and by what."""
    among = in_splits(found.opened.table, params)
    notes = [*found.matching.notes, *found.table.notes(among)]
    return {
        "matched": int(np.count_nonzero(rows)),
        "of": int(np.count_nonzero(among)),
        "of_other": found.other.reader.manifest.n_samples,
        "by": found.matching.by,
        "note": " ".join(notes),
    }


def _judged(found: Outcome) -> dict[str, Any]:
    """How often both are right, and whether the difference could be chance."""
    told: dict[str, Any] = {"n": found.n, "interval": "Wilson 95%"}
    for name, hits in (("accuracy", found.hits), ("other_accuracy", found.other_hits)):
        low, high = wilson(hits, found.n)
        told |= {
            name: hits / found.n if found.n else float("nan"),
            f"{name}_low": float(low),
            f"{name}_high": float(high),
        }
    test = {"b": found.lost, "c": found.won, "p": mcnemar(found.lost, found.won)}
    return {**told, "changes": dict(zip(CHANGES, found.counts, strict=True)), "mcnemar": test}


def _recorded(run: OpenRun, step: int) -> list[str]:
    """The layers whose embedding is logged at a step, the penultimate one first."""
    return [
        item.layer
        for item in run.reader.manifest.embeddings
        if run.reader.has(schema.embedding_array(item.layer), step)
    ]


def _vectors(run: OpenRun, layer: str, step: int, samples: Sequence[int] | Array) -> Array:
    """The vectors of some samples, in their order, float32 (n, n_features)."""
    order = np.argsort(samples)
    found = source(run.reader, layer, step).take(np.asarray(samples, np.int64)[order])
    vectors = np.empty_like(found)
    vectors[order] = found
    return vectors
