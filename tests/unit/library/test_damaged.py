"""A library whose bytes something else changed: a clear error, or what is still whole, and never a traceback."""

from __future__ import annotations

import random
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sample_libraries import fill

from envstudio.errors import EnvStudioError
from envstudio.library import Library

ROUNDS = 300


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
    place = tmp_path_factory.mktemp("whole") / "library.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENVSTUDIO_DATA", str(place.parent / "data"))
        with Library.open(place, who="ana") as library:
            fill(library)
    return place.read_bytes()


def damages(whole: bytes, dice: random.Random) -> Iterator[bytes]:
    """Yield the bytes of damaged libraries: bits turned, blocks overwritten, zeros, ends cut off, pages exchanged."""
    for number in range(ROUNDS):
        data = bytearray(whole)
        way = number % 6
        place = dice.randrange(100, len(data) - 4096)
        if way == 0:
            data[place] ^= 1 << dice.randrange(8)
        elif way == 1:
            for _ in range(20):
                data[dice.randrange(100, len(data))] = dice.randrange(256)
        elif way == 2:
            data[place : place + 64] = dice.randbytes(64)
        elif way == 3:
            page = place // 4096 * 4096
            data[page : page + 4096] = bytes(4096)
        elif way == 4:
            del data[place:]
        else:
            one, two = (dice.randrange(1, len(data) // 4096) * 4096 for _ in range(2))
            data[one : one + 4096], data[two : two + 4096] = data[two : two + 4096], data[one : one + 4096]
        yield bytes(data)


def test_two_revisions_at_once(whole: bytes, tmp_path: Path) -> None:
    place = tmp_path / "library.sqlite"
    place.write_bytes(whole)
    with closing(sqlite3.connect(place)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '0001'")
        file.execute("INSERT INTO alembic_version VALUES ('0002')")
    with pytest.raises(EnvStudioError, match="is damaged"):
        Library.open(place)


def test_a_damaged_library_is_said_to_be_one(whole: bytes, tmp_path: Path) -> None:
    errors: dict[str, int] = {}
    refused = 0
    for number, data in enumerate(damages(whole, random.Random(11))):
        place = tmp_path / f"{number}.sqlite"
        place.write_bytes(data)
        for name, read in reads().items():
            try:
                with Library.open(place, who="ana") as library:
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
    assert refused > ROUNDS
