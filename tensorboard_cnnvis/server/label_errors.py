"""The samples whose label is probably wrong, as the worker ranks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.analysis.label_errors import DEFINITION, LEAST_EPOCHS, NOTHING
from tensorboard_cnnvis.jobs.client import JobRequest
from tensorboard_cnnvis.server.asked_jobs import subject
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.runs import OpenRun
from tensorboard_cnnvis.store.reader import RunReader, StoreError

Array = npt.NDArray[Any]
KIND = "label_errors"


def request_of(opened: OpenRun, step: int) -> JobRequest:
    """The job that ranks by the record up to a step; all epochs that count are in its name.

    A file of earlier epochs may arrive, or go, behind that of the step.

    Raises:
        RequestError: too few epochs are logged up to it.
    """
    reader = opened.reader
    steps = [record.step for record in reader.steps if record.step <= step]
    if len(steps) < LEAST_EPOCHS:
        what = f"the ranking needs {LEAST_EPOCHS} logged epochs; there are {len(steps)}"
        raise RequestError(400, what, "wait for the next epoch")
    epochs = [[past, reader.attempt(past)] for past in steps]
    parameters = {"definition": DEFINITION, "epochs": epochs}
    return JobRequest(KIND, subject(opened, KIND, step), parameters)


def ranked(arrays: dict[str, Array], shown: npt.NDArray[np.bool_]) -> dict[str, Array]:
    """The samples against whose label something speaks, the most suspicious first.

    Args:
        arrays: the fields of `LabelErrors`, each (n_samples,).
        shown: which samples (n_samples,) may be among them.

    Returns:
        `index`, int32 (m,), ties ascending, and the fields at these rows.
    """
    index = np.flatnonzero(shown & (arrays["reason"] != NOTHING))
    index = index[np.argsort(-arrays["score"][index], kind="stable")]
    return {"index": index.astype(np.int32), **{name: arrays[name][index] for name in arrays}}


def score_history(reader: RunReader, index: int, classes: Sequence[int]) -> Array:
    """A sample's scores of some classes at every logged step, float32 (n_classes, n_steps).

    NaN where a score is not among those stored, or damaged.
    """
    found = [_scores(reader, record.step, index, classes) for record in reader.steps]
    return np.array(found, np.float32).reshape(len(found), len(classes)).T


def _scores(reader: RunReader, step: int, index: int, classes: Sequence[int]) -> list[float]:
    try:
        scores = reader.row(schema.SCORES, step, index).tolist()
        if reader.manifest.top_scores is not None:
            stored = reader.row(schema.SCORE_CLASSES, step, index).tolist()
            known = dict(zip(stored, scores, strict=True))
        else:
            known = dict(enumerate(scores))
    except StoreError:
        known = {}
    return [known.get(name, float("nan")) for name in classes]
