"""Folders: each can be moved by a variable, and resources are found beside or inside the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio import paths


def test_each_folder_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"ENVSTUDIO_{name}", str(tmp_path / name))
    assert paths.config_file() == tmp_path / "CONFIG"
    assert paths.data_dir() == tmp_path / "DATA"
    assert paths.cache_dir("rattler", "pkgs") == tmp_path / "CACHE" / "rattler" / "pkgs"


def test_else_they_are_the_user_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.delenv(f"ENVSTUDIO_{name}")
    found = [paths.config_file(), paths.data_dir(), paths.cache_dir()]
    assert all(path.is_absolute() and paths.APP in path.parts for path in found)


def test_resources_are_there() -> None:
    assert paths.resource("demo", "requirements.txt").is_file()
    assert paths.resource("curated").is_dir()
