"""The rules of the house, so that plain pytest sees a breach."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "envstudio").rglob("*.py"))
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in SOURCES}
BANNED_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager)(_|$)")


def test_imports_go_down_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


MOST_IN_CIRCLES = 0
"""How many files may import each other in circles; it only falls."""


def test_imports_go_in_no_circle() -> None:
    """Those within functions and for the type checker alone count too: who reads one file should not need them all."""
    circles = _circles({name: _own_imports(path) - {name} for name, path in MODULES.items()})
    assert sum(map(len, circles)) <= MOST_IN_CIRCLES, "\n".join(", ".join(sorted(circle)) for circle in circles)


def test_circles_are_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": {"e"}, "e": {"f"}, "f": {"d", "g"}, "g": set()}
    assert sorted(map(sorted, _circles(graph))) == [["b", "c"], ["d", "e", "f"]]


def test_every_file_says_why_it_exists() -> None:
    assert len(SOURCES) > 300
    for path in SOURCES:
        assert path.read_text("utf-8").startswith('"""'), f"{path} has no docstring"


def test_no_file_is_named_for_everything() -> None:
    assert [path for path in SOURCES if BANNED_NAMES.search(path.stem)] == []


def test_no_star_imports() -> None:
    for path in SOURCES:
        assert not re.search(r"^from .* import \*", path.read_text("utf-8"), re.MULTILINE), path


def test_the_core_runs_without_qt() -> None:
    code = """
import pkgutil, importlib, sys
sys.modules["PySide6"] = None
import envstudio
for module in pkgutil.walk_packages(envstudio.__path__, "envstudio."):
    if ".gui" not in module.name and "migrations" not in module.name and module.name != "envstudio.__main__":
        importlib.import_module(module.name)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


OPENERS = {
    "tarfile": {
        "archives/conda_package.py",
        "archives/source_archive.py",
        "archives/tar_file.py",
        # What is only written, or read as the data of an image and never put on this machine's disk.
        "builders/assembly/layers.py",
        "builders/assembly/oci.py",
        "builders/bases/base.py",
        "builders/dockerfiles/context.py",
        "builders/dockerfiles/context_folder.py",
        "engine/streams.py",
    },
    "zipfile": {"archives/wheel.py", "archives/zip_file.py"},
    "installer": {"builders/assembly/wheel_source.py", "builders/assembly/wheels.py"},
}
"""What may open an archive. Everything that unpacks one on this machine's disk goes through `archives`."""

LINKERS = {
    "packages/conda_linker.py",
    # Runs inside the container of a build, and nowhere else.
    "builders/dockerfiles/container/install_conda_packages.py",
}
"""What may link conda packages; those that the first one gets were checked by `packages/conda_store.py`."""

DANGEROUS = ("extractall", "extract", "unpack_archive", "extract_tar_bz2", "download_and_extract")


def test_archives_are_opened_by_the_guard_only() -> None:
    for path in SOURCES:
        location = path.relative_to(ROOT / "envstudio").as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            imported = _imported(node)
            for module, allowed in OPENERS.items():
                assert module not in imported or location in allowed, f"{location} opens archives by {module}"
            if isinstance(node, ast.Attribute):
                assert node.attr not in DANGEROUS, f"{location} unpacks by {node.attr}"
                links = node.attr == "install" and isinstance(node.value, ast.Name) and node.value.id == "rattler"
                assert not links or location in LINKERS, f"{location} links conda packages"


def _imported(node: ast.AST) -> set[str]:
    """Return the top-level modules that a statement imports."""
    if isinstance(node, ast.Import):
        return {item.name.split(".")[0] for item in node.names}
    return {(node.module or "").split(".")[0]} if isinstance(node, ast.ImportFrom) else set()


def _own_imports(path: Path) -> set[str]:
    """Return the modules of the program that a file names in its imports, wherever they stand in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(item.name for item in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{item.name}" for item in node.names)
            found.update(name if name in MODULES else node.module for name in names)
    return found & MODULES.keys()


def _circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the strongly connected components of more than one node (R. E. Tarjan, 1972)."""
    circles: list[set[str]] = []
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_nodes: list[str] = []

    def visit(node: str) -> None:
        numbers[node] = lowest[node] = len(numbers)
        open_nodes.append(node)
        for other in graph[node]:
            if other not in numbers:
                visit(other)
                lowest[node] = min(lowest[node], lowest[other])
            elif other in open_nodes:
                lowest[node] = min(lowest[node], numbers[other])
        if lowest[node] == numbers[node]:
            location = open_nodes.index(node)
            circle = set(open_nodes[location:])
            del open_nodes[location:]
            if len(circle) > 1:
                circles.append(circle)

    for node in graph:
        if node not in numbers:
            visit(node)
    return circles
