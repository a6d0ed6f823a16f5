"""An edit gives a new value, and a value that cannot be is refused."""

from __future__ import annotations

import pytest

from envstudio.domain.environment import Applies, BuildContext, Environment, Image, Python, Spark, Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.errors import InvalidInput

BASE = Environment(
    "x", python=Python(conda=(conda_requirement("a=1"), conda_requirement("b"), conda_requirement("a=2")))
)


def test_an_added_requirement_takes_the_place_of_its_namesakes() -> None:
    edited = BASE.with_conda(conda_requirement("a=3"))
    assert [item.text for item in edited.python.conda] == ["a=3", "b"]
    assert [item.text for item in BASE.python.conda] == ["a=1", "b", "a=2"]
    assert [item.text for item in edited.with_conda(conda_requirement("c")).python.conda] == ["a=3", "b", "c"]
    assert [item.text for item in edited.without_conda("a").python.conda] == ["b"]


def test_edits_of_the_other_parts() -> None:
    edited = BASE.with_pip(pip_requirement("p")).with_variable(Variable("A", "1")).with_variable(Variable("A", "2"))
    assert [item.value for item in edited.variables] == ["2"]
    assert edited.without_variable("A").variables == ()
    assert edited.without_pip("p").python.pip == ()
    assert edited.with_channels(["a", "b", "a"]).python.channels == ("a", "b")
    assert edited.with_tag("b", "1").with_tag("a", "2").with_tag("b", "3").tags == (("a", "2"), ("b", "3"))
    assert edited.renamed("y").name == "y"


def test_a_base_image_replaces_the_other_sources() -> None:
    environment = Environment("x", image=Image(dockerfile="FROM a", context=BuildContext(".")))
    assert environment.with_base("base.example/a:1").image.sources == ("base",)


def test_when_a_variable_applies_has_one_order() -> None:
    assert Variable("A", applies=(Applies.SERVE, Applies.BUILD)).applies == (Applies.BUILD, Applies.SERVE)


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "Ä"])
def test_names_of_variables(name: str) -> None:
    with pytest.raises(InvalidInput):
        Variable(name)


def test_a_value_cannot_hold_nul() -> None:
    with pytest.raises(InvalidInput, match="NUL"):
        Variable("A", "a\0b")


def test_what_decides_one_value_cannot_come_twice() -> None:
    with pytest.raises(InvalidInput, match="variable A is given twice"):
        Environment("x", variables=(Variable("A"), Variable("A", "1")))
    with pytest.raises(InvalidInput, match="tag a is given twice"):
        Environment("x", tags=(("a", "1"), ("a", "2")))
    with pytest.raises(InvalidInput, match="Spark setting a is given twice"):
        Spark(conf=(("a", "1"), ("a", "2")))


def test_pip_requirements_with_other_markers_stand_beside_each_other() -> None:
    old, new = "numpy==1.26.4 ; python_version < '3.12'", "numpy==2.1.0 ; python_version >= '3.12'"
    environment = BASE
    for line in (old, "shap", new, "numpy==2.2.0 ; python_version >= '3.12'"):
        environment = environment.with_pip(pip_requirement(line))
    assert [item.text for item in environment.python.pip][-3:] == [
        old,
        "numpy==2.2.0 ; python_version >= '3.12'",
        "shap",
    ]
    plain = environment.with_pip(pip_requirement("numpy>=2")).python.pip
    assert [item.text for item in plain][-2:] == ["numpy>=2", "shap"]
