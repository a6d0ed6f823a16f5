"""An image on a base of many layers is one that the engine takes."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from real_parts import BaseImage, Recorder

from envstudio.builders import bases
from envstudio.builders.assembly.oci import LayerBlob, OciImage, docker_archive
from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.requirement import pip_requirement
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.build import build, plan

PACKAGES = ("iniconfig", "cowsay", "pluggy", "six")


def layer(number: int) -> LayerBlob:
    """Return a small layer."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(f"layer-{number}"))
    data = stream.getvalue()
    return LayerBlob(f"sha256:{hashlib.sha256(data).hexdigest()}", len(data), (), lambda: iter([data]))


def load(engine: Engine, base: BaseImage, count: int, recorder: Recorder) -> str:
    """Load a base with so many layers into the engine and return its name."""
    tag = f"envstudio-test/layers:{count}"
    found = bases.find(base.source, "linux/amd64", Settings(), engine, recorder)
    layers = (*found.layers, *map(layer, range(count - len(found.layers))))
    config = {"architecture": "amd64", "os": "linux", "config": dict(found.config)}
    config["rootfs"] = {"type": "layers", "diff_ids": [item.diff_id for item in layers]}
    engine.load(docker_archive(OciImage(config, layers), [tag], set()), recorder)
    return tag


@pytest.mark.engine
@pytest.mark.network
@pytest.mark.parametrize("count", [122, 123])
def test_the_packages_fit_above_the_base(
    library: Library, base: BaseImage, clean_engine: Engine, recorder: Recorder, tmp_path: Path, count: int
) -> None:
    tag = load(clean_engine, base, count, recorder)
    packages = Python(version=base.python, pip=tuple(map(pip_requirement, PACKAGES)))
    library.versions.register(Environment("deep", packages, Image(base=tag)))
    done = build(library, Settings(), "deep", report=recorder).image
    assert count < done.layers <= 125
    assert len(plan(library, Settings(), "deep", report=recorder).layers) == done.layers - count - 1
    clean_engine.remove_image(tag, force=True)


@pytest.mark.engine
@pytest.mark.network
def test_a_base_without_room_is_named(
    library: Library, base: BaseImage, clean_engine: Engine, recorder: Recorder
) -> None:
    tag = load(clean_engine, base, 124, recorder)
    packages = Python(version=base.python, pip=(pip_requirement("iniconfig"),))
    library.versions.register(Environment("deep", packages, Image(base=tag)))
    with pytest.raises(EnvStudioError, match="has room for 0") as caught:
        build(library, Settings(), "deep", report=recorder)
    assert caught.value.code == "too-many-layers"
    clean_engine.remove_image(tag, force=True)
