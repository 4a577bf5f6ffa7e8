"""What a run of 1 GB costs TensorBoard, and how soon its points are seen.

    python benchmarks/serve.py [--gigabytes 1] [--repeats 3]

Records a run over the 10,000 test images of Fashion-MNIST, starts TensorBoard on it and on an empty
logdir in turn, in both loader modes, and prints the resident memory of its processes; then opens
the tab in Chromium and prints the time to the first points.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]

from board import tensorboard  # noqa: E402
from browser import chromium, seconds_to_points  # noqa: E402
from fashion import NAMES, fashion  # noqa: E402
from recording import record_run  # noqa: E402

MEGABYTE = 2**20
EPOCHS = 60
SETTLE_SECONDS = 12.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        full, empty = Path(folder) / "full", Path(folder) / "empty"
        empty.mkdir()
        size = make_run(full, options.gigabytes)
        print(f"run: 10,000 samples, {EPOCHS} epochs, {size / MEGABYTE:.0f} MB of events")
        for fast in ("true", "false"):
            compare_memory(full, empty, fast, options.repeats)
        first_points(full, options.repeats)


def make_run(logdir: Path, gigabytes: float) -> int:
    images, labels = fashion()
    own = 3.2 * MEGABYTE  # what an epoch takes without padding
    padding = max(0, int(gigabytes * 2**30 / EPOCHS - own))
    recording = record_run(
        logdir / "exp1", images, labels, class_names=NAMES, epochs=EPOCHS, n_features=128,
        padding=padding,
    )  # fmt: skip
    return sum(path.stat().st_size for path in recording.directory.glob("events.*"))


def resident(pid: int) -> float:
    """Megabytes of TensorBoard and its data server."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return sum(member.memory_info().rss for member in family) / MEGABYTE


def compare_memory(full: Path, empty: Path, fast: str, repeats: int) -> None:
    sizes: dict[str, list[float]] = {"empty": [], "full": []}
    for _ in range(repeats):
        for name, logdir, n_runs in (("empty", empty, 0), ("full", full, 1)):
            with tensorboard(logdir, f"--load_fast={fast}", n_runs=n_runs) as board:
                time.sleep(SETTLE_SECONDS)
                sizes[name].append(resident(board.pid))
    before, after = (statistics.median(sizes[name]) for name in ("empty", "full"))
    growth = after - before
    print(
        f"--load_fast={fast}: empty logdir {before:.0f} MB, with the run {after:.0f} MB:"
        f" +{growth:.0f} MB"
    )


def first_points(logdir: Path, repeats: int) -> None:
    """From opening the tab, TensorBoard being loaded, to points on the screen."""
    for gl, name in ((False, "Chromium without a GPU"), (True, "with an emulated one")):
        cold, warm, grown = [], [], []
        for _ in range(repeats):
            with tensorboard(logdir, "--load_fast=true") as board, chromium(gl=gl) as browser:
                time.sleep(SETTLE_SECONDS)
                before = resident(board.pid)
                for times in (cold, warm):
                    times.append(seconds_to_points(browser, board.url))
                grown.append(resident(board.pid) - before)
        print(
            f"first points after opening the tab, {name}: {statistics.median(cold):.2f} s"
            f" (first visit), {statistics.median(warm):.2f} s (again); TensorBoard grew by"
            f" {statistics.median(grown):.0f} MB while it was looked at"
        )


if __name__ == "__main__":
    main()
