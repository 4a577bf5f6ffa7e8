"""Mean scores over the epochs, where of each epoch perhaps only the highest ones are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


class MeanScores:
    """Sums up the epochs, one at a time; row i is sample i.

    Where only the highest scores and the label's are known, what these leave of 1 is divided among
    the other classes alike.

    Attributes:
        counts: float64 (n,), of how many epochs all scores of a sample are finite; the others do
            not count.
    """

    def __init__(self, labels: Array, n_classes: int) -> None:
        """Of samples with these labels (n,), any class where it is unknown."""
        self._labels, self._n_classes = labels, n_classes
        self.counts, self._label, self._rest = np.zeros((3, len(labels)))
        self._sums: Any = None  # (n, n_classes): dense, or sparse and above the rest
        self._classes: Array | None = None

    def add(self, scores: Array, label_score: Array, classes: Array | None = None) -> None:
        """Takes in the next epoch.

        Args:
            scores: (n, n_classes), or (n, m) the highest ones.
            label_score: (n,) of the label.
            classes: int (n, m), whose scores these are; None for all.
        """
        scored = np.asarray(np.isfinite(scores).all(axis=1))
        self.counts += scored
        own = np.where(scored & np.isfinite(label_score), label_score, 0).astype(np.float64)
        self._label += own
        found: Any = np.where(scored[:, None], scores, 0).astype(np.float64)
        self._classes = classes
        if classes is not None:
            rest = rest_of(found, own, classes, self._labels, self._n_classes) * scored
            self._rest += rest
            found = by_class(found - rest[:, None], classes, self._n_classes)
        self._sums = found if self._sums is None else self._sums + found

    def of(self, classes: Array | None = None) -> Floats:
        """Mean scores of some classes, int (n, m) -> (n, m); None for all, (n, n_classes).

        All are known only where all were given. 0 without any epoch that counts.
        """
        counts = np.maximum(self.counts, 1)[:, None]
        if classes is None:
            return np.asarray(self._sums / counts)
        rows = np.repeat(np.arange(len(classes)), classes.shape[1])
        sums = np.asarray(self._sums[rows, classes.ravel()]).reshape(classes.shape)
        if self._classes is not None:
            sums = np.maximum(sums + self._rest[:, None], 0)  # may cancel out but for a rounding
            sums = np.where(classes == self._labels[:, None], self._label[:, None], sums)
        return np.asarray(sums / counts)

    @property
    def label(self) -> Floats:
        """That of the label (n,)."""
        return np.asarray(self._label / np.maximum(self.counts, 1))

    @property
    def rest(self) -> Floats:
        """That of each class which never was among the highest, nor is the label, (n,)."""
        return np.asarray(self._rest / np.maximum(self.counts, 1))


def rest_of(scores: Array, own: Array, classes: Array, labels: Array, n_classes: int) -> Floats:
    """The probability of each class that is neither listed nor the label, float64 (n,).

    Args:
        scores: float64 (n, m), probabilities of the listed classes.
        own: (n,), that of the label.
        classes: int (n, m), the listed ones; -1 where none is, whatever the score.
        labels: int (n,).
        n_classes: number of all classes.
    """
    beyond = ~(classes == labels[:, None]).any(axis=1)
    left = 1.0 - np.where(classes < 0, 0, scores).sum(axis=1) - np.where(beyond, own, 0)
    others = n_classes - (classes >= 0).sum(axis=1) - beyond
    return np.asarray(np.maximum(left, 0) / np.maximum(others, 1))


def repeated(classes: Array) -> npt.NDArray[np.bool_]:
    """Where a class (n, m) stands in its row for another time."""
    order = np.argsort(classes, axis=1, kind="stable")
    ordered = np.take_along_axis(classes, order, 1)
    same = np.zeros(classes.shape, np.bool_)
    same[:, 1:] = ordered[:, 1:] == ordered[:, :-1]
    found = np.empty_like(same)
    np.put_along_axis(found, order, same, 1)
    return found


def by_class(values: Array, classes: Array, n_classes: int) -> Any:
    """Values (n, m) of the classes (n, m) as a sparse array (n, n_classes)."""
    starts = np.arange(len(values) + 1) * values.shape[1]
    shape = (len(values), n_classes)
    return csr_array((values.ravel(), classes.ravel(), starts), shape=shape)
