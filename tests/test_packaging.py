"""The wheel holds all that the program needs, and nothing of ours hides a package of others."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    code = f"import os, hatchling.build as b; os.chdir({str(ROOT)!r}); print(b.build_wheel({str(target)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=target)
    assert done.returncode == 0, done.stderr
    return next(target.glob("*.whl"))


def test_the_wheel_holds_resources_and_migrations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "resources").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert f"envstudio/resources/{path.relative_to(ROOT / 'resources').as_posix()}" in names
    assert "envstudio/library/migrations/versions/0001_first_tables.py" in names
    assert not [name for name in names if name.startswith(("tests/", "packaging/"))]


def test_the_wheel_holds_nothing_that_only_tests_use(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".py"):
                text = archive.read(name).decode()
                assert not re.search(r"^\s*(from|import) (unittest|PySide6\.QtTest|pytest)", text, re.MULTILINE), name


def test_resources_are_found_in_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from envstudio.library import curated; import envstudio; print(envstudio.__file__, curated.names())"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert str(tmp_path) in done.stdout, done.stderr
    assert "scikit-learn" in done.stdout


def test_no_init_file_hides_another_package() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()
    assert not (ROOT / "resources" / "__init__.py").exists()
    import packaging

    assert "site-packages" in str(packaging.__file__) or "dist-packages" in str(packaging.__file__)
