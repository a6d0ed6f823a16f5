"""A library, a base image that this machine can have, and settings that lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conda_channel import channel as make_channel
from real_parts import BASE, CACHE, BaseImage, Recorder

from envstudio.engine import Engine
from envstudio.errors import EnvStudioError
from envstudio.library import Library
from envstudio.settings import Settings


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
