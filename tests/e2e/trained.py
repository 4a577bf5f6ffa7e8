"""Real trainings for the tests that need more than a written record."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
EPOCHS = 6
LAST = EPOCHS - 1


def train(script: str, directory: Path, epochs: int) -> None:
    """Runs a script of this folder as a user would: `python SCRIPT DIRECTORY EPOCHS`."""
    paths = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, str(HERE / script), str(directory), str(epochs)]
    subprocess.run(command, check=True, env=environment, cwd=directory.parent)
