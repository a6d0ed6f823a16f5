"""The demo, with an engine and without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from real_parts import BaseImage

from envstudio.engine import Engine
from envstudio.library import Library


def demo(folder: Path, **environment: str) -> tuple[dict[str, object], str]:
    command = [sys.executable, "-m", "envstudio", "--json", "demo", "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=280)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_the_demo_trains_here_and_in_a_container(engine: Engine, base: BaseImage, tmp_path: Path) -> None:
    facts, messages = demo(tmp_path)
    assert facts["local"]["accuracy"] == facts["docker"]["accuracy"]  # type: ignore[index]
    assert "pandas" in messages
    with Library.open(tmp_path / "library.sqlite") as library:
        assert [item.number for item in library.versions.list("churn-train")] == [2, 1]
        assert [item.target for item in library.runs.list()] == ["docker", "local"]


def test_without_an_engine_the_image_lies_on_disk(base: BaseImage, tmp_path: Path) -> None:
    facts, messages = demo(tmp_path, DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert "there is no engine here" in messages
    assert "\\n" not in messages, "control characters are shown as escapes, so each line is said by itself"
    assert "\n   pip\n" in messages
    assert facts["image"] == f"oci:{tmp_path / 'image'}"
    assert (tmp_path / "image" / "index.json").exists()
    assert "docker" not in facts


@pytest.mark.parametrize("address", ["unix:///nonexistent/docker.sock", "tcp://127.0.0.1:9"])
def test_a_build_without_an_engine_says_so(tmp_path: Path, address: str) -> None:
    environment = {**os.environ, "DOCKER_HOST": address, "ENVSTUDIO_LIBRARY": str(tmp_path / "library.sqlite")}

    def envstudio(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "envstudio", *words]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)

    assert envstudio("create", "empty", "--base-image", "scratch").returncode == 0
    done = envstudio("build", "empty")
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert sum(line.startswith("error: ") for line in lines) == 1
    assert any(line.startswith("hint: ") and "Docker" in line for line in lines)
    assert "Traceback" not in done.stderr
