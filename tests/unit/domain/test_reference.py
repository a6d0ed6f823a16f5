"""References and names."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import quick, texts

from envstudio.domain.reference import Reference, checked_name, cleaned_name, parse_reference
from envstudio.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("a", Reference("a")),
        ("a:3", Reference("a", 3)),
        ("a@prod", Reference("a", label="prod")),
        ("a@latest", Reference("a")),
        ("a@draft", Reference("a", label="draft")),
        ("curated/a", Reference("a", curated=True)),
        ("curated/a:2", Reference("a", 2, curated=True)),
        ("azureml:a:3", Reference("a", 3)),
        ("azureml:a@latest", Reference("a")),
        (" a ", Reference("a")),
    ],
)
def test_references(text: str, reference: Reference) -> None:
    parsed = parse_reference(text)
    assert parsed == reference
    assert parse_reference(str(parsed)) == parsed


@pytest.mark.parametrize("text", ["", ":1", "a:", "a:0", "a:-1", "a:x", "a:1:2", "a@", "a@b c", "a b", "-a", "a/b"])
def test_malformed_references(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_reference(text)


def test_only_the_draft_is_the_draft() -> None:
    assert parse_reference("a@draft").is_draft
    assert not parse_reference("a").is_draft


def test_a_name_has_at_most_255_characters() -> None:
    assert checked_name("a" * 255)
    with pytest.raises(InvalidInput, match="256 characters"):
        checked_name("a" * 256)


@quick
@given(texts)
def test_a_cleaned_name_is_a_name(text: str) -> None:
    assert checked_name(cleaned_name(text))
