"""Similar images and the confusion matrix: two parts of `explore.py`."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
import sklearn.metrics
from sklearn.neighbors import NearestNeighbors

from tensorboard_cnnvis import open_run
from tensorboard_cnnvis.analysis.neighbors import METRICS, nearest, space

if TYPE_CHECKING:
    from explore import Bench

K = 20
Array = np.ndarray[Any, Any]


class Rivals:
    """The same search by several means, each call from the next of 60,000 samples."""

    def __init__(self, bench: Bench, metric: str) -> None:
        run = open_run(bench.logdir / "fashion")
        self._layer = run.manifest.embeddings[0].layer
        self.stored = run.embedding(self._layer, run.steps[-1])
        self.vectors = self.stored.astype(np.float32)
        self._bench, self._metric, self._query = bench, metric, 0
        self._ready = space(self.vectors.copy())
        self._directed = self.vectors.copy()
        self._flat: Any = faiss.IndexFlatL2(self.vectors.shape[1])
        if metric == "cosine":
            faiss.normalize_L2(self._directed)
            self._flat = faiss.IndexFlatIP(self.vectors.shape[1])
        self._flat.add(self._directed)
        self._brute = NearestNeighbors(n_neighbors=K + 1, algorithm="brute", metric=metric)
        self._brute.fit(self.vectors)

    def request(self) -> Array:
        """A whole request over HTTP."""
        return self.ask(self._next())

    def search(self) -> Array:
        """Our search alone."""
        at = self._next()
        return nearest([self._ready], self.stored.__getitem__, at, K, self._metric).index

    def product(self) -> Array:
        """The floor: every vector has to be read once."""
        return self._ready.centred @ self.vectors[self._next()]

    def faiss(self) -> Array:
        """Its exact index."""
        at = self._next()
        return self._flat.search(self._directed[at : at + 1], K + 1)[1]

    def sklearn(self) -> Array:
        """Its exact search."""
        at = self._next()
        return self._brute.kneighbors(self.vectors[at : at + 1], return_distance=False)

    def ask(self, index: int) -> Array:
        """What the page gets of one sample."""
        body = {"source": self._layer, "index": index, "k": K, "metric": self._metric}
        return self._bench.post("neighbors", "fashion", **body).arrays["index"]

    def agreement(self) -> float:
        """Share of the answered neighbours that are scikit-learn's in float64."""
        model = NearestNeighbors(n_neighbors=K + 1, algorithm="brute", metric=self._metric)
        exact = self.stored.astype(np.float64)
        model.fit(exact)
        some = range(0, len(exact), len(exact) // 20)
        theirs = model.kneighbors(exact[list(some)], return_distance=False)
        pairs = zip(some, theirs, strict=True)
        return float(np.mean([np.isin(self.ask(at), found).mean() for at, found in pairs]))

    def _next(self) -> int:
        self._query = (self._query + 97) % len(self.vectors)
        return self._query


def similar_images(bench: Bench) -> None:
    """20 neighbours of one of 60,000 samples by an embedding of 128 features."""
    for metric in METRICS:
        rivals = Rivals(bench, metric)
        taken = bench.medians(
            {
                "HTTP": rivals.request,
                "the search itself": rivals.search,
                "a bare product": rivals.product,
                "faiss, flat": rivals.faiss,
                "scikit-learn, brute": rivals.sklearn,
            }
        )
        n, n_features = rivals.vectors.shape
        _report(f"the {K} most similar of {n:,} x {n_features}, {metric}", taken, 100.0)
        times = taken["the search itself"] / taken["a bare product"]
        held = "" if times < 2 else "  above 2"
        print(f"{times:10.2f}  times the bare product takes the search{held}")
        print(f"{100 * rivals.agreement():9.1f}%  of the neighbours are scikit-learn's in float64")


def confusion_matrix(bench: Bench) -> None:
    """The matrix with precision, recall, F1, intervals and an order of the classes."""
    run = open_run(bench.logdir / "fashion")
    step = run.steps[-1]
    frame = run.samples(step, neighbors=False)
    labels, predictions = (frame[name].cat.codes.to_numpy() for name in ("label", "prediction"))
    address = f"{bench.url}data/plugin/cnnvis/confusion?run=fashion/cnnvis&step={step}"

    def ours() -> bytes:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return bytes(answer.read())

    def matrix() -> Array:
        return sklearn.metrics.confusion_matrix(labels, predictions)

    def all_of_it() -> Array:
        sklearn.metrics.precision_recall_fscore_support(labels, predictions, zero_division=0)
        return matrix()

    taken = bench.medians(
        {"HTTP": ours, "scikit-learn": all_of_it, "scikit-learn, the matrix alone": matrix}
    )
    _report(f"confusion matrix of {len(labels):,} samples", taken, 50.0)


def _report(title: str, taken: dict[str, float], target: float) -> None:
    print(f"\n{title} (ms, median)")
    for name, milliseconds in taken.items():
        held = f"  above {target:.0f} ms" if name == "HTTP" and milliseconds >= target else ""
        print(f"{milliseconds:10.2f}  {name}{held}")
