"""From requirements to a running container, for an environment whose Python is the base image's."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from real_parts import BASE, BaseImage, Recorder

from envstudio.builders.assembly.layers import FragmentCache
from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.requirement import pip_requirement
from envstudio.engine import Engine
from envstudio.errors import Cancelled, EnvStudioError, InvalidInput, Unavailable
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build, plan
from envstudio.tasks.lock import LockOptions, lock
from envstudio.tasks.run import run

REQUIREMENTS = ("rich>=13", "numpy>=1.26")
PROBE = "import numpy, rich, os, sys; print(numpy.__version__, sys.prefix, os.environ['TREES'])"


@pytest.fixture
def environment(base: BaseImage) -> Environment:
    python = Python(version=base.python, pip=tuple(map(pip_requirement, REQUIREMENTS)))
    return Environment("path", python, Image(base=BASE), variables=(Variable("TREES", "20"),))


def test_lock_build_run(
    library: Library, settings: Settings, environment: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(environment)
    locked = lock(library, settings, "path", report=recorder)
    names = {item.name: item for item in locked.lock.platform("linux-64").packages}
    assert {"numpy", "rich", "markdown-it-py"} <= set(names)
    assert all(len(item.sha256) == 64 for item in names.values())
    assert [item.name for item in names.values() if item.requested] == ["numpy", "rich"]

    first = build(library, settings, "path", report=recorder).image
    assert not first.reused
    assert first.layers_sent > 0
    labels = clean_engine.find(first.image_id).labels  # type: ignore[union-attr]
    assert labels["org.opencontainers.image.title"] == labels["io.envstudio.environment"] == "path"
    assert labels["org.opencontainers.image.base.name"] == BASE
    assert labels["org.opencontainers.image.base.digest"] == labels["io.envstudio.base"]
    assert labels["io.envstudio.lock"] == locked.lock.digest

    done = run(library, settings, "path", ["python", "-c", PROBE], target="docker", report=recorder)
    assert done.exit_code == 0
    assert f"{names['numpy'].version} /opt/env 20" in recorder.text
    script = run(library, settings, "path", ["python", "-m", "rich.panel"], target="docker", report=recorder)
    assert script.exit_code == 0
    assert [item.exit_code for item in library.runs.list("path")] == [0, 0]
    assert [item.status for item in library.builds.list("path")] == ["done"]  # runs take the image that is there
    assert library.environments.list()[0].image == "built"


def test_the_same_inputs_are_reused_and_a_variable_sends_no_layer(
    library: Library, settings: Settings, environment: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(environment)
    build(library, settings, "path", report=recorder)
    again = build(library, settings, "path", report=recorder).image
    assert again.reused
    assert plan(library, settings, "path", report=recorder).rebuild_because == ()

    library.versions.register(environment.with_variable(Variable("TREES", "40")))
    assert plan(library, settings, "path:2", report=recorder).rebuild_because == ("the version is not locked",)
    changed = build(library, settings, "path", report=recorder).image
    assert not changed.reused
    assert changed.layers_sent == 0
    assert plan(library, settings, "path:2", report=recorder).rebuild_because == ()
    forced = build(library, settings, "path", options=BuildOptions(reuse=False), report=recorder).image
    assert forced.image_id == changed.image_id


def test_another_version_of_a_small_package_leaves_the_large_ones_where_they_are(
    library: Library, settings: Settings, environment: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    sent = []
    for pin in ("iniconfig==2.0.0", "iniconfig==1.1.1"):
        library.versions.register(environment.with_pip(pip_requirement(pin)))
        image = build(library, settings, "path", report=recorder).image
        sent.append({name for layer in image.contents[-image.layers_sent :] for name, _ in layer.packages})
    assert "iniconfig" in sent[0]
    assert "iniconfig" in sent[1]
    assert not {"numpy", "pygments"} & sent[1]


def test_a_build_tells_its_sizes_by_layer_and_package_and_a_plan_its_layers(
    library: Library, settings: Settings, environment: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(environment)
    lock(library, settings, "path", report=recorder)
    image = build(library, settings, "path", report=recorder).image
    assert len(image.contents) == image.layers
    assert sum(layer.size for layer in image.contents) == image.size
    sizes = dict(package for layer in image.contents for package in layer.packages)
    assert sizes.keys() == {item.name for item in library.locks.newest("path").lock.platforms[0].packages}  # type: ignore[union-attr]
    assert max(sizes, key=lambda name: sizes[name]) == "numpy"
    again = build(library, settings, "path", report=recorder).image
    assert again.reused
    assert library.images.list("path")[0].contents == image.contents

    planned = plan(library, settings, "path", report=recorder).layers
    assert all(layer.cached for layer in planned)
    made = [layer for layer in image.contents if layer.packages]
    assert [(set(layer.packages), layer.size) for layer in planned] == [
        ({name for name, _ in layer.packages}, layer.size) for layer in made
    ]


def test_a_plan_makes_and_fetches_nothing(
    library: Library,
    environment: Environment,
    clean_engine: Engine,
    recorder: Recorder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library.versions.register(environment)
    lock(library, Settings(), "path", report=recorder)
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    for source in ("mmdebstrap:bookworm?include=python3", "nowhere.example/python:1"):
        found = plan(library, Settings(mirror_images={BASE: source}), "path", report=recorder)
        assert found.rebuild_because == ("the base image is not here yet",)
        assert not any(layer.cached for layer in found.layers)
        assert "numpy" in {name for layer in found.layers for name in layer.packages}
        assert all(layer.size is None for layer in found.layers)
    assert not (tmp_path / "cache").exists()


def test_cold_caches_in_other_folders_give_the_same_image(
    library: Library,
    settings: Settings,
    environment: Environment,
    recorder: Recorder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library.versions.register(environment)
    lock(library, settings, "path", report=recorder)
    found = []
    for name in ("one", "two"):
        monkeypatch.setattr(
            "envstudio.builders.direct.FragmentCache", lambda name=name: FragmentCache(tmp_path / f"{name}-layers")
        )
        bytecode = tmp_path / f"{name}-bytecode"
        monkeypatch.setattr("envstudio.builders.assembly.bytecode_store.folder", lambda folder=bytecode: folder)
        target = tmp_path / f"{name}-image"
        image = build(library, settings, "path", options=BuildOptions(output=f"oci:{target}"), report=recorder).image
        found.append((image.image_id, image.digest))
    assert found[0] == found[1]


def test_an_oci_layout_and_archives_hold_the_whole_image(
    library: Library,
    settings: Settings,
    environment: Environment,
    clean_engine: Engine,
    recorder: Recorder,
    tmp_path: Path,
) -> None:
    library.versions.register(environment)
    layout = tmp_path / "layout"
    image = build(library, settings, "path", options=BuildOptions(output=f"oci:{layout}"), report=recorder).image
    index = json.loads((layout / "index.json").read_text())
    assert index["manifests"][0]["digest"] == image.digest
    manifest = json.loads((layout / "blobs" / image.digest.replace(":", "/")).read_text())
    assert len(manifest["layers"]) == image.layers == image.layers_sent
    assert all((layout / "blobs" / layer["digest"].replace(":", "/")).exists() for layer in manifest["layers"])

    archive = tmp_path / "image.tar"
    options = BuildOptions(output=f"docker-archive:{archive}", tags=("archived:1",))
    build(library, settings, "path", options=options, report=recorder)
    with tarfile.open(archive) as opened:
        assert json.loads(opened.extractfile("manifest.json").read())[0]["RepoTags"] == ["archived:1"]  # type: ignore[union-attr]
    clean_engine.load(iter([archive.read_bytes()]), recorder)
    loaded = clean_engine.find("archived:1")
    assert loaded is not None
    assert list(loaded.diff_ids) == _diff_ids(layout, image.digest)


def _diff_ids(layout: Path, digest: str) -> list[str]:
    manifest = json.loads((layout / "blobs" / digest.replace(":", "/")).read_text())
    config = json.loads((layout / "blobs" / manifest["config"]["digest"].replace(":", "/")).read_text())
    return list(config["rootfs"]["diff_ids"])


def test_an_engine_that_lost_a_layer_gets_all_of_them(
    library: Library,
    settings: Settings,
    environment: Environment,
    clean_engine: Engine,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Everything(set[str]):
        """Claims to hold every layer but the base's."""

        def __contains__(self, item: object) -> bool:
            return True

        def __rsub__(self, other: set[str]) -> set[str]:  # type: ignore[misc]
            return set()

    if clean_engine.info().containerd_store:
        pytest.skip("A containerd image store keeps blobs for a while after their image is gone.")
    for name in ("known_blobs", "known_chains"):
        monkeypatch.setattr(f"envstudio.builders.assembly.loading.{name}", lambda *_: Everything(["any"]))
    library.versions.register(environment.with_variable(Variable("LOST", "1")).with_pip(pip_requirement("attrs")))
    for image in clean_engine.labelled({"io.envstudio.definition": ""}):
        clean_engine.remove_image(image.image_id, force=True)
    built = build(library, settings, "path", report=recorder).image
    assert "the engine refused the archive" in recorder.text
    assert built.layers_sent == built.layers
    assert run(library, settings, "path", ["python", "-c", PROBE], target="docker", report=recorder).exit_code == 0


def test_local_run_uses_the_locked_packages_and_the_command_s_status(
    library: Library, settings: Settings, environment: Environment, recorder: Recorder
) -> None:
    library.versions.register(environment)
    library.versions.save_draft(environment.with_variable(Variable("TREES", "7")))
    done = run(library, settings, "path@draft", ["python", "-c", PROBE + "; sys.exit(3)"], report=recorder)
    assert done.exit_code == 3
    assert done.reference == "path:2"
    assert recorder.text.rstrip().endswith(" 7")


def test_a_hash_that_does_not_match_stops_the_build(
    library: Library, settings: Settings, environment: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    from dataclasses import replace

    library.versions.register(environment)
    good = lock(library, settings, "path", report=recorder).lock
    platform = good.platforms[0]
    bad = tuple(replace(item, sha256="0" * 64) if item.name == "rich" else item for item in platform.packages)
    library.locks.save("path", replace(good, platforms=(replace(platform, packages=bad),)))
    with pytest.raises(EnvStudioError, match="not the file that was locked"):
        build(library, settings, "path", report=recorder)
    record = library.builds.list("path")[0]
    assert record.status == "failed"
    assert "rich" in record.error
    assert clean_engine.find("envstudio/path:1") is None


def test_a_lock_for_another_python_than_the_base_s_is_refused(
    library: Library, settings: Settings, environment: Environment, engine: Engine, recorder: Recorder
) -> None:
    from dataclasses import replace

    library.versions.register(replace(environment, python=replace(environment.python, version="3.13")))
    with pytest.raises(EnvStudioError, match=r"lock is for Python 3.13, but the base image"):
        build(library, settings, "path", report=recorder)


def test_cancel_leaves_nothing_behind(
    library: Library, settings: Settings, environment: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(environment)
    recorder.cancel()
    with pytest.raises(Cancelled):
        build(library, settings, "path", report=recorder)
    assert library.builds.list("path")[0].status == "cancelled"
    assert clean_engine.find("envstudio/path:1") is None


def test_no_network_is_said_and_nothing_is_stored(
    library: Library, environment: Environment, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "3")
    dead = "http://127.0.0.1:9"
    library.versions.register(environment)
    with pytest.raises(Unavailable, match="index cannot be reached"):
        lock(library, Settings(http_proxy=dead, https_proxy=dead), "path", report=recorder)
    assert library.locks.newest("path") is None


def test_requirements_that_cannot_be_met_are_named(
    library: Library, environment: Environment, recorder: Recorder
) -> None:
    library.versions.register(environment.with_pip(pip_requirement("numpy<1,>=2")))
    with pytest.raises(EnvStudioError, match="have no solution on") as caught:
        lock(library, Settings(), "path", report=recorder)
    assert "numpy" in caught.value.details


def test_a_path_of_this_machine_is_refused(library: Library, environment: Environment, recorder: Recorder) -> None:
    library.versions.register(environment.with_pip(pip_requirement("./mine")))
    with pytest.raises(InvalidInput, match="path of this machine"):
        lock(library, Settings(), "path", report=recorder)


def test_the_locks_are_read_by_conda_lock(
    library: Library, settings: Settings, environment: Environment, recorder: Recorder, tmp_path: Path
) -> None:
    from conda_lock.lockfile import parse_conda_lock_file

    from envstudio.lock_formats import find_lock_format

    library.versions.register(environment)
    found = lock(
        library,
        settings,
        "path",
        options=LockOptions(
            platforms=(
                "linux-64",
                "win-64",
            )
        ),
        report=recorder,
    ).lock
    path = tmp_path / "conda-lock.yml"
    path.write_text(find_lock_format("conda-lock").write(found, ""))
    parsed = parse_conda_lock_file(path)
    ours = {(p.platform, i.name, i.version, i.url) for p in found.platforms for i in p.packages}
    assert {(item.platform, item.name, item.version, item.url) for item in parsed.package} == ours
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(find_lock_format("requirements").write(found, "linux-64"))
    assert (
        subprocess.run(["grep", "-c", "--", "--hash=sha256:", str(requirements)], capture_output=True).returncode == 0
    )
