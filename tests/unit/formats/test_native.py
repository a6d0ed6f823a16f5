"""EnvStudio's own file holds every environment, and refuses what it does not know by line."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import example, given
from strategies import ODD_TEXTS, environments, quick

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, Image, PipOption, Python, Serving, Spark, Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.native import FORMAT, from_text, to_text
from envstudio.formats.source import text_source

HEAD = "schema: 1\nname: x\n"


@quick
@given(environments)
@example(Environment("x", spark=Spark(), serving=Serving()))
def test_reading_what_was_written_gives_the_same_environment(environment: Environment) -> None:
    found = from_text(to_text(environment)).environment
    assert found == environment
    # For ==, a carried 1 is True.
    assert definition_digest(found) == definition_digest(environment)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_survive_at_every_place(text: str) -> None:
    environment = Environment(
        "x",
        python=Python(channels=(text,), pip_options=(PipOption("--x", text),)),
        image=Image(dockerfile=text),
        variables=(Variable("A", text),),
        description=text,
        tags=((text, text),),
        carried={"conda": {text: [text, [text], {text: text}]}},
    )
    assert from_text(to_text(environment)).environment == environment
    # Another reader of YAML must see the same text, or the file is ours alone.
    assert yaml.safe_load(to_text(environment)).get("description", "") == text


def test_a_key_longer_than_yaml_reads_plainly_survives() -> None:
    environment = Environment("x", tags=(("k" * 3000, "v"),))
    assert from_text(to_text(environment)).environment == environment


def test_the_smallest_environment_is_two_lines() -> None:
    assert to_text(Environment("x")) == HEAD


def test_a_given_name_goes_before_the_one_in_the_text() -> None:
    assert from_text(HEAD, "other").environment.name == "other"


def test_a_name_is_needed() -> None:
    with pytest.raises(InvalidInput, match=r"line 1: the environment has no name"):
        from_text("schema: 1\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nmae: x\n", r"line 3: the file has no key 'nmae'"),
        ("python:\n  chanels: []\n", r"line 4: python has no key 'chanels'"),
        ("python:\n  version: 3.10\n", r"line 4: python.version is 3.10, .* number \(3.1\), not text"),
        ("python:\n  channels:\n    - a\n    - 1.0\n", r"line 6: python.channels\[1\] is 1.0"),
        ("python:\n  channels: conda-forge\n", r"line 4: python.channels is text, not a list"),
        ("python:\n  conda:\n    - numpy=>1\n", r"line 5: 'numpy=>1' is not a conda match spec"),
        ("python:\n  pip:\n    - numpy==\n", r"line 5: 'numpy==' is not a pip requirement"),
        ("python:\n  managed_by: me\n", r"line 4: managed_by is 'me'"),
        ("python: yes\n", r"line 3: python is yes, .* truth value, not a mapping"),
        ("tags:\n  released: 2020-01-01\n", r"line 4: tags.released is 2020-01-01, .* a date"),
        ("tags:\n  yes: a\n", r"line 4: the key 'yes' of tags"),
        ("variables:\n  1A: x\n", r"line 4: '1A' is not a name for a variable"),
        ("variables:\n  A: 1\n", r"line 4: variables.A.value is 1,"),
        ("variables:\n  A:\n    values: x\n", r"line 5: variables.A has no key 'values'"),
        ("variables:\n  A:\n    applies: [train]\n", r"line 5: .*'train'"),
        ("image:\n  context:\n    dockerfile_path: x\n", r"line 5: image.context has no location"),
        ("spark:\n  packages: [a:b]\n", r"line 4: .*'a:b'"),
        ("spark:\n  precache: 1\n", r"line 4: spark.precache is 1, .* not true or false"),
        ("serving:\n  scoring:\n    port: '1'\n    path: /\n", r"line 5: port is text, not a whole number"),
        ("serving:\n  scoring:\n    port: 1\n", r"line 5: the route has no path"),
        ("name: y\n", r"line 3: the key 'name' is here a second time, after line 2"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        from_text(HEAD + text)


def test_unknown_keys_are_answered_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as caught:
        from_text(HEAD + "pyhton: {}\n")
    assert "python" in caught.value.advice


@pytest.mark.parametrize("schema", ["2", "0", "'1'", "1.0"])
def test_another_schema_is_refused(schema: str) -> None:
    with pytest.raises(InvalidInput, match=r"line 1: .*schema"):
        from_text(f"schema: {schema}\nname: x\nnew_key: 1\n")


def test_500_packages_are_read_in_milliseconds() -> None:
    environment = Environment(
        "x",
        python=Python(
            conda=tuple(conda_requirement(f"c{number}>=1") for number in range(250)),
            pip=tuple(pip_requirement(f"p{number}>=1") for number in range(250)),
        ),
    )
    text = to_text(environment)
    start = time.perf_counter()
    assert from_text(text).environment == environment
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("envstudio.yml", "", True),
        ("other.yml", HEAD, True),
        ("other.yml", "dependencies: []\n", False),
        ("other.yml", "nested:\n  schema: 1\n  name: x\n", False),
    ],
)
def test_detection(name: str, text: str, expected: bool) -> None:
    assert FORMAT.matches(text_source(name, text)) is expected
