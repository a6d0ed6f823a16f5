"""Each check finds what it is for, is silent elsewhere, and its fix makes the finding go away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from strategies import environments, quick

from envstudio.domain.check import CHECKS, check, check_codes
from envstudio.domain.environment import (
    BuildContext,
    Environment,
    Image,
    ManagedBy,
    PipOption,
    Python,
    Registry,
    Route,
    Serving,
    Variable,
)
from envstudio.domain.problem import Problem, Severity, has_errors
from envstudio.domain.requirement import conda_requirement, pip_requirement

SOUND = Environment(
    "churn-train",
    python=Python(
        channels=("conda-forge",),
        conda=(conda_requirement("python=3.11"), conda_requirement("pip=24.0")),
        pip=(pip_requirement("flask>=3"),),
    ),
    image=Image(base="base.example/linux:1"),
)


def conda(*specs: str, **changes: Any) -> Environment:
    """Return the sound environment with these conda packages."""
    return with_python(conda=tuple(map(conda_requirement, specs)), **changes)


def pip(*lines: str, **changes: Any) -> Environment:
    """Return the sound environment with these pip packages."""
    return with_python(pip=tuple(map(pip_requirement, lines)), **changes)


def with_python(**changes: Any) -> Environment:
    return replace(SOUND, python=replace(SOUND.python, **changes))


def with_image(**changes: Any) -> Environment:
    return replace(SOUND, image=replace(SOUND.image, **changes))


COMMIT = "0" * 40
TRIGGERS = [
    ("name-reserved", replace(SOUND, name="AzureML-mine")),
    ("image-sources", with_image(dockerfile="FROM a")),
    ("image-missing", replace(SOUND, image=Image())),
    ("invalid-image-name", with_image(base="Foo//x y")),
    ("unknown-platform", with_image(platform="amiga")),
    ("image-tag", with_image(base="base.example:5000/linux")),
    ("image-tag", with_image(base="base.example/linux:latest")),
    ("registry-credentials", with_image(registry=Registry("registry.example", username="me"))),
    ("registry-credentials", with_image(registry=Registry("registry.example", password="secret-name"))),
    ("python-missing", conda("numpy=2", "pip=24")),
    ("python-version", conda()),
    ("python-version-malformed", with_python(version="three")),
    ("python-unknown", conda("python=3.99", "pip=24")),
    ("python-of-base", replace(with_python(conda=(), version="3.12"), image=Image(base="python:3.11-slim"))),
    ("python-yaml-number", conda("python=3.1", "pip=24")),
    ("python-yaml-number", conda("python==3.1", "pip=24")),
    ("channels-missing", with_python(channels=())),
    ("channel-defaults", with_python(channels=("defaults",))),
    ("no-bound", pip("flask")),
    ("no-bound", conda("python", "pip=24")),
    ("duplicate", pip("flask>=3", "Flask<4")),
    ("duplicate", conda("python=3.11", "python=3.12", "pip=24")),
    ("conda-and-pip", pip("pip>=24")),
    ("pip-missing", conda("python=3.11")),
    ("local-path", pip("./src")),
    ("local-path", pip("-e ./src")),
    ("editable", pip(f"-e git+https://code.example/a.git@{COMMIT}#egg=a")),
    ("vcs-no-commit", pip("git+https://code.example/a.git@main#egg=a")),
    ("plain-http", pip("a @ http://wheels.example/a.zip")),
    ("plain-http", pip("git+http://code.example/a.git@main#egg=a")),
    ("plain-http", with_python(channels=("http://conda.example/main", "https://conda.example/main"))),
    ("plain-http", with_python(pip_options=(PipOption("--index-url", "http://index.example"),))),
    ("file-not-read", with_python(pip_options=(PipOption("-r", "absent.txt"),))),
    ("secret-value", replace(SOUND, variables=(Variable("API_KEY", "0123456789"),))),
    ("secret-value", replace(SOUND, variables=(Variable("X", "hf_" + "a" * 30),))),
    ("secret-in-url", with_python(channels=("https://me:word@conda.example/c",))),
    ("packages-ignored", replace(SOUND, image=Image(dockerfile="FROM a"))),
    ("dockerfile-template", replace(SOUND, image=Image(dockerfile="ARG A=1\nFROM {{ base }}:$A\n"))),
    ("dockerfile-template", replace(SOUND, image=Image(dockerfile="FROM \\\n {{base}} AS x\n"))),
    ("packages-ignored", replace(SOUND, image=Image(context=BuildContext(".")))),
    ("gpu-base", replace(conda(), cuda="12.4")),
    ("serving-routes", replace(SOUND, serving=Serving(scoring=Route(80, "/")))),
    (
        "serving-defaults",
        replace(
            with_python(managed_by=ManagedBy.USER),
            serving=Serving(Route(80, "/live"), Route(80, "/ready"), Route(80, "/score")),
        ),
    ),
]


def found(environment: Environment, code: str) -> list[Problem]:
    return [problem for problem in check(environment) if problem.code == code]


def test_a_sound_environment_has_no_problems() -> None:
    assert check(SOUND) == ()


@pytest.mark.parametrize(("code", "environment"), TRIGGERS)
def test_a_check_finds_its_problem_and_its_fix_mends_it(code: str, environment: Environment) -> None:
    problems = found(environment, code)
    assert problems
    for problem in problems:
        assert problem.message
        assert problem.advice
        assert problem.to_json()["fixable"] is (problem.fix is not None)
        if problem.fix is not None:
            assert found(problem.fix.apply(environment), code) == []


def test_every_check_is_triggered_here() -> None:
    silent = [one.codes for one in CHECKS if not any(list(one.run(environment)) for _, environment in TRIGGERS)]
    assert silent == []


@pytest.mark.parametrize(
    ("code", "environment"),
    [
        ("image-tag", with_image(base=f"base.example/linux@sha256:{COMMIT}")),
        ("image-tag", with_image(base="scratch")),
        ("python-version", replace(conda(), image=Image(base="python:3.12-slim"))),
        ("python-yaml-number", conda("python=3.10", "pip=24")),
        ("python-yaml-number", conda("python>=3.1", "pip=24")),
        ("channels-missing", conda("conda-forge::python=3.11", channels=())),
        ("duplicate", pip("a>=1 ; python_version < '3.12'", "a>=2 ; python_version >= '3.12'")),
        ("vcs-no-commit", pip(f"git+https://code.example/a.git@{COMMIT}#egg=a")),
        ("secret-value", replace(SOUND, variables=(Variable("API_KEY", secret="name"),))),
        ("packages-ignored", replace(SOUND, image=Image(dockerfile="FROM a"), python=Python())),
        ("gpu-base", replace(conda(), cuda="12.4", image=Image(base="base.example/cuda:12"))),
    ],
)
def test_a_check_is_silent_where_nothing_is_wrong(code: str, environment: Environment) -> None:
    assert found(environment, code) == []


def test_mending_a_double_leaves_conditional_requirements_alone() -> None:
    environment = pip("a==1", "a==2", "a==3 ; python_version < '3.12'")
    (problem,) = found(environment, "duplicate")
    assert problem.fix is not None
    kept = [item.text for item in problem.fix.apply(environment).python.pip]
    assert kept == ["a==2", "a==3 ; python_version < '3.12'"]


@quick
@given(environments)
def test_any_environment_can_be_checked_and_mended(environment: Environment) -> None:
    problems = check(environment)
    order = list(Severity)
    assert [order.index(problem.severity) for problem in problems] == sorted(
        order.index(problem.severity) for problem in problems
    )
    assert has_errors(problems) is any(problem.severity is Severity.ERROR for problem in problems)
    for problem in problems:
        if problem.fix is not None:
            fixed = problem.fix.apply(environment)
            assert found(fixed, problem.code).count(problem) < problems.count(problem)


@pytest.mark.parametrize(
    ("base", "stated", "conda", "messages"),
    [
        ("python:3.11-slim", "3.99", "", "3.11"),
        ("docker.io/library/python:3.11.4-slim-bookworm", "3.12.1", "", "3.11"),
        ("registry.example:5000/python:3.12@sha256:" + "0" * 64, "3.11", "", "3.12"),
        ("python:3.11-slim", "3.11.9", "", ""),
        ("python:3.11-slim", "", "", ""),
        ("python:3.11-slim", "3.12", "python=3.12", ""),
        ("registry.example/pythonic:3.11", "3.12", "", ""),
        ("debian:12.5", "3.12", "", ""),
    ],
)
def test_a_base_with_another_python_than_the_one_stated(base: str, stated: str, conda: str, messages: str) -> None:
    specs = (conda_requirement(conda),) if conda else ()
    environment = Environment(
        "x", Python(version=stated, conda=specs, pip=(pip_requirement("numpy>=2"),)), Image(base=base)
    )
    found = [item for item in check(environment) if item.code == "python-of-base"]
    assert bool(found) is bool(messages)
    for item in found:
        assert f"has {messages}." in item.message
        assert item.fix is not None
        assert item.fix.apply(environment).python.version == messages


def codes(environment: Environment) -> list[str]:
    return [problem.code for problem in check(environment)]


@pytest.mark.parametrize("name", ["typing_extensions", "Typing-Extensions", "typing.extensions"])
def test_managers_that_spell_a_name_differently_mean_one_package(name: str) -> None:
    both = with_python(
        conda=(*SOUND.python.conda, conda_requirement(f"{name}=4")), pip=(pip_requirement("Typing_Extensions>=4"),)
    )
    (found,) = [problem for problem in check(both) if problem.code == "conda-and-pip"]
    assert found.fix is not None
    fixed = found.fix.apply(both)
    assert fixed.python.pip == ()
    assert fixed.python.conda == both.python.conda


def test_the_python_that_is_stated_is_the_one_that_is_added() -> None:
    (found,) = [item for item in check(conda("pip", "numpy=2", version="3.10")) if item.code == "python-missing"]
    assert found.fix is not None
    assert found.fix.title == "Add python=3.10"
    assert found.fix.apply(conda("pip", version="3.10")).python.conda[-1].text == "python=3.10"


def test_the_fix_of_a_plain_address_changes_that_address_only() -> None:
    line = "a @ http://wheels.example/a.zip ; python_version < '3.13'"
    environment = with_python(
        pip=(pip_requirement(line), pip_requirement("b @ http://wheels.example/b.zip")),
        channels=("http://conda.example/main", "http://conda.example/other"),
    )
    first, _, *channels = [problem.fix for problem in check(environment) if problem.code == "plain-http"]
    assert first is not None
    fixed = first.apply(environment)
    assert [item.line for item in fixed.python.pip] == [
        line.replace("http:", "https:"),
        environment.python.pip[1].line,
    ]
    assert fixed.python.channels == environment.python.channels
    assert channels[1] is not None
    assert channels[1].apply(environment).python.channels == (
        "http://conda.example/main",
        "https://conda.example/other",
    )


def test_an_editable_source_is_no_path_of_one_machine() -> None:
    environment = pip(f"-e git+https://code.example/a.git@{COMMIT}#egg=a")
    (problem,) = found(environment, "editable")
    assert found(environment, "local-path") == []
    assert problem.fix is not None
    assert [item.line for item in problem.fix.apply(environment).python.pip] == [environment.python.pip[0].text]


@pytest.mark.parametrize(("name", "begins"), [("AzureML-mine", "'AzureML'"), ("microsoft.ours", "'microsoft'")])
def test_the_reserved_beginning_is_told_whole(name: str, begins: str) -> None:
    (problem,) = found(replace(SOUND, name=name), "name-reserved")
    assert begins in problem.message


def test_a_build_is_no_version() -> None:
    assert [item.where for item in found(conda("python=3.11", "pip=24", "numpy * *mkl*"), "no-bound")] == [
        "python.conda.numpy"
    ]


def test_a_password_is_removed_where_the_button_stands() -> None:
    address = "https://ana:secret@files.example"
    environment = with_python(
        channels=(f"{address}/conda",), pip_options=(PipOption("--extra-index-url", f"{address}/simple"),)
    )
    channel, option = [problem for problem in check(environment) if problem.code == "secret-in-url"]
    assert (channel.where, option.where) == ("python.channels", "python.pip_options")
    assert option.fix is not None
    fixed = option.fix.apply(environment)
    assert fixed.python.pip_options[0].value == "https://files.example/simple"
    assert fixed.python.channels == environment.python.channels, "it is told of by itself"


def test_each_check_yields_what_it_says() -> None:
    """A policy can switch off what is named there."""
    for one in CHECKS:
        messages = {problem.code for _, environment in TRIGGERS for problem in one.run(environment)}
        assert messages <= set(one.codes)
    found = {problem.code for _, environment in TRIGGERS for problem in check(environment)}
    assert found == check_codes()
