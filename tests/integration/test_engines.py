"""The same image on other engines: Docker's with the containerd image store, and Podman's socket."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from engines import later_dockerd, podman, started
from real_parts import BASE, BaseImage, Recorder

from envstudio.domain.environment import Environment, Image, ManagedBy, Python, Variable
from envstudio.domain.requirement import pip_requirement
from envstudio.engine import Engine, connect
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build

SNAPSHOTTER = {"features": {"containerd-snapshotter": True}}


@pytest.fixture(scope="module")
def containerd() -> Iterator[tuple[str, Engine]]:
    """Yield a Docker Engine with the containerd image store."""
    with (
        tempfile.TemporaryDirectory(prefix="envstudio-engine-", ignore_cleanup_errors=True) as folder,
        started(later_dockerd(), Path(folder), SNAPSHOTTER, own_network=True) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def podman_address() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="envstudio-podman-", ignore_cleanup_errors=True) as folder,
        podman(Path(folder)) as address,
    ):
        yield address


def environment(python: str, trees: str = "20") -> Environment:
    packages = Python(version=python, pip=(pip_requirement("rich"), pip_requirement("iniconfig")))
    return Environment("engines", packages, Image(base=BASE), variables=(Variable("TREES", trees),))


def test_the_containerd_store_gets_only_what_it_lacks_and_runs_it(
    library: Library, settings: Settings, base: BaseImage, containerd: tuple[str, Engine], recorder: Recorder
) -> None:
    address, engine = containerd
    assert engine.info().containerd_store
    here = replace(settings, engine=address)
    library.versions.register(environment(base.python))
    first = build(library, here, "engines", report=recorder).image
    assert first.layers_sent == first.layers
    assert build(library, here, "engines", report=recorder).image.reused

    library.versions.register(environment(base.python, "40"))
    changed = build(library, here, "engines", report=recorder).image
    assert changed.layers_sent == 0
    assert (
        _prints(engine, "envstudio/engines:2", "import os, rich; print(os.environ['TREES'], rich.__name__)")
        == "40 rich"
    )

    library.versions.register(environment(base.python, "40").with_pip(pip_requirement("tomli")))
    added = build(library, here, "engines", report=recorder).image
    assert 0 < added.layers_sent <= 2
    assert _prints(engine, "envstudio/engines:3", "import tomli; print(tomli.__name__)") == "tomli"


def test_podman_takes_the_image_whole_and_runs_it(
    library: Library, settings: Settings, base: BaseImage, podman_address: str, recorder: Recorder
) -> None:
    here = replace(settings, engine=podman_address)
    library.versions.register(environment(base.python))
    build(library, here, "engines", report=recorder)
    engine = connect(podman_address)
    try:
        assert _prints(engine, "envstudio/engines:1", "import os; print(os.environ['TREES'])") == "20"
    finally:
        engine.close()


def test_podman_builds_a_dockerfile(
    library: Library, settings: Settings, base: BaseImage, podman_address: str, recorder: Recorder
) -> None:
    here = replace(settings, engine=podman_address)
    library.versions.register(environment(base.python))
    build(library, here, "engines", report=recorder)  # brings a base into this engine
    text = "FROM envstudio/engines:1\nRUN echo hello > /greeting\n"
    own = Environment("own", Python(managed_by=ManagedBy.USER), Image(dockerfile=text))
    library.versions.register(own)
    image = build(library, here, "own", options=BuildOptions(builder="classic"), report=recorder).image
    assert image.builder == "classic"
    assert any("RUN echo hello" in stage.name for stage in image.stages)
    engine = connect(podman_address)
    try:
        assert _prints(engine, "envstudio/own:1", "print(open('/greeting').read())") == "hello"
    finally:
        engine.close()


def _prints(engine: Engine, image: str, code: str) -> str:
    """Return the last line that a piece of Python prints in a container."""
    recorder = Recorder()
    status = engine.run(
        image, ["python", "-c", code], recorder, environment={}, mounts={}, working_dir="", network="host"
    )
    assert status == 0, recorder.text
    return [line for line in recorder.text.splitlines() if line.strip()][-1]
