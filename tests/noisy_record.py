"""Records as trainings on labels some of which are wrong might have logged them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from tensorboard_cnnvis.analysis.label_errors import (
    Epoch,
    LabelErrors,
    label_errors,
)

Array = np.ndarray[Any, Any]
N, EPOCHS = 1200, 5


@dataclass
class Record:
    """What a training on wrong labels might have logged; `true` is what nobody knows."""

    true: Array
    labels: Array
    epochs: list[Epoch]
    n_classes: int

    @property
    def wrong(self) -> Array:
        return self.true != self.labels

    def errors(self, **more: Any) -> LabelErrors:
        return label_errors(self.labels, iter(self.epochs), self.n_classes, **more)


def record(
    c: int = 4, *, n: int = N, share: float = 0.1, epochs: int = EPOCHS, learned: int = 99
) -> Record:
    """Logits from vectors about the true classes' means, of which 0 and 1 are close.

    From the epoch `learned` on the network knows its labels by heart.
    """
    rng = np.random.default_rng(c + n)
    true = rng.integers(0, c, n)
    labels = true.copy()
    wrong = rng.permutation(n)[: round(share * n)]
    labels[wrong] = (true[wrong] + rng.integers(1, c, len(wrong))) % c
    means = rng.normal(0, 2.2, (c, 8))
    means[1] = means[0] + 0.6
    vectors = means[true] + rng.normal(0, 1, (n, 8))
    plain = -0.5 * ((vectors[:, None] - means) ** 2).sum(axis=2)
    logged = []
    for epoch in range(epochs):
        logits = 0.5 * plain + rng.normal(0, 0.5, plain.shape)
        moved = vectors.copy()
        if epoch >= learned:
            logits[np.arange(n), labels] += 9.0
            moved = means[labels] + rng.normal(0, 0.3, vectors.shape)
        logged.append(epoch_of(logits, labels, moved))
    return Record(true, labels, logged, c)


def epoch_of(logits: Array, labels: Array, vectors: Array) -> Epoch:
    rows = np.arange(len(labels))
    scores = np.exp(logits - logits.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)
    others = logits.copy()
    others[rows, labels] = -np.inf
    return Epoch(
        prediction=logits.argmax(axis=1).astype(np.int32),
        margin=(logits[rows, labels] - others.max(axis=1)).astype(np.float32),
        label_score=scores[rows, labels].astype(np.float32),
        scores=scores.astype(np.float32),
        embedding=vectors.astype(np.float16),
    )


def without_vectors(epochs: list[Epoch]) -> list[Epoch]:
    return [replace(epoch, embedding=None) for epoch in epochs]


def some(epochs: list[Epoch], rows: Array) -> list[Epoch]:
    """The epochs of some samples alone."""
    names = ("prediction", "margin", "label_score", "scores", "embedding")
    return [replace(epoch, **{name: getattr(epoch, name)[rows] for name in names})
            for epoch in epochs]  # fmt: skip


def precision_at_k(found: LabelErrors, wrong: Array) -> float:
    k = int(wrong.sum())
    return float(wrong[np.argsort(-found.score, kind="stable")[:k]].mean())


def same(one: LabelErrors, other: LabelErrors, rows: Any = slice(None)) -> Iterator[str]:
    """The fields in which they differ."""
    for field in fields(LabelErrors):
        left, right = getattr(one, field.name)[rows], getattr(other, field.name)
        if not np.allclose(left, right, rtol=1e-4, atol=1e-5, equal_nan=True):
            yield field.name
