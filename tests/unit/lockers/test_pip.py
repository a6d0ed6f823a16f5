"""What uv is told and what is taken from its answer."""

from __future__ import annotations

import pytest

from envstudio.domain.lock import LockedPackage
from envstudio.lockers.pip import marker_environment, parse_annotations, python_names, supported_tags


def conda(name: str, *purls: str) -> LockedPackage:
    return LockedPackage(name, "1.0", "conda", f"https://conda.example/c/linux-64/{name}-1.0-0.conda", "a", purls=purls)


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


def test_tags_prefer_the_newest_manylinux_of_the_interpreter() -> None:
    tags = [str(tag) for tag in supported_tags("linux-64", "3.12.1")]
    assert tags[0] == "cp312-cp312-manylinux_2_28_x86_64"
    assert tags.index("cp312-abi3-manylinux_2_17_x86_64") < tags.index("py3-none-any")
    assert "cp312-cp312-manylinux_2_31_x86_64" not in tags
    assert "cp312-cp312-manylinux1_x86_64" in tags
    assert "cp312-cp312-win_amd64" in [str(tag) for tag in supported_tags("win-64", "3.12")]
    assert any("macosx_11_0_arm64" in str(tag) for tag in supported_tags("osx-arm64", "3.12"))


def test_markers_are_the_target_s() -> None:
    found = marker_environment("osx-arm64", "3.12")
    assert (found["sys_platform"], found["platform_machine"]) == ("darwin", "arm64")
    assert (found["python_version"], found["python_full_version"]) == ("3.12", "3.12.0")
