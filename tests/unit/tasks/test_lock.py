"""What a lock keeps when a platform is added, without a network: every solve here needs nothing."""

from __future__ import annotations

from envstudio.domain.environment import Environment, Python
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.lock import LockOptions, lock, preview


def test_an_added_platform_leaves_the_others_as_they_are(library: Library) -> None:
    environment = Environment("empty", Python(version="3.12"))
    library.versions.register(environment)
    digest = library.find("empty").digest
    kept = PlatformLock(
        "linux-64", "3.12", (LockedPackage("old", "1.0", "pip", "https://files.example/old.whl", "a" * 64),)
    )
    library.locks.save("empty", Lock(digest, (), (kept,)))
    found = lock(library, Settings(), "empty", platforms=["osx-arm64"], report=silent()).lock
    assert found.platform_names == ("linux-64", "osx-arm64")
    assert found.platform("linux-64") == kept
    again = lock(library, Settings(), "empty", options=LockOptions(again=True), report=silent()).lock
    assert again.platform("linux-64").packages == ()


def test_what_would_change_is_told_of_the_lock_of_that_definition(library: Library) -> None:
    """A draft that was locked afterwards, and discarded perhaps, is another definition."""
    environment = Environment("empty", Python(version="3.12"))
    library.versions.register(environment)
    digest = library.find("empty").digest
    own = LockedPackage("old", "1.0", "pip", "https://files.example/old.whl", "a" * 64)
    library.locks.save("empty", Lock(digest, (), (PlatformLock("linux-64", "3.12", (own,)),)))
    other = LockedPackage("drafted", "2.0", "pip", "https://files.example/drafted.whl", "b" * 64)
    library.locks.save("empty", Lock("sha256:another", (), (PlatformLock("linux-64", "3.12", (other,)),)))
    again = LockOptions(again=True)
    for task in (preview, lock):
        changes = task(library, Settings(), "empty", options=again, report=silent()).changes
        assert [row.name for row in changes] == ["old"]
