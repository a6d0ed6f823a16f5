"""pylock.toml: what is read of a file for many targets, as packaging selects it."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from packaging.pylock import Pylock

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.wheel_tags import marker_environment, supported_tags
from envstudio.errors import InvalidInput
from envstudio.formats.format import Choices
from envstudio.formats.source import text_source
from envstudio.lock_formats import find_lock_format
from envstudio.lock_formats.lock_format import LockRead

HASH = "a" * 64
FILE = f"""\
lock-version = "1.0"
created-by = "tool"
requires-python = ">=3.9,<3.13"
extras = ["gpu"]
dependency-groups = ["dev", "docs"]
default-groups = ["docs"]

[[packages]]
name = "six"
version = "1.16.0"
wheels = [{{ url = "https://files.example/six-1.16.0-py2.py3-none-any.whl", hashes = {{ sha256 = "{HASH}" }} }}]

[[packages]]
name = "fast"
version = "1.0"
wheels = [
  {{ url = "https://files.example/fast-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", hashes = {{ sha256 = "{HASH}" }} }},
  {{ url = "https://files.example/fast-1.0-cp310-cp310-manylinux_2_17_x86_64.whl", hashes = {{ sha256 = "{HASH}" }} }},
  {{ url = "https://files.example/fast-1.0-cp39-cp39-manylinux_2_17_x86_64.whl", hashes = {{ sha256 = "{HASH}" }} }},
  {{ url = "https://files.example/fast-1.0-cp311-cp311-win_amd64.whl", hashes = {{ sha256 = "{HASH}" }} }},
]

[[packages]]
name = "gpu-only"
version = "1.0"
marker = "'gpu' in extras"
wheels = [{{ url = "https://files.example/gpu_only-1.0-py3-none-any.whl", hashes = {{ sha256 = "{HASH}" }} }}]

[[packages]]
name = "dev-only"
version = "1.0"
marker = "'dev' in dependency_groups"
wheels = [{{ url = "https://files.example/dev_only-1.0-py3-none-any.whl", hashes = {{ sha256 = "{HASH}" }} }}]

[[packages]]
name = "docs-only"
version = "1.0"
marker = "'docs' in dependency_groups"
wheels = [{{ url = "https://files.example/docs_only-1.0-py3-none-any.whl", hashes = {{ sha256 = "{HASH}" }} }}]

[[packages]]
name = "win-only"
version = "1.0"
marker = "sys_platform == 'win32'"
wheels = [{{ url = "https://files.example/win_only-1.0-py3-none-any.whl", hashes = {{ sha256 = "{HASH}" }} }}]

[[packages]]
name = "two"
version = "1.0"
marker = "python_full_version < '3.10'"
sdist = {{ url = "https://files.example/two-1.0.tar.gz", hashes = {{ sha256 = "{HASH}" }} }}

[[packages]]
name = "two"
version = "2.0"
marker = "python_full_version >= '3.10'"
sdist = {{ url = "https://files.example/two-2.0.tar.gz", hashes = {{ sha256 = "{HASH}" }} }}

[[packages]]
name = "from-git"
vcs = {{ type = "git", url = "https://git.example/o/r.git", commit-id = "{"0" * 40}", subdirectory = "sub" }}
"""
FORMAT = find_lock_format("pylock")


def read(text: str = FILE, **chosen: object) -> LockRead:
    assert FORMAT.read is not None
    source = replace(text_source("pylock.toml", text), choices=Choices(**chosen))  # type: ignore[arg-type]
    return FORMAT.read(source, "x")


def names(found: LockRead) -> dict[str, str]:
    return {item.name: item.file_name for item in found.lock.platforms[0].packages}


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"python": "3.11"},
        {"python": "3.10"},
        {"python": "3.11", "platform": "win-64"},
        {"python": "3.11", "extras": ("gpu",)},
        {"python": "3.11", "groups": ("dev",)},
        {"python": "3.11", "groups": ("dev", "docs"), "extras": ("gpu",)},
    ],
)
def test_what_is_selected_is_what_packaging_selects(chosen: dict[str, object]) -> None:
    found = read(**chosen)
    (part,) = found.lock.platforms
    python = part.python if part.python.count(".") > 1 else f"{part.python}.0"
    theirs = Pylock.from_dict(tomllib.loads(FILE)).select(
        environment=marker_environment(part.platform, python),  # type: ignore[arg-type]
        tags=supported_tags(part.platform, python),
        extras=chosen.get("extras", ()),  # type: ignore[arg-type]
        dependency_groups=chosen.get("groups"),  # type: ignore[arg-type]
    )
    wanted = {package.name: (getattr(file, "url", "") or "").rpartition("/")[2] for package, file in theirs}
    assert {name: "" if name == "from-git" else file for name, file in names(found).items()} == {
        name: "" if name == "from-git" else file for name, file in wanted.items()
    }


def test_what_is_left_out_is_named() -> None:
    (problem,) = read(python="3.11").problems
    assert problem.code == "packages-left-out"
    assert all(name in problem.message for name in ("gpu-only", "dev-only", "win-only"))


def test_the_platform_of_a_file_is_that_of_its_wheels_and_environments() -> None:
    only_win = FILE.replace("manylinux_2_17_x86_64", "win_amd64")
    assert read(only_win, python="3.11").lock.platform_names == ("win-64",)
    stated = FILE.replace("extras = [", "environments = [\"sys_platform == 'win32'\"]\nextras = [", 1)
    assert read(stated, python="3.11").lock.platform_names == ("win-64",)


@pytest.mark.parametrize(
    ("text", "chosen", "reason"),
    [
        (FILE, {"python": "3.13"}, "requires Python"),
        (FILE, {"platform": "amiga"}, "No platform named 'amiga'"),
        (
            FILE.replace("python_full_version < '3.10'", "python_full_version < '3.12'"),
            {"python": "3.11"},
            "two is there twice",
        ),
    ],
)
def test_what_is_refused(text: str, chosen: dict[str, object], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        read(text, **chosen)


def test_packaging_reads_what_is_written() -> None:
    packages = (
        LockedPackage("fast", "1.0", "pip", "https://files.example/fast-1.0-cp311-cp311-win_amd64.whl", HASH, size=3),
        LockedPackage("own", "2.0", "pip", "https://files.example/own-2.0.tar.gz", HASH),
        LockedPackage("r", "1.0", "pip", f"git+https://git.example/o/r.git@{'0' * 40}#subdirectory=sub", ""),
    )
    lock = Lock("sha256:" + "0" * 64, (), (PlatformLock("win-64", "3.11.9", packages),))
    assert FORMAT.write is not None
    text = FORMAT.write(lock, "win-64")
    theirs = Pylock.from_dict(tomllib.loads(text))
    theirs.validate()
    vcs = {item.name: item.vcs for item in theirs.packages}["r"]
    assert vcs is not None
    assert vcs.subdirectory == "sub"
    assert {item.name: item.url for item in read(text, platform="win-64").lock.platforms[0].packages} == {
        item.name: item.url for item in packages
    }
