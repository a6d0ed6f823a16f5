"""A library whose bytes something else changed: a clear error, or what is still whole, and never a traceback."""

from __future__ import annotations

import json
import random
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sample_libraries import FOLDER, fill, shown

from envstudio.domain.environment import Environment
from envstudio.domain.reference import Reference
from envstudio.errors import Conflict, EnvStudioError, NotFound
from envstudio.library import Library
from envstudio.library.repair import repair

FEW, MANY = 60, pytest.param(300, marks=pytest.mark.slow)


def reads() -> dict[str, Callable[[Library], object]]:
    """Return what looks at a library."""

    def show(library: Library) -> None:
        for info in library.environments.list(archived=True):
            library.find(info.name)
            library.versions.draft(info.name)
            library.versions.list(info.name)
            library.locks.newest(info.name)

    def history(library: Library) -> None:
        library.events.list()
        library.runs.list()
        library.images.list()
        for build in library.builds.list():
            library.builds.log(build.id)

    return {
        "list": lambda library: library.environments.list(archived=True),
        "show": show,
        "history": history,
        "changes": lambda library: library.changes.mark(),
        "verify": lambda library: library.events.verify(),
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the bytes of a library that holds one of everything."""
    location = tmp_path_factory.mktemp("whole") / "library.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENVSTUDIO_DATA", str(location.parent / "data"))
        with Library.open(location, who="ana") as library:
            fill(library)
    return location.read_bytes()


def damages(whole: bytes, dice: random.Random, rounds: int) -> Iterator[bytes]:
    """Yield the bytes of damaged libraries: bits turned, blocks overwritten, zeros, ends cut off, pages exchanged."""
    for number in range(rounds):
        data = bytearray(whole)
        way = number % 6
        location = dice.randrange(100, len(data) - 4096)
        if way == 0:
            data[location] ^= 1 << dice.randrange(8)
        elif way == 1:
            for _ in range(20):
                data[dice.randrange(100, len(data))] = dice.randrange(256)
        elif way == 2:
            data[location : location + 64] = dice.randbytes(64)
        elif way == 3:
            page = location // 4096 * 4096
            data[page : page + 4096] = bytes(4096)
        elif way == 4:
            del data[location:]
        else:
            one, two = (dice.randrange(1, len(data) // 4096) * 4096 for _ in range(2))
            data[one : one + 4096], data[two : two + 4096] = data[two : two + 4096], data[one : one + 4096]
        yield bytes(data)


def test_two_revisions_at_once(whole: bytes, tmp_path: Path) -> None:
    location = tmp_path / "library.sqlite"
    location.write_bytes(whole)
    with closing(sqlite3.connect(location)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '0001'")
        file.execute("INSERT INTO alembic_version VALUES ('0002')")
    with pytest.raises(EnvStudioError, match="is damaged"):
        Library.open(location)


@pytest.mark.parametrize("rounds", [FEW, MANY])
def test_a_damaged_library_is_said_to_be_one(whole: bytes, tmp_path: Path, rounds: int) -> None:
    errors: dict[str, int] = {}
    refused = 0
    for number, data in enumerate(damages(whole, random.Random(11), rounds)):
        location = tmp_path / f"{number}.sqlite"
        location.write_bytes(data)
        for name, read in reads().items():
            try:
                with Library.open(location, who="ana") as library:
                    read(library)
            except EnvStudioError as error:
                refused += 1
                if not (error.summary and error.advice):
                    errors.setdefault(f"{name}: says too little: {error.summary}", number)
            except Exception as error:  # noqa: BLE001 - this is what is looked for
                last = traceback.extract_tb(error.__traceback__)[-1]
                errors.setdefault(f"{name}: {type(error).__name__}: {error} at {last.filename}:{last.lineno}", number)
        for path in tmp_path.glob(f"{number}.*"):
            path.unlink()
    assert errors == {}
    assert refused > rounds


@pytest.mark.parametrize("rounds", [18, pytest.param(60, marks=pytest.mark.slow)])
def test_repair_recovers_what_is_whole(whole: bytes, tmp_path: Path, rounds: int) -> None:
    recovered = 0
    for number, data in enumerate(damages(whole, random.Random(12), rounds)):
        location, target = tmp_path / f"{number}.sqlite", tmp_path / f"{number}.new.sqlite"
        location.write_bytes(data)
        try:
            done = repair(str(location), target)
        except EnvStudioError as error:
            assert error.summary == "Nothing could be recovered."  # noqa: PT017
            continue
        finally:
            assert location.read_bytes() == data
        with Library.open(target, who="ana") as library:
            # A library without a default workspace gets one when it is opened.
            assert library.events.verify().rows - done.rows in (0, 1)
            for name in ("list", "show", "history"):
                reads()[name](library)
            library.versions.register(Environment("after"))
            library.events.verify()
        recovered += 1
    assert recovered >= rounds * 5 // 6


def test_repair_of_a_whole_library_loses_nothing(whole: bytes, tmp_path: Path) -> None:
    location, target = tmp_path / "library.sqlite", tmp_path / "new.sqlite"
    location.write_bytes(whole)
    assert repair(str(location), target).lost == ()
    with Library.open(location) as before, Library.open(target) as after:
        assert shown(before) == shown(after)
        assert after.events.verify().entries == before.events.verify().entries + 1


def test_repair_names_what_is_lost(whole: bytes, tmp_path: Path) -> None:
    location, target = tmp_path / "library.sqlite", tmp_path / "new.sqlite"
    location.write_bytes(whole)
    with closing(sqlite3.connect(location)) as file, file:
        file.execute("PRAGMA foreign_keys = OFF")
        file.execute("UPDATE blobs SET data = x'00' WHERE sha256 = (SELECT source FROM versions WHERE id = 3)")
        file.execute("UPDATE builds SET started_at = 'never' WHERE id = 1")
        file.execute("UPDATE drafts SET updated_at = 7")
    lost = "\n".join(repair(str(location), target).lost)
    assert "a version that entry" in lost
    assert "a build that entry" in lost
    assert "1 of the table drafts" in lost
    with Library.open(target) as library:
        assert [item.number for item in library.versions.list("churn")] == [2, 1]
        assert library.find("churn").version == 2


def test_repair_keeps_what_is_in_a_lost_workspace(whole: bytes, tmp_path: Path) -> None:
    location, target = tmp_path / "library.sqlite", tmp_path / "new.sqlite"
    location.write_bytes(whole)
    with closing(sqlite3.connect(location)) as file, file:
        file.execute("DELETE FROM workspaces")
        file.execute("DELETE FROM environments WHERE name = 'ocr'")
    assert "workspace recovered-1 is not as entry" in "\n".join(repair(str(location), target).lost)
    with Library.open(target) as library:
        found = library.in_workspace("recovered-1")
        assert [item.number for item in found.versions.list("churn")] == [3, 2, 1]
        assert [info.name for info in found.environments.list()] == ["churn", "recovered-2"]
        assert "requests" in found.find("recovered-2").text


def test_repair_overwrites_nothing(whole: bytes, tmp_path: Path) -> None:
    location, target = tmp_path / "library.sqlite", tmp_path / "new.sqlite"
    location.write_bytes(whole)
    target.write_text("mine")
    with pytest.raises(Conflict):
        repair(str(location), target)
    assert target.read_text() == "mine"
    with pytest.raises(NotFound):
        repair(str(tmp_path / "absent.sqlite"), tmp_path / "other.sqlite")


def test_repair_of_a_library_of_schema_1(tmp_path: Path) -> None:
    target = tmp_path / "new.sqlite"
    assert repair(str(FOLDER / "0001.sqlite"), target).lost == ()
    with Library.open(target) as library:
        assert json.loads(json.dumps(shown(library))) == json.loads((FOLDER / "0001.json").read_text())
        library.events.verify()


def test_a_change_to_a_damaged_library_is_refused_in_words(whole: bytes, tmp_path: Path) -> None:
    location = tmp_path / "library.sqlite"
    location.write_bytes(whole)
    with closing(sqlite3.connect(location)) as file, file:
        file.execute("UPDATE versions SET created_at = 'never' WHERE number = 3")
    with Library.open(location) as library, pytest.raises(EnvStudioError, match="is damaged"):
        library.versions.label(Reference("churn", 3), "prod")
