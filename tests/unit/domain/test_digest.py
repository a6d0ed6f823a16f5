"""The digest covers what decides a build or run, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import environments, names, quick, texts

from envstudio.domain.digest import canonical_json, definition_digest
from envstudio.domain.environment import (
    Applies,
    BuildContext,
    Environment,
    Image,
    ManagedBy,
    PipOption,
    Python,
    Registry,
    Route,
    Serving,
    Spark,
    Variable,
)
from envstudio.domain.requirement import conda_requirement, pip_requirement

BASE = Environment(
    "x",
    python=Python(
        channels=("a", "b"),
        conda=(conda_requirement("python=3.11"), conda_requirement("numpy")),
        pip=(pip_requirement("flask>=3"), pip_requirement("jinja2")),
        pip_options=(PipOption("--pre"), PipOption("--no-index")),
    ),
    image=Image(base="base.example/a:1"),
    variables=(Variable("A", "a"),),
)


@quick
@given(environments, st.randoms(), names, texts)
def test_order_and_what_is_only_about_it_do_not_count(
    environment: Environment, random: Any, name: str, text: str
) -> None:
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    python = environment.python
    other = replace(
        environment,
        name=name,
        description=text,
        tags=((text, text),),
        variables=shuffled(environment.variables),
        python=replace(
            python,
            conda=shuffled(python.conda),
            pip=shuffled(python.pip),
            pip_constraints=shuffled(python.pip_constraints),
        ),
    )
    assert definition_digest(other) == definition_digest(environment)


def with_python(**changes: Any) -> Environment:
    return replace(BASE, python=replace(BASE.python, **changes))


@pytest.mark.parametrize(
    "other",
    [
        with_python(channels=("b", "a")),
        with_python(pip_options=(PipOption("--no-index"), PipOption("--pre"))),
        with_python(managed_by=ManagedBy.USER),
        with_python(interpreter="python3"),
        with_python(version="3.11"),
        with_python(conda=(conda_requirement("python=3.11"),)),
        with_python(conda=(conda_requirement("python=3.11"), conda_requirement("numpy>=1"))),
        with_python(pip=(pip_requirement("flask>=3.1"), pip_requirement("jinja2"))),
        with_python(pip_constraints=(pip_requirement("numpy<2"),)),
        replace(BASE, image=Image(base="base.example/a:2")),
        replace(BASE, image=Image(dockerfile="FROM a\n")),
        replace(BASE, image=Image(context=BuildContext("."))),
        replace(BASE, image=replace(BASE.image, platform="linux/arm64")),
        replace(BASE, image=replace(BASE.image, registry=Registry("registry.example"))),
        replace(BASE, variables=(Variable("A", "b"),)),
        replace(BASE, variables=(Variable("A", secret="a"),)),
        replace(BASE, variables=(Variable("A", "a", applies=(Applies.RUN,)),)),
        replace(BASE, spark=Spark()),
        replace(BASE, serving=Serving(scoring=Route(80, "/"))),
        replace(BASE, cuda="12.4"),
        replace(BASE, carried={"a": {"b": 1}}),
    ],
)
def test_real_changes_count(other: Environment) -> None:
    assert definition_digest(other) != definition_digest(BASE)


@pytest.mark.parametrize(
    ("one", "other"),
    [("NumPy >=1, <2", "numpy>=1,<2"), ("conda-forge::numpy", "conda-forge::NUMPY"), ("numpy  1.2", "numpy 1.2")],
)
def test_spellings_of_one_spec_are_one(one: str, other: str) -> None:
    first, second = (Environment("x", python=Python(conda=(conda_requirement(text),))) for text in (one, other))
    assert definition_digest(first) == definition_digest(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Foo.Bar>=1,<2", "foo-bar<2, >=1"), ("a[y,x]", "a[x,y]"), ("a ; python_version<'3'", 'a;python_version < "3"')],
)
def test_spellings_of_one_pip_requirement_are_one(one: str, other: str) -> None:
    first, second = (Environment("x", python=Python(pip=(pip_requirement(text),))) for text in (one, other))
    assert definition_digest(first) == definition_digest(second)


def test_a_stored_digest_stays_valid() -> None:
    assert canonical_json(Environment("x")) == (
        '{"image":{"platform":"linux/amd64"},"python":{"interpreter":"python","managed_by":"system"}}'
    )
    assert definition_digest(Environment("x")).startswith("sha256:")
