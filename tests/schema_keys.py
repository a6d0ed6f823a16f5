"""The keys of the JSON Schema of `envstudio.yml`, and the steps that lead to each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from envstudio import paths

SCHEMA: dict[str, Any] = json.loads(paths.resource("schema", "envstudio.schema.json").read_text("utf-8"))

Steps = tuple[str | int, ...]


def objects(schema: dict[str, Any], steps: Steps = ()) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """Yield every object with keys of its own, and the steps that lead to it; any name stands for a free key."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "properties" in schema:
        yield steps, schema
        for key, value in schema["properties"].items():
            yield from objects(value, (*steps, key))
    for key, step in (("items", 0), ("additionalProperties", "X")):
        if isinstance(schema.get(key), dict):
            yield from objects(schema[key], (*steps, step))
    for option in schema.get("anyOf", ()):
        yield from objects(option, steps)


OBJECTS = list(objects(SCHEMA))
KEYS = [(steps, key, value) for steps, found in OBJECTS for key, value in found["properties"].items()]
