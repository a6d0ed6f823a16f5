"""The JSON Schema of `envstudio.yml` says what its reader takes and its writer writes, neither more nor less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from jsonschema import Draft202012Validator
from real_parts import ROOT
from schema_keys import KEYS, OBJECTS, SCHEMA, Steps
from strategies import environments, quick

from envstudio.domain.environment import Environment
from envstudio.errors import InvalidInput
from envstudio.formats.native import from_text, to_text

VALIDATOR = Draft202012Validator(SCHEMA)
WRITTEN = sorted([*ROOT.glob("resources/curated/*/*.yml"), *ROOT.glob("tests/data/formats/native/*/*.yml")])
HEAD = "schema: 1\nname: x\n"


def document_at(steps: Steps, value: Any) -> dict[str, Any]:
    """Return the smallest document in which a value is where the steps lead."""
    for step in reversed(steps):
        value = {step: value} if isinstance(step, str) else [value]
    return {"name": "x", **value}


def refused_by_reader(text: str) -> bool:
    try:
        from_text(text)
    except InvalidInput:
        return True
    return False


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@quick
@given(environments)
def test_it_takes_whatever_is_written(environment: Environment) -> None:
    VALIDATOR.validate(yaml.safe_load(to_text(environment)))


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parent.name)
def test_it_takes_the_curated_definitions_and_those_of_the_tests(path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_text("utf-8")))


@pytest.mark.parametrize(("steps", "found"), OBJECTS, ids=lambda value: ".".join(map(str, value)) or "top")
def test_its_keys_are_those_that_the_reader_knows(steps: Steps, found: dict[str, Any]) -> None:
    text = yaml.safe_dump(document_at((*steps, "unknown key"), "x"))
    with pytest.raises(InvalidInput, match="has no key 'unknown key'") as caught:
        from_text(text)
    known = caught.value.advice.removeprefix("Known keys are ").removesuffix(".").split(", ")
    assert sorted(found["properties"]) == sorted(known)
    assert not VALIDATOR.is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(("steps", "key", "value"), KEYS, ids=lambda value: str(value)[:40])
def test_every_key_is_described(steps: Steps, key: str, value: dict[str, Any]) -> None:
    assert value["title"], (steps, key)
    assert value["description"].endswith("."), (steps, key)


@pytest.mark.parametrize(
    ("steps", "key", "default"),
    [(steps, key, value["default"]) for steps, key, value in KEYS if "default" in value],
    ids=lambda value: str(value)[:40],
)
def test_a_default_means_the_same_as_no_value(steps: Steps, key: str, default: Any) -> None:
    # A context without a location is refused, so it has one each time.
    beside = {"location": "."} if steps[-1:] == ("context",) else {}
    given = yaml.safe_dump(document_at(steps, {**beside, key: default}))
    VALIDATOR.validate(yaml.safe_load(given))
    absent = yaml.safe_dump(document_at(steps, beside))
    empty = yaml.safe_dump(document_at(steps, {**beside, key: None}))
    assert from_text(given).environment == from_text(absent).environment
    if key != "schema":
        VALIDATOR.validate(yaml.safe_load(empty))
        assert from_text(empty).environment == from_text(absent).environment


WRONG = [
    "schema: 1\n",
    "schema: 2\nname: x\n",
    "schema: 0\nname: x\n",
    "schema: '1'\nname: x\n",
    "schema:\nname: x\n",
    "name:\n",
    "name: 3\n",
    "name: -x\n",
    "name: a b\n",
    f"name: {'x' * 256}\n",
    "- name: x\n",
    HEAD + "nmae: x\n",
    HEAD + "description: 1\n",
    HEAD + "tags: [a]\n",
    HEAD + "tags: {a: 1}\n",
    HEAD + "tags: {a: }\n",
    HEAD + "python: []\n",
    HEAD + "python: yes\n",
    HEAD + "python: {chanels: []}\n",
    HEAD + "python: {managed_by: me}\n",
    HEAD + "python: {version: 3.10}\n",
    HEAD + "python: {channels: conda-forge}\n",
    HEAD + "python: {channels: [1.0]}\n",
    HEAD + "python: {channels: [~]}\n",
    HEAD + "python: {conda: [1]}\n",
    HEAD + "python: {conda: ['']}\n",
    HEAD + "python: {conda: {numpy: '2'}}\n",
    HEAD + "python: {pip: ['']}\n",
    HEAD + "python: {pip: [{name: numpy}]}\n",
    HEAD + "python: {pip_options: [1]}\n",
    HEAD + "python: {pip_options: [{option: --pre}]}\n",
    HEAD + "python: {pip_options: [{name: 1}]}\n",
    HEAD + "python: {pip_constraints: [2]}\n",
    HEAD + "python: {pip_indexes: [a]}\n",
    HEAD + "python: {pip_indexes: {a: 1}}\n",
    HEAD + "image: python\n",
    HEAD + "image: {base: 3}\n",
    HEAD + "image: {dockerfile: [FROM x]}\n",
    HEAD + "image: {context: .}\n",
    HEAD + "image: {context: {}}\n",
    HEAD + "image: {context: {location: }}\n",
    HEAD + "image: {platform: 1}\n",
    HEAD + "image: {registry: registry.example}\n",
    HEAD + "image: {registry: {host: registry.example}}\n",
    HEAD + "variables: [A=1]\n",
    HEAD + "variables: {1A: x}\n",
    HEAD + "variables: {A: 1}\n",
    HEAD + "variables: {A: }\n",
    HEAD + 'variables: {A: "\\0"}\n',
    HEAD + 'variables: {A: {value: "\\0"}}\n',
    HEAD + "variables: {A: {values: x}}\n",
    HEAD + "variables: {A: {applies: run}}\n",
    HEAD + "variables: {A: {applies: [train]}}\n",
    HEAD + "spark: yes\n",
    HEAD + "spark: {packages: [a:b]}\n",
    HEAD + "spark: {packages: [{group: a, name: b}]}\n",
    HEAD + "spark: {precache: 1}\n",
    HEAD + "spark: {precache: 'yes'}\n",
    HEAD + "spark: {conf: {a: 1}}\n",
    HEAD + "spark: {repositories: https://maven.example}\n",
    HEAD + "serving: {scoring: /score}\n",
    HEAD + "serving: {scoring: {port: '1', path: /}}\n",
    HEAD + "serving: {scoring: {port: 1.5, path: /}}\n",
    HEAD + "serving: {scoring: {port: 1}}\n",
    HEAD + "serving: {scoring: {port: 1, path: }}\n",
    HEAD + "serving: {scoring: {port: 1, path: /, host: x}}\n",
    HEAD + "serving: {inferencing_stack: 1}\n",
    HEAD + "gpu: 12.4\n",
    HEAD + "gpu: {cuda: 12.4}\n",
    HEAD + "carried: [a]\n",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_refused_by_both(text: str) -> None:
    assert not VALIDATOR.is_valid(yaml.safe_load(text))
    assert refused_by_reader(text)


@pytest.mark.parametrize(
    "text",
    [
        "name: x\n",
        HEAD + "python:\n",
        HEAD + "python: {}\nimage: {}\nspark: {}\nserving: {}\ngpu: {}\ncarried: {}\n",
        HEAD + "python: {pip_options: [--pre, {name: --find-links, value: my wheels}, {}]}\n",
        HEAD + "image: {base: a, dockerfile: FROM b}\n",
        HEAD + "image: {registry: {}}\n",
        HEAD + "variables: {A: {}, B: '', C: {secret: s}, D: {applies: []}}\n",
        HEAD + "spark: {packages: [a:b:c, {group: a}]}\n",
        HEAD + "serving: {scoring: {port: 0, path: ''}}\n",
        HEAD + "carried: {conda: {x: [1, 2.5, ~, {y: true}]}}\n",
    ],
)
def test_what_is_unusual_is_taken_by_both(text: str) -> None:
    VALIDATOR.validate(yaml.safe_load(text))
    assert not refused_by_reader(text)
