"""What a search means: names as conda and pip spell them, versions as each counts them."""

from __future__ import annotations

import pytest

from envstudio.domain.query import parse_query, searched_text


def admits(search: str, version: str) -> bool:
    (term,) = parse_query(search).packages
    return term.admits(version)


@pytest.mark.parametrize(
    ("search", "version", "found"),
    [
        ("pkg:openssl<3", "1.1.1w", True),
        ("pkg:openssl>=1.1.1t", "1.1.1w", True),
        ("pkg:openssl>=1.1.1t", "1.1.1n", False),
        ("pkg:openssl>=3", "1.1.1w", False),
        ("pkg:jpeg==9e", "9e", True),
        ("pkg:numpy>=2", "no version at all", False),
        ("pkg:numpy>=2", "", False),
        ("pkg:numpy", "1.1.1w", True),
        ("pkg:python=3.12", "3.12.7", True),
        ("pkg:python=3.12", "3.12", True),
        ("pkg:python=3.12", "3.120.0", False),
        ("pkg:python=3.12.*", "3.12.7", True),
        ("pkg:python==3.12", "3.12.7", False),
        ("pkg:numpy>=2,<3", "2.1.0rc1", True),
    ],
)
def test_versions(search: str, version: str, found: bool) -> None:
    assert admits(search, version) is found


@pytest.mark.parametrize(
    ("search", "spelled"),
    [
        ("pkg:typing_extensions", "typing_extensions"),
        ("pkg:typing-extensions", "typing_extensions"),
        ("pkg:Typing_Extensions>=4", "typing-extensions"),
        ("pkg:ruamel.yaml", "ruamel.yaml"),
        ("pkg:ruamel-yaml", "ruamel.yaml"),
        ("pkg:_libgcc_mutex", "_libgcc_mutex"),
    ],
)
def test_names_are_found_however_conda_and_pip_spell_them(search: str, spelled: str) -> None:
    (term,) = parse_query(search).packages
    assert spelled in term.spellings


def test_words_are_looked_for_in_name_description_and_tags() -> None:
    text = searched_text("Churn", "Größe", (("Team", "Vision"),))
    assert parse_query("churn GRÖSSE").says(text) is False
    assert parse_query("churn größe vision").says(text)
