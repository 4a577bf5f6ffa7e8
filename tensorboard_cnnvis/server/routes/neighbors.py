"""Similar samples, and the vectors they are compared by."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.neighbors import METRICS, nearest
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.projections import INPUTS
from tensorboard_cnnvis.server.routes.asked import index_of, step_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.vectors import Source, Vectors, source
from tensorboard_cnnvis.server.wire import Answer, columns_answer

_MOST_NEIGHBORS = 100
_VECTORS = Vectors()


def neighbors(runs: Runs, params: Params) -> Answer:
    """`POST neighbors`."""
    opened = runs.open(params.text("run"))
    of, index = _source_of(opened, params), index_of(opened, params)
    k = params.integer("k", 5, low=1, high=_MOST_NEIGHBORS)
    metric = params.text("metric", "cosine")
    if metric not in METRICS:
        raise RequestError(400, f"there is no metric {metric!r}", f"metrics: {', '.join(METRICS)}")
    allowed = _allowed(opened, params, index)
    try:
        found = nearest(_VECTORS.parts(of, index), of.take, index, k, metric, allowed)
    except ValueError as error:
        raise RequestError(400, str(error), "pick another sample, or another source") from error
    payload = {
        "k": len(found.index),
        "of": found.of,
        "n_features": of.n_features,
        "metric": metric,
        "left_out": found.left_out,
        "note": of.note,
    }
    return columns_answer({"index": found.index, "distance": found.distance}, payload)


def vectors(runs: Runs, params: Params) -> Answer:
    """`GET vectors`."""
    opened = runs.open(params.text("run"))
    of = _source_of(opened, params)
    indices = _indices(params, of.n_samples)
    rows = np.concatenate([of.rows(index, index + 1) for index in indices])
    return columns_answer({"vectors": rows}, {"n_features": of.n_features, "note": of.note})


POST: dict[str, Callable[[Runs, Params], Answer]] = {"neighbors": neighbors}
GET: dict[str, Callable[[Runs, Params], Answer]] = {"vectors": vectors}


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
