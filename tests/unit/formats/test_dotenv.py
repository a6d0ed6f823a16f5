"""A `.env` file is read as its own tools read it, and what is written is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envstudio.domain.environment import Variable
from envstudio.errors import InvalidInput
from envstudio.formats.dotenv import entries, entry_of, parse_entry


def read(text: str) -> list[tuple[str, str]]:
    return [(item.name, item.value) for item in map(parse_entry, entries(text))]


def test_lines() -> None:
    text = "# made by hand\nexport A=1 # one\nB='two # words'  # more\n\nC=x=y\nD=a#b\nE=\n"
    assert read(text) == [("A", "1"), ("B", "two # words"), ("C", "x=y"), ("D", "a#b"), ("E", "")]
    with pytest.raises(InvalidInput):
        parse_entry("oops")


KEY = "-----BEGIN KEY-----\nabc=\n# no comment\n-----END KEY-----"


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_value_of_several_lines(quote: str) -> None:
    assert read(f"KEY={quote}{KEY}{quote}  # mine\nB=2\n") == [("KEY", KEY), ("B", "2")]


def test_escapes() -> None:
    text = 'A="one\\ntwo \\"x\\" \\\\ \\d"\n' + "B='it\\'s \\n'\n"
    assert read(text) == [("A", 'one\ntwo "x" \\ \\d'), ("B", "it's \\n")]


def test_a_quote_that_is_never_closed_is_a_character() -> None:
    assert read("A='tis\nB=2\n# don't\nC=3\n") == [("A", "'tis"), ("B", "2"), ("C", "3")]


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12))
def test_what_is_written_is_read_again(value: str) -> None:
    assert read("A=1\n" + entry_of(Variable("V", value)) + "\nB=2\n") == [("A", "1"), ("V", value), ("B", "2")]
