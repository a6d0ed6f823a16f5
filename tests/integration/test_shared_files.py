"""One file of two packages: the same package has it on this machine and in every image, and both are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from real_parts import BASE, BaseImage, Recorder, lacking
from served import served
from wheel_index import put

from envstudio.builders import buildkit
from envstudio.domain.environment import Environment, Image, PipOption, Python
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.engine import Engine
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build
from envstudio.tasks.check import check_version
from envstudio.tasks.lock import lock
from envstudio.tasks.run import run

BIG = 2 << 20
"""Bytes that give a package a layer of its own, below those of small packages."""

SHOW = """
import pathlib, sys
found = pathlib.Path(sys.prefix).glob("lib/python3*/site-packages/shared/*")
print("found", *sorted(f"{item.name}={item.read_text().split()[0]}" for item in found))
"""
SHOW_CONDA = """
import pathlib, sys
found = pathlib.Path(sys.prefix, "share", "replaced").iterdir()
print("found", *sorted(f"{item.name}={item.read_text()}" for item in found))
"""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Yield the address of an index whose packages replace files of each other."""
    folder = tmp_path / "index"
    script = {"alpha-1.0.data/scripts/tool": "#!python\nprint('alpha')\n"}
    launcher = {"zeta-1.0.dist-info/entry_points.txt": "[console_scripts]\ntool = zeta:main\n"}
    put(folder, "alpha", "1.0", files={"shared/one": "alpha", "shared/same": "same", **script})
    put(folder, "zeta", "1.0", files={"shared/one": f"zeta {'.' * BIG}", "shared/same": "same", **launcher})
    # What requires another one comes later, whatever its name.
    put(folder, "beta", "1.0", files={"shared/two": "beta"})
    put(folder, "omega", "1.0", ["beta"], files={"shared/two": f"omega {'.' * BIG}"})
    with served(tmp_path) as address:
        yield f"{address}/index"


@pytest.fixture
def environment(index: str, base: BaseImage) -> Environment:
    python = Python(
        version=base.python,
        pip=tuple(map(pip_requirement, ("alpha", "zeta", "omega"))),
        pip_options=(PipOption("--index-url", index),),
    )
    return Environment("shared", python, Image(base=BASE))


EXPECTED = "found one=alpha same=same two=omega"


def test_local_and_direct(
    library: Library, settings: Settings, environment: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(environment)
    lock(library, settings, "shared", report=recorder)
    assert "file-of-two-packages" not in {item.code for item in check_version(library, settings, "shared")}
    assert run(library, settings, "shared", ["python", "-c", SHOW], target="local", report=recorder).exit_code == 0
    assert EXPECTED in recorder.text
    warned = "zeta 1.0 (pip) and alpha 1.0 (pip) bring bin/tool and 1 more file with different content. What alpha"
    assert warned in recorder.text
    assert "beta 1.0 (pip) and omega 1.0 (pip) bring" in recorder.text
    assert "same" not in "".join(line for line in recorder.text.splitlines() if line.startswith("warning"))

    direct = Recorder()
    image = build(library, settings, "shared", report=direct).image
    assert warned in direct.text
    command = ["python", "-c", SHOW]
    assert run(library, settings, "shared", command, target="docker", report=direct).exit_code == 0
    assert EXPECTED in direct.text
    order = [name for layer in image.contents for name, _ in layer.packages]
    assert order.index("zeta") < order.index("alpha")
    assert order.index("beta") < order.index("omega")
    # What was fetched is known from now on.
    problems = [item for item in check_version(library, settings, "shared") if item.code == "file-of-two-packages"]
    assert [item.message.split(" bring ")[0] for item in problems] == [
        "zeta 1.0 (pip) and alpha 1.0 (pip)",
        "beta 1.0 (pip) and omega 1.0 (pip)",
    ]


@pytest.mark.parametrize("builder", ["buildkit", "classic"])
def test_builds_in_a_container(
    library: Library, here: Settings, python_base: str, environment: Environment, clean_engine: Engine,
    recorder: Recorder, builder: str,
) -> None:  # fmt: skip
    if builder == "buildkit" and not buildkit.available():
        lacking("BuildKit needs the docker program with its buildx plugin.")
    library.versions.register(replace(environment, image=Image(base=python_base)))
    build(library, here, "shared", options=BuildOptions(builder=builder), report=recorder)
    assert "shared/two is that of omega, not of beta" in recorder.text
    command = ["python", "-c", SHOW]
    assert run(library, here, "shared", command, target="docker", report=recorder).exit_code == 0
    assert EXPECTED in recorder.text


def test_conda_packages_and_wheels_over_them(
    library: Library, settings: Settings, index: str, clean_engine: Engine, channel: Path, tmp_path: Path
) -> None:
    put(tmp_path / "index", "wheelover", "1.0", files={"wheelover-1.0.data/data/share/replaced/third": "wheel"})
    python = Python(
        channels=(channel.as_uri(),),
        conda=tuple(map(conda_requirement, ("python", "able", "baker", "zulu"))),
        pip=(pip_requirement("wheelover"),),
        pip_options=(PipOption("--index-url", index),),
    )
    library.versions.register(Environment("shared", python, Image(base=BASE)))
    for target in ("local", "docker"):
        heard = Recorder()
        command = ["python", "-c", SHOW_CONDA]
        assert run(library, settings, "shared", command, target=target, report=heard).exit_code == 0
        assert "found first=able second=zulu third=wheel" in heard.text
        assert "bring share/replaced/first with different content. What able brings is used" in heard.text
        assert "zulu 1.0 (conda) and wheelover 1.0 (pip) bring share/replaced/third" in heard.text


def test_a_conda_and_a_pip_package_of_one_name_are_both_there(
    library: Library, settings: Settings, index: str, clean_engine: Engine, channel: Path, tmp_path: Path
) -> None:
    put(tmp_path / "index", "baker", "1.0", files={"large.txt": "." * BIG})
    python = Python(
        channels=(channel.as_uri(),),
        conda=tuple(map(conda_requirement, ("python", "baker"))),
        pip=(pip_requirement("baker"),),
        pip_options=(PipOption("--index-url", index),),
    )
    library.versions.register(Environment("shared", python, Image(base=BASE)))
    heard = Recorder()
    image = build(library, settings, "shared", report=heard).image
    assert {"baker", "baker (pip)"} <= {name for layer in image.contents for name, _ in layer.packages}
    show = (
        "import baker, sys, pathlib; print('conda', (pathlib.Path(sys.prefix) / 'share/replaced/second').read_text())"
    )
    for target in ("local", "docker"):
        heard = Recorder()
        assert run(library, settings, "shared", ["python", "-c", show], target=target, report=heard).exit_code == 0
        assert "conda baker" in heard.text
