"""The rules of the house, so that plain pytest sees a breach."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "envstudio").rglob("*.py"))
BANNED_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager)(_|$)")


def test_imports_go_down_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_says_why_it_exists() -> None:
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
