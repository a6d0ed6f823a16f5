"""The reference of `envstudio.yml` has every key as the schema has it, and its examples are read by the program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from schema_keys import KEYS, OBJECTS, SCHEMA, Steps

from envstudio import paths
from envstudio.formats.native import from_text

PAGE = paths.resource("help", "envstudio-yml.md").read_text("utf-8")
ROW = re.compile(r"^\| `(?P<key>[^`]+)` \| (?P<type>.+?) \| (?P<default>.+?) \| (?P<meaning>.+?) \|$", re.MULTILINE)
ROWS = {found["key"]: found for found in ROW.finditer(PAGE)}
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ROUTES = ("liveness", "readiness", "scoring")
NAMES = {"string": "text", "object": "mapping", "array": "list", "integer": "whole number", "boolean": "true or false"}


def title(steps: Steps) -> str:
    """Return the key that steps lead to as the reference writes it."""
    text = ".".join("[]" if step == 0 else "NAME" if step == "X" else str(step) for step in steps).replace(".[]", "[]")
    return re.sub(rf"serving\.({'|'.join(ROUTES)})\.", "serving.ROUTE.", text)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")] | schema if "$ref" in schema else schema


def type_of(schema: dict[str, Any]) -> str:
    """Return a type in the words of the reference."""
    schema = resolved(schema)
    if "enum" in schema:
        choices = [choice for choice in schema["enum"] if choice]
        return " or ".join(choices) if None in schema["enum"] else ", ".join(choices)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(type_of, schema["anyOf"])))
    name = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if name == "array":
        items = resolved(schema["items"])
        plural = "" if "enum" in items else "s"
        return "list of " + " or ".join(f"{word}{plural}" for word in type_of(items).split(" or "))
    return NAMES[name]


def default_of(schema: dict[str, Any], key: str, owner: dict[str, Any]) -> str:
    if key in owner.get("required", ()):
        return "required"
    value = schema.get("default") or None if schema.get("default") is not False else False
    if value is None:
        return "none"
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def keys_of(value: Any, steps: Steps = ()) -> Iterator[str]:
    """Yield each key of a document as the reference writes it."""
    free = steps in {("tags",), ("variables",), ("carried",), ("spark", "conf"), ("python", "pip_indexes")}
    if isinstance(value, dict):
        for key, inner in value.items():
            yield title((*steps, "X" if free else key))
            yield from keys_of(inner, (*steps, "X" if free else key))
    if isinstance(value, list):
        for inner in value:
            yield from keys_of(inner, (*steps, 0))


@pytest.mark.parametrize(("steps", "key", "value"), KEYS, ids=lambda value: str(value)[:40])
def test_every_key_has_a_row_that_says_what_the_schema_says(steps: Steps, key: str, value: dict[str, Any]) -> None:
    row = ROWS[title((*steps, key))]
    owner = next(found for location, found in OBJECTS if location == steps and key in found["properties"])
    assert row["type"].replace("`", "") == type_of(value)
    assert row["default"].replace("`", "") == default_of(value, key, owner)
    expected = resolved(value)["description"]
    assert row["meaning"].replace("`", "") == expected


def test_no_row_is_about_something_else() -> None:
    assert ROWS.keys() == {title((*steps, key)) for steps, key, _ in KEYS}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.splitlines()[0])
def test_the_examples_are_read(example: str) -> None:
    text = example if re.search(r"^name:", example, re.MULTILINE) else f"name: example\n{example}"
    from_text(text)
    Draft202012Validator(SCHEMA).validate(yaml.safe_load(text))


def test_every_key_is_in_an_example() -> None:
    shown = {key for example in EXAMPLES for key in keys_of(yaml.safe_load(example))}
    assert sorted(ROWS.keys() - shown) == []
