"""Reading what a training run has written."""

from pathlib import Path

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.reader import RunReader


def read(log_dir: Path) -> RunReader:
    """The record of the run in `log_dir`."""
    return RunReader(log_dir / schema.SUBDIRECTORY)
