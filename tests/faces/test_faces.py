"""The same act through the window and through the command line leaves the same in equal libraries."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from faces.acting import LOCKED_FOR, NAME, CommandLine, Face, Window, settings_now, stored, with_draft
from sample_locks import PYLOCK

from envstudio.domain.reference import Reference

Act = Callable[[Face, Path], object]


def _import_lock(face: Face, folder: Path) -> bool:
    path = folder / "tools" / "pylock.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(PYLOCK, "utf-8")
    return face.import_file(path)


def _import_nothing(face: Face, folder: Path) -> bool:
    path = folder / "notes.xyz"
    path.write_text("no definition", "utf-8")
    return face.import_file(path)


def _lock_draft(face: Face, _folder: Path) -> bool:
    with_draft(face.library)
    return face.lock(NAME)


def _build_draft(face: Face, _folder: Path) -> bool:
    with_draft(face.library)
    return face.build(NAME)


def _export(face: Face, folder: Path) -> tuple[bool, str]:
    path = folder / f"{type(face).__name__}.yml"
    with_draft(face.library)
    return face.export(NAME, "native", path), path.read_text("utf-8")


def _export_lock(face: Face, folder: Path) -> tuple[bool, str]:
    path = folder / f"{type(face).__name__}.lock"
    face.lock(NAME)
    return face.export_lock(NAME, "pixi", path), path.read_text("utf-8")


def _compare_with_a_lock(face: Face, folder: Path) -> str:
    path = folder / "pylock.toml"
    path.write_text(PYLOCK, "utf-8")
    return face.difference_from(path)


def _compare_with_a_prefix(face: Face, folder: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")], check=True)
    info = next((folder / ".venv").rglob("site-packages")) / "rich-14.0.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rich\nVersion: 14.0.0\n", "utf-8")
    return face.difference_from(folder / ".venv")


def _label_twice(face: Face, _folder: Path) -> list[bool]:
    return [face.label(1, "prod"), face.label(2, "prod"), face.label(2, "latest")]


ACTS: dict[str, Act] = {
    "create": lambda face, _: face.create("fresh", "3.12"),
    "create one that is there": lambda face, _: face.create(NAME, "3.12"),
    "create by a wrong name": lambda face, _: face.create("no name!", "3.12"),
    "clone": lambda face, _: face.clone(f"{NAME}:1", "copy"),
    "import a lock": _import_lock,
    "import what is nothing": _import_nothing,
    "edit": lambda face, _: face.edit("TREES", "20"),
    "check": lambda face, _: face.problems("bare"),
    "lock": lambda face, _: face.lock(NAME),
    "lock a draft": _lock_draft,
    "build": lambda face, _: face.build(NAME),
    "build a draft": _build_draft,
    "build without an image": lambda face, _: face.build("bare"),
    "export": _export,
    "export a lock": _export_lock,
    "compare": lambda face, _: face.difference(f"{NAME}:1", f"{NAME}:2"),
    "compare with a lock": _compare_with_a_lock,
    "compare with a prefix": _compare_with_a_prefix,
    "restore": lambda face, _: face.restore(1),
    "label": _label_twice,
    "archive": lambda face, _: face.archive(NAME),
    "delete": lambda face, _: face.delete(NAME),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_leaves_the_same(name: str, window: Window, command_line: CommandLine, tmp_path: Path) -> None:
    by_window = ACTS[name](window, tmp_path)
    by_command = ACTS[name](command_line, tmp_path)
    assert by_window == by_command
    if name.startswith("compare"):
        assert str(by_window).startswith("### ")
    assert stored(window.library) == stored(command_line.library)


@pytest.mark.parametrize("way", ["key", "page", "command"])
def test_a_lock_is_for_the_parents_platforms(way: str, window: Window, command_line: CommandLine) -> None:
    face = command_line if way == "command" else window
    assert window.lock_on_page(NAME) if way == "page" else face.lock(NAME)
    record = face.library.locks.find(NAME, face.library.find(Reference(NAME, 2)).digest)
    assert record is not None
    assert record.lock.platform_names == LOCKED_FOR


@pytest.mark.parametrize(
    ("key", "value", "taken"),
    [
        ("platforms", "linux-64, osx-arm64", True),
        ("platforms", "linux-99", False),
        ("pins", "openssl<3.1", True),
        ("pins", "openssl <=> 3", False),
        ("channels", "conda-forge, bioconda", True),
        ("channels", "conda forge", False),
        ("base_image", "python:3.13-slim", True),
        ("base_image", "Python:3.13", False),
        ("ca_certificates", "nowhere.pem", False),
        ("timeout", "soon", False),
        ("index", "index.example", False),
    ],
)
def test_a_setting_is_taken_or_refused_alike(
    key: str, value: str, taken: bool, window: Window, command_line: CommandLine
) -> None:
    assert window.set(key, value) is taken
    by_window = settings_now()
    assert command_line.set(key, value) is taken
    assert settings_now() == by_window
