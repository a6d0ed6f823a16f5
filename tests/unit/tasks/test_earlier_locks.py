"""The locks that a definition has had: listed, compared, and returned to."""

from __future__ import annotations

import pytest

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.errors import NotFound
from envstudio.library import Library
from envstudio.report import silent
from envstudio.tasks.earlier_locks import compare_earlier, locks_of, return_to


def lock(library: Library, numpy: str) -> Lock:
    package = LockedPackage("numpy", numpy, "conda", f"https://c.example/linux-64/numpy-{numpy}-0.conda", "0" * 64)
    found = Lock(library.find("churn:1").digest, ("conda-forge",), (PlatformLock("linux-64", "3.12.1", (package,)),))
    library.locks.save("churn", found)
    return found


def version(library: Library) -> str:
    record = library.locks.find("churn", library.find("churn:1").digest)
    assert record is not None
    return record.lock.platforms[0].packages[0].version


def test_locks_are_listed_newest_first_each_once(library: Library) -> None:
    old, new = lock(library, "2.1.0"), lock(library, "2.2.0")
    lock(library, "2.1.0")
    assert [item.digest for item in locks_of(library, "churn:1")] == [old.digest, new.digest]
    assert locks_of(library, "churn:2") == ()


def test_any_two_are_compared(library: Library) -> None:
    one, two, three = (lock(library, number) for number in ("2.1.0", "2.2.0", "2.3.0"))
    rows = compare_earlier(library, "churn:1", one.digest, two.digest, report=silent())
    assert [(row.old, row.new) for row in rows] == [("2.1.0", "2.2.0")]
    rows = compare_earlier(library, "churn:1", two.digest.removeprefix("sha256:")[:12], report=silent())
    assert [(row.old, row.new) for row in rows] == [("2.2.0", "2.3.0")]
    assert compare_earlier(library, "churn:1", three.digest, report=silent()) == ()


def test_an_earlier_one_counts_again_and_that_can_be_undone_in_the_same_way(library: Library) -> None:
    old, new = lock(library, "2.1.0"), lock(library, "2.2.0")
    done = return_to(library, "churn:1", old.digest, report=silent())
    assert (version(library), done.reused, [row.new for row in done.changes]) == ("2.1.0", False, ["2.1.0"])
    assert return_to(library, "churn:1", old.digest, report=silent()).reused
    return_to(library, "churn:1", new.digest, report=silent())
    assert version(library) == "2.2.0"
    assert len(locks_of(library, "churn:1")) == 2


def test_the_one_before_has_a_name(library: Library) -> None:
    lock(library, "2.1.0")
    with pytest.raises(NotFound, match="has had no lock 'previous'"):
        compare_earlier(library, "churn:1", "previous", report=silent())
    lock(library, "2.2.0")
    rows = compare_earlier(library, "churn:1", "previous", report=silent())
    assert [(row.old, row.new) for row in rows] == [("2.1.0", "2.2.0")]
    return_to(library, "churn:1", "previous", report=silent())
    assert version(library) == "2.1.0"


def test_what_is_no_lock_of_it(library: Library) -> None:
    found = lock(library, "2.1.0")
    with pytest.raises(NotFound, match="churn:1 has had no lock 'sha256:zzzz'"):
        return_to(library, "churn:1", "sha256:zzzz", report=silent())
    with pytest.raises(NotFound, match="beginning of 1 locks' digests"):
        return_to(library, "churn:1", found.digest[:9], report=silent())
    with pytest.raises(NotFound, match="is not locked"):
        return_to(library, "churn:2", "previous", report=silent())
