"""What conda provides, as wheels that uv meets pip's requirements with."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from envstudio.archives import wheel
from envstudio.archives.rules import Limits
from envstudio.domain.lock import LockedPackage
from envstudio.lockers.provided import write_wheels
from envstudio.packages.wheel_metadata import metadata_in


def conda(name: str, version: str) -> LockedPackage:
    return LockedPackage(name, version, "conda", f"https://c.example/noarch/{name}-{version}-0.conda", "a" * 64)


def test_each_is_a_wheel_that_no_index_has(tmp_path: Path) -> None:
    packages = {"torch": conda("pytorch", "2.0.0"), "opencv-python": conda("py-opencv", "4.10.0+cpu")}
    constraints, incomparable = write_wheels(tmp_path, packages)
    assert constraints == ["opencv-python==4.10.0+cpu.conda", "torch==2.0.0+conda"]
    assert incomparable == []
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [
        "opencv_python-4.10.0+cpu.conda-py3-none-any.whl",
        "torch-2.0.0+conda-py3-none-any.whl",
    ]
    for file in files:
        wheel.check(file, Limits())
        assert metadata_in(file, file.name).get_all("Requires-Dist") is None


def test_what_pip_cannot_compare_is_named(tmp_path: Path) -> None:
    assert write_wheels(tmp_path, {"openssl": conda("openssl", "1.1.1w")}) == ([], ["openssl"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("specifier", [">=2.0.0", "==2.0.0", "<=2.0.0", "~=2.0", "==2.*", "!=2.0.1"])
def test_specifiers_take_it_for_conda_s_version(specifier: str) -> None:
    assert SpecifierSet(specifier).contains("2.0.0+conda")
