"""What uv is given and what is taken from its answer."""

from __future__ import annotations

import pytest

from envstudio.domain.environment import Environment, Python
from envstudio.domain.lock import LockedPackage
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import EnvStudioError
from envstudio.lockers.pip import in_order, parse_annotations, refuse_conflicts


def test_annotations_tell_who_asked() -> None:
    text = """\
cffi==2.0
    # via
    #   -c constraints.in
    #   cryptography
cryptography==45.0
    # via -r requirements.in
pycparser==2.22
    # via cffi[extra]
"""
    assert parse_annotations(text) == {"cryptography": {"cffi"}, "cffi": {"pycparser"}}


def test_the_order_of_requirements_does_not_reach_the_solver() -> None:
    lines = ["raiwidgets", "fairlearn ; python_version < '3.13'", "Fairlearn", "azureml-core>=1"]
    one, other = ([item.line for item in in_order(map(pip_requirement, order))] for order in (lines, lines[::-1]))
    assert one == other


def test_a_requirement_that_conda_s_version_does_not_meet_says_whose_is_whose() -> None:
    package = LockedPackage("packaging", "26.4", "conda", "https://c.example/noarch/packaging-26.4-0.conda", "a" * 64)
    environment = Environment("a", Python(pip=(pip_requirement("packaging==20.0"),)))
    with pytest.raises(
        EnvStudioError, match=r"pip's packaging==20.0 does not allow packaging 26.4, which comes from conda"
    ):
        refuse_conflicts(environment, {"packaging": package})
    refuse_conflicts(Environment("a", Python(pip=(pip_requirement("packaging>=20"),))), {"packaging": package})
    # A marker may leave it out, which is the solver's to say.
    apart = pip_requirement("packaging==20.0 ; sys_platform == 'win32'")
    refuse_conflicts(Environment("a", Python(pip=(apart,))), {"packaging": package})
