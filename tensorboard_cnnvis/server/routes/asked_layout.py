"""What the routes of layouts read from their parameters."""

from __future__ import annotations

from typing import Any

from tensorboard_cnnvis.server import layouts
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.layouts import Wanted
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.projections import INPUTS
from tensorboard_cnnvis.server.routes.asked import step_of
from tensorboard_cnnvis.server.runs import OpenRun

_METHODS = ("pca", "tsne", "umap")
_DEFAULT_SAMPLES = 2000
_MOST_NEIGHBOURS = 200


def method_of(params: Params) -> str:
    """The asked method; pca by default."""
    method = params.text("method", "pca")
    if method not in _METHODS:
        raise RequestError(400, f"there is no method {method!r}", f"expected {', '.join(_METHODS)}")
    return method


def source_of(opened: OpenRun, params: Params) -> tuple[str, int]:
    """The asked source and step; the inputs have none."""
    source = params.text("source")
    return source, -1 if source == INPUTS else step_of(opened, params)


def wanted_of(opened: OpenRun, params: Params) -> Wanted:
    """The layout that is asked for, checked against the run."""
    of, method = layouts.least(opened), method_of(params)
    source, step = source_of(opened, params)
    n = min(of, params.integer("n", _DEFAULT_SAMPLES, low=layouts.LEAST_SAMPLES))
    asked: dict[str, Any] = {"n": n, "seed": params.integer("seed", 0), "metric": metric_of(params)}
    if method == "tsne":
        asked["perplexity"] = _perplexity(params, n)
    else:
        asked["neighbors"] = _neighbors(params, n)
        asked["min_distance"] = params.number("min_distance", 0.1, low=0.0, high=1.0)
    over_epochs = params.flag("aligned") and source != INPUTS  # which are the same at all steps
    if over_epochs:
        asked["pull"] = params.number("pull", layouts.PULL, low=0.0, high=1.0)
    return Wanted(method, source, step, n, asked, over_epochs)


def metric_of(params: Params) -> str:
    """The asked metric."""
    name = params.text("metric", layouts.METRICS[0])
    if name not in layouts.METRICS:
        expected = " or ".join(layouts.METRICS)
        raise RequestError(400, f"there is no metric {name!r}", f"expected {expected}")
    return name


def _perplexity(params: Params, n: int) -> float:
    perplexity = params.number("perplexity", 30.0, low=1.0, high=1e6)
    if perplexity > (n - 1) / 3:
        most = (n - 1) * 100 // 3 / 100  # rounded down: it must not be refused
        fewer = f"at most {most:g}, which is (samples - 1) / 3; or " if most >= 1 else ""
        raise RequestError(
            400,
            f"a perplexity of {perplexity:g} is too high for {n} samples",
            f"{fewer}draw more samples",
        )
    return perplexity


def _neighbors(params: Params, n: int) -> int:
    neighbors = params.integer("neighbors", 15, low=2, high=_MOST_NEIGHBOURS)
    if neighbors >= n:
        raise RequestError(
            400,
            f"{neighbors} neighbors are too many for {n} samples",
            f"at most {n - 1}; or draw more samples",
        )
    return neighbors
