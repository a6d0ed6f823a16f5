"""Deleted environments: listed, brought back, and removed for ever without leaving anything that the log misses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from envstudio.domain.environment import Environment, Python
from envstudio.domain.lock import Lock, PlatformLock
from envstudio.domain.reference import Reference
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import Conflict, NotFound
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.verify_log import verify_log

CHURN = Environment("churn", Python(version="3.12", pip=(pip_requirement("six"),)))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite", who="ana") as opened:
        opened.versions.register(CHURN, "First")
        opened.versions.register(CHURN.with_pip(pip_requirement("tqdm")), "Second")
        opened.versions.label(Reference("churn", 1), "prod")
        digest = opened.find("churn").digest
        opened.locks.save("churn", Lock(digest, (), (PlatformLock("linux-64", "3.12", ()),)))
        yield opened


def test_what_was_deleted_is_listed_and_brought_back_by_its_number(library: Library) -> None:
    identity = library.environments.identity("churn")
    library.environments.delete("churn")
    library.versions.register(replace(CHURN, name="churn"), "Another one")
    library.environments.delete("churn")
    newer, older = library.deleted.list()
    assert [(item.name, item.versions, item.locks, item.images) for item in (newer, older)] == [
        ("churn", 1, 0, 0),
        ("churn", 2, 1, 0),
    ]
    library.deleted.restore(older.number)
    assert library.environments.identity("churn") == identity
    assert library.find("churn@prod").version == 1
    with pytest.raises(Conflict, match="already exists"):
        library.deleted.restore(newer.number)
    with pytest.raises(NotFound):
        library.deleted.restore(older.number)


def test_what_is_removed_for_ever_is_gone_and_its_number_is_not_used_again(library: Library) -> None:
    identity = library.environments.identity("churn")
    library.environments.delete("churn")
    (found,) = library.deleted.list()
    library.deleted.remove(found.number)
    assert library.deleted.list() == ()
    with pytest.raises(NotFound):
        library.environments.undelete("churn")
    with pytest.raises(NotFound):
        library.deleted.remove(found.number)
    library.versions.register(CHURN, "A new one")
    # What the user allowed the first one, which is kept by its identity, is not allowed to this one.
    assert library.environments.identity("churn") != identity
    assert library.find("churn").version == 1
    assert library.locks.newest("churn") is None
    assert dict(library.versions.labels("churn")) == {}
    assert [event.what for event in library.events.list()][:2] == ["register", "remove"]


def test_what_is_alive_is_not_removed(library: Library) -> None:
    library.environments.delete("churn")
    (found,) = library.deleted.list()
    library.deleted.restore(found.number)
    with pytest.raises(NotFound):
        library.deleted.remove(found.number)
    assert library.find("churn").version == 2


def test_another_workspace_does_not_see_it(library: Library) -> None:
    library.environments.delete("churn")
    (found,) = library.deleted.list()
    library.workspaces.create("team")
    team = library.in_workspace("team")
    assert team.deleted.list() == ()
    with pytest.raises(NotFound):
        team.deleted.remove(found.number)


def test_the_log_tells_of_every_row_that_went(library: Library) -> None:
    library.environments.delete("churn")
    library.deleted.remove(library.deleted.find("churn").number)
    verify_log(library, report=Report())


def test_a_number_is_not_used_again_after_a_workspace_is_deleted(library: Library) -> None:
    """What is allowed to an environment is kept by its number."""
    library.workspaces.create("team")
    team = library.in_workspace("team")
    for name in ("one", "two"):
        team.versions.register(replace(CHURN, name=name), "First")
    identities = {team.environments.identity(name) for name in ("one", "two")}
    library.workspaces.delete("team")
    library.versions.register(replace(CHURN, name="three"), "First")
    assert library.environments.identity("three") not in identities
    assert library.deleted.list() == ()
    assert [info.name for info in library.environments.list()] == ["churn", "three"]
    verify_log(library, report=Report())
