"""t-SNE beside scikit-learn's: a part of `explore.py`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from fashion import NAMES, fashion
from recording import LAYER, record_run
from serving import Columns
from sklearn.manifold import TSNE

from tensorboard_cnnvis import open_run
from tensorboard_cnnvis.analysis.faithfulness import faithfulness

if TYPE_CHECKING:
    from explore import Bench

SAMPLES, FEATURES = 2000, 64
RUN = "layouts"
LISTED_SECONDS = 30.0
LOOK_SECONDS = 0.02
Array = np.ndarray[Any, Any]


def tsne_beside_scikit_learn(bench: Bench) -> None:
    """2,000 x 64: the first moving layout, the whole, its quality, and how soon a cancel frees."""
    images, labels = fashion("train")
    record_run(
        bench.logdir / RUN,
        images[:SAMPLES],
        labels[:SAMPLES],
        class_names=NAMES,
        n_features=FEATURES,
        epochs=2,
    )
    _wait_until_listed(bench)
    _follow(bench, seed=1)  # starts the worker, which compiles
    ours, moved, whole = _follow(bench, seed=2)
    vectors = open_run(bench.logdir / RUN).embedding(LAYER, 1).astype(np.float32)
    start = time.perf_counter()
    theirs = TSNE(init="pca", random_state=0).fit_transform(vectors)
    rival = time.perf_counter() - start
    print(f"t-SNE, {SAMPLES:,} x {FEATURES}, over HTTP, the worker warm")
    print(f"  first moving layout {moved:.2f} s (at most 2)")
    print(
        f"  whole {whole:.2f} s, scikit-learn {rival:.2f} s: {rival / whole:.1f} times (5 wanted)"
    )
    for name, layout in (("ours", ours), ("scikit-learn", theirs)):
        told = faithfulness(vectors, layout)
        print(f"  {name}: trustworthiness {told.trustworthiness:.4f}, 15-NN kept {told.kept:.3f}")
    print(f"  a cancel frees the worker in {_freed(bench):.2f} s (at most 1)")


def _follow(bench: Bench, seed: int) -> tuple[Array, float, float]:
    """A layout, the seconds until it first moved, and until it was done."""
    begun, moved = time.perf_counter(), None
    start = answer = _ask(bench, seed, start=1)
    while answer.payload["state"] in ("queued", "running"):
        time.sleep(LOOK_SECONDS)
        answer = _ask(bench, seed)
        shift = np.abs(answer.arrays["xy"] - start.arrays["xy"]).max()
        if moved is None and shift > 0.1 * np.ptp(start.arrays["xy"]):
            moved = time.perf_counter() - begun
    if answer.payload["state"] != "done":
        raise RuntimeError(answer.payload["error"])
    whole = time.perf_counter() - begun
    return answer.arrays["xy"], moved if moved is not None else whole, whole


def _freed(bench: Bench) -> float:
    """Seconds from a cancel until the next job runs."""
    job = _ask(bench, 3, start=1).payload["job"]
    while _ask(bench, 3).payload["progress"] < 0.2:
        time.sleep(LOOK_SECONDS)
    begun = time.perf_counter()
    bench.send("cancel", job=job)
    _ask(bench, 4, start=1)
    while _ask(bench, 4).payload["state"] == "queued":
        time.sleep(LOOK_SECONDS)
    return time.perf_counter() - begun


def _ask(bench: Bench, seed: int, **more: int) -> Columns:
    body = {"source": LAYER, "method": "tsne", "n": SAMPLES, "seed": seed, **more}
    return bench.post("projection", RUN, 1, **body)


def _wait_until_listed(bench: Bench) -> None:
    deadline = time.monotonic() + LISTED_SECONDS
    while time.monotonic() < deadline:
        try:
            bench.post("projection", RUN, 1, source=LAYER, method="pca")
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("tensorboard did not list the run")
