"""The import arrows of the design: what may import what."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tensorboard_cnnvis"
ROOM = "tensorboard_cnnvis"

# room -> the rooms it may import; a file stands for a room where the arrow names the file
ALLOWED = {
    "json_records": set(),
    "schema": {"json_records"},
    "store": {"schema"},
    "analysis": {"schema"},
    "network": {"schema"},
    "capture": {"schema", "store", "network"},
    "inference": {"schema", "store", "network"},
    "table": {"schema", "store", "analysis"},
    "jobs": {"schema", "store", "analysis", "table", "inference"},
    "server": {"schema", "store", "analysis", "table", "jobs"},
    "run": {"schema", "store", "analysis", "table", "run_model"},
    "run_model": {"store", "inference"},
    "plot": {"run", "run_model"},
    "cli": {"run", "capture", "demo"},
    "demo": {"run", "capture"},
    "verdicts": {"analysis"},
    "__init__": {"capture", "run", "verdicts"},
}
# what importing a room must never bring in
FORBIDDEN = {
    "schema": {"keras", "tensorflow", "torch", "werkzeug", "pandas"},
    "analysis": {"keras", "tensorflow", "torch", "werkzeug", "os", "pathlib"},
    "store": {"keras", "tensorflow", "torch", "werkzeug"},
    "table": {"keras", "tensorflow", "torch", "werkzeug", "numba"},
    "jobs": {"keras", "tensorflow", "torch", "werkzeug"},
    "server": {"keras", "tensorflow", "torch", "numba", "umap", "openTSNE"},
    "run": {"keras", "tensorflow", "torch", "werkzeug"},
    "plot": {"keras", "tensorflow", "torch", "werkzeug"},
}


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    """Dotted names of all that a file imports, at any depth."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_arrows_of_the_design(path: Path) -> None:
    room = _room(path)
    own = {name for name in _imports(path) if name.startswith(f"{ROOM}.")}
    reached = {name.split(".")[1] for name in own}
    rooms = {child.name.removesuffix(".py") for child in PACKAGE.iterdir()}
    reached &= rooms - {room, "__init__"}
    assert reached <= ALLOWED[room], f"{room} imports {sorted(reached - ALLOWED[room])}"


def test_the_server_sees_of_the_jobs_only_their_client() -> None:
    """What the worker imports must not come into TensorBoard's process."""
    seen = {"client", "cache", "process", "messages", "status", "waiting"}
    for path in (PACKAGE / "server").rglob("*.py"):
        jobs = {name.split(".")[2] for name in _imports(path) if name.startswith(f"{ROOM}.jobs.")}
        assert jobs <= {"client"}, path
    for name in seen:
        own = {item for item in _imports(PACKAGE / "jobs" / f"{name}.py") if item.startswith(ROOM)}
        assert {".".join(item.split(".")[1:3]) for item in own} <= {f"jobs.{one}" for one in seen}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_heavy_import_where_it_must_not_be(path: Path) -> None:
    top = {name.split(".")[0] for name in _imports(path)}
    assert not top & FORBIDDEN.get(_room(path), set())


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "server" / "routes").glob("*.py")), ids=lambda path: path.name
)
def test_routes_know_nothing_of_werkzeug(path: Path) -> None:
    assert "werkzeug" not in {name.split(".")[0] for name in _imports(path)}


def test_the_entry_module_imports_only_the_base_of_tensorboard() -> None:
    """An import error there would keep TensorBoard from starting."""
    tree = ast.parse((PACKAGE / "server" / "plugin.py").read_text(encoding="utf-8"))
    modules = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    outside = {module for module in modules if module.split(".")[0] not in sys.stdlib_module_names}
    assert outside == {"tensorboard.plugins"}


def test_the_server_loads_without_any_backend() -> None:
    code = (
        "import sys, tensorboard_cnnvis.server.plugin, tensorboard_cnnvis.server.application\n"
        "heavy = ('keras', 'tensorflow', 'torch', 'jax', 'numba', 'umap', 'openTSNE')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
