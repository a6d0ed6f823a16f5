"""How far versions and constraints are apart."""

from __future__ import annotations

import pytest

from envstudio.domain.version import Level, anchor, version_level


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        ("1.2.3", "1.2.3", None),
        ("1.2.3", "2.0.0", Level.MAJOR),
        ("1.2.3", "1.3.0", Level.MINOR),
        ("1.2.3", "1.2.4", Level.PATCH),
        ("1.2.3", "1.2.2", Level.DOWNGRADE),
        ("2", "1.9", Level.DOWNGRADE),
        ("1.9", "1.10", Level.MINOR),
        ("1.0rc1", "1.0", Level.PATCH),
        ("1.0", "1.0.post1", Level.PATCH),
        ("2024a", "2025a", Level.MAJOR),
        ("9e", "9f", Level.PATCH),
        ("9f", "9e", Level.DOWNGRADE),
        ("1.1.1w", "1.1.1n", Level.DOWNGRADE),
        ("1.1.1n", "1.1.1w", Level.PATCH),
        ("2", "2.0", None),
        ("2.5.0+cu124", "2.5.0+cpu", Level.BUILD),
        ("2.5.0", "2.5.0+cpu", Level.BUILD),
        ("2.5.0+cu124", "2.5.1+cpu", Level.PATCH),
        ("2.5.1+cpu", "2.5.0+cu124", Level.DOWNGRADE),
    ],
)
def test_levels(old: str, new: str, level: Level | None) -> None:
    assert version_level(old, new) is level


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("==1.2", "1.2"),
        (">=1.2,<2", "1.2"),
        ("1.2.*", "1.2"),
        ("~=1.2", "1.2"),
        ("<2", ""),
        ("", ""),
        ("==1.2 py*", "1.2"),
    ],
)
def test_anchors(constraint: str, expected: str) -> None:
    assert anchor(constraint) == expected
