"""compare: rows in words and in Markdown, and the locks if both have one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.library import Library
from envstudio.presentation.comparison import comparison_lines, comparison_markdown
from envstudio.report import silent
from envstudio.tasks.compare import compare


def lock(library: Library, reference: str, numpy: str) -> None:
    package = LockedPackage("numpy", numpy, "conda", f"https://c.example/linux-64/numpy-{numpy}-0.conda", "0" * 64)
    platform = PlatformLock("linux-64", "3.12.1", (package,))
    library.locks.save("churn", Lock(library.find(reference).digest, ("conda-forge",), platforms=(platform,)))


def test_definitions(library: Library) -> None:
    found = compare(library, library.find("churn:1"), library.find("churn:2"), report=silent())
    assert (found.old_title, found.new_title, found.identical) == ("churn:1", "churn:2", False)
    assert {(str(row.section), row.name) for row in found.changes} == {("conda", "numpy"), ("image", "base")}
    assert found.resolved == ()
    assert not found.both_locked
    lines = comparison_lines(found)
    assert lines[0] == "churn:1 → churn:2"
    assert any("numpy" in line and ">=2  →  >=2.1" in line for line in lines)


def test_the_same(library: Library) -> None:
    found = compare(library, library.find("churn:1"), library.find("churn:1"), report=silent())
    assert (found.identical, comparison_lines(found)[1:]) == (True, ["No differences."])
    assert comparison_markdown(found) == "### churn:1 → churn:1\n\nNo differences.\n"


def test_locks_count_where_both_versions_have_one(library: Library) -> None:
    one, two = library.find("churn:1"), library.find("churn:2")
    lock(library, "churn:1", "2.2.0")
    assert compare(library, one, two, report=silent()).resolved == ()
    lock(library, "churn:2", "2.1.0")
    found = compare(library, one, two, report=silent())
    assert [(row.name, row.old, row.new, row.level) for row in found.resolved] == [
        ("numpy", "2.2.0", "2.1.0", "downgrade")
    ]
    assert "resolved, linux-64 conda" in comparison_lines(found)
    assert compare(library, one, two, resolved=False, report=silent()).resolved == ()


def test_that_one_side_has_no_lock_is_said(library: Library) -> None:
    """Where neither has one, no one expects their packages."""
    one, two = library.find("churn:1"), library.find("churn:2")
    messages = "resolved: not compared, as churn:2 has no lock"
    assert messages not in comparison_lines(compare(library, one, two, report=silent()))
    lock(library, "churn:1", "2.2.0")
    found = compare(library, one, two, report=silent())
    assert comparison_lines(found)[-1] == messages
    assert comparison_markdown(found).endswith("**Resolved packages**\n\nNot compared, as churn:2 has no lock.\n")
    assert comparison_lines(compare(library, one, two, resolved=False, report=silent()))[-1] != messages


def test_locks_of_different_platforms_are_not_the_same(library: Library) -> None:
    for version, platform in ((1, "linux-64"), (2, "osx-arm64")):
        package = LockedPackage("numpy", "2.1.0", "conda", "https://c.example/numpy.conda", "0" * 64)
        made = Lock(library.find(f"churn:{version}").digest, (), (PlatformLock(platform, "3.12.1", (package,)),))
        library.locks.save("churn", made)
    found = compare(library, library.find("churn:1"), library.find("churn:2"), report=silent())
    assert [(str(row.kind), row.name) for row in found.resolved] == [("removed", "linux-64"), ("added", "osx-arm64")]
    assert any("osx-arm64" in line and "1 package" in line for line in comparison_lines(found))


def test_markdown(library: Library) -> None:
    lock(library, "churn:1", "2.1.0")
    lock(library, "churn:2", "2.2.0")
    text = comparison_markdown(compare(library, library.find("churn:1"), library.find("churn:2"), report=silent()))
    assert text.startswith(
        "### churn:1 → churn:2\n\n**Definition**\n\n| | what | name | from | to |\n|---|---|---|---|---|\n"
    )
    assert "| conda | numpy | `>=2` | `>=2.1` |" in text
    assert "**Resolved packages**" in text
    assert "| ↑ minor | linux-64 conda | numpy | `2.1.0` | `2.2.0` |" in text


def test_markdown_of_odd_names_and_values(library: Library) -> None:
    one = library.find("churn:1")
    tagged = replace(one.environment, tags=(("a|b", "`x` and ``y``"),))
    found = comparison_markdown(compare(library, one, replace(one, environment=tagged), report=silent()))
    assert "| + added | about | tag a\\|b |  | ``` `x` and ``y`` ``` |" in found


@pytest.mark.parametrize("text", ["a|b", "two\nlines"])
def test_markdown_cells_stay_in_their_row(library: Library, text: str) -> None:
    one = library.find("churn:1")
    other = replace(
        one, environment=replace(one.environment, image=replace(one.environment.image, base="", dockerfile=text))
    )
    found = comparison_markdown(compare(library, one, replace(other, digest="sha256:0"), report=silent()))
    rows = [line for line in found.splitlines() if line.startswith("| ")][1:]
    assert rows
    assert all(line.replace("\\|", "").count("|") == 6 for line in rows)
