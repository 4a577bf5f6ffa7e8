"""How large a scatter plot can be: first points, and a frame while it is panned.

    python benchmarks/scatter.py [--samples 100000 1000000] [--repeats 3] [--logdir kept]

Records a run of that many 4 x 4 images through tests/recording.py, opens the tab in a Chromium
without a GPU and with an emulated one, and drags, zooms and lassoes the left plot with the mouse;
prints medians over the repeats. Beside them stands what the server took for the same columns.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]

from board import Board, tensorboard  # noqa: E402
from browser import Tab, chromium, seconds_to_points, tab_in, wait_for_points  # noqa: E402
from recording import LAYER, record_run  # noqa: E402

SIDE = 4
N_CLASSES = 10
FRAMES = 30

# Counts the frames of a plot from `watchFrames()` on: milliseconds between two that were drawn.
FRAME_WATCH = """
const put = CanvasRenderingContext2D.prototype.putImageData;
let frames = [];
CanvasRenderingContext2D.prototype.putImageData = function (...what) {
    put.apply(this, what);
    if (this.canvas.dataset.renderer) requestAnimationFrame(() => frames.push(performance.now()));
};
window.watchFrames = () => { frames = []; };
window.frameTimes = () => frames.slice(1).map((at, k) => at - frames[k]).filter(ms => ms > 0);
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--logdir", type=Path, help="where runs are kept for the next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for n_samples in options.samples:
            logdir = (options.logdir or Path(folder)) / str(n_samples)
            if not logdir.exists():
                make_run(logdir, n_samples)
            measure(logdir, n_samples, options.repeats)


def make_run(logdir: Path, n_samples: int) -> None:
    """Classes are patches of different places and brightness under noise."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, N_CLASSES, n_samples)
    patterns = rng.integers(40, 216, (N_CLASSES, SIDE, SIDE))
    noise = rng.normal(0, 30, (n_samples, SIDE, SIDE)).astype(np.float32)
    images = np.clip(patterns[labels] + noise, 0, 255).astype(np.uint8)
    record_run(logdir / "exp1", images, labels, n_train=n_samples // 2, epochs=2, n_features=16)


def measure(logdir: Path, n_samples: int, repeats: int) -> None:
    print(f"{n_samples:,} samples")
    with tensorboard(logdir, "--load_fast=true") as board:
        serve(board)
        for gl, name in ((False, "Chromium without a GPU"), (True, "with an emulated GPU")):
            with chromium(gl=gl) as browser:
                first = [seconds_to_points(browser, board.url) for _ in range(repeats)]
                moved = [gestures(browser, board) for _ in range(repeats)]
            pan, zoom, lasso = (statistics.median(times) for times in zip(*moved, strict=True))
            print(
                f"  {name}: first points {statistics.median(first):.2f} s, panning {pan:.0f} ms"
                f" a frame, zooming {zoom:.0f} ms, a lasso of all to its selection {lasso:.0f} ms"
            )


def gestures(browser: Browser, board: Board) -> tuple[float, float, float]:
    """Median milliseconds a frame while panning and zooming, and those of one lasso."""
    with tab_in(browser, board.url, view="samples", init=FRAME_WATCH) as tab:
        wait_for_points(tab)
        tab.page.wait_for_timeout(2500)
        box = tab.frame.locator("canvas[data-renderer]").first.bounding_box()
        if box is None:
            raise RuntimeError("the plot is not shown")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        tab.page.mouse.move(x, y)
        tab.page.mouse.down()
        pan = frames_of(tab, lambda k: tab.page.mouse.move(x + 20 * (k % 5), y + 10 * (k % 3)))
        tab.page.mouse.up()
        zoom = frames_of(tab, lambda k: tab.page.mouse.wheel(0, -20 if k % 2 else 20))
        tab.frame.locator("h1").click()
        tab.page.keyboard.press("f")
        tab.page.wait_for_timeout(1000)
        return pan, zoom, lasso(tab, box)


def frames_of(tab: Tab, move: Any) -> float:
    """Median milliseconds between drawn frames while `move` is done over and over."""
    tab.frame.evaluate("watchFrames()")
    for k in range(FRAMES):
        move(k)
        tab.page.wait_for_timeout(8)
    times: Any = tab.frame.evaluate("frameTimes()")
    return statistics.median(times)


def lasso(tab: Tab, box: Any) -> float:
    """Milliseconds from letting go of a box around the plot to the selection's picture."""
    tab.page.keyboard.press("b")
    tab.page.mouse.move(box["x"] + 2, box["y"] + 2)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=3)
    tab.page.wait_for_timeout(1000)
    start = time.perf_counter()
    tab.page.mouse.up()
    tab.frame.get_by_text(re.compile(r"^[\d,]+ selected")).wait_for()
    tab.frame.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    return 1000 * (time.perf_counter() - start)


def serve(board: Board) -> None:
    """What the server takes for what the plots need, the second time."""
    run = board.runs()[0]
    base = f"{board.url}data/plugin/cnnvis/"
    columns = f"columns?run={run}&step=1&names=label,prediction,correct,loss"
    for name, ask in (
        ("columns", lambda: fetch(base + columns)),
        ("PCA of the inputs", lambda: fetch(base + "projection", run=run, source="inputs")),
        ("PCA of a layer", lambda: fetch(base + "projection", run=run, source=LAYER)),
    ):
        cold, warm = ask(), ask()
        print(f"  server, {name}: {cold:.0f} ms, again {warm:.0f} ms")


def fetch(url: str, **body: str) -> float:
    """Milliseconds of one request; a body makes it a POST of epoch 1's PCA."""
    host = url.split("/data/", maxsplit=1)[0]
    headers = {"X-CNNVis": "1", "Content-Type": "application/json", "Origin": host}
    data = json.dumps({**body, "step": 1, "method": "pca"}).encode() if body else None
    start = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        answer.read()
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    main()
