"""conda packages are checked before anything links them, and a pin gives the bytes that it pins."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envstudio.archives.rules import UnsafeArchive
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.errors import EnvStudioError
from envstudio.packages import conda, conda_linker
from envstudio.packages.conda_store import with_link_scripts
from envstudio.report import silent
from envstudio.tasks.check import lock_problems

OUTSIDE = "outside.txt"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))


def package(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    name: str = "odd",
    links: Mapping[str, str] | None = None,
    listed: list[str] | None = None,
    entry_points: list[str] | None = None,
) -> LockedPackage:
    """Write a package whose list of files is `listed` instead of what it holds."""
    facts: dict[str, Any] = {"name": name, "version": "1", "build": "0", "build_number": 0, "depends": []}
    entries = [{"_path": path, "path_type": "hardlink"} for path in (listed or files)]
    entries += [{"_path": path, "path_type": "softlink"} for path in links or {}]
    info = {
        "info/index.json": {**facts, "noarch": "generic", "subdir": "noarch"},
        "info/paths.json": {"paths_version": 1, "paths": entries},
    }
    if entry_points is not None:
        noarch = {"type": "python", "entry_points": entry_points}
        info["info/link.json"] = {"noarch": noarch, "package_metadata_version": 1}
    file = folder / "noarch" / f"{name}-1-0.tar.bz2"
    file.parent.mkdir(exist_ok=True, parents=True)
    with tarfile.open(file, "w:bz2") as archive:
        for path, data in {**{path: json.dumps(item).encode() for path, item in info.items()}, **files}.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for path, target in (links or {}).items():
            member = tarfile.TarInfo(path)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return LockedPackage(name, "1", "conda", file.as_uri(), hashlib.sha256(file.read_bytes()).hexdigest(), build="0")


def install(packages: list[LockedPackage], target: Path) -> None:
    conda.install(packages, target, "linux-64", silent())


def test_a_package_is_linked_with_its_own_address(tmp_path: Path) -> None:
    good = package(tmp_path / "channel", {"share/good.txt": b"good"}, links={"share/also.txt": "good.txt"})
    install([good], tmp_path / "env")
    assert (tmp_path / "env/share/also.txt").read_bytes() == b"good"
    record = json.loads((tmp_path / "env/conda-meta/odd-1-0.json").read_text())
    assert (record["url"], record["fn"]) == (good.url, "odd-1-0.tar.bz2")
    assert str(tmp_path / "cache") not in json.dumps({name: record[name] for name in ("url", "channel", "fn")})


def test_what_is_written_into_an_environment_stays_in_it(tmp_path: Path) -> None:
    right = package(tmp_path / "channel", {"share/good.txt": b"right"})
    install([right], tmp_path / "one")
    with (tmp_path / "one/share/good.txt").open("wb") as file:
        file.write(b"wrong")
    install([right], tmp_path / "two")
    conda.install([right], tmp_path / "image", "linux-64", silent(), inside="/opt/env")
    for name in ("two", "image"):
        assert (tmp_path / name / "share/good.txt").read_bytes() == b"right"
    assert not (tmp_path / "two" / conda.OWN_CACHE).exists()


def test_a_list_that_steps_outside_is_rejected_before_anything_is_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / OUTSIDE
    kept.write_text("mine")
    good = package(tmp_path / "channel", {"share/good.txt": b"good"}, name="good")
    bad = package(tmp_path / "channel", {"share/x": b"theirs"}, listed=["share/x", f"../{OUTSIDE}"])
    monkeypatch.setattr(conda_linker, "__file__", "no linker may be started")
    with pytest.raises(UnsafeArchive, match=r"odd-1-0\.tar\.bz2 is rejected: .*lies outside"):
        install([good, bad], tmp_path / "env")
    assert kept.read_text() == "mine"
    assert not (tmp_path / "env").exists()


def test_an_entry_point_that_steps_outside_is_rejected(tmp_path: Path) -> None:
    bad = package(tmp_path / "channel", {"site-packages/x.py": b""}, entry_points=[f"../../{OUTSIDE} = x:y"])
    with pytest.raises(UnsafeArchive, match="not a plain name"):
        install([bad], tmp_path / "env")
    assert not (tmp_path / OUTSIDE).exists()


def test_links_of_two_packages_do_not_lead_outside_together(tmp_path: Path) -> None:
    one = package(tmp_path / "channel", {"share/a": b""}, name="one", links={"deep/down": ".."})
    two = package(tmp_path / "channel", {"share/b": b""}, name="two", links={"share/out": "../deep/down/../.."})
    with pytest.raises(UnsafeArchive, match="leads outside"):
        install([one, two], tmp_path / "env")


def test_a_file_behind_a_link_of_another_package_stays_inside(tmp_path: Path) -> None:
    one = package(tmp_path / "channel", {"lib/a": b"a"}, name="one", links={"lib64": "lib"})
    two = package(tmp_path / "channel", {"lib64/b": b"b"}, name="two")
    install([one, two], tmp_path / "env")
    assert (tmp_path / "env/lib/a").read_bytes() == b"a"


def test_two_packages_of_one_name_do_not_mix(tmp_path: Path) -> None:
    first = package(tmp_path / "first", {"share/which.txt": b"first"})
    second = package(tmp_path / "second", {"share/which.txt": b"second"})
    for number, (chosen, data) in enumerate([(first, b"first"), (second, b"second"), (first, b"first")]):
        install([chosen], tmp_path / f"env{number}")
        assert (tmp_path / f"env{number}/share/which.txt").read_bytes() == data


def test_a_package_in_the_cache_that_changed_is_fetched_again(tmp_path: Path) -> None:
    good = package(tmp_path / "channel", {"share/good.txt": b"good"})
    install([good], tmp_path / "env")
    (cached,) = (tmp_path / "cache/conda-packages").rglob("odd-1-0.tar.bz2")
    cached.write_bytes(b"changed")
    install([good], tmp_path / "again")
    assert hashlib.sha256(cached.read_bytes()).hexdigest() == good.sha256


def test_a_package_without_a_sha256_is_compared_by_md5(tmp_path: Path) -> None:
    good = package(tmp_path / "channel", {"share/good.txt": b"good"})
    data = (tmp_path / "channel/noarch/odd-1-0.tar.bz2").read_bytes()
    by_md5 = replace(good, sha256="", md5=hashlib.md5(data).hexdigest())
    install([by_md5], tmp_path / "env")
    with pytest.raises(EnvStudioError, match="not the file that was locked"):
        install([replace(by_md5, md5="0" * 32)], tmp_path / "bad")


def test_a_linker_that_crashes_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashing = tmp_path / "crash.py"
    crashing.write_text("import os, sys; sys.stdin.read(); os.abort()")
    monkeypatch.setattr(conda_linker, "__file__", str(crashing))
    good = package(tmp_path / "channel", {"share/good.txt": b"good"})
    with pytest.raises(EnvStudioError, match="crashed"):
        install([good], tmp_path / "env")


def test_packages_with_link_scripts_are_known_once_they_were_fetched(tmp_path: Path) -> None:
    plain = package(tmp_path / "channel", {"share/good.txt": b"good"}, name="plain")
    linking = package(tmp_path / "channel", {"bin/.linking-post-link.sh": b"touch linked"}, name="linking")
    assert with_link_scripts([plain, linking]) == ()
    install([plain, linking], tmp_path / "env")
    assert with_link_scripts([plain, linking]) == ("linking",)
    assert not (tmp_path / "env/linked").exists()
    lock = Lock("sha256:0", (), (PlatformLock("linux-64", "3.11", (plain, linking)),))
    (problem,) = lock_problems(lock)
    assert (problem.code, "linking" in problem.message) == ("link-scripts-left-out", True)


def test_a_lock_says_what_is_built_or_unhashed() -> None:
    sdist = LockedPackage("tidy", "1.0", "pip", "https://files.example/tidy-1.0.tar.gz", "0" * 64)
    unhashed = LockedPackage("odd", "1.0", "pip", "https://files.example/odd-1.0-py3-none-any.whl", "")
    lock = Lock("sha256:0", (), (PlatformLock("linux-64", "3.11", (sdist, unhashed)),))
    assert [problem.code for problem in lock_problems(lock)] == ["built-from-source", "no-hash"]
