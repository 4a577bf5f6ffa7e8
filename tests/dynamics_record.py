"""A record of given predictions, margins, label scores and losses, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from dynamics_loops import Trajectory

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.writer import RunWriter

CLASSES = ("ant", "bee", "cat")
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Drawn:
    """Labels (n,), -1 where unknown, and per step what is recorded of the samples (n,)."""

    labels: Array
    steps: Mapping[int, Mapping[str, Array]]

    def until(self, last: int) -> list[Trajectory]:
        """What was recorded of each sample up to a step."""
        steps = [step for step in sorted(self.steps) if step <= last]
        told = [self.steps[step] for step in steps]
        return [
            Trajectory(
                steps,
                [int(one[schema.PREDICTION][row]) for one in told],
                [float(one[schema.MARGIN][row]) for one in told],
                [float(one[schema.LABEL_SCORE][row]) for one in told],
                int(label),
            )
            for row, label in enumerate(self.labels.tolist())
        ]


def draw(steps: Sequence[int], seed: int, n: int = 40) -> Drawn:
    """A third of the samples is of a split `train`; some have no label, some values are NaN."""
    rng = np.random.default_rng(seed)
    labels = np.random.default_rng(0).integers(-1, len(CLASSES), n).astype(np.int32)
    told = {}
    for step in steps:
        gone = (labels < 0) | (rng.random(n) < 0.15)
        told[step] = {
            schema.PREDICTION: np.where(
                rng.random(n) < 0.1, -1, rng.integers(0, len(CLASSES), n)
            ).astype(np.int32),
            schema.MARGIN: np.where(gone, np.nan, rng.normal(size=n)).astype(np.float32),
            schema.LABEL_SCORE: np.where(gone, np.nan, rng.random(n)).astype(np.float32),
            schema.LOSS: np.where(gone, np.nan, rng.exponential(size=n)).astype(np.float32),
            schema.LABEL_RANK: np.zeros(n, np.int32),
            schema.SCORES: rng.dirichlet(np.ones(len(CLASSES)), n).astype(np.float32),
        }
    return Drawn(labels, told)


def write_attempt(
    log_dir: Path, drawn: Drawn, metadata: Mapping[str, Sequence[str] | Array] | None = None
) -> None:
    """One training, from its first step to its last; arrays are columns of numbers."""
    n, given = len(drawn.labels), metadata or {}
    image = schema.InputInfo((1, 1, 1), "uint8", "inputs.npy", None, None, 0, 255, "uint8")
    train = schema.SplitInfo("train", 0, n // 3, n, 0, 1, (0.5,), (0.5,), 0)
    rest = replace(train, name="validation", start=n // 3, count=n - n // 3)
    manifest = schema.Manifest(
        "", 0.0, "p", CLASSES, (train, rest), n, image, (), False, (), "softmax", "", False,
        columns=tuple(
            schema.ColumnInfo(name, "number" if isinstance(values, np.ndarray) else "category")
            for name, values in given.items()
        ),
    )  # fmt: skip
    with RunWriter(log_dir) as writer:
        writer.array(schema.LABELS, drawn.labels)
        writer.array(schema.SOURCE_INDEX, np.arange(n))
        for name, values in given.items():
            if isinstance(values, np.ndarray):
                writer.array(schema.metadata_array(name), values)
            else:
                writer.strings(schema.metadata_array(name), list(values))
        writer.manifest(manifest)
        for step, arrays in drawn.steps.items():
            for name, array in arrays.items():
                writer.array(name, array, step)
            writer.commit(schema.StepRecord(step, 0.0, ()))
