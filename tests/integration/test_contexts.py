"""Images of a Dockerfile with COPY: reused while the folder is the same, and built of what was kept when it is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from real_parts import Recorder

from envstudio.builders import bases, buildkit
from envstudio.builders.assembly.oci import OciImage, docker_archive
from envstudio.engine import Engine
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build, plan
from envstudio.tasks.edit import Edits, edit
from envstudio.tasks.import_files import import_path
from envstudio.tasks.run import run

BASE_TAG = "envstudio-test/context-base:1"


@pytest.fixture
def base_in_engine(base: object, settings: Settings, clean_engine: Engine, recorder: Recorder) -> str:
    """Return the name of a base image that is in the engine."""
    if clean_engine.find(BASE_TAG) is None:
        found = bases.find(base.source, "linux/amd64", settings, clean_engine, recorder)  # type: ignore[attr-defined]
        config = {"architecture": "amd64", "os": "linux", "config": dict(found.config)}
        config["rootfs"] = {"type": "layers", "diff_ids": [layer.diff_id for layer in found.layers]}
        clean_engine.load(docker_archive(OciImage(config, found.layers), [BASE_TAG], set()), recorder)
    return BASE_TAG


@pytest.fixture
def folder(base_in_engine: str, tmp_path: Path) -> Path:
    """Return a folder whose .dockerignore leaves out its own Dockerfile too."""
    folder = tmp_path / "context"
    (folder / "src").mkdir(parents=True)
    (folder / "Dockerfile").write_text(f"FROM {base_in_engine}\nCOPY . /app\n")
    (folder / "src" / "rate").write_text("one")
    (folder / "notes.md").write_text("draft")
    (folder / ".dockerignore").write_text("**\n!src\n")
    return folder


@pytest.mark.engine
@pytest.mark.parametrize("builder", ["buildkit", "classic"])
def test_a_folder_is_a_part_of_its_version(
    library: Library, settings: Settings, clean_engine: Engine, folder: Path, recorder: Recorder, builder: str
) -> None:
    if builder == "buildkit" and not buildkit.available():
        pytest.skip("docker buildx is not installed.")
    options = BuildOptions(builder=builder)

    def said(reference: str, *command: str) -> str:
        heard = Recorder()
        assert run(library, settings, reference, [*command], target="docker", report=heard).exit_code == 0
        return heard.text

    import_path(library, folder / "Dockerfile", name="app", report=silent())
    first = build(library, settings, "app", options=options, report=recorder).image
    assert build(library, settings, "app", options=options, report=recorder).image.reused
    assert "Dockerfile" not in said("app:1", "find", "/app").replace("$ ", "")
    (folder / "src" / "rate").write_text("two")
    assert edit(library, "app", Edits()).created
    second = build(library, settings, "app", options=options, report=recorder).image
    assert second.image_id != first.image_id
    assert "two" in said("app:2", "cat", "/app/src/rate")

    clean_engine.remove_image(first.image_id, force=True)
    assert plan(library, settings, "app:1", options=options, report=recorder).rebuild_because
    build(library, settings, "app:1", options=options, report=recorder)
    assert "has changed since this version was registered" in recorder.text
    assert "one" in said("app:1", "cat", "/app/src/rate")

    shutil.rmtree(folder)
    clean_engine.remove_image(second.image_id, force=True)
    build(library, settings, "app:2", options=options, report=recorder)
    assert "two" in said("app:2", "cat", "/app/src/rate")
