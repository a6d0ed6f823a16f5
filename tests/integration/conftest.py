"""A library, a base image that this machine can have, and settings that lead to it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conda_channel import channel as make_channel
from real_parts import BASE, CACHE, BaseImage, Recorder

from envstudio.builders import bases
from envstudio.builders.assembly.oci import OciImage, docker_archive
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError
from envstudio.library import Library
from envstudio.settings import Settings

TAG = "envstudio-test/python-venv:1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker have the engine to itself."""
    for item in items:
        if "integration" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("engine"))


@pytest.fixture
def settings(base: BaseImage) -> Settings:
    return Settings(author="ana", mirror_images={BASE: base.source})


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite", who="ana") as opened:
        yield opened


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="session")
def channel() -> Path:
    """Return the folder of a real conda channel."""
    return make_channel(CACHE)


@pytest.fixture
def clean_engine(engine: Engine) -> Iterator[Engine]:
    """Yield the engine, and remove the images that a test made."""
    before = {image.image_id for image in engine.labelled({"io.envstudio.definition": ""})}
    yield engine
    for image in engine.labelled({"io.envstudio.definition": ""}):
        if image.image_id not in before:
            try:
                engine.remove_image(image.image_id, force=True)
            except EnvStudioError:
                continue


@pytest.fixture
def python_base(base: BaseImage, clean_engine: Engine, recorder: Recorder) -> str:
    """Return the name of a base image in the engine that can make virtual environments."""
    if clean_engine.find(TAG) is None:
        found = bases.find(f"{base.source},python3-venv", "linux/amd64", Settings(), clean_engine, recorder)
        diff_ids = [layer.diff_id for layer in found.layers]
        config = {"architecture": "amd64", "os": "linux", "config": dict(found.config)}
        config["rootfs"] = {"type": "layers", "diff_ids": diff_ids}
        clean_engine.load(docker_archive(OciImage(config, found.layers), [TAG], set()), recorder)
    return TAG


@pytest.fixture
def here(python_base: str, company: Settings) -> Settings:
    """Return settings with which a build reaches the index as this machine does."""
    return replace(company, author="ana", base_image=python_base, build_network="host", platforms=("linux-64",))


@pytest.fixture
def company() -> Settings:
    """Return the settings that this machine's own pip has: an index and certificates, if it has any."""
    return Settings(ca_certificates=_certificates(), index=_index())


def _certificates() -> str:
    found = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE") or ""
    return found if Path(found).is_file() else ""


def _index() -> str:
    if shutil.which("pip") is None:
        return ""
    command = ["pip", "config", "get", "global.index-url"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
