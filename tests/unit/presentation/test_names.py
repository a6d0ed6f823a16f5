"""Long lists of names are cut, and say so."""

from __future__ import annotations

import pytest

from envstudio.presentation.names import listed


@pytest.mark.parametrize(
    ("names", "most", "text"),
    [
        ((), 3, ""),
        (("a",), 1, "a"),
        (("a", "b"), 1, "a and 1 more"),
        (("a", "b", "c"), 3, "a, b, c"),
        (("a", "b", "c", "d", "e"), 3, "a, b, c and 2 more"),
    ],
)
def test_only_the_first_names_are_shown(names: tuple[str, ...], most: int, text: str) -> None:
    assert listed(names, most) == text
