"""A value that changes is put into the text that the user wrote, and all else in that stays."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest
from hypothesis import given
from strategies import environments, quick

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.formats import native
from envstudio.formats.native_document import to_document
from envstudio.formats.yaml_merge import merged

TEXT = """\
# Ours. Ask ana before a change.
name: fraud

python:
    # in this order
    channels: [conda-forge, 'bioconda']   # no defaults
    pip:
    - shap==0.46.0    # explains
    # the model
    - "xgboost>=2"

    conda:
      - python=3.12
      # arrays
      - 'numpy>=2'  # 2 for the ABI
      - pandas
image:
  dockerfile: |
    # syntax=docker/dockerfile:1
    FROM python:3.12

    # install
    RUN echo "a # b"
variables:
  # how many
  OMP: "4"   # cores
  URL: "https://a.example/#frag"
  LONG: {value: "1", applies: [run, build]}
description: >-
  A long
  description
schema: 1
# the end
"""


def changed(text: str, after: Environment) -> list[str]:
    """Return the lines that go (-) and come (+) when a text is to mean another definition."""
    before = native.from_text(text, "x").environment
    found = merged(text, to_document(before), to_document(after))
    assert found is not None
    assert native.from_text(found, "x").environment == after
    old, new = text.split("\n"), found.split("\n")
    return [f"-{line}" for line in old if line not in new] + [f"+{line}" for line in new if line not in old]


@pytest.fixture
def fraud() -> Environment:
    return native.from_text(TEXT, "x").environment


def with_python(environment: Environment, **changes: object) -> Environment:
    return replace(environment, python=replace(environment.python, **changes))  # type: ignore[arg-type]


def test_nothing_changes_where_nothing_changed(fraud: Environment) -> None:
    assert changed(TEXT, fraud) == []


def test_one_bound(fraud: Environment) -> None:
    after = fraud.with_conda(conda_requirement("numpy>=2.1"))
    assert changed(TEXT, after) == ["-      - 'numpy>=2'  # 2 for the ABI", "+      - 'numpy>=2.1'  # 2 for the ABI"]


def test_one_more_and_one_less(fraud: Environment) -> None:
    after = fraud.with_conda(conda_requirement("scipy")).without_pip("xgboost")
    assert changed(TEXT, after) == ["-    # the model", '-    - "xgboost>=2"', "+      - scipy"]


def test_a_list_in_brackets_stays_one(fraud: Environment) -> None:
    assert changed(TEXT, fraud.with_channels(["bioconda", "conda-forge", "pytorch"])) == [
        "-    channels: [conda-forge, 'bioconda']   # no defaults",
        "+    channels: ['bioconda', conda-forge, pytorch]   # no defaults",
    ]


def test_what_moves_takes_its_comments_along(fraud: Environment) -> None:
    python, numpy, pandas = fraud.python.conda
    after = with_python(fraud, conda=(pandas, numpy, python))
    assert changed(TEXT, after) == [], "the same lines in another order"
    found = merged(TEXT, to_document(fraud), to_document(after))
    assert found is not None
    assert "      # arrays\n      - 'numpy>=2'  # 2 for the ABI\n" in found


def test_a_value_keeps_its_quotes_and_its_comment(fraud: Environment) -> None:
    assert changed(TEXT, fraud.with_variable(Variable("OMP", "8"))) == [
        '-  OMP: "4"   # cores',
        '+  OMP: "8"   # cores',
    ]


def test_a_dockerfile_is_written_anew_by_itself(fraud: Environment) -> None:
    image = replace(fraud.image, dockerfile=fraud.image.dockerfile.replace("# install\n", "# install more\n"))
    assert changed(TEXT, replace(fraud, image=image)) == ["-    # install", "+    # install more"]


def test_what_is_new_comes_where_it_belongs(fraud: Environment) -> None:
    after = replace(with_python(fraud, version="3.12"), tags=(("team", "risk"),), cuda="12.4")
    assert changed(TEXT, after) == [
        '+    version: "3.12"', "+gpu:", '+  cuda: "12.4"', "+tags:", "+  team: risk"
    ]  # fmt: skip


def test_another_form_of_the_same_is_left_alone(fraud: Environment) -> None:
    after = fraud.with_variable(Variable("MORE", "1"))
    assert changed(TEXT, after) == ['+  MORE: "1"']


def test_a_last_one_goes_with_its_title(fraud: Environment) -> None:
    after = with_python(fraud, pip=())
    assert changed(TEXT, after) == [
        "-    pip:", "-    - shap==0.46.0    # explains", "-    # the model", '-    - "xgboost>=2"'
    ]  # fmt: skip


def test_both_a_list_and_what_follows_it_grow() -> None:
    text = "name: x\npython:\n  conda:\n    - python=3.12  # one\n# end\n"
    before = native.from_text(text, "x").environment
    after = before.with_conda(conda_requirement("pip")).with_pip(pip_requirement("shap"))
    found = merged(text, to_document(before), to_document(after))
    assert found == dedent("""\
        name: x
        python:
          conda:
            - python=3.12  # one
            - pip
          pip:
            - shap
        # end
        """)


@pytest.mark.parametrize("text", ["{name: x, python: {conda: [python=3.12]}}\n", "name: [broken\n", "- a\n", ""])
def test_other_ways_of_writing_are_given_up(text: str) -> None:
    assert merged(text, {"name": "x"}, {"name": "y"}) is None


@given(environments, environments)
@quick
def test_any_definition_can_become_any_other(one: Environment, other: Environment) -> None:
    other = other.renamed(one.name)
    found = merged(native.to_text(one), to_document(one), to_document(other))
    assert found is not None
    again = native.from_text(found, one.name).environment
    assert again == other
    assert definition_digest(again) == definition_digest(other)
