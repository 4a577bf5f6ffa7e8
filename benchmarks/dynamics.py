"""What the derived columns cost: queries over HTTP, and the memory of TensorBoard's process.

    python benchmarks/dynamics.py [--samples 50000] [--epochs 100] [--slow]

Records a run whose last epoch is held back, asks the page's questions of it, then lets the epoch
be written. The images are those of Fashion-MNIST at 7x7 with a tenth of the labels drawn anew.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]

from board import Board, tensorboard  # noqa: E402
from fashion import fashion  # noqa: E402
from growing import growing  # noqa: E402
from serving import unpack  # noqa: E402

from tensorboard_cnnvis import open_run  # noqa: E402

RUN = "exp1/cnnvis"
QUERIES = (
    "flips > 3 and first_learned > 10 and mean_margin < 0",
    "forgetting_events >= 2 and variability > 0.2",
    "correctness < 0.5 and loss_z > 1 and last_change > 20",
    "mean_label_score < 0.3 and label != prediction",
)
_TARGET_MS = 150.0
_REPEATS = 15


class Asked:
    """A TensorBoard that is asked as the page asks."""

    def __init__(self, board: Board) -> None:
        self._url = board.url
        self._pid = board.pid

    def post(self, route: str, **body: Any) -> bytes:
        """The body of an answer."""
        request = urllib.request.Request(
            f"{self._url}data/plugin/cnnvis/{route}",
            json.dumps({"run": RUN, **body}).encode(),
            {"X-CNNVis": "1", "Origin": self._url.rstrip("/")},
        )
        with urllib.request.urlopen(request, timeout=600) as answer:
            return bytes(answer.read())

    def query(self, text: str, step: int) -> int:
        """Number of hits."""
        body = {"text": text, "step": step, "splits": "", "selected": None, "sets": {}, "tags": {}}
        return len(unpack(self.post("query", **body)).arrays["members"])

    def steps(self) -> list[int]:
        """The logged epochs."""
        with urllib.request.urlopen(f"{self._url}data/plugin/cnnvis/steps?run={RUN}") as answer:
            return [step["step"] for step in json.load(answer)["steps"]]

    def patiently(self, **body: Any) -> bytes:
        """Asks for columns until they are computed."""
        while True:
            try:
                return self.post("columns", **body)
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise
                time.sleep(0.5)

    def memory(self, what: str) -> float:
        """Megabytes of the process, as the system counts them: VmRSS, VmHWM."""
        status = Path(f"/proc/{self._pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith(f"{what}:"))
        return int(line.split()[1]) / 1024


def taken(work: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def told(what: str, times: Sequence[float], target: float | None = None) -> None:
    most = f", at most {max(times):.0f}" if len(times) > 1 else ""
    held = "" if target is None or statistics.median(times) < target else f"  ABOVE {target:.0f}"
    print(f"{what:62}{statistics.median(times):8.1f} ms{most}{held}")


def queries(asked: Asked, epochs: int) -> None:
    last = epochs - 2
    base = asked.memory("VmRSS")
    told("the first query (all epochs are read)", [taken(lambda: asked.query(QUERIES[0], last))])
    print(f"{'':4}which took {asked.memory('VmRSS') - base:.0f} MB")
    for text in QUERIES:
        times = [taken(lambda text=text: asked.query(text, last)) for _ in range(_REPEATS)]
        told(f"{text} ({asked.query(text, last)} hits)", times[1:], _TARGET_MS)
    order = np.random.default_rng(0).permutation(epochs - 1).tolist()
    times = [taken(lambda step=step: asked.query(QUERIES[0], step)) for step in order]
    told("the first of these at another epoch, epochs in random order", times, _TARGET_MS)
    times = [taken(lambda step=step: asked.query(QUERIES[0], step)) for step in range(epochs - 1)]
    told("the same, epochs in turn, as they are played", times, _TARGET_MS)
    more = asked.memory("VmRSS") - base
    print(f"TensorBoard's process has {more:.0f} MB more than before the first query")


def pages(asked: Asked, epochs: int) -> None:
    step = epochs - 2
    sort = {"sort": "flips", "descending": 1, "step": step}
    works: dict[str, Callable[[], object]] = {
        "a page of the table, by flips": lambda: asked.post("table", **sort),
        "histograms of all columns": lambda: asked.post("distributions", step=step),
        "medians and bands by label": lambda: asked.post("trajectories", step=step, by="label"),
        "one column": lambda: asked.post("columns", step=step, names="mean_margin"),
    }
    for what, work in works.items():
        told(f"{what}, the first time", [taken(work)])
        told(f"{what}, again", [taken(work) for _ in range(_REPEATS)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=50_000)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--slow", action="store_true", help="the slow columns, too: minutes")
    options = parser.parse_args()
    images, labels = fashion("train")
    rng = np.random.default_rng(0)
    x = images[: options.samples].reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).astype(np.uint8)
    labels = labels[: options.samples].astype(np.int64)
    drawn = rng.random(len(labels)) < 0.1
    labels[drawn] = rng.integers(0, 10, int(drawn.sum()))
    with tempfile.TemporaryDirectory() as folder:
        log_dir = Path(folder) / "exp1"
        with growing(log_dir, x, labels, options.epochs) as run:
            run.write(options.epochs - 1)
            while not log_dir.exists() or len(_written(log_dir)) < options.epochs - 1:
                time.sleep(0.5)
            with tensorboard(Path(folder)) as board:
                asked = Asked(board)
                print(f"{len(x):,} samples, {options.epochs} epochs, the last one yet to come")
                queries(asked, options.epochs)
                pages(asked, options.epochs)
                run.write(1)
                while len(asked.steps()) < options.epochs:
                    time.sleep(0.2)
                new = [taken(lambda: asked.query(QUERIES[0], options.epochs - 1))]
                told("the first query of an epoch that has just been written", new, _TARGET_MS)
                print(f"at its most the process had {asked.memory('VmHWM'):.0f} MB")
                if options.slow:
                    slow(asked, options.epochs - 1)
        record = open_run(log_dir)
        frame = [taken(lambda: record.samples(options.epochs - 1, neighbors=False))]
        told("run.samples of the last epoch, without neighbors", frame)


def slow(asked: Asked, step: int) -> None:
    for name in ("neighbor_disagreement", "label_error"):
        told(name, [taken(lambda name=name: asked.patiently(step=step, names=name))])


def _written(log_dir: Path) -> tuple[int, ...]:
    try:
        return open_run(log_dir).steps
    except ValueError:
        return ()


if __name__ == "__main__":
    main()
