"""Dockerfiles and contexts of the user's own, on the engine's classic builder."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from real_parts import Recorder

from envstudio.builders import bases
from envstudio.builders.assembly.oci import docker_archive
from envstudio.domain.environment import BuildContext, Environment, Image, ManagedBy, Python
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build, plan
from envstudio.tasks.run import run

BASE_TAG = "envstudio-test/base:1"
CLASSIC = BuildOptions(builder="classic")


@pytest.fixture
def base_in_engine(base: object, settings: Settings, clean_engine: Engine, recorder: Recorder) -> str:
    """Return the name of a base image that is in the engine."""
    if clean_engine.find(BASE_TAG) is None:
        found = bases.find(base.source, "linux/amd64", settings, clean_engine, recorder)  # type: ignore[attr-defined]
        from envstudio.builders.assembly.oci import OciImage

        diff_ids = [layer.diff_id for layer in found.layers]
        config = {"architecture": "amd64", "os": "linux", "config": dict(found.config)}
        config["rootfs"] = {"type": "layers", "diff_ids": diff_ids}
        clean_engine.load(docker_archive(OciImage(config, found.layers), [BASE_TAG], set()), recorder)
    return BASE_TAG


def own(name: str, image: Image) -> Environment:
    return Environment(name, Python(managed_by=ManagedBy.USER), image)


def test_a_dockerfile_is_built_reused_and_run(
    library: Library, settings: Settings, clean_engine: Engine, base_in_engine: str, recorder: Recorder
) -> None:
    text = f"FROM {base_in_engine}\nRUN echo hello > /greeting\n"
    library.versions.register(own("own", Image(dockerfile=text)))
    assert plan(library, settings, "own", report=recorder).dockerfile == text
    first = build(library, settings, "own", options=CLASSIC, report=recorder).image
    assert first.builder == "classic"
    assert build(library, settings, "own", options=CLASSIC, report=recorder).image.reused
    assert run(library, settings, "own", ["cat", "/greeting"], target="docker", report=recorder).exit_code == 0
    assert "hello" in recorder.text.splitlines()


def test_a_failing_step_is_kept_in_the_history(
    library: Library, settings: Settings, clean_engine: Engine, base_in_engine: str, recorder: Recorder
) -> None:
    library.versions.register(own("bad", Image(dockerfile=f"FROM {base_in_engine}\nRUN no-such-command\n")))
    with pytest.raises(EnvStudioError, match="build failed") as caught:
        build(library, settings, "bad", options=CLASSIC, report=recorder)
    assert "no-such-command" in caught.value.details
    record = library.builds.list("bad")[0]
    assert record.status == "failed"
    assert "no-such-command" in library.builds.log(record.id)
    assert library.environments.list()[0].image == "failed"


def test_a_context_honours_dockerignore_and_stays_inside(
    library: Library, settings: Settings, clean_engine: Engine, base_in_engine: str, recorder: Recorder, tmp_path: Path
) -> None:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {base_in_engine}\nCOPY . /context\n")
    (folder / "kept.txt").write_text("kept")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")  # no one writes into it, so reading it would never end
    (folder / "secret.txt").write_text("secret")
    (folder / ".dockerignore").write_text("# comment\nsecret.txt\n")
    environment = own("context", Image(context=BuildContext(str(folder))))
    library.versions.register(environment)
    build(library, settings, "context", options=CLASSIC, report=recorder)
    run(library, settings, "context", ["ls", "/context"], target="docker", report=recorder)
    assert "kept.txt" in recorder.text
    assert "secret.txt" not in recorder.text.split("/context")[-1]
    outside = replace(environment, image=Image(context=BuildContext(str(folder), "../Dockerfile")))
    library.versions.register(outside)
    with pytest.raises(InvalidInput, match="outside the build context"):
        build(library, settings, "context", options=CLASSIC, report=recorder)
