"""Conda match specs and pip requirements: what is taken, what is refused, and what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import pip_requirements, quick

from envstudio.domain.requirement import PipKind, PipRequirement, conda_requirement, pip_requirement
from envstudio.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "name", "channel", "constraint"),
    [
        ("numpy", "numpy", "", ""),
        ("NumPy>=1", "numpy", "", ">=1"),
        ("numpy >=1, <2", "numpy", "", ">=1,<2"),
        ("python=3.10", "python", "", "3.10.*"),
        ("python==3.10", "python", "", "==3.10"),
        ("conda-forge::numpy=1.2=py*", "numpy", "conda-forge", "==1.2 py*"),
        ("numpy * py*", "numpy", "", "* py*"),
    ],
)
def test_match_specs(text: str, name: str, channel: str, constraint: str) -> None:
    requirement = conda_requirement(text)
    assert (requirement.name, requirement.channel, requirement.constraint) == (name, channel, constraint)


@pytest.mark.parametrize(
    "text",
    ["", "numpy=>1", "-e .", "--index-url x", "a b c d e", "numpy 1 ; x", "sel(linux)=a", "a==1 --hash=sha256:00"],
)
def test_malformed_match_specs(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a conda match spec"):
        conda_requirement(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [("foo bar baz", "bar"), ("conda-forge::foo  bar", "bar"), ("numpy py*", "py*"), ("foo bar 1", "bar")],
)
def test_a_second_name_is_no_version(text: str, word: str) -> None:
    with pytest.raises(InvalidInput, match="is not a conda match spec") as raised:
        conda_requirement(text)
    assert raised.value.advice.startswith(f"{word} is not a version.")


@pytest.mark.parametrize(
    ("text", "constraint"),
    [
        ("jpeg 9e", "==9e"),
        ("tzdata 2024a", "==2024a"),
        ("foo v1", "==v1"),
        ("foo=*=py*", "* py*"),
        ("foo * py*", "* py*"),
        ("foo>=3.8 lgpl_*", ">=3.8 lgpl_*"),
        ("foo (>=1|2.*),<3", "(>=1|2.*),<3"),
        ("foo ==1!2.0", "==1!2.0"),
        ("foo=main", "main.*"),
        ("foo ==main", "==main"),
    ],
)
def test_versions_that_look_unusual(text: str, constraint: str) -> None:
    assert conda_requirement(text).constraint == constraint


@pytest.mark.parametrize(
    ("text", "kind", "name", "constraint"),
    [
        ("Foo.Bar[b,a]>=1,<2", PipKind.NAMED, "foo-bar", ">=1,<2"),
        ("a<2,>=1", PipKind.NAMED, "a", ">=1,<2"),
        ("a @ https://wheels.example/a.zip", PipKind.URL, "a", "https://wheels.example/a.zip"),
        (
            "https://wheels.example/a-1-py3-none-any.whl",
            PipKind.URL,
            "a",
            "https://wheels.example/a-1-py3-none-any.whl",
        ),
        ("git+https://code.example/a.git#egg=Foo", PipKind.VCS, "foo", "git+https://code.example/a.git#egg=Foo"),
        ("./src/a", PipKind.PATH, "./src/a", "./src/a"),
        (".", PipKind.PATH, ".", "."),
        (r"C:\src\a", PipKind.PATH, r"C:\src\a", r"C:\src\a"),
        ("a-1-py3-none-any.whl", PipKind.PATH, "a", "a-1-py3-none-any.whl"),
    ],
)
def test_pip_requirements(text: str, kind: PipKind, name: str, constraint: str) -> None:
    requirement = pip_requirement(text)
    assert (requirement.kind, requirement.name, requirement.constraint) == (kind, name, constraint)


@pytest.mark.parametrize("text", ["", "numpy==", "numpy scipy", "a==1'", "-e", "--pre", "a::b", "1.5 2"])
def test_malformed_pip_requirements(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a pip requirement"):
        pip_requirement(text)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("a --hash=sha256:b --hash sha256:c", ("--hash=sha256:b", "--hash sha256:c")),
        ('a --global-option="--x --y" --hash=sha256:b', ('--global-option="--x --y"', "--hash=sha256:b")),
        ("a --config-settings x=y", ("--config-settings x=y",)),
    ],
)
def test_options_of_a_requirement(text: str, options: tuple[str, ...]) -> None:
    assert pip_requirement(text).options == options


@quick
@given(pip_requirements())
def test_a_line_is_read_back(requirement: PipRequirement) -> None:
    assert pip_requirement(requirement.line) == requirement


@pytest.mark.parametrize("text", ["-e ./a", "--editable ./a", "--editable=./a"])
def test_editables(text: str) -> None:
    requirement = pip_requirement(text)
    assert requirement.editable
    assert requirement.line == "-e ./a"


def test_a_full_commit_is_told_from_a_branch() -> None:
    assert pip_requirement(f"git+https://code.example/a.git@{'0' * 40}#egg=a").commit
    assert not pip_requirement("git+https://code.example/a.git@main").commit


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("pkg>=1 <2", "Write pkg>=1,<2."),
        ("pkg >=1 !=1.5", "Write pkg >=1,!=1.5."),
        ("pkg >=1 <2|<1", "Write pkg >=1,<2|<1."),
    ],
)
def test_a_missing_comma_between_bounds_of_conda_is_caught(text: str, advice: str) -> None:
    with pytest.raises(InvalidInput, match="a comma is missing") as caught:
        conda_requirement(text)
    assert caught.value.advice == advice


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("numpy=1.26", "Write numpy==1.26; a single = is conda's."),
        ("requests[socks] = 2.31", "Write requests[socks]==2.31; a single = is conda's."),
        ("requirements.txt", "Write -r requirements.txt."),
        ("docs/requirements-dev.in", "Write -r docs/requirements-dev.in."),
    ],
)
def test_what_was_meant_of_pip_is_said(text: str, advice: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        pip_requirement(text)
    assert caught.value.advice == advice


def test_a_name_with_the_ending_of_a_file_is_a_name() -> None:
    """The package index has a project llms-txt, and takes a dot for a hyphen."""
    assert pip_requirement("llms.txt").name == "llms-txt"
