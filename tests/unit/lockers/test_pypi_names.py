"""What conda packages are called on the package index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envstudio.domain.lock import LockedPackage
from envstudio.errors import InvalidInput, Unavailable
from envstudio.lockers.pypi_names import pypi_names, stated_names
from envstudio.settings import Settings


def conda(name: str, *purls: str, needs: tuple[str, ...] = ("python >=3.9",)) -> LockedPackage:
    url = f"https://conda.example/c/linux-64/{name}-1.0-0.conda"
    return LockedPackage(name, "1.0", "conda", url, "a" * 64, dependencies=needs, purls=purls)


@pytest.mark.parametrize(
    ("package", "names"),
    [
        (conda("numpy"), {"numpy"}),
        (conda("numpy", needs=("libblas", "python_abi 3.12.* *_cp312")), {"numpy"}),
        (conda("matplotlib-base", "pkg:pypi/matplotlib"), {"matplotlib"}),
        (conda("pytorch", "pkg:pypi/torch@2.5.1?source=hash"), {"torch"}),
        (conda("pytorch"), {"torch"}),
        (conda("py-opencv"), {"opencv-python"}),
        (conda("ruamel.yaml"), {"ruamel-yaml"}),
        # Names that no pip package can have must not reach uv.
        (conda("_libgcc_mutex"), set()),
        # Libraries that share a name with a project of the index.
        (conda("graphviz", needs=("cairo", "python-graphviz-tools")), set()),
        (conda("zstd", needs=()), set()),
    ],
)
def test_the_names_of_a_package(package: LockedPackage, names: set[str]) -> None:
    assert pypi_names(package) == names


def test_the_user_s_names_come_before_all_others() -> None:
    stated = {"pytorch": "Torch_Nightly", "matplotlib-base": "", "zstd": "zstd"}
    assert pypi_names(conda("pytorch", "pkg:pypi/torch"), stated) == {"torch-nightly"}
    assert pypi_names(conda("matplotlib-base", "pkg:pypi/matplotlib"), stated) == set()
    assert pypi_names(conda("zstd", needs=()), stated) == {"zstd"}


def test_a_file_of_names_is_below_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "names.json"
    file.write_text(json.dumps({"pytorch": "torch", "cmake": None, "own": "other"}))
    settings = Settings(pip_names={"own": "mine"}, pip_names_file=str(file))
    assert stated_names(settings) == {"pytorch": "torch", "cmake": "", "own": "mine"}


def test_a_file_of_names_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "names.json"
    file.write_text('{"pytorch": 1}')
    with pytest.raises(InvalidInput, match="gives pytorch no name"):
        stated_names(Settings(pip_names_file=str(file)))
    with pytest.raises(Unavailable, match="cannot be read"):
        stated_names(Settings(pip_names_file=str(tmp_path / "absent.json")))
