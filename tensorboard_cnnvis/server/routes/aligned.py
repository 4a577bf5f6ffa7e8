"""Samples from epoch to epoch: how far they moved, where they went, and how much of it is true."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis.faithfulness import MOST_SAMPLES
from tensorboard_cnnvis.analysis.stratified import stratified
from tensorboard_cnnvis.server import movement as moving
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.movement import LaidOut, Places, Principal
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.projections import INPUTS
from tensorboard_cnnvis.server.routes.asked import members_of
from tensorboard_cnnvis.server.routes.asked_layout import method_of, source_of, wanted_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer, json_answer

MOST_TRAILS = 200
Indices = npt.NDArray[np.int32]


def stability(runs: Runs, params: Params) -> Answer:
    """`POST stability`."""
    opened = runs.open(params.text("run"))
    labels = opened.table.values("label")
    places = _places(opened, runs, params, stratified(labels, MOST_SAMPLES, 0))
    found, previous = moving.stability(places, _step(opened, params, "step", places))
    note = "nothing came before the first epoch" if previous is None else ""
    if previous is not None and not found.n:
        note = "no sample has a place at both epochs"
    return json_answer({**dataclasses.asdict(found), "previous": previous, "note": note})


def movement(runs: Runs, params: Params) -> Answer:
    """`POST movement`."""
    opened = runs.open(params.text("run"))
    places = _places(opened, runs, params, _everyone(opened))
    step, since = (_step(opened, params, name, places) for name in ("step", "since"))
    shown, true = moving.moved(places, since, step)
    arrays = {"index": places.index, "movement": shown, "true_movement": true}
    return columns_answer(arrays, {"since": since, "step": step})


def trails(runs: Runs, params: Params) -> Answer:
    """`POST trails`."""
    opened = runs.open(params.text("run"))
    asked = members_of(opened, params)
    if asked is None:
        raise RequestError(400, "the parameter 'members' is missing", "add members=...")
    asked_of = np.flatnonzero(asked).astype(np.int32)
    places = _places(opened, runs, params, _some(opened, asked_of))
    if isinstance(places, LaidOut):
        asked_of = np.intersect1d(places.index, asked_of)
    chosen = _some(opened, asked_of)
    steps, xy = moving.trails(places, np.isin(places.index, chosen))
    payload = {"of": int(asked.sum()), "laid_out": len(asked_of)}
    return columns_answer({"index": chosen, "steps": steps, "xy": xy}, payload)


POST: dict[str, Callable[[Runs, Params], Answer]] = {
    "stability": stability,
    "movement": movement,
    "trails": trails,
}


def _places(opened: OpenRun, runs: Runs, params: Params, index: Indices) -> Places:
    """The asked layouts of every epoch; `index` are the samples of principal components."""
    source, _ = source_of(opened, params)
    if source == INPUTS:
        raise RequestError(400, "the inputs are the same at every epoch", "choose a layer")
    if method_of(params) == "pca":
        return Principal(opened, source, index)
    wanted = wanted_of(opened, params)
    if not wanted.aligned:
        what = "layouts of single epochs cannot be compared: their axes have no lasting meaning"
        raise RequestError(400, what, "ask with aligned=1, or for pca")
    return LaidOut(opened, runs.jobs, wanted)


def _step(opened: OpenRun, params: Params, name: str, places: Places) -> int:
    """An epoch at which the layer is logged."""
    step = params.integer(name, low=-(2**31))
    opened.reader.step(step)
    if step not in places.steps:
        what = f"the layer's embedding is not logged at epoch {step}"
        raise RequestError(400, what, f"epochs: {', '.join(map(str, places.steps))}")
    return step


def _everyone(opened: OpenRun) -> Indices:
    return np.arange(opened.reader.manifest.n_samples, dtype=np.int32)


def _some(opened: OpenRun, index: Indices) -> Indices:
    """At most 200 of the samples, stratified by label, ascending."""
    labels = opened.table.values("label")[index]
    return np.asarray(index[stratified(labels, MOST_TRAILS, 0)], np.int32)
