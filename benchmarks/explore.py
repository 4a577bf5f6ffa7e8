"""How soon the sample explorer answers, over HTTP from a real TensorBoard.

    python benchmarks/explore.py [--repeats 15] [--only query]

Records a run over the 60,000 training images of Fashion-MNIST, after a short training, and one of
1,000,000 samples (the same images in turn, 2x2), and asks what the page asks. What others would
need for the same, without HTTP, is timed in turn with it, so that a busy machine slows all alike;
medians are printed.
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]

from board import tensorboard  # noqa: E402
from fashion import NAMES, fashion  # noqa: E402
from layouts import tsne_beside_scikit_learn  # noqa: E402
from recording import record_run  # noqa: E402
from serving import Columns, unpack  # noqa: E402
from similar import confusion_matrix, similar_images  # noqa: E402

from tensorboard_cnnvis import open_run  # noqa: E402

LARGE = 1_000_000
EPOCHS = 10
STEP = EPOCHS - 1
Array = np.ndarray[Any, Any]
Work = Callable[[], object]


@dataclass(frozen=True)
class Bench:
    """The runs `fashion` (60,000) and `large` (1,000,000) below `logdir`, served at `url`."""

    logdir: Path
    url: str
    repeats: int

    def post(self, route: str, name: str, step: int = STEP, **body: Any) -> Columns:
        """What the page would get of a run."""
        return unpack(self.send(route, run=f"{name}/cnnvis", step=step, **body))

    def send(self, route: str, **body: Any) -> bytes:
        """The body of an answer."""
        request = urllib.request.Request(
            f"{self.url}data/plugin/cnnvis/{route}",
            json.dumps(body).encode(),
            {"X-CNNVis": "1", "Origin": self.url.rstrip("/")},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    def medians(self, works: Mapping[str, Work]) -> dict[str, float]:
        """Milliseconds of each, timed in turn, the first round left out."""
        times: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(self.repeats + 1):
            for name, work in works.items():
                start = time.perf_counter()
                work()
                times[name].append(1e3 * (time.perf_counter() - start))
        return {name: statistics.median(taken[1:]) for name, taken in times.items()}


@contextmanager
def served(repeats: int) -> Iterator[Bench]:
    """Both runs, recorded and served."""
    with tempfile.TemporaryDirectory() as folder:
        logdir = Path(folder)
        images, labels = fashion("train")
        record_run(
            logdir / "fashion", images, labels, class_names=NAMES, n_features=128, epochs=EPOCHS
        )
        small = images.reshape(-1, 2, 14, 2, 14).mean(axis=(2, 4)).astype(np.uint8)
        rows = np.arange(LARGE) % len(small)
        record_run(
            logdir / "large",
            small[rows],
            labels[rows],
            class_names=NAMES,
            first_epoch=STEP - 1,
            epochs=2,
        )
        with tensorboard(logdir, "--load_fast=true", n_runs=2) as board:
            yield Bench(logdir, board.url, repeats)


@dataclass(frozen=True)
class Question:
    """A query in our words, the same in pandas, and in bare NumPy over the columns."""

    ours: str
    pandas: Callable[[pd.DataFrame], pd.DataFrame]
    numpy: Callable[[Mapping[str, Array]], Array]


QUESTIONS = (
    Question(
        "loss > 1 and label != prediction",
        lambda frame: frame.query("loss > 1 and label != prediction"),
        lambda of: (of["loss"] > 1) & (of["label"] != of["prediction"]),
    ),
    Question(
        'label == "Shirt" and 0.1 < label_score <= 0.3',
        lambda frame: frame.query('label == "Shirt" and 0.1 < label_score <= 0.3'),
        lambda of: (of["label"] == 6) & (of["label_score"] > 0.1) & (of["label_score"] <= 0.3),
    ),
    Question(
        'label in ["Coat", "Bag"] or not correct',
        lambda frame: frame.query('label in ["Coat", "Bag"] or not correct'),
        lambda of: (of["label"] == 4) | (of["label"] == 8) | (of["correct"] == 0),
    ),
    Question(
        '"boot" in label',
        lambda frame: frame[frame.label.str.contains("boot", case=False)],
        lambda of: of["label"] == 9,
    ),
    Question(
        "top(loss, 50)",
        lambda frame: frame.nlargest(50, "loss"),
        lambda of: _largest(of["loss"], 50),
    ),
)


def query_and_sort(bench: Bench) -> None:
    """A query, then its hits' first 100 rows by loss: over HTTP, by pandas, by bare NumPy."""
    for name, target in (("fashion", 60.0), ("large", 150.0)):
        run = open_run(bench.logdir / name)
        frame = run.samples(STEP, neighbors=False)
        arrays = {
            column: frame[column].cat.codes.to_numpy()
            if column in ("label", "prediction")
            else frame[column].to_numpy(np.float32)
            for column in ("label", "prediction", "correct", "loss", "label_score")
        }
        print(f"\nquery, then sort by loss, a page of 100, {len(frame):,} samples (ms, median)")
        print(f"{'':50}{'hits':>9}{'HTTP':>8}{'pandas':>8}{'numpy':>8}{'of pandas':>11}")
        for question in QUESTIONS:
            _compare(bench, name, question, frame, arrays, target)
        cold = []
        for step in [step for step in run.steps if step != STEP]:
            start = time.perf_counter()
            _ask(bench, name, QUESTIONS[0].ours, len(frame), step)
            cold.append(1e3 * (time.perf_counter() - start))
        print(f"the first question of an epoch: {statistics.median(cold):.1f} ms")


def _compare(
    bench: Bench,
    name: str,
    question: Question,
    frame: pd.DataFrame,
    arrays: Mapping[str, Array],
    target: float,
) -> None:
    found: dict[str, Any] = {}

    def ours() -> None:
        hits, page = _ask(bench, name, question.ours, len(frame), STEP)
        found["HTTP"] = len(hits), page.tolist()

    def pandas() -> None:
        hits = question.pandas(frame)
        page = hits.sort_values("loss", ascending=False, kind="stable").head(100)
        found["pandas"] = len(hits), page.loss.tolist()

    def numpy() -> None:
        rows = np.flatnonzero(question.numpy(arrays))
        losses = -arrays["loss"][rows]
        first = np.argpartition(losses, 100)[:100] if len(rows) > 100 else np.arange(len(rows))
        page = rows[first[np.argsort(losses[first])]]
        found["numpy"] = len(rows), arrays["loss"][page].tolist()

    taken = bench.medians({"HTTP": ours, "pandas": pandas, "numpy": numpy})
    if not found["HTTP"] == found["pandas"] == found["numpy"]:
        raise RuntimeError(f"{question.ours}: the three do not find the same")
    share = taken["HTTP"] / taken["pandas"]
    held = "" if taken["HTTP"] < target else f"  above {target:.0f} ms"
    numbers = "".join(f"{taken[kind]:8.1f}" for kind in ("HTTP", "pandas", "numpy"))
    print(f"{question.ours:50}{found['HTTP'][0]:9,}{numbers}{share:10.2f}x{held}")


def _ask(bench: Bench, name: str, text: str, n: int, step: int) -> tuple[Array, Array]:
    """The hits, and the losses on their table's first page, as the page asks for them."""
    hits = bench.post("query", name, step, text=text).arrays["members"]
    mask = np.zeros(n, np.bool_)
    mask[hits] = True
    members = base64.b64encode(np.packbits(mask, bitorder="little").tobytes()).decode()
    order = {"sort": "loss", "descending": 1, "limit": 100}
    return hits, bench.post("table", name, step, members=members, **order).arrays["loss"]


def _largest(values: Array, k: int) -> Array:
    found = np.zeros(len(values), np.bool_)
    found[np.argpartition(-values, k)[:k]] = True
    return found


PARTS: dict[str, Callable[[Bench], None]] = {
    "query": query_and_sort,
    "similar": similar_images,
    "confusion": confusion_matrix,
    "tsne": tsne_beside_scikit_learn,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--only", choices=PARTS, action="append", help="default: all")
    options = parser.parse_args()
    with served(options.repeats) as bench:
        for name in options.only or PARTS:
            PARTS[name](bench)


if __name__ == "__main__":
    main()
