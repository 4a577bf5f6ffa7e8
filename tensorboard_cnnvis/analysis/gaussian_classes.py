"""Which class a vector looks like, by a Gaussian of each class that was fitted without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
FOLDS = 5
_MOST_FEATURES = 1024
_LEAST_SHRINKAGE = 0.01  # features that never vary, as of dead channels, stay invertible
_ROWS = 8192


def held_out_log_scores(
    vectors: Array, labels: Array, n_classes: int, candidates: Array | None = None, seed: int = 0
) -> Floats:
    """Natural logs of the class probabilities by linear discriminant analysis, cross-fitted.

    A Gaussian of each class with one covariance, shrunk as Ledoit and Wolf (2004) do (with fourth
    moments about the mean of all classes: a little more), is fitted on four fifths of the vectors
    and asked about the fifth that it has not seen. Lee et al. (2019,
    "Robust Inference via Generative Classifiers for Handling Noisy Labels") found such a
    classifier on the last hidden layer to be right where the network had learned wrong labels: a
    few of them hardly move a mean, and no logit of it is fitted to any label.

    Args:
        vectors: float (n, n_features); above 1,024 features a random projection to so many.
        labels: int (n,), as given; -1 (unknown) is not fitted on.
        n_classes: number of classes; those without a sample have probability 0 (-inf).
        candidates: int (n, m), the classes that are asked for; None for all.
        seed: of the folds.

    Returns:
        float64 (n, n_classes) or (n, m); NaN in the rows of vectors that are not finite, and of
        those whose label no other fold has: nothing is known of what they should look like.
    """
    found = np.full((len(labels), n_classes if candidates is None else candidates.shape[1]), np.nan)
    for rows, log in _held_out(vectors, labels, n_classes, seed):
        found[rows] = log if candidates is None else np.take_along_axis(log, candidates[rows], 1)
    return found


def held_out_highest(
    vectors: Array, labels: Array, n_classes: int, candidates: Array, most: int, seed: int = 0
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The same of the candidates (n, m), and after them of the classes that are most probable.

    Returns:
        log: float64 (n, m + most), NaN in the rows of vectors that are not finite.
        classes: int64 (n, m + most), of which some may be there twice.
    """
    classes = np.concatenate([candidates, candidates[:, :1].repeat(most, axis=1)], axis=1)
    classes = classes.astype(np.int64)
    found = np.full(classes.shape, np.nan)
    for rows, log in _held_out(vectors, labels, n_classes, seed):
        first = n_classes - most
        classes[rows, -most:] = np.argpartition(log, first, axis=1)[:, first:]
        found[rows] = np.take_along_axis(log, classes[rows], 1)
    return found, classes


def _held_out(
    vectors: Array, labels: Array, n_classes: int, seed: int
) -> Iterator[tuple[npt.NDArray[np.int64], Floats]]:
    """Some rows of finite vectors at a time, and the logs of all classes (rows, n_classes)."""
    finite = np.isfinite(vectors).all(axis=1)
    fold = _folds(labels, seed)
    moments = _Moments(vectors, np.where(finite, labels, -1), fold, n_classes, seed)
    for held_out in range(FOLDS):
        weights, offsets = moments.without(held_out)
        alone = (labels >= 0) & np.isneginf(offsets)[labels]
        rows = np.flatnonzero(finite & (fold == held_out) & ~alone)
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            logits = moments.prepared(vectors[part]) @ weights + offsets
            with np.errstate(invalid="ignore"):  # no class has a sample in the other folds
                logits -= logits.max(axis=1, keepdims=True)
            logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
            yield part, logits


def _folds(labels: Array, seed: int) -> npt.NDArray[np.int64]:
    """Fold of each sample (n,), each label's samples spread evenly over the folds."""
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), np.int64)
    fold[order] = np.arange(len(labels)) % FOLDS
    return fold


class _Moments:
    """Counts, sums and products of the vectors by fold, from which each fold is taken off."""

    def __init__(self, vectors: Array, labels: Array, fold: Array, c: int, seed: int) -> None:
        width = vectors.shape[1]
        self._mixing: Array | None = None
        if width > _MOST_FEATURES:
            rng = np.random.default_rng(seed)
            mixing = rng.standard_normal((width, _MOST_FEATURES), np.float32)
            self._mixing, width = mixing / np.float32(np.sqrt(width)), _MOST_FEATURES
        self._centre: Floats | float = 0.0
        used = np.flatnonzero(labels >= 0)
        if len(used):
            first = self.prepared(vectors[used[:_ROWS]])
            self._centre = first.mean(axis=0)  # near zero, products keep their digits
        self.counts, self.sums = np.zeros((FOLDS, c)), np.zeros((FOLDS, c, width))
        self.products, self.fourth = np.zeros((FOLDS, width, width)), np.zeros(FOLDS)
        for k in range(FOLDS):
            rows = used[fold[used] == k]
            for start in range(0, len(rows), _ROWS):
                part = rows[start : start + _ROWS]
                self._add(k, self.prepared(vectors[part]), labels[part], c)

    def _add(self, k: int, x: Floats, y: Array, c: int) -> None:
        self.counts[k] += np.bincount(y, minlength=c)
        order = np.argsort(y, kind="stable")
        classes, starts = np.unique(y[order], return_index=True)
        self.sums[k, classes] += np.add.reduceat(x[order], starts, axis=0)
        self.products[k] += x.T @ x
        self.fourth[k] += float((np.einsum("ij,ij->i", x, x) ** 2).sum())

    def prepared(self, vectors: Array) -> Floats:
        """Float64 vectors, projected and moved."""
        x = np.asarray(vectors, np.float32)
        mixed = x if self._mixing is None else x @ self._mixing
        return np.asarray(mixed - self._centre, np.float64)

    def without(self, k: int) -> tuple[Floats, Floats]:
        """Weights (width, n_classes) and offsets (n_classes,) of the logits."""
        counts = self.counts.sum(axis=0) - self.counts[k]
        n, width = max(1.0, counts.sum()), self.sums.shape[2]
        means = (self.sums.sum(axis=0) - self.sums[k]) / np.maximum(counts, 1)[:, None]
        products = self.products.sum(axis=0) - self.products[k]
        scatter = (products - (means * counts[:, None]).T @ means) / n
        fourth = (self.fourth.sum() - self.fourth[k]) / n
        level = max(float(np.trace(scatter)) / width, 1e-12)
        apart = float((scatter**2).sum()) - width * level**2
        noise = max(0.0, fourth - float((scatter**2).sum())) / n
        shrinkage = float(np.clip(noise / max(apart, 1e-12), _LEAST_SHRINKAGE, 1.0))
        covariance = (1 - shrinkage) * scatter + shrinkage * level * np.eye(width)
        weights = np.linalg.solve(covariance, means.T)
        with np.errstate(divide="ignore"):
            offsets = np.log(counts / n) - 0.5 * np.einsum("ij,ji->i", means, weights)
        return weights, offsets
