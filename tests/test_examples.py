"""The examples run as they stand."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tensorboard_cnnvis import open_run

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_trains_and_its_record_opens(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(path), "2"], check=False, capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = open_run(tmp_path / "runs" / path.stem)
    assert run.steps == (0, 1)
    hardest = int(run.samples(1)["loss"].to_numpy().argmax())
    assert str(run.samples(1)["source_index"][hardest]) in done.stdout.splitlines()[-5]
