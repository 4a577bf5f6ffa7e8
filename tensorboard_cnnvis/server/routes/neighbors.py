"""Similar samples, and the vectors they are compared by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.neighbors import METRICS, Neighbors, nearest, nearest_to
from tensorboard_cnnvis.jobs.client import JobClient
from tensorboard_cnnvis.server import computed
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.projections import INPUTS
from tensorboard_cnnvis.server.routes.asked import index_of, picture_of, step_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.vectors import Source, Vectors, image_vectors, source
from tensorboard_cnnvis.server.wire import Answer, columns_answer

_MOST_NEIGHBORS = 100
_VECTORS = Vectors()
Floats = npt.NDArray[np.float32]


def neighbors(runs: Runs, params: Params) -> Answer:
    """`POST neighbors`: of a sample, or of the user's own image."""
    opened = runs.open(params.text("run"))
    of, k = _source_of(opened, params), params.integer("k", 5, low=1, high=_MOST_NEIGHBORS)
    metric = params.text("metric", "cosine")
    if metric not in METRICS:
        raise RequestError(400, f"there is no metric {metric!r}", f"metrics: {', '.join(METRICS)}")
    if params.text("image", ""):
        return _of_own_image(opened, runs.jobs, params, of, k, metric)
    index = index_of(opened, params)
    query = of.rows(index, index + 1)[0]
    allowed = _allowed(opened, params, index)
    try:
        found = nearest(_VECTORS.parts(of, query), of.take, index, k, metric, allowed)
    except ValueError as error:
        raise RequestError(400, str(error), "pick another sample, or another source") from error
    return columns_answer(_arrays(found), _told(found, of, metric))


def vectors(runs: Runs, params: Params) -> Answer:
    """`GET vectors`."""
    opened = runs.open(params.text("run"))
    of = _source_of(opened, params)
    indices = _indices(params, of.n_samples)
    rows = np.concatenate([of.rows(index, index + 1) for index in indices])
    return columns_answer({"vectors": rows}, {"n_features": of.n_features, "note": of.note})


POST: dict[str, Callable[[Runs, Params], Answer]] = {"neighbors": neighbors}
GET: dict[str, Callable[[Runs, Params], Answer]] = {"vectors": vectors}


def _of_own_image(
    opened: OpenRun, jobs: JobClient, params: Params, of: Source, k: int, metric: str
) -> Answer:
    """The samples nearest to the user's own image, once its vector is known."""
    if params.flag("same_label") or params.flag("same_split"):
        what = "an image of your own has no label and no split"
        raise RequestError(400, what, "leave same_label and same_split out")
    picture = picture_of(opened, jobs, params)
    name, step = params.text("source"), params.integer("step", low=-(2**31))
    if name == INPUTS:
        query, state = image_vectors(picture.arrays["image"][None])[0], {"state": "done"}
    else:
        asked = {"layer": name, **picture.parameters}
        request = computed.request_of(opened, step, "embedding", asked, picture.arrays)
        status = computed.status_of(opened, jobs, params, request)
        state = computed.payload_of(status, request)
        if status.state != "done":
            return columns_answer({}, {**state, "metric": metric, "n_features": of.n_features})
        query = _as_recorded(opened, name, step, status.arrays["vector"])
    try:
        found = nearest_to(_VECTORS.parts(of, query), of.take, query, k, metric)
    except ValueError as error:
        raise RequestError(400, str(error), "choose another source or epoch") from error
    arrays = {**_arrays(found), "vector": query}
    return columns_answer(arrays, {**state, **_told(found, of, metric)})


def _as_recorded(opened: OpenRun, layer: str, step: int, vector: Floats) -> Floats:
    """A vector rounded as the record's are, where it is within that range."""
    stored = opened.reader.step(step).arrays[schema.embedding_array(layer)].dtype
    with np.errstate(over="ignore"):
        rounded = vector.astype(stored).astype(np.float32)
    return np.where(np.isfinite(rounded), rounded, vector)


def _arrays(found: Neighbors) -> dict[str, npt.NDArray[Any]]:
    return {"index": found.index, "distance": found.distance}


def _told(found: Neighbors, of: Source, metric: str) -> dict[str, Any]:
    return {
        "k": len(found.index),
        "of": found.of,
        "n_features": of.n_features,
        "metric": metric,
        "left_out": found.left_out,
        "note": of.note,
    }


def _source_of(opened: OpenRun, params: Params) -> Source:
    name = params.text("source")
    return source(opened.reader, name, 0 if name == INPUTS else step_of(opened, params))


def _allowed(opened: OpenRun, params: Params, index: int) -> npt.NDArray[np.bool_] | None:
    """The samples of the same class or split, where that is asked; None for all."""
    columns = [name for name in ("label", "split") if params.flag(f"same_{name}")]
    each = [opened.table.values(name) == opened.table.values(name)[index] for name in columns]
    return np.logical_and.reduce(each) if each else None


def _indices(params: Params, n_samples: int) -> list[int]:
    """The samples asked for, at least one: the query and its neighbours."""
    names = params.names("indices")
    valid = all(name.isdecimal() and len(name) < 11 and int(name) < n_samples for name in names)
    if not names or not valid or len(names) > _MOST_NEIGHBORS + 1:
        raise RequestError(
            400,
            f"indices={','.join(names)[:100]!r} cannot be answered",
            f"expected 1 to {_MOST_NEIGHBORS + 1} sample indices from 0 to {n_samples - 1}",
        )
    return [int(name) for name in names]
