"""A lock file becomes the lock of a version that it fits, alone or beside a definition."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio.domain.environment import Environment, Python
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.lock_fit import misfits
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats import native
from envstudio.library import Library
from envstudio.lock_formats import find_lock_format
from envstudio.report import silent
from envstudio.tasks.folders import lock_beside
from envstudio.tasks.import_files import import_sources
from envstudio.tasks.import_lock import import_lock
from envstudio.tasks.read_path import source_of

DIGEST = "sha256:" + "0" * 64


def conda(name: str, version: str, *purls: str) -> LockedPackage:
    url = f"https://conda.example/forge/linux-64/{name}-{version}-0.conda"
    return LockedPackage(name, version, "conda", url, "a" * 64, "b" * 32, "0", purls=purls)


def pip(name: str, version: str) -> LockedPackage:
    return LockedPackage(name, version, "pip", f"https://files.example/{name}-{version}-py3-none-any.whl", "c" * 64)


def locked(*packages: LockedPackage, platform: str = "linux-64") -> Lock:
    return Lock(DIGEST, (), (PlatformLock(platform, "3.12", packages),))


def environment(*requirements: str, conda: tuple[str, ...] = ()) -> Environment:
    python = Python(
        version="3.12", conda=tuple(map(conda_requirement, conda)), pip=tuple(map(pip_requirement, requirements))
    )
    return Environment("pair", python)


@pytest.mark.parametrize(
    ("wanted", "lock", "found"),
    [
        (environment("rich>=13"), locked(pip("rich", "14.0")), []),
        (environment("rich>=14.1"), locked(pip("rich", "14.0")), ["rich>=14.1", "has rich 14.0."]),
        (environment("rich"), locked(), ["rich", "has no such package."]),
        (environment("colorama ; sys_platform == 'win32'"), locked(), []),
        (environment("torch"), locked(conda("pytorch", "2.0", "pkg:pypi/torch@2.0")), []),
        (environment(conda=("numpy=2.1",)), locked(conda("numpy", "2.1.3")), []),
        (environment(conda=("numpy=2.1",)), locked(conda("numpy", "2.2.0")), ["numpy=2.1", "has numpy 2.2.0."]),
    ],
)
def test_where_a_lock_fits(wanted: Environment, lock: Lock, found: list[str]) -> None:
    texts = [f"{found[0]} is requested, and the lock for linux-64 {found[1]}"] if found else []
    assert [item.text for item in misfits(wanted, lock)] == texts


def write(path: Path, lock: Lock) -> Path:
    used = find_lock_format("pylock")
    assert used.write is not None
    path.write_text(used.write(lock, "linux-64"), "utf-8")
    return path


def test_a_lock_of_another_tool_becomes_the_lock_of_a_version(library: Library, tmp_path: Path) -> None:
    library.versions.register(environment("rich>=13"))
    file = write(tmp_path / "pylock.toml", locked(pip("rich", "14.0"), pip("pygments", "2.19")))
    done = import_lock(library, file, "pair", report=silent())
    record = library.locks.find("pair", library.find("pair").digest)
    assert record is not None
    assert record.lock.digest == done.lock.digest
    assert [item.name for item in record.lock.platforms[0].packages] == ["pygments", "rich"]


def test_one_that_does_not_fit_changes_nothing(library: Library, tmp_path: Path) -> None:
    library.versions.register(environment("rich>=15"))
    file = write(tmp_path / "pylock.toml", locked(pip("rich", "14.0")))
    with pytest.raises(InvalidInput, match="does not fit pair:1: rich>=15 is requested") as caught:
        import_lock(library, file, "pair", report=silent())
    assert caught.value.code == "lock-misfit"
    assert library.locks.newest("pair") is None
    (tmp_path / "envstudio.yml").write_text(native.to_text(environment("rich")), "utf-8")
    with pytest.raises(InvalidInput, match="is not a lock"):
        import_lock(library, tmp_path / "envstudio.yml", "pair", report=silent())


@pytest.mark.parametrize("fits", [True, False])
def test_a_folder_of_both_is_imported_as_a_pair(library: Library, tmp_path: Path, fits: bool) -> None:
    (tmp_path / "envstudio.yml").write_text(native.to_text(environment("rich>=13" if fits else "rich>=15")), "utf-8")
    file = write(tmp_path / "pylock.toml", locked(pip("rich", "14.0")))
    assert lock_beside(tmp_path) == file
    (done,) = import_sources(library, [source_of(tmp_path)], locks=[lock_beside(tmp_path)], report=silent())
    assert (library.locks.newest("pair") is not None) is fits
    assert [item.code for item in done.problems] == ([] if fits else ["lock-misfit"])


def test_no_lock_lies_beside_a_file_or_a_lock(tmp_path: Path) -> None:
    file = write(tmp_path / "pylock.toml", locked(pip("rich", "14.0")))
    assert lock_beside(file) is None
