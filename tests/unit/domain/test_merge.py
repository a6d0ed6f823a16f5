"""Two edits of one definition become one, or the entry that both changed is named with both sides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from strategies import PARTS, environments, quick, with_part_of

from envstudio.domain.diff import compare
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, Python, Variable
from envstudio.domain.merge import merged
from envstudio.domain.requirement import conda_requirement

START = Environment("churn", Python(channels=("conda-forge",), conda=(conda_requirement("numpy>=1"),)))


def test_edits_of_other_entries_come_together() -> None:
    ours = START.with_conda(conda_requirement("scipy")).with_variable(Variable("A", "1"))
    theirs = START.with_conda(conda_requirement("pandas>=2")).with_tag("team", "vision")
    both = merged(START, ours, theirs)
    assert isinstance(both, Environment)
    assert [item.name for item in both.python.conda] == ["numpy", "pandas", "scipy"]
    assert both.variables == ours.variables
    assert both.tags == theirs.tags


def test_the_same_entry_names_both_sides() -> None:
    clashes = merged(
        START, START.with_conda(conda_requirement("numpy>=2")), START.with_conda(conda_requirement("numpy>=3"))
    )
    assert isinstance(clashes, tuple)
    assert [item.text for item in clashes] == ["conda numpy: was >=1; there >=3, here >=2"]


def test_one_removes_what_the_other_changes() -> None:
    clashes = merged(START, START.without_conda("numpy"), START.with_conda(conda_requirement("numpy>=3")))
    assert isinstance(clashes, tuple)
    assert [item.text for item in clashes] == ["conda numpy: was >=1; there >=3, here (not set)"]


def test_the_same_edit_by_both_is_none() -> None:
    ours = START.with_conda(conda_requirement("numpy>=2"))
    assert merged(START, ours, ours) == ours
    assert merged(START, START.without_conda("numpy"), START.without_conda("numpy")) == START.without_conda("numpy")


def test_lists_are_one_entry() -> None:
    clashes = merged(START, START.with_channels(["a"]), START.with_channels(["b"]))
    assert isinstance(clashes, tuple)
    assert clashes[0].name == "channels"


@quick
@given(environments, environments, environments, st.permutations(PARTS))
def test_edits_of_two_parts_come_together(
    start: Environment, one: Environment, other: Environment, parts: list[tuple[str, str]]
) -> None:
    mine, yours = parts[:2]
    ours, theirs = with_part_of(start, *mine, one), with_part_of(start, *yours, other)
    both = merged(start, ours, theirs)
    assert isinstance(both, Environment)
    expected = with_part_of(ours, *yours, other)
    assert definition_digest(both) == definition_digest(expected)
    assert (both.description, dict(both.tags)) == (expected.description, dict(expected.tags))


@given(environments, environments, environments)
def test_what_comes_together_holds_both_edits(start: Environment, ours: Environment, theirs: Environment) -> None:
    both = merged(start, ours, theirs)
    if isinstance(both, Environment):
        kept = {(row.section, row.name) for row in compare(both, ours)}
        assert not kept & {(row.section, row.name) for row in compare(start, ours)}
        lost = {(row.section, row.name) for row in compare(both, theirs)}
        assert not lost & {(row.section, row.name) for row in compare(start, theirs)}
    else:
        assert {item.name for item in both} <= {row.name for row in compare(start, ours)}
    assert definition_digest(merged(start, ours, start)) == definition_digest(ours)  # type: ignore[arg-type]
