"""What uv is given and what is taken from its answer."""

from __future__ import annotations

import pytest

from envstudio.domain.lock import LockedPackage
from envstudio.lockers.pip import parse_annotations, python_names


def conda(name: str, *purls: str) -> LockedPackage:
    return LockedPackage(
        name, "1.0", "conda", f"https://conda.example/c/linux-64/{name}-1.0-0.conda", "a" * 64, purls=purls
    )


@pytest.mark.parametrize(
    ("package", "names"),
    [
        (conda("numpy"), {"numpy"}),
        (conda("matplotlib-base", "pkg:pypi/matplotlib"), {"matplotlib"}),
        (conda("pytorch", "pkg:pypi/torch@2.5.1?source=hash"), {"torch"}),
        (conda("ruamel.yaml"), {"ruamel-yaml"}),
        # Names that no pip package can have must not reach uv.
        (conda("_libgcc_mutex"), set()),
    ],
)
def test_conda_packages_by_pip_s_names(package: LockedPackage, names: set[str]) -> None:
    assert python_names(package) == names


def test_the_user_s_mapping_goes_before_the_own_name_and_behind_the_record() -> None:
    mapping = {"pytorch": "torch", "matplotlib-base": "wrong"}
    assert python_names(conda("pytorch"), mapping) == {"torch"}
    assert python_names(conda("matplotlib-base", "pkg:pypi/matplotlib"), mapping) == {"matplotlib"}


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
