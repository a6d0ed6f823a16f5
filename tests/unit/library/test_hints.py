"""Names that are near a mistyped one are found among few and among ten thousand."""

from __future__ import annotations

import pytest

from envstudio.library.hints import did_you_mean

MANY = [f"team-{number % 97}-training-{number}" for number in range(10_000)]


@pytest.mark.parametrize(
    ("typed", "names", "near"),
    [
        ("chrun", ["churn", "fraud"], "Did you mean churn?"),
        ("CHURN", ["Churn"], "Did you mean Churn?"),
        ("x", [], "List them."),
        ("nothing-alike", ["churn"], "List them."),
        ("forecats", [*MANY, "forecast"], "Did you mean forecast?"),
        ("team-42-trainnig-4213", MANY, "Did you mean team-42-training-4213 or "),
        ("zzzzz", MANY, "List them."),
    ],
)
def test_the_nearest_names(typed: str, names: list[str], near: str) -> None:
    assert did_you_mean(typed, names, "List them.").startswith(near)
