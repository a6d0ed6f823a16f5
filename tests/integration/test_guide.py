"""The commands of the guide that need an engine work with a real one, and print what the reference of --json says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from json_shapes import differences
from offline_world import make_world, own_python
from real_parts import BaseImage

from envstudio.engine import Engine
from envstudio.tasks.help import topic_pages

BLOCK = re.compile(r"^```sh(?: engine)?\n(.+?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```sh engine\n(?P<line>[^\n]+)\n```\n\n```json\n(?P<json>.+?)^```$", re.MULTILINE | re.DOTALL)


def run_line(line: str, base: BaseImage) -> str:
    """Run one line of a page in a process of its own, and return what it printed."""
    words = shlex.split(own_python(line, base.python))
    assert words[0] == "envstudio"
    done = subprocess.run(
        [sys.executable, "-m", "envstudio", *words[1:]], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, (line, done.stderr)
    return done.stdout + done.stderr


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: BaseImage) -> None:
    """Have the files and the index of the pages, and a base image in which programs run."""
    monkeypatch.chdir(tmp_path)
    make_world(tmp_path, base=base.source, python=base.python)
    (tmp_path / "data").mkdir()


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("topic", ["images", "runs"])
def test_a_page_from_its_beginning_to_its_end(clean_engine: Engine, base: BaseImage, topic: str) -> None:
    printed = ""
    pages = ("getting-started", topic)
    lines = [line for page in pages for block in BLOCK.findall(topic_pages()[page].text) for line in block.splitlines()]
    for line in lines:
        if "secret set" in line:
            # This needs a keyring, which the tests of the command line have.
            continue
        printed = run_line(line, base)
        if "--target docker" in line:
            assert "trained" in printed
    assert any("--target docker" in line for line in lines)


@pytest.mark.usefixtures("world")
def test_the_documents_of_images(clean_engine: Engine, base: BaseImage) -> None:
    documented = {found["line"]: json.loads(found["json"]) for found in EXAMPLE.finditer(topic_pages()["json"].text)}
    assert [line.split()[2] for line in documented] == ["remove", "prune"]
    run_line("envstudio create churn --python 3.12 --pip pandas --base-image python:3.12-slim-bookworm", base)
    for line in ("build churn:1", "edit churn --set A=1", "build churn:2", "edit churn --set A=2", "build churn:3"):
        run_line(f"envstudio --quiet {line}", base)
    # The newest image is kept, so what is pruned is the first after the second was removed.
    for line, document in documented.items():
        assert differences(document, json.loads(run_line(f"{line} --quiet", base))) == []
