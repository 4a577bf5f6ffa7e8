"""The built wheel in a new environment, without Node and without TensorFlow, serves the tab."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest
from board import tensorboard
from browser import tab_in, wait_for_points
from playwright.sync_api import Browser
from recording import record_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def bare_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An environment with the wheel and what it requires, and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True)
    return python


def test_the_wheel_carries_the_bundle_its_licence_and_no_sources_of_the_tab(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "tensorboard_cnnvis/static/index.js" in names
    assert "tensorboard_cnnvis/static/index.css" in names
    assert "tensorboard_cnnvis/py.typed" in names
    assert any(name.endswith("LICENSE") for name in names)
    bundle = zipfile.ZipFile(wheel).read("tensorboard_cnnvis/static/index.js").decode()
    notices = bundle.partition("Third-party software in this file")[2]
    for package in ("preact ", "@dagrejs/dagre ", "d3-scale "):
        assert package in notices
    assert not [name for name in names if name.startswith(("tests", "frontend", "benchmarks"))]


def test_the_wheel_requires_what_looking_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().splitlines()
    required = {
        re.split(r"[^\w-]", line.removeprefix("Requires-Dist: "))[0]
        for line in lines
        if line.startswith("Requires-Dist: ") and "extra ==" not in line
    }
    assert required >= {
        "tensorboard", "numpy", "scipy", "pandas", "scikit-learn", "werkzeug", "pillow",
        "google-crc32c",
    }  # fmt: skip
    assert not required & {"tensorflow", "keras", "torch", "jax", "numba", "matplotlib"}
    extras = {line.removeprefix("Provides-Extra: ") for line in lines if "Provides-Extra" in line}
    assert {"tensorflow", "demo", "dev"} <= extras


def test_looking_needs_no_keras(
    bare_python: str, tmp_path: Path, digits: Any, browser: Browser
) -> None:
    x, labels = digits
    record_run(tmp_path / "exp1", x[:300], labels[:300], epochs=2)
    missing = "import importlib.util as u; print([u.find_spec(n) for n in ('tensorflow', 'keras')])"
    found = subprocess.run(
        [bare_python, "-c", missing], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert found.stdout.strip() == "[None, None]"
    with tensorboard(tmp_path, python=bare_python) as board:
        with urllib.request.urlopen(f"{board.url}data/plugin/cnnvis/index.js") as answer:
            assert answer.headers["Content-Type"].startswith("text/javascript")
        with tab_in(browser, board.url, view="samples") as tab:
            assert wait_for_points(tab) > 0
            assert tab.complaints == []
