"""Layouts by t-SNE and UMAP as they form in the worker, turned and scaled to the shown PCA."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorboard_cnnvis.analysis import projection
from tensorboard_cnnvis.analysis.faithfulness import MOST_SAMPLES, Faithfulness, faithfulness
from tensorboard_cnnvis.analysis.stratified import stratified
from tensorboard_cnnvis.jobs.client import JobClient, JobRequest, JobStatus
from tensorboard_cnnvis.server.asked_jobs import stand, subject
from tensorboard_cnnvis.server.errors import RequestError
from tensorboard_cnnvis.server.projections import INPUTS, Projected
from tensorboard_cnnvis.server.runs import OpenRun
from tensorboard_cnnvis.server.vectors import source

Floats = npt.NDArray[np.float32]
METRICS = ("euclidean", "cosine")
LEAST_SAMPLES = 3
_NEEDS = {"tsne": ("numba",), "umap": ("numba", "umap")}
_NEEDS_FFT = "openTSNE"
MOST_EXACT = 10_000
_LOADING_SECONDS = 2.0
PULL = 0.5
INSTALL = 'pip install "tensorboard-cnnvis[projections]"'


@dataclass(frozen=True)
class Wanted:
    """A layout as it was asked for.

    Attributes:
        method: tsne or umap.
        source: `inputs` or a layer's path.
        step: epoch.
        n: number of samples to draw.
        parameters: of the job: n, seed, metric and those of the method; pull where aligned.
        aligned: over the epochs, each from the one before.
    """

    method: str
    source: str
    step: int
    n: int
    parameters: dict[str, Any]
    aligned: bool = False


@dataclass(frozen=True)
class Layout:
    """A layout as it stands.

    Attributes:
        index: int32 (m,), the drawn samples, ascending.
        xy: float32 (m, 2), NaN where a vector is not finite.
        status: of its job.
        job: the job's name.
        limits: x0, x1, y0, y1 of `xy`.
        n_features: width of the vectors.
        note: what is to be known of it, or "".
        of: number of samples of which were drawn.
        begun: whether `xy` is no longer the principal components.
    """

    index: npt.NDArray[np.int32]
    xy: Floats
    status: JobStatus
    job: str
    limits: tuple[float, float, float, float]
    n_features: int
    note: str
    of: int
    begun: bool


def shown_pca(opened: OpenRun, source: str, step: int) -> Projected:
    """The principal components that the page shows of a source."""
    if source == INPUTS:
        return opened.projections.inputs()
    return opened.projections.layer(source, step)


def layout(opened: OpenRun, jobs: JobClient, wanted: Wanted, *, start: bool) -> Layout:
    """A layout as far as it has come; `start` has it made where it is not.

    Raises:
        RequestError: an extra is missing, or too many jobs are waiting.
    """
    shown = shown_pca(opened, wanted.source, wanted.step)
    request = JobRequest(wanted.method, subject(opened, wanted.source, wanted.step),
                         wanted.parameters)  # fmt: skip
    status = stand(jobs, request, start=start, check=lambda: check_extras(wanted))
    if status.state == "absent":
        jobs.warm(wanted.method)
    labels = opened.table.values("label")
    index = stratified(labels, wanted.n, wanted.parameters["seed"])
    xy = _placed(status, shown.coordinates[index])
    return Layout(
        index,
        xy,
        status,
        request.job,
        projection.limits(xy),
        shown.n_features,
        note(shown.note, xy, status),
        len(labels),
        "xy" in status.arrays,
    )


def faithful(opened: OpenRun, layout: Layout, wanted: Wanted) -> Faithfulness:
    """How a layout that is done keeps its vectors' neighbours, on at most 2,000 of its samples.

    Raises:
        RequestError: it is not done.
    """
    if layout.status.state != "done":
        what = f"the layout is {layout.status.state}; only one that is done can be judged"
        raise RequestError(400, what, "wait until it is done")
    labels = opened.table.values("label")[layout.index]
    rows = stratified(labels, MOST_SAMPLES, wanted.parameters["seed"])
    metric = str(wanted.parameters["metric"])
    vectors = source(opened.reader, wanted.source, wanted.step).take(_positions(layout.index[rows]))
    return faithfulness(vectors, layout.xy[rows], metric)


def faithful_pca(opened: OpenRun, name: str, step: int, seed: int) -> Faithfulness:
    """How the shown principal components keep neighbours, on at most 2,000 samples."""
    rows = stratified(opened.table.values("label"), MOST_SAMPLES, seed)
    vectors = source(opened.reader, name, step).take(_positions(rows))
    return faithfulness(vectors, shown_pca(opened, name, step).coordinates[rows])


def check_extras(wanted: Wanted) -> None:
    """Raises RequestError 400 with the install line where what the method needs is missing."""
    needs = list(_NEEDS[wanted.method])
    if wanted.method == "tsne" and wanted.n > MOST_EXACT:
        needs.append(_NEEDS_FFT)
    missing = [name for name in needs if importlib.util.find_spec(name) is None]
    if missing:
        what = f"{wanted.method} needs {' and '.join(missing)}, which is not installed here"
        raise RequestError(400, what, INSTALL)


def _positions(index: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    return index.astype(np.int64)


def _placed(status: JobStatus, pca: Floats) -> Floats:
    """The layout with the orientation and the extent of the principal components (m, 2)."""
    xy, start = status.arrays.get("xy"), status.arrays.get("start")
    if xy is None or start is None:
        return pca
    known = np.isfinite(xy).all(axis=1) & np.isfinite(pca).all(axis=1)
    return projection.placed(xy, projection.placement(xy, start, pca)) if known.any() else pca


def note(of_vectors: str, xy: Floats, status: JobStatus, of_layout: str = "") -> str:
    """What is to be known of a layout."""
    notes = [text for text in (of_vectors, of_layout) if text]
    missing = int((~np.isfinite(xy).all(axis=1)).sum())
    if missing:
        whose = f"{missing} of {len(xy)} drawn samples are left out"
        notes.append(f"{whose}: their vectors are not finite")
    if status.state == "running" and not status.progress and status.seconds > _LOADING_SECONDS:
        notes.append("the worker loads its code, which is compiled the first time")
    return "; ".join(notes)


def least(opened: OpenRun) -> int:
    """The number of samples, after a check that there are enough for a layout."""
    n = opened.reader.manifest.n_samples
    if n < LEAST_SAMPLES:
        raise RequestError(
            400,
            f"a layout needs at least {LEAST_SAMPLES} samples; the run watches {n}",
            "use pca",
        )
    return n
