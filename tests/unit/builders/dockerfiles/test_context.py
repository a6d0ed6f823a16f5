"""The tar of a build context: paths and permissions as Docker has them, and files that cannot be read."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from envstudio.builders.dockerfiles.context import context_paths, sent_mode, tar_of_folder
from envstudio.errors import InvalidInput


def test_members_have_slashes_and_replaced_files_come_once(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "Dockerfile").write_text("FROM python\n")
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("run.sh")
    data = b"".join(tar_of_folder(tmp_path, context_paths(tmp_path), {"docker/Dockerfile": b"FROM mirror\n"}))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["docker", "docker/Dockerfile", "link", "run.sh"]
        assert archive.extractfile("docker/Dockerfile").read() == b"FROM mirror\n"  # type: ignore[union-attr]
        assert archive.getmember("run.sh").mode == 0o755
        assert archive.getmember("link").linkname == "run.sh"


def test_windows_keeps_no_permissions_so_all_may_be_run() -> None:
    assert sent_mode(0o100666, windows=True) == 0o755
    assert sent_mode(0o100640, windows=False) == 0o640


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").write_text("x")
    members = context_paths(tmp_path)
    (tmp_path / "gone.txt").unlink()
    with pytest.raises(InvalidInput, match=r"gone\.txt of the build context cannot be read"):
        list(tar_of_folder(tmp_path, members, {}))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="Root reads everything; Windows has other rights.")
def test_a_forbidden_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "secret.txt").chmod(0)
    with pytest.raises(InvalidInput, match=r"secret\.txt of the build context cannot be read"):
        list(tar_of_folder(tmp_path, ["secret.txt"], {}))
