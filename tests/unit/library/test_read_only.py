"""A library on a disk that cannot be written is read there, and one on a full disk says which disk that is."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from disks import read_only, tiny_disk
from sample_libraries import FOLDER, fill, shown

from envstudio.domain.environment import Environment
from envstudio.errors import EnvStudioError
from envstudio.library import Library

READS = (["list"], ["show", "churn"], ["diff", "churn:1", "churn:2"], ["log"], ["log", "verify"], ["library", "show"])


def command(location: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "envstudio", "--library", str(location), *words],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_library_on_a_read_only_disk_is_read(tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "disk", kilobytes=2048) as disk:
        location = disk / "library.sqlite"
        with Library.open(location, who="ana") as library:
            fill(library)
            whole = shown(library)
        read_only(disk)
        for words in (*READS, ["export", "churn", "--format", "conda", "-o", str(tmp_path / "out")]):
            done = command(location, *words)
            assert done.returncode == 0, (words, done.stderr)
        assert list((tmp_path / "out").iterdir())
        with Library.open(location, who="ana") as library:
            assert shown(library) == whole
            with pytest.raises(EnvStudioError, match=f"The library {location} is read-only; nothing was stored"):
                library.versions.register(Environment("new"))
        done = command(location, "edit", "churn", "--add", "scipy")
        assert (done.returncode, "read-only" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_changes_that_are_not_in_the_file_yet_are_not_overlooked(tmp_path: Path) -> None:
    """A program that was killed leaves them in the file beside it, which needs a third file to be read."""
    with tiny_disk(tmp_path / "disk", kilobytes=2048) as disk:
        location = disk / "library.sqlite"
        with Library.open(tmp_path / "there.sqlite", who="ana") as library:
            library.versions.register(Environment("churn"))
            for end in ("", "-wal"):
                shutil.copyfile(f"{library.location}{end}", f"{location}{end}")
        read_only(disk)
        with pytest.raises(EnvStudioError, match=r"last changes are still in library\.sqlite-wal"):
            Library.open(location)


def test_an_older_library_on_a_read_only_disk(tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "disk", kilobytes=2048) as disk:
        location = disk / "library.sqlite"
        shutil.copyfile(FOLDER / "0001.sqlite", location)
        read_only(disk)
        with pytest.raises(EnvStudioError, match="has to be brought up to date, but is read-only"):
            Library.open(location)


def test_a_full_disk_is_named_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "disk", kilobytes=1024) as disk:
        location = disk / "library.sqlite"
        with Library.open(location, who="ana") as library:
            library.versions.register(Environment("churn"))
            entries = library.events.verify().entries
        with suppress(OSError), (disk / "rest").open("ab") as rest:
            while True:
                rest.write(b"x" * 512)
                rest.flush()
        done = command(
            location, "create", "big", *(word for number in range(400) for word in ("--package", f"p{number}"))
        )
        assert done.returncode == 1
        assert str(location) in done.stderr
        assert "full" in done.stderr
        assert "Traceback" not in done.stderr
        assert not [path.name for path in disk.iterdir() if path.name.endswith((".new", ".part"))]
        (disk / "rest").unlink()
        with Library.open(location, who="ana") as library:
            assert library.events.verify().entries == entries
            assert not library.environments.exists("big")
        with closing(sqlite3.connect(location)) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_backup_to_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.sqlite", who="ana") as library, tiny_disk(tmp_path / "disk", 32) as disk:
        fill(library)
        with pytest.raises(EnvStudioError, match=f"{disk / 'copy.sqlite'}: the disk is full"):
            library.back_up(disk / "copy.sqlite")
        assert list(disk.iterdir()) == []
