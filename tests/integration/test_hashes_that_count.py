"""A hash behind a requirement decides which files may be locked, as it does for pip."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_parts import Recorder
from served import served
from wheel_index import put

from envstudio.domain.environment import Environment, PipOption, Python
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import InvalidInput
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.lock import LockOptions, lock


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the address of an index with two versions, and the hash of each."""
    folder = tmp_path / "index"
    put(folder, "dep", "1.0")
    put(folder, "dep", "2.0")
    files = sorted((folder / "dep").glob("*.whl"))
    hashes = {file.name.split("-")[1]: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    links = (f'<a href="{file.name}#sha256={hashes[file.name.split("-")[1]]}">{file.name}</a>' for file in files)
    (folder / "dep" / "index.html").write_text("".join(links))
    with served(tmp_path) as address:
        yield f"{address}/index", hashes


def locked(library: Library, index: str, line: str, recorder: Recorder) -> str:
    python = Python(version="3.11", pip=(pip_requirement(line),), pip_options=(PipOption("--index-url", index),))
    library.versions.register(Environment("hashed", python))
    options = LockOptions(platforms=("linux-64",), upgrade=True)
    (found,) = lock(library, Settings(), "hashed", options=options, report=recorder).lock.platforms[0].packages
    return found.version


def test_a_hash_chooses_the_version(library: Library, index: tuple[str, dict[str, str]], recorder: Recorder) -> None:
    address, hashes = index
    assert locked(library, address, "dep>=1.0", recorder) == "2.0"
    assert locked(library, address, f"dep>=1.0 --hash=sha256:{hashes['1.0']}", recorder) == "1.0"
    both = " ".join(f"--hash=sha256:{item}" for item in hashes.values())
    assert locked(library, address, f"dep>=1.0 {both}", recorder) == "2.0"


@pytest.mark.parametrize("line", ["dep>=1.0", "dep==2.0"])
def test_a_hash_that_no_file_has_is_refused(
    library: Library, index: tuple[str, dict[str, str]], recorder: Recorder, line: str
) -> None:
    with pytest.raises(InvalidInput, match="No file of dep has a hash that its requirement allows"):
        locked(library, index[0], f"{line} --hash=sha256:{'0' * 64}", recorder)
    assert library.locks.newest("hashed") is None
