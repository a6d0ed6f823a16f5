"""YAML is read within limits and by line, and hostile files are refused before they cost anything."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given
from strategies import plain_values, quick, texts

from envstudio.errors import InvalidInput
from envstudio.formats.source import text_source
from envstudio.formats.yaml_dump import dump_yaml
from envstudio.formats.yaml_text import load_yaml

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{','.join([f'*{before}'] * 10)}], y: *{before}}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, r"line \d: aliases expand to more than"),
        (MERGE_BOMB, r"line \d: aliases expand to more than"),
        ("a: &a [*a]\n", r"line 1: the alias \*a holds itself"),
        ("a: *b\n", r"line 1: the alias \*b is not defined"),
        ("a: " + "[" * 100_000, r"line 1: values are nested more than 100 deep"),
        ("- " * 100_000, r"line 1: values are nested more than 100 deep"),
        ("a: 1\nb: 2\na: 3\n", r"line 3: the key 'a' is here a second time, after line 1"),
        ("a:\n  b: 1\n  b: 2\n", r"line 3: the key 'b'"),
        ("a:\n\tb: 1\n", r"line 2: YAML needs spaces"),
        ("a: {{ b }}\n", r"line 1: this is a template"),
        ("a:\n{% if b %}\n", r"line 2: this is a template"),
        ("a: 1\n---\nb: 2\n", r"line 2: a second YAML document"),
        ("- a\n", r"line 1: the file is not a mapping"),
        ("a\n", r"line 1: the file is not a mapping"),
        ("", r"line 1: the file is empty"),
        ("# nothing\n", r"line 1: the file is empty"),
        ("a: !!python/object:os.system b\n", r"line 1: the tag"),
        ("a: b\nc: 'd\n", r"line \d: this is not valid YAML"),
        ("a: b\nc: d\x08\n", r"line 2: this is a control character"),
        ("a: \ud800\n", r"line 1: this is half a surrogate"),
        ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", r"line 2: this is a Git conflict marker"),
        ("a: " + "x" * 21 * 1024 * 1024, r"line 1: the text is larger than 20 MB"),
        ("[a]: b\n", r"line 1: a list is used as a key"),
    ],
)
def test_bad_yaml_is_refused_at_once_with_line_and_reason(text: str, message: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InvalidInput, match=message) as caught:
        load_yaml(text_source("bad.yml", text))
    assert caught.value.summary.startswith("bad.yml, line ")
    assert caught.value.advice
    assert time.perf_counter() - start < 2


def test_a_huge_number_is_refused() -> None:
    document = load_yaml(text_source("a.yml", f"a: {'9' * 10_000}\n"))
    with pytest.raises(InvalidInput, match="is not a number"):
        document.plain()


def test_lines_are_found_by_path() -> None:
    document = load_yaml(text_source("a.yml", "a:\n  b:\n    - x\n    - y\n"))
    assert document.line_of("a", "b", 1) == 4
    assert document.line_of("a", "absent") == 1


def test_aliases_and_merges_are_understood_as_pyyaml_does() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\nd: {<<: [{x: 5}, *a]}\n"
    assert load_yaml(text_source("a.yml", text)).plain() == yaml.safe_load(text)


@quick
@given(plain_values, texts)
def test_what_is_written_is_read_back_by_us_and_by_pyyaml(value: object, key: str) -> None:
    document = {key: value, "list": [value, [value], {key: value}]}
    text = dump_yaml(document)
    # Not by ==, for which 1 is True.
    assert repr(load_yaml(text_source("a.yml", text)).plain()) == repr(document)
    assert repr(yaml.safe_load(text)) == repr(document)


def test_lines_with_trailing_spaces_stay_a_literal_block() -> None:
    assert dump_yaml({"a": "RUN x && \\ \n  y\n"}) == "a: |\n  RUN x && \\ \n    y\n"
