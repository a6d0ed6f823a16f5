"""One way to read a path: what can be imported can be checked and compared, from both front ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_locks import PYLOCK

from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.check import check_path
from envstudio.tasks.compare import compare
from envstudio.tasks.import_files import import_path
from envstudio.tasks.read_path import read_path


def _lock_file(folder: Path) -> Path:
    path = folder / "pylock.toml"
    path.write_text(PYLOCK, "utf-8")
    return path


def _virtual_environment(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")], check=True)
    info = next((folder / ".venv").rglob("site-packages")) / "rich-14.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rich\nVersion: 14.0.0\n", "utf-8")
    return folder / ".venv"


def _folder(folder: Path) -> Path:
    (folder / "requirements.txt").write_text("rich==14.0.0\n", "utf-8")
    return folder


@pytest.fixture(params=[_lock_file, _virtual_environment, _folder], ids=lambda make: make.__name__)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    make: Callable[[Path], Path] = request.param
    folder = tmp_path / "project"
    folder.mkdir()
    return make(folder)


def test_what_is_imported_is_what_is_checked_and_compared(library: Library, path: Path) -> None:
    registered = import_path(library, path, report=silent()).registered
    stored, read = library.find(registered.name), read_path(path).snapshot()
    assert (read.environment, read.digest) == (stored.environment, stored.digest)
    compared = compare(library, stored, read, report=silent())
    assert compared.identical
    assert not compared.changes
    assert "image-missing" in {problem.code for problem in check_path(library, Settings(), path)}


def test_the_lock_of_a_file_is_compared(library: Library, tmp_path: Path) -> None:
    newer = tmp_path / "pylock.newer.toml"
    newer.write_text(PYLOCK.replace("14.0.0", "14.1.0"), "utf-8")
    found = compare(library, read_path(_lock_file(tmp_path)).snapshot(), read_path(newer).snapshot(), report=silent())
    assert [(row.name, row.old, row.new) for row in found.resolved] == [("rich", "14.0.0", "14.1.0")]


def test_the_lock_of_a_file_is_checked(library: Library, tmp_path: Path) -> None:
    path = _lock_file(tmp_path)
    path.write_text(PYLOCK.replace("wheels]]", "sdist]").replace("[[packages.sdist]", "[packages.sdist]"), "utf-8")
    text = path.read_text("utf-8").replace("rich-14.0.0-py3-none-any.whl", "rich-14.0.0.tar.gz")
    path.write_text(text, "utf-8")
    assert "built-from-source" in {problem.code for problem in check_path(library, Settings(), path)}
