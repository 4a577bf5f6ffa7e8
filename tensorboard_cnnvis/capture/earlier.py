"""The epochs that a directory holds already, and which of them a new record hides."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.reader import RunReader, StoreError


@dataclass(frozen=True)
class Earlier:
    """What is shown of a directory before another attempt begins.

    Attributes:
        log_dir: the user's.
        steps: the epochs.
        same_samples: whether they are of the samples that are recorded now, and as many classes.
    """

    log_dir: str
    steps: tuple[int, ...]
    same_samples: bool

    def hidden_by(self, step: int) -> str:
        """What to say when the new attempt begins at `step`, "" where nothing is hidden."""
        hidden = [each for each in self.steps if not self.same_samples or each > step]
        if not hidden:
            return ""
        why = (
            f"those behind the first one recorded now, {step}, are replaced"
            if self.same_samples
            else "they are of other samples, or of another number of classes, than those of now"
        )
        several = len(hidden) > 1
        what = f"{len(hidden)} earlier {'epochs' if several else 'epoch'}"
        which = f"{hidden[0]} to {hidden[-1]}" if several else f"{hidden[0]}"
        return (
            f"{what} that CNNVis recorded in {self.log_dir!r} ({which}) will no longer be shown:"
            f" {why}; give another log_dir to see both"
        )


def look(log_dir: str | os.PathLike[str], probe: str, n_classes: int) -> Earlier:
    """What `log_dir` shows now.

    Args:
        log_dir: the user's; it need not exist.
        probe: digest of the samples that will be recorded.
        n_classes: of the model that will be.
    """
    text = os.fspath(log_dir)
    try:
        reader = RunReader(Path(log_dir) / schema.SUBDIRECTORY)
        steps = tuple(record.step for record in reader.steps)
        found = reader.manifest
        return Earlier(text, steps, (found.probe, len(found.class_names)) == (probe, n_classes))
    except (StoreError, schema.FormatError, OSError):
        return Earlier(text, (), True)
