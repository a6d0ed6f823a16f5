"""A fragment of a conda package is the same whoever its neighbours are."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from envstudio.archives.rules import DEFAULT_LIMITS
from envstudio.builders.assembly.bytecode import Compilers
from envstudio.builders.assembly.conda_packages import LinkedTree, fragments, is_program
from envstudio.builders.assembly.installation import Installation, Prefix
from envstudio.builders.assembly.layers import Fragment, FragmentCache, arrange
from envstudio.domain.lock import LockedPackage
from envstudio.report import silent

PREFIX = Prefix("/opt/env", "3.11")


def package(folder: Path, name: str, *, with_sha256: bool = True) -> LockedPackage:
    """Make a package whose only file every package of these tests has too."""
    data = name.encode()
    facts = {"name": name, "version": "1", "build": "0", "build_number": 0, "depends": [], "noarch": "generic"}
    entry = {"_path": "share/same.txt", "path_type": "hardlink", "size_in_bytes": len(data)}
    entry["sha256"] = hashlib.sha256(data).hexdigest()
    members = {
        "share/same.txt": data,
        "info/index.json": json.dumps({**facts, "subdir": "noarch"}).encode(),
        "info/paths.json": json.dumps({"paths_version": 1, "paths": [entry]}).encode(),
        "info/files": b"share/same.txt\n",
    }
    file = folder / "noarch" / f"{name}-1-0.tar.bz2"
    file.parent.mkdir(exist_ok=True)
    with tarfile.open(file, "w:bz2") as archive:
        for path, content in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    content = file.read_bytes()
    sha256, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest()
    return LockedPackage(name, "1", "conda", file.as_uri(), sha256 if with_sha256 else "", md5, "0")


def made(packages: list[LockedPackage], cache: Path) -> dict[str, Fragment]:
    with LinkedTree(packages, "linux-64", PREFIX, DEFAULT_LIMITS, silent()) as tree:
        found = fragments(tree, Installation(PREFIX, Compilers(None), FragmentCache(cache), silent()))
    return {item.name: item for item in found}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))


def test_a_path_of_two_packages_changes_neither_fragment(tmp_path: Path) -> None:
    first, second = package(tmp_path, "aaa"), package(tmp_path, "bbb")
    alone = made([second], tmp_path / "alone")["bbb"]
    both = made([first, second], tmp_path / "both")
    assert both["bbb"].digest == alone.digest
    assert "opt/env/share/same.txt" in both["bbb"].files()
    layers = arrange(list(both.values()), FragmentCache(tmp_path / "both"))
    assert len(layers) == 2


def test_packages_without_sha256_do_not_share_a_fragment(tmp_path: Path) -> None:
    first, second = (package(tmp_path, name, with_sha256=False) for name in ("aaa", "bbb"))
    one = made([first], tmp_path / "cache-of-both")["aaa"]
    two = made([second], tmp_path / "cache-of-both")["bbb"]
    assert one.digest != two.digest


@pytest.mark.parametrize(
    ("head", "program"), [(b"\x7fELF\x02", True), (b"#!/bin/sh\n", True), (b"text", False), (b"", False)]
)
def test_a_program_is_told_by_its_beginning(head: bytes, program: bool) -> None:
    stream = io.BytesIO(head)
    assert is_program(stream) is program
    assert stream.tell() == 0
