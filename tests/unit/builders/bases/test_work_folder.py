"""Work folders of bases: what a killed maker left is unmounted and swept; what someone works in is not touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envstudio.builders.bases.from_archive import sweep_remains
from envstudio.builders.bases.work_folder import OWNER, PREFIX, sweep_left_behind, work_folder
from envstudio.packages.cache_files import LEFT_BEHIND_SECONDS

if sys.platform != "linux":
    pytest.skip("Bases are made on Linux only.", allow_module_level=True)

MAKER = """
import subprocess, sys, time
from pathlib import Path
from envstudio.builders.bases.work_folder import work_folder
with work_folder(Path(sys.argv[1])) as (folder, owner):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], pass_fds=(owner,))
    root = folder / "mmdebstrap x"
    root.mkdir()
    if sys.argv[2] == "mount":
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(root)], check=True)
        (root / "proc").mkdir()
        subprocess.run(["mount", "--bind", sys.argv[3], str(root / "proc")], check=True)
    print(child.pid, folder, flush=True)
    time.sleep(600)
"""


def maker(folder: Path, *words: str) -> tuple[subprocess.Popen[str], int, Path]:
    """Start what works in a folder; return it, its child, and the folder."""
    command = [sys.executable, "-c", MAKER, str(folder), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child, _, location = process.stdout.readline().strip().partition(" ")
    return process, int(child), Path(location)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def swept_after(pid: int, folder: Path) -> int:
    """Kill the last process that holds a folder, and sweep until that has let go of it."""
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while not (removed := sweep_left_behind(folder)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return removed


def test_a_folder_is_gone_when_the_work_is_done_or_failed(tmp_path: Path) -> None:
    with work_folder(tmp_path) as (folder, _owner):
        (folder / "x").write_text("x")
        assert sweep_left_behind(tmp_path) == 0
        assert (folder / "x").exists()
    assert not folder.exists()
    with pytest.raises(ValueError, match="stop"), work_folder(tmp_path) as (folder, _owner):
        raise ValueError("stop")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_swept_when_the_last_who_held_it_is_dead(tmp_path: Path) -> None:
    process, child, folder = maker(tmp_path, "plain")
    assert sweep_left_behind(tmp_path) == 0
    kill(process)
    assert sweep_left_behind(tmp_path) == 0, "the program that was run is still at work"
    assert swept_after(child, tmp_path) == 1
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root mounts.")
def test_what_is_mounted_below_is_unmounted_and_not_emptied(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    bases = tmp_path / "bases"
    bases.mkdir()
    process, child, folder = maker(bases, "mount", str(precious))
    kill(process)
    assert str(folder) in Path("/proc/self/mountinfo").read_text()
    assert swept_after(child, bases) == 1
    assert str(folder) not in Path("/proc/self/mountinfo").read_text()
    assert not folder.exists()
    assert (precious / "file").read_text() == "kept"


def test_remains_without_an_owner_are_swept_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path))
    bases = tmp_path / "bases"
    names = ("trixie-1.2.part.tar", "x.part", "layers/y.part", "0123/tmpabc")
    for name in names:
        (bases / name).mkdir(parents=True)
    sweep_remains()
    assert all((bases / name).exists() for name in names)
    long_ago = time.time() - LEFT_BEHIND_SECONDS - 60
    (bases / "trixie-1.tar").write_text("a base")
    for name in (*names, "trixie-1.tar"):
        os.utime(bases / name, (long_ago, long_ago))
    sweep_remains()
    assert not any((bases / name).exists() for name in names)
    assert (bases / "trixie-1.tar").exists()


def test_a_folder_that_is_just_beginning_and_a_link_are_left(tmp_path: Path) -> None:
    (tmp_path / f"{PREFIX}new").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / OWNER).write_text("")
    (tmp_path / f"{PREFIX}link").symlink_to(elsewhere)
    assert sweep_left_behind(tmp_path) == 0
    assert elsewhere.exists()
    assert (tmp_path / f"{PREFIX}new").exists()
