"""The tar of a build context: paths and permissions as Docker has them, and files that cannot be read."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from envstudio.builders.dockerfiles.context import of_environment
from envstudio.builders.dockerfiles.context_folder import read_folder, sent_mode
from envstudio.builders.dockerfiles.dockerignore import sent_paths
from envstudio.domain.environment import BuildContext
from envstudio.errors import InvalidInput
from envstudio.report import Report

WHO = ("-c", "user.name=Ana", "-c", "user.email=ana@mail.example")


def test_members_have_slashes_and_replaced_files_come_once(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "Dockerfile").write_text("FROM python\n")
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("run.sh")
    data = b"".join(read_folder(tmp_path, "docker/Dockerfile", Report()).tar({"docker/Dockerfile": b"FROM mirror\n"}))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["docker", "docker/Dockerfile", "link", "run.sh"]
        assert archive.extractfile("docker/Dockerfile").read() == b"FROM mirror\n"  # type: ignore[union-attr]
        assert archive.getmember("run.sh").mode == 0o755
        assert archive.getmember("link").linkname == "run.sh"


def test_a_dockerfile_may_have_an_ignore_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    for name in ("Dockerfile", "docker/gpu.Dockerfile", "data.csv", "notes.md"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".dockerignore").write_text("*.md\n")
    (tmp_path / "docker" / "gpu.Dockerfile.dockerignore").write_text("# large\n*.csv\n")
    sent = {name: set(sent_paths(tmp_path, name)) for name in ("Dockerfile", "docker/gpu.Dockerfile")}
    assert [name in sent["Dockerfile"] for name in ("data.csv", "notes.md")] == [True, False]
    assert [name in sent["docker/gpu.Dockerfile"] for name in ("data.csv", "notes.md")] == [False, True]


@pytest.mark.parametrize("cloned", [True, False], ids=["cloned", "folder"])
def test_what_git_keeps_is_sent_of_a_folder_only(tmp_path: Path, cloned: bool) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python\n")
    for words in (["init", "--quiet"], ["add", "."], [*WHO, "commit", "--quiet", "--message", "First"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    location = tmp_path.as_uri() if cloned else str(tmp_path)
    with of_environment(BuildContext(location), None, str, Report()) as context:
        data = b"".join(context.chunks())
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
    assert "Dockerfile" in names
    assert (".git" in names, ".git/HEAD" in names) == (not cloned, not cloned)


def test_windows_keeps_no_permissions_so_all_may_be_run() -> None:
    assert sent_mode(0o100666, windows=True) == 0o755
    assert sent_mode(0o100640, windows=False) == 0o640


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for name in ("Dockerfile", "gone.txt"):
        (tmp_path / name).write_text("x")
    folder = read_folder(tmp_path, "Dockerfile", Report())
    (tmp_path / "gone.txt").unlink()
    with pytest.raises(InvalidInput, match=r"gone\.txt of the build context cannot be read"):
        list(folder.tar({}))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="Root reads everything; Windows has other rights.")
def test_a_forbidden_file_is_named(tmp_path: Path) -> None:
    for name in ("Dockerfile", "secret.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "secret.txt").chmod(0)
    with pytest.raises(InvalidInput, match=r"secret\.txt of the build context cannot be read"):
        read_folder(tmp_path, "Dockerfile", Report())
