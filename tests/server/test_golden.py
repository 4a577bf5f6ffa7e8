"""Golden payloads: asserted here and by vitest, so that the two sides cannot drift.

`make golden` (CNNVIS_GOLDEN=1) writes them anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inside_record import record_inside
from recording import LAYER, record_run
from serving import HEADERS, Page, unpack

GOLDEN = Path(__file__).parent.parent / "golden"
RUN, INSIDE = "exp1/cnnvis", "inside/cnnvis"
ANSWERS: dict[str, dict[str, Any]] = {
    "runs.json": {"route": "runs"},
    "run.json": {"route": "run", "run": RUN},
    "steps.json": {"route": "steps", "run": RUN},
    "columns.bin": {
        "route": "columns",
        "run": RUN,
        "step": 2,
        "names": "loss,label,correct,camera,sample_index",
    },
    "table.bin": {
        "route": "table",
        "run": RUN,
        "step": 2,
        "sort": "loss",
        "descending": 1,
        "limit": 5,
        "focus": 3,
    },
    "sample.bin": {"route": "sample", "run": RUN, "step": 2, "index": 1},
    "input.bin": {"route": "input", "run": RUN, "index": 1},
    "projection.bin": {"route": "projection", "run": RUN, "source": "inputs", "step": 2},
    "neighbors.bin": {
        "route": "neighbors",
        "run": RUN,
        "step": 2,
        "source": LAYER,
        "index": 1,
        "k": 3,
        "metric": "euclidean",
    },
    "vectors.bin": {"route": "vectors", "run": RUN, "step": 2, "source": LAYER, "indices": "1,4"},
    "confusion.bin": {"route": "confusion", "run": RUN, "step": 2},
    "calibration.bin": {"route": "calibration", "run": RUN, "step": 2, "bins": 4},
    "threshold.bin": {
        "route": "threshold",
        "run": RUN,
        "step": 2,
        "class": 1,
        "splits": "validation",
    },
    "slices.bin": {
        "route": "slices",
        "run": RUN,
        "step": 2,
        "fields": ["camera", "brightness"],
        "bins": 2,
        "class": 0,
    },
    "query.bin": {
        "route": "query",
        "run": RUN,
        "step": 2,
        "text": 'label == "bee" or top(loss, 1)',
        "splits": "validation",
    },
    "trajectories.bin": {
        "route": "trajectories",
        "run": RUN,
        "step": 2,
        "by": "label",
        "of": "margin",
        "splits": "validation",
    },
    "score_history.bin": {"route": "score_history", "run": RUN, "index": 3, "classes": "2,0"},
    "query_error.json": {"route": "query", "run": RUN, "step": 2, "text": "los > 2"},
    "distributions.bin": {
        "route": "distributions",
        "run": RUN,
        "step": 2,
        "members": "DQ==",
        "splits": "validation",
    },
    "comparison.bin": {
        "route": "comparison",
        "run": RUN,
        "step": 2,
        "other": RUN,
        "other_step": 0,
        "splits": "validation",
    },
    "layers.json": {"route": "layers", "run": INSIDE, "step": 2},
    "channels.bin": {"route": "channels", "run": INSIDE, "step": 2, "layer": "relu"},
    "kernels.bin": {"route": "kernels", "run": INSIDE, "step": 2, "layer": "conv"},
    "kernel_norms.bin": {"route": "kernel_norms", "run": INSIDE, "layer": "squash"},
    "maps.bin": {"route": "maps", "run": INSIDE, "step": 2, "layer": "squash", "reference": 4},
    "error.json": {"route": "columns", "run": RUN, "step": 99, "names": "loss"},
}
POSTED = {
    "projection",
    "neighbors",
    "slices",
    "query",
    "trajectories",
    "distributions",
    "comparison",
}
# what differs from one recording to the next
VOLATILE = {"created", "attempt", "wall_time", "version", "live"}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    logdir = tmp_path_factory.mktemp("golden")
    rng = np.random.default_rng(7)
    x = rng.integers(0, 256, (6, 3, 4), dtype=np.uint8)
    names = ("ant", "bee", "<b>cat</b>")
    record_run(
        logdir / "exp1", x, np.arange(6) % 3, class_names=names, n_train=2, epochs=3, n_features=4
    )
    return Page(logdir)


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Page:
    logdir = tmp_path_factory.mktemp("golden")
    record_inside(logdir / "inside")
    return Page(logdir)


def stable(value: Any) -> Any:
    """JSON without what is volatile, floats to five digits: BLAS differs between machines."""
    if isinstance(value, dict):
        return {key: 0 if key in VOLATILE else stable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [stable(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def assert_same_columns(body: bytes, expected: bytes) -> None:
    found, golden = unpack(body), unpack(expected)
    assert stable(found.payload) == stable(golden.payload)
    assert list(found.arrays) == list(golden.arrays)
    for name, array in golden.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        if array.dtype.kind == "f":
            close = np.allclose(found.arrays[name], array, rtol=1e-4, atol=1e-4, equal_nan=True)
            assert close, name
        else:
            assert np.array_equal(found.arrays[name], array), name


def answer(page: Page, params: dict[str, Any]) -> bytes:
    rest = {key: value for key, value in params.items() if key != "route"}
    if params["route"] in POSTED:
        return page.post(params["route"], headers=HEADERS, **rest).get_data()
    return page.get(params["route"], **rest).get_data()


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_the_golden_ones(page: Page, inside: Page, name: str) -> None:
    body = answer(inside if ANSWERS[name].get("run") == INSIDE else page, ANSWERS[name])
    if name.endswith(".json"):
        body = json.dumps(stable(json.loads(body)), indent=1).encode() + b"\n"
    path = GOLDEN / name
    if os.environ.get("CNNVIS_GOLDEN"):
        path.write_bytes(body)
    if name.endswith(".json"):
        assert body == path.read_bytes()
    else:
        assert_same_columns(body, path.read_bytes())
