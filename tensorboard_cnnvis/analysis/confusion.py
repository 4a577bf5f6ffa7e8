"""The confusion matrix and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]
OPTIMAL_ORDER_CLASSES = 300  # optimal leaf ordering takes 0.05 s here and 3 s at 1,000


@dataclass(frozen=True)
class Confusion:
    """Counts of samples by label and prediction.

    Samples without a label are in `unknown` alone. Those without a prediction, since a logit was
    NaN, are in `support` and `no_prediction`: they count as wrong.

    Attributes:
        matrix: int32 (n_classes, n_classes), rows are labels, columns predictions.
        support: int32 (n_classes,), samples with this label.
        unknown: samples whose label is not known.
        no_prediction: samples with a label and no prediction.
    """

    matrix: Integers
    support: Integers
    unknown: int
    no_prediction: int

    @property
    def n(self) -> int:
        """Samples with a label."""
        return int(self.support.sum())

    @property
    def hits(self) -> int:
        """Samples whose prediction is their label."""
        return int(np.trace(self.matrix))

    @property
    def predicted(self) -> Integers:
        """Labelled samples that were predicted to be of each class, int32 (n_classes,)."""
        return np.asarray(self.matrix.sum(axis=0), np.int32)

    @property
    def precision(self) -> Floats:
        """Share of the samples predicted to be of a class that are; NaN where none is."""
        return _ratio(np.diagonal(self.matrix), self.predicted)

    @property
    def recall(self) -> Floats:
        """Share of a class's samples that are predicted so; NaN for a class without any."""
        return _ratio(np.diagonal(self.matrix), self.support)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of the two; NaN for a class neither given nor predicted."""
        return _ratio(2 * np.diagonal(self.matrix), self.support + self.predicted)

    @property
    def accuracy(self) -> float:
        """Share of the labelled samples that are predicted right; NaN without any."""
        return self.hits / self.n if self.n else float("nan")

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that occur; NaN without any."""
        occurring = self.support > 0
        recalls = np.diagonal(self.matrix)[occurring] / self.support[occurring]
        return float(recalls.mean()) if len(recalls) else float("nan")


def confusion(labels: Array, predictions: Array, n_classes: int) -> Confusion:
    """Counts labels (n,) against predictions (n,), both int with -1 where there is none."""
    known = labels >= 0
    both = known & (predictions >= 0)
    cells = labels[both].astype(np.int64) * n_classes + predictions[both]
    counts = np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)
    return Confusion(
        counts.astype(np.int32),
        np.bincount(labels[known], minlength=n_classes).astype(np.int32),
        int((~known).sum()),
        int((known & ~both).sum()),
    )


def similar_together(matrix: Integers) -> Integers:
    """An order of the classes (n_classes,) that puts those confused with one another together.

    The similarity of two classes is the mean of the two shares of one taken for the other. Average
    linkage over 1 - similarity; the leaves in the order of least total distance between neighbours
    (Bar-Joseph et al. 2001) up to 300 classes, above in the dendrogram's own. Of the two ways to
    read it, the one that begins with the lower class.
    """
    # SciPy's clustering takes 0.2 s to import
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    n_classes = len(matrix)
    if n_classes < 3:
        return np.arange(n_classes, dtype=np.int32)
    shares = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    distance = 1 - (shares + shares.T) / 2
    np.fill_diagonal(distance, 0)
    condensed = squareform(distance, checks=False)
    tree = linkage(condensed, "average")
    if n_classes <= OPTIMAL_ORDER_CLASSES:
        tree = optimal_leaf_ordering(tree, condensed)
    order = leaves_list(tree)
    return np.asarray(order if order[0] < order[-1] else order[::-1], np.int32)


def _ratio(part: Array, whole: Array) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan).astype(np.float32)
