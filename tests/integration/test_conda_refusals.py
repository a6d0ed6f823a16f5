"""Why conda packages have no solution, in words that say what to do: small channels of files, rattler's own solver."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envstudio.domain.environment import Environment, Python
from envstudio.domain.requirement import conda_requirement
from envstudio.domain.solve_options import SolveOptions
from envstudio.errors import EnvStudioError
from envstudio.lockers import conda
from envstudio.report import Report
from envstudio.settings import Settings

GLIBC = ("__unix=0", "__linux=5.10", "__glibc=2.28", "__archspec=1=x86_64")


def channel(folder: Path, *packages: tuple[str, str, list[str]]) -> str:
    """Make a channel of packages (name, version, dependencies) and return its address."""
    rows = {
        f"{name}-{version}-0.conda": {
            "name": name,
            "version": version,
            "build": "0",
            "build_number": 0,
            "depends": depends,
            "sha256": "0" * 64,
            "size": 1,
            "subdir": "noarch",
            "noarch": "generic",
            "timestamp": 1_600_000_000_000,
        }
        for name, version, depends in packages
    }
    for subdir, records in (("noarch", rows), ("linux-64", {})):
        (folder / subdir).mkdir(parents=True)
        data = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": records}
        (folder / subdir / "repodata.json").write_text(json.dumps(data))
    return folder.as_uri()


def solved(channels: tuple[str, ...], *requirements: str) -> dict[str, str]:
    conda_part = tuple(conda_requirement(text) for text in requirements)
    environment = Environment("refused", Python(channels=channels, conda=conda_part))
    packages = conda.solve(environment, "linux-64", GLIBC, Settings(), SolveOptions(), Report())
    return {item.name: item.version for item in packages}


def test_a_package_that_an_earlier_channel_hides_is_taken_with_its_channel(tmp_path: Path) -> None:
    first = channel(tmp_path / "first", ("x", "1", []), ("app", "1", ["x >=2"]))
    second = channel(tmp_path / "second", ("x", "2", []), ("x", "2.1", []))
    with pytest.raises(EnvStudioError) as caught:
        solved((first, second), "app")
    assert caught.value.code == "channel-hides-package"
    assert f"x 2, 2.1 of {second} is hidden" in caught.value.summary
    asked = caught.value.advice.removeprefix("Request ").partition(",")[0]
    assert asked == f"{second}::x"
    assert solved((first, second), "app", asked) == {"app": "1", "x": "2.1"}
    assert solved((second, first), "app") == {"app": "1", "x": "2.1"}


def test_a_missing_driver_is_named_with_the_version_that_is_needed(tmp_path: Path) -> None:
    only = channel(tmp_path / "only", ("gpu", "1", ["__cuda >=11.2"]))
    with pytest.raises(EnvStudioError, match=r"A package needs __cuda >=11\.2\.") as caught:
        solved((only,), "gpu")
    assert caught.value.code == "virtual-package-missing"
