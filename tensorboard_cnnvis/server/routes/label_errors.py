"""The ranking of probably wrong labels, and the evidence of one sample over the epochs."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from tensorboard_cnnvis.server import asked_jobs
from tensorboard_cnnvis.server import label_errors as ranking
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.params import Params
from tensorboard_cnnvis.server.routes.asked import in_splits, index_of, step_of
from tensorboard_cnnvis.server.runs import OpenRun, Runs
from tensorboard_cnnvis.server.wire import Answer, columns_answer

_MOST_CLASSES = 20


def label_errors(runs: Runs, params: Params) -> Answer:
    """`POST label_errors`."""
    opened = runs.open(params.text("run"))
    shown = in_splits(opened.table, params) & (opened.table.values("label") >= 0)
    request = ranking.request_of(opened, step_of(opened, params))
    status = asked_jobs.stand(runs.jobs, request, start=params.flag("start"))
    payload = {**asked_jobs.fields(status, request.job), "note": ""}
    if status.state != "done":
        return columns_answer({}, payload)
    arrays = ranking.ranked(dict(status.arrays), shown)
    scored = shown & np.isfinite(status.arrays["score"])
    counts = {"n": int(shown.sum()), "scored": int(scored.sum()), "total": len(arrays["index"])}
    told = {**status.payload, **counts}
    return columns_answer(arrays, {**payload, **told})


def score_history(runs: Runs, params: Params) -> Answer:
    """`GET score_history`."""
    opened = runs.open(params.text("run"))
    classes = _classes(opened, params)
    steps = np.array([record.step for record in opened.reader.steps], np.int32)
    scores = ranking.score_history(opened.reader, index_of(opened, params), classes)
    return columns_answer({"steps": steps, "scores": scores}, {"classes": classes})


GET: dict[str, Callable[[Runs, Params], Answer]] = {"score_history": score_history}
POST: dict[str, Callable[[Runs, Params], Answer]] = {"label_errors": label_errors}


def _classes(opened: OpenRun, params: Params) -> list[int]:
    most = len(opened.reader.manifest.class_names)
    names = params.names("classes")
    known = [int(name) for name in names if re.fullmatch("[0-9]{1,9}", name) and int(name) < most]
    if not 1 <= len(known) <= _MOST_CLASSES or len(known) < len(names):
        what = f"classes={','.join(names)[:80]!r} is out of range"
        expected = f"expected 1 to {_MOST_CLASSES} class indices below {most}"
        raise RequestError(400, what, expected)
    return known
