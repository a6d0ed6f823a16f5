"""What became of what a constraint allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from envstudio.domain.allowed import Relation, constraint_level, relation
from envstudio.domain.version import Level


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        ("==3.7.9", "==3.7.*", Level.LOOSENED),
        (">=2", "==2.1", Level.TIGHTENED),
        ("", "==1.0", Level.TIGHTENED),
        ("==1.0", "", Level.LOOSENED),
        (">=2", ">=2,<3", Level.TIGHTENED),
        ("<3", "<2", Level.TIGHTENED),
        (">=1.0", ">=2.0", Level.TIGHTENED),
        ("!=2.0", "", Level.LOOSENED),
        ("==2.0", "==2.1", Level.MINOR),
        ("==2.1", "==2.0", Level.DOWNGRADE),
        (">=2,<3", ">=3,<4", Level.MAJOR),
        (">=2,<3", ">=1,<2.5", Level.DOWNGRADE),
        ("~=2.1", "~=3.0", Level.MAJOR),
        ("2.1.*", "2.1.* cuda*", Level.TIGHTENED),
        ("2.1.* cuda*", "2.1.*", Level.LOOSENED),
        ("2.1.* cuda*", "2.1.* cpu*", Level.BUILD),
        ("2.1.*", "2.2.*", Level.MINOR),
        ("==1.1.1n", "==1.1.1w", Level.PATCH),
        ("==1.2|==1.3", "==1.4", Level.MINOR),
        (">= 1.0, <2", ">=1.0,<2", None),
        (">=2", ">=2.0", None),
        ("@ https://files.example/a.whl", "==1", None),
    ],
)
def test_levels(old: str, new: str, level: Level | None) -> None:
    assert constraint_level(old, new) is level


versions = st.builds("{}.{}".format, st.integers(0, 3), st.integers(0, 3))
parts = st.one_of(
    st.builds("{}{}".format, st.sampled_from((">=", "<=", ">", "<", "==", "~=")), versions),
    st.builds("=={}.*".format, versions),
)
constraints = st.lists(parts, max_size=2).map(",".join)
EVERY = [f"{major}.{minor}{patch}" for major in range(5) for minor in range(5) for patch in ("", ".5")]


@given(old=constraints, new=constraints)
def test_a_relation_is_that_of_the_versions_which_packaging_allows(old: str, new: str) -> None:
    found = relation(old, new)
    before, after = (set(SpecifierSet(text).filter(EVERY)) for text in (old, new))
    if found is Relation.SAME:
        assert before == after
    elif found is Relation.TIGHTENED:
        assert after <= before
    elif found is Relation.LOOSENED:
        assert before <= after
