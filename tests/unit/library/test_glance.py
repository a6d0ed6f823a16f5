"""The rows that are painted before the database is loaded are those that the library itself lists."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from envstudio.domain.environment import Environment
from envstudio.domain.image import BuiltImage
from envstudio.domain.lock import Lock
from envstudio.domain.reference import parse_reference
from envstudio.domain.requirement import conda_requirement
from envstudio.library import Library
from envstudio.library.glance import glance

pytestmark = pytest.mark.sqlite


@pytest.fixture
def filled(library: Library, churn: Environment) -> Library:
    """Return a library with every state that a row can show."""
    newer = churn.with_conda(conda_requirement("numpy>=2.3"))
    names = ("locked", "Stale", "built", "old-image", "failed", "mended", "gone", "put-away", "drafted")
    for name in (*names, "image-of-lock", "relocked", "failed-before"):
        library.versions.register(churn.renamed(name))
    digest = library.find("locked").digest
    for name in ("locked", "Stale"):
        library.locks.save(name, Lock(digest, (), ()))
    library.versions.register(newer.renamed("Stale"))
    image = BuiltImage("built:1", "sha256:1", "sha256:2", ("built:1",), "direct", False, 1.0, (), 10, 1, 1)
    for name in ("built", "old-image"):
        library.images.add(name, 1, image, definition=digest, lock="")
    library.versions.register(newer.renamed("old-image"))
    for name in ("image-of-lock", "relocked"):
        library.locks.save(name, Lock(digest, (), ()))
        library.images.add(name, 1, image, definition=digest, lock=Lock(digest, (), ()).digest)
    library.locks.save("relocked", Lock(digest, ("conda-forge",), ()))
    library.builds.finish(
        library.builds.start("failed-before", 1, "direct"), "failed-before", "failed", seconds=1.0, builder="direct"
    )
    library.versions.register(newer.renamed("failed-before"))
    for name, ends in (("failed", ("done", "failed")), ("mended", ("failed", "done"))):
        for end in ends:
            library.builds.finish(library.builds.start(name, 1, "direct"), name, end, seconds=1.0, builder="direct")
    library.versions.save_draft(newer.renamed("drafted"))
    library.versions.describe(parse_reference("built"), description="What for", tags={"team": "vision", "a": ""})
    library.versions.label(parse_reference("built:1"), "prod")
    library.versions.label(parse_reference("built:1"), "canary")
    library.environments.delete("gone")
    library.environments.archive("put-away")
    library.workspaces.create("other")
    library.in_workspace("other").versions.register(churn.renamed("elsewhere"))
    return library


def test_rows_are_those_of_the_list(filled: Library) -> None:
    seen = glance(filled.location, "default")
    assert seen is not None
    listed = filled.environments.list()
    assert seen.infos == listed
    assert seen.total == len(listed) == 10
    assert {info.name: info.lock for info in listed if info.lock} == {
        "locked": "locked",
        "Stale": "stale",
        "image-of-lock": "locked",
        "relocked": "locked",
    }
    # An image of another lock is not what a build would make; a version that is newer than a failure has not failed.
    assert {info.name: info.image for info in listed if info.image} == {
        "built": "built",
        "old-image": "stale",
        "failed": "failed",
        "image-of-lock": "built",
        "relocked": "stale",
    }


def test_only_the_first_rows_are_read(filled: Library) -> None:
    seen = glance(filled.location, "default", 3)
    assert seen is not None
    assert seen.infos == filled.environments.list()[:3]
    assert seen.total == 10


def test_another_workspace(filled: Library) -> None:
    seen = glance(filled.location, "other")
    assert seen is not None
    assert [info.name for info in seen.infos] == ["elsewhere"]


def test_nothing_is_seen_where_the_library_has_to_be_asked(tmp_path: Path, location: Path) -> None:
    assert glance(str(location), "default") is None
    assert glance("postgresql://host.example/name", "default") is None
    location.write_text("no database")
    assert glance(str(location), "default") is None
    assert glance(str(tmp_path), "default") is None
    Library.open(tmp_path / "newer.sqlite").close()
    with sqlite3.connect(tmp_path / "newer.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert glance(str(tmp_path / "newer.sqlite"), "default") is None


def test_neither_sqlalchemy_nor_the_formats_are_loaded() -> None:
    code = (
        "import sys, envstudio.library.glance; "
        "print([name for name in ('sqlalchemy', 'yaml', 'packaging', 'rattler') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
