"""How well wrong labels are found after one ordinary fit, beside cleanlab's five.

    python benchmarks/label_errors.py [--cache DIR] [--sizes 10000 60000] [--table docs/...md]

makes what is missing of the cells (see `label_errors_cells.py`), and prints average precision and
precision at k, k the number of wrong labels, of

- ours: `analysis.label_errors` on the record that CNNVis wrote during the fit,
- cleanlab's ranking of 5-fold cross-validated scores by self-confidence and normalized margin,
- the last epoch's loss, and the mean margin (AUM) alone, both of the same record as ours.

`--no-training` reports on the cells that are complete. Needs `pip install -e ".[bench,tensorflow]"`
and Debian's `dataset-fashion-mnist`. 10,000 images: about 20 s a fit on two idle cores, 54 fits;
60,000: about 100 s, 18 fits.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from label_errors_cells import Cell, cells, cross_validated, make, missing, samples

from tensorboard_cnnvis import schema
from tensorboard_cnnvis.store.reader import RunReader
from tensorboard_cnnvis.table.slow_columns import ranking

Array = np.ndarray[Any, Any]
Result = tuple[float, float]  # average precision, precision at k
OURS, EARLY = "ours", "ours, epoch 3"
CLEANLAB = ("cleanlab self-confidence", "cleanlab normalized margin")
METHODS = (OURS, EARLY, *CLEANLAB, "last-epoch loss", "AUM alone")
EARLY_SHARE = 0.9


def evaluated(cell: Cell, cache: Path) -> dict[str, Result]:
    """What each method reaches in a cell."""
    from cleanlab.rank import get_label_quality_scores

    data = samples(cell)
    reader = RunReader(cache / cell.name / "run" / schema.SUBDIRECTORY)
    if not np.array_equal(reader.array(schema.LABELS), data.given):
        raise ValueError(f"the record of {cell.name} has other labels; delete it")
    steps = [record.step for record in reader.steps]
    held_out = cross_validated(cell, cache)
    margins = [reader.array(schema.MARGIN, step).astype(np.float64) for step in steps]
    badness = {
        OURS: ranking(reader, steps[-1]).found.score,
        EARLY: ranking(reader, steps[2]).found.score,
        "last-epoch loss": reader.array(schema.LOSS, steps[-1]),
        "AUM alone": -np.mean(margins, axis=0),
    }
    for name, method in zip(CLEANLAB, ("self_confidence", "normalized_margin"), strict=True):
        badness[name] = -get_label_quality_scores(data.given, held_out, method=method)
    return {name: quality(badness[name], data.wrong) for name in METHODS}


def quality(badness: Array, wrong: Array) -> Result:
    """Average precision and precision at k; ties in the order of the samples."""
    order = np.argsort(-badness, kind="stable")
    found = wrong[order]
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    k = int(wrong.sum())
    return float(precision[found].mean()), float(found[:k].mean())


def means(results: dict[Cell, dict[str, Result]]) -> Iterator[tuple[str, dict[str, Result]]]:
    """By noise and size, the mean over the seeds."""
    for noise, share, size in dict.fromkeys((c.noise, c.share, c.size) for c in results):
        kind = (noise, share, size)
        same = [results[c] for c in results if (c.noise, c.share, c.size) == kind]
        title = f"{share:.0%} {noise}, {size:,} ({len(same)} seed{'s' * (len(same) > 1)})"
        yield (
            title,
            {
                name: (
                    statistics.mean(result[name][0] for result in same),
                    statistics.mean(result[name][1] for result in same),
                )
                for name in METHODS
            },
        )


def verdict(results: dict[str, Result]) -> str:
    """Whether ours is at least the better of cleanlab's two, and how much of it epoch 3 has."""
    behind = [
        what
        for place, what in enumerate(("AP", "P@k"))
        if results[OURS][place] < max(results[name][place] for name in CLEANLAB)
    ]
    early = min(results[EARLY][place] / results[OURS][place] for place in (0, 1))
    if early < EARLY_SHARE:
        behind.append("epoch 3")
    return "pass" if not behind else f"FAIL: {', '.join(behind)}"


def table(results: dict[Cell, dict[str, Result]]) -> str:
    """Markdown: the means, then every cell."""
    rows = [*means(results), *((cell.name, found) for cell, found in results.items())]
    lines = [
        f"| AP / P@k | {' | '.join(METHODS)} | verdict |",
        "| --- " * (len(METHODS) + 2) + "|",
    ]
    for title, found in rows:
        values = [f"{found[name][0]:.3f} / {found[name][1]:.3f}" for name in METHODS]
        lines.append(f"| {title} | {' | '.join(values)} | {verdict(found)} |")
    return "\n".join(lines)


def main() -> None:
    """Makes, evaluates, prints; the exit status is 1 where a mean fails."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = Path(tempfile.gettempdir()) / "cnnvis-label-errors"
    parser.add_argument("--cache", type=Path, default=default, help="default: %(default)s")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 60_000])
    parser.add_argument("--no-training", action="store_true", help="only what is complete")
    parser.add_argument("--table", type=Path, help="Markdown file to write the table to")
    given = parser.parse_args()
    wanted = [cell for cell in cells() if cell.size in given.sizes]
    results: dict[Cell, dict[str, Result]] = {}
    for cell in wanted:
        if not given.no_training:
            make(cell, given.cache)
        if missing(cell, given.cache):
            print(f"{cell.name}: not complete", flush=True)
            continue
        results[cell] = evaluated(cell, given.cache)
        print(f"{cell.name}: {verdict(results[cell])}", flush=True)
    text = table(results)
    print(text)
    if given.table:
        given.table.write_text(text + "\n")
    failed = [title for title, found in means(results) if verdict(found) != "pass"]
    sys.exit(f"failed: {'; '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
