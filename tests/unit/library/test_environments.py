"""Listing, searching, renaming, archiving and deleting."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import pytest
from sqlite_connections import on_each_connection

from envstudio import paths
from envstudio.domain.environment import Environment, Python
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.query import parse_query
from envstudio.domain.reference import parse_reference
from envstudio.domain.requirement import conda_requirement
from envstudio.errors import Conflict, NotFound
from envstudio.library import Library, curated


def names(library: Library, query: str = "", *, archived: bool = False) -> list[str]:
    return [item.name for item in library.environments.list(parse_query(query), archived=archived)]


@pytest.fixture
def filled(library: Library, churn: Environment) -> Library:
    library.versions.register(churn)
    library.versions.register(Environment("ocr-gpu").with_conda(conda_requirement("numpy=1.26")))
    library.versions.describe(parse_reference("churn"), description="Who leaves?", tags={"team": "vision"})
    library.versions.label(parse_reference("churn:1"), "prod")
    return library


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["churn", "ocr-gpu"]),
        ("CHU", ["churn"]),
        ("leaves", ["churn"]),
        ("100%", []),
        ("pkg:numpy", ["churn", "ocr-gpu"]),
        ("pkg:numpy>=2", ["churn"]),
        ("pkg:numpy<2", ["ocr-gpu"]),
        ("pkg:NumPy=1.26", ["ocr-gpu"]),
        ("label:prod", ["churn"]),
        ("tag:team", ["churn"]),
        ("tag:team=vision", ["churn"]),
        ("tag:team=other", []),
        ("var:TREES", ["churn"]),
        ("var:NOTHING", []),
        ("pkg:numpy label:prod churn", ["churn"]),
    ],
)
def test_queries(filled: Library, query: str, found: list[str]) -> None:
    assert names(filled, query) == found


def test_queries_search_locks_too(filled: Library) -> None:
    package = LockedPackage(
        "openssl", "3.0.7", "conda", "https://conda.example/c/linux-64/openssl-3.0.7-h_0.conda", "a" * 64
    )
    digest = filled.find("churn").digest
    lock = Lock(digest, ("conda-forge",), (PlatformLock("linux-64", "3.12.1", (package,)),))
    filled.locks.save("churn", lock)
    assert names(filled, "pkg:openssl<3.0.8") == ["churn"]
    assert names(filled, "pkg:openssl>=3.0.8") == []
    record = filled.locks.find("churn", digest)
    assert record is not None
    assert record.lock == lock
    assert filled.environments.list(parse_query("churn"))[0].lock == "locked"


def test_a_lock_of_an_older_definition_is_stale(filled: Library, churn: Environment) -> None:
    filled.locks.save("churn", Lock(filled.find("churn").digest, (), ()))
    filled.versions.register(churn.with_conda(conda_requirement("numpy>=2.3")))
    assert filled.environments.list(parse_query("churn"))[0].lock == "stale"
    assert filled.locks.find("churn", filled.find("churn").digest) is None


def test_the_nearest_lock_is_of_the_definition_and_else_the_newest(filled: Library, churn: Environment) -> None:
    filled.versions.register(churn.with_conda(conda_requirement("numpy>=2.3")))
    digests = [filled.find(f"churn:{number}").digest for number in (1, 2)]
    assert filled.locks.nearest("churn", digests[0]) is None
    for digest in digests:
        filled.locks.save("churn", Lock(digest, ("c",), (PlatformLock("linux-64", "3.12.7", ()),)))
    for requests, found in ((digests[0], digests[0]), (digests[1], digests[1]), ("sha256:other", digests[1])):
        record = filled.locks.nearest("churn", requests)
        assert record is not None
        assert record.lock.definition_digest == found


def test_rename_keeps_versions_and_refuses_a_taken_name(filled: Library) -> None:
    change = filled.environments.rename("churn", "leavers")
    assert change.renamed_from == "churn"
    assert filled.find("leavers@prod").environment.name == "leavers"
    with pytest.raises(Conflict):
        filled.environments.rename("leavers", "ocr-gpu")
    assert names(filled) == ["leavers", "ocr-gpu"]


def test_archived_environments_are_hidden_and_come_back(filled: Library) -> None:
    filled.environments.archive("churn")
    assert names(filled) == ["ocr-gpu"]
    assert names(filled, archived=True) == ["churn", "ocr-gpu"]
    filled.environments.archive("churn", False)
    assert "churn" in names(filled)


def test_delete_can_be_undone(filled: Library, churn: Environment) -> None:
    filled.environments.delete("churn")
    with pytest.raises(NotFound):
        filled.find("churn")
    filled.environments.undelete("churn")
    assert filled.find("churn").environment.python == churn.python
    filled.environments.delete("churn")
    filled.versions.register(churn)
    with pytest.raises(Conflict):
        filled.environments.undelete("churn")


def test_workspaces_keep_environments_apart(filled: Library, churn: Environment) -> None:
    filled.workspaces.create("vision")
    with pytest.raises(Conflict):
        filled.workspaces.create("vision")
    other = filled.in_workspace("vision")
    assert names(other) == []
    other.versions.register(churn)
    assert {item.name: item.environments for item in filled.workspaces.list()} == {"default": 2, "vision": 1}
    filled.workspaces.rename("vision", "sight")
    filled.workspaces.delete("sight")
    with pytest.raises(NotFound):
        filled.workspaces.require("sight")
    assert names(filled) == ["churn", "ocr-gpu"]


def test_curated_environments_are_listed_and_found(library: Library) -> None:
    found = {item.name for item in curated.infos()}
    assert found == {"curated/minimal-python", "curated/scikit-learn", "curated/pytorch-cpu", "curated/jupyter"}
    snapshot = library.find("curated/scikit-learn")
    assert any(item.name == "scikit-learn" for item in snapshot.environment.python.pip)
    assert library.versions.register(snapshot.environment.renamed("mine")).created


def test_the_index_of_curated_environments_is_up_to_date() -> None:
    held = json.loads(paths.resource("curated", curated.INDEX).read_text("utf-8"))
    assert held == curated.index(), "bring it up to date with envstudio.library.curated.write_index()"
    assert list(held) == list(curated.names())


def test_the_event_log_tells_who_did_what(filled: Library) -> None:
    filled.environments.rename("churn", "leavers")
    what = [(item.who, item.what, item.target) for item in reversed(filled.events.list())]
    assert what.pop(0) == ("ana", "workspace.create", "default")
    assert what[0] == ("ana", "register", "churn:1")
    assert what[-1] == ("ana", "rename", "leavers")
    assert [item.what for item in filled.events.list("ocr-gpu")] == ["register"]
    assert filled.events.verify().entries == len(what) + 2


@pytest.mark.parametrize("query", ["pkg:typing_extensions>=4", "pkg:typing-extensions", "pkg:openssl<3", "pkg:openssl"])
def test_packages_are_found_as_conda_names_and_counts_them(library: Library, query: str) -> None:
    specs = ("typing_extensions=4.12", "openssl=1.1.1w")
    library.versions.register(Environment("odd", Python(conda=tuple(map(conda_requirement, specs)))))
    assert [item.name for item in library.environments.list(parse_query(query))] == ["odd"]
    assert library.environments.definitions_with(parse_query(query)) == {library.find("odd").digest}


def test_a_draft_of_another_description_is_a_changed_draft(library: Library, churn: Environment) -> None:
    """A version takes it over without a new one; until then it is a draft. A comment alone changes nothing."""

    def changed() -> bool:
        return library.environments.list()[0].draft_changed

    library.versions.register(churn)
    for draft, expected in (
        (replace(churn, description="Other words"), True),
        (churn, False),
        (replace(churn, tags=(("team", "other"),)), True),
    ):
        library.versions.save_draft(draft)
        assert changed() is expected
    library.versions.save_draft(churn, text=f"# why\n{library.find('churn').text}")
    assert not changed()
    library.versions.describe(parse_reference("churn"), description="Said elsewhere")
    assert changed()


@pytest.mark.sqlite
@pytest.mark.parametrize("query", ["env", "tag:team=vision"])
def test_a_search_may_find_more_than_a_query_takes_values(library: Library, query: str) -> None:
    for number in range(12):
        library.versions.register(Environment(f"env-{number:02}", tags=(("team", "vision"),)))
    with on_each_connection(lambda connection: connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 10)):
        assert len(names(library, query)) == 12
