"""From match specs to a running container, with packages from a real channel."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from real_parts import BASE, Recorder

from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.domain.why import why
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError, NotFound, Unavailable
from envstudio.library import Library
from envstudio.lock_formats import find_lock_format
from envstudio.settings import Settings
from envstudio.tasks.build import build
from envstudio.tasks.lock import LockOptions, lock, preview
from envstudio.tasks.relax import relax
from envstudio.tasks.run import run

PROBE = "import choice, packaging, iniconfig, sys; print(choice.VERSION, sys.prefix, packaging.__file__)"


@pytest.fixture
def environment(channel: Path) -> Environment:
    specs = ("python", "choice>=1,<3", "packaging")
    python = Python(
        channels=(channel.as_uri(),),
        conda=tuple(map(conda_requirement, specs)),
        pip=(pip_requirement("iniconfig"), pip_requirement("packaging")),
    )
    return Environment("conda-path", python, Image(base=BASE))


def test_lock_build_run(
    library: Library, settings: Settings, environment: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(environment)
    found = lock(library, settings, "conda-path", report=recorder).lock.platform("linux-64")
    managers = {(item.name, item.manager) for item in found.packages}
    assert {("choice", "conda"), ("activating", "conda"), ("python", "conda"), ("iniconfig", "pip")} <= managers
    # What conda provides is not installed again by pip.
    assert ("packaging", "conda") in managers
    assert ("packaging", "pip") not in managers
    assert "__glibc=2.28" in found.virtual_packages

    image = build(library, settings, "conda-path", report=recorder).image
    assert image.builder == "direct"
    inside = run(library, settings, "conda-path", ["python", "-c", PROBE], target="docker", report=recorder)
    here = run(library, settings, "conda-path", ["python", "-c", PROBE], target="local", report=recorder)
    assert (inside.exit_code, here.exit_code) == (0, 0)
    show = "import os; print('home', os.environ['ACTIVATING_HOME'])"
    assert run(library, settings, "conda-path", ["python", "-c", show], target="local", report=recorder).exit_code == 0
    assert re.search(r"home /.*/envs/\w+/share/activating", recorder.text)
    assert "2.0 /opt/env /opt/env/lib/python" in recorder.text


def test_conda_lock_reads_the_lock_and_renders_the_same_explicit_list(
    library: Library, environment: Environment, recorder: Recorder, tmp_path: Path
) -> None:
    from conda_lock.conda_lock import render_lockfile_for_platform
    from conda_lock.lockfile import parse_conda_lock_file

    library.versions.register(environment)
    found = lock(library, Settings(), "conda-path", report=recorder).lock
    path = tmp_path / "conda-lock.yml"
    path.write_text(find_lock_format("conda-lock").write(found, ""))  # type: ignore[misc]
    theirs = render_lockfile_for_platform(
        lockfile=parse_conda_lock_file(path),
        include_dev_dependencies=False,
        extras=None,
        kind="explicit",
        platform="linux-64",
        suppress_warning_for_pip_and_explicit=True,
    )
    ours = find_lock_format("explicit").write(found, "linux-64").splitlines()  # type: ignore[misc]
    assert {line for line in theirs if "://" in line and not line.startswith("#")} == {
        line for line in ours if "://" in line
    }


def test_relocking_after_an_edit_moves_what_was_asked(
    library: Library, settings: Settings, environment: Environment, recorder: Recorder
) -> None:
    library.versions.register(environment)
    lock(library, settings, "conda-path", report=recorder)
    library.versions.register(environment.with_conda(conda_requirement("choice<2")))
    changes = lock(library, settings, "conda-path", report=recorder).changes
    assert {(item.name, str(item.kind), item.old, item.new) for item in changes} == {
        ("choice", "changed", "2.0", "1.1"),
        ("activating", "removed", "1.0", None),
    }


def test_no_solution_names_the_requirements(library: Library, environment: Environment, recorder: Recorder) -> None:
    library.versions.register(environment.with_conda(conda_requirement("choice>=9")))
    with pytest.raises(EnvStudioError, match="choice>=9 is not available") as caught:
        lock(library, Settings(), "conda-path", report=recorder)
    assert "choice" in caught.value.details
    assert library.locks.newest("conda-path") is None


def test_a_missing_package_names_its_like(library: Library, environment: Environment, recorder: Recorder) -> None:
    library.versions.register(environment.with_conda(conda_requirement("packagin>=20")))
    with pytest.raises(NotFound, match="no conda package 'packagin' for linux-64") as caught:
        lock(library, Settings(), "conda-path", report=recorder)
    assert "packaging" in caught.value.advice


def test_relaxations_are_tried_and_the_smallest_come_first(environment: Environment, recorder: Recorder) -> None:
    tight = environment.with_conda(conda_requirement("choice>=1,<2")).with_conda(conda_requirement("activating>=3"))
    found = relax(tight, Settings(), platform="linux-64", report=recorder)
    assert [str(item) for item in found] == ["activating>=3 → activating"]
    assert any(item.text == "activating" for item in found[0].environment.python.conda)


def test_an_update_moves_what_is_named_and_keeps_the_rest(
    library: Library, environment: Environment, recorder: Recorder
) -> None:
    library.versions.register(environment.with_conda(conda_requirement("choice=1.0")))
    lock(library, Settings(), "conda-path", report=recorder)
    library.versions.register(environment.with_conda(conda_requirement("choice>=1")))
    kept = lock(
        library, Settings(), "conda-path", options=LockOptions(upgrade_packages=("packaging",)), report=recorder
    )
    assert kept.lock.platforms[0].find("choice")[0].version == "1.0"
    seen = preview(
        library, Settings(), "conda-path", options=LockOptions(upgrade_packages=("choice",)), report=recorder
    )
    assert {(item.name, item.new) for item in seen.changes} == {("choice", "2.0"), ("activating", "1.0")}
    newest = library.locks.newest("conda-path")
    assert newest is not None
    assert newest.lock == kept.lock
    with pytest.raises(NotFound, match="not in the lock"):
        lock(library, Settings(), "conda-path", options=LockOptions(upgrade_packages=("nothing",)), report=recorder)


def test_a_cached_channel_locks_offline(
    library: Library, environment: Environment, channel: Path, recorder: Recorder
) -> None:
    library.versions.register(replace(environment, python=replace(environment.python, pip=())))
    online = lock(library, Settings(), "conda-path", report=recorder).lock
    offline = lock(library, Settings(), "conda-path", options=LockOptions(refresh=True, offline=True), report=recorder)
    assert offline.lock == online


def test_every_package_tells_why_it_is_there(library: Library, environment: Environment, recorder: Recorder) -> None:
    library.versions.register(environment)
    found = lock(library, Settings(), "conda-path", report=recorder).lock.platform("linux-64")
    assert why(found, "activating").chains == (("choice", "activating"),)
    assert why(found, "choice").leaves == ("activating",)


@pytest.fixture
def served(channel: Path) -> Iterator[str]:
    """Serve the channel over HTTP on this machine."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(channel))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_channel_over_http_and_a_mirror_of_it(
    library: Library, environment: Environment, served: str, recorder: Recorder
) -> None:
    conda_only = replace(environment, python=replace(environment.python, pip=()))
    library.versions.register(conda_only.with_channels(["https://conda.example/forge"]))
    mirrors = Settings(mirror_channels={"https://conda.example": served})
    with pytest.raises(Unavailable, match="cannot be read"):
        lock(library, mirrors, "conda-path", report=recorder)
    library.versions.register(conda_only.with_channels(["https://conda.example"]))
    found = lock(library, mirrors, "conda-path", report=recorder).lock.platforms[0]
    assert all(item.url.startswith(served) for item in found.packages)


def test_a_channel_that_does_not_answer_is_said(library: Library, environment: Environment, recorder: Recorder) -> None:
    library.versions.register(environment.with_channels(["http://127.0.0.1:9/nowhere"]))
    with pytest.raises(Unavailable, match="cannot be read"):
        lock(library, Settings(), "conda-path", report=recorder)
