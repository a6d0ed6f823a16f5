"""What our reading of .dockerignore sends of a folder is what buildx copies of it, on generated trees and patterns."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from real_parts import lacking

from envstudio.builders.dockerfiles.dockerignore import sent_paths
from envstudio.engine import Engine
from envstudio.errors import InvalidInput

NAMES = ("a", "b", "foo", "a.py", "b.txt", "[b].txt", "sp ace", ".env", "x-y", "é", "a+b(c)")
PARTS = (
    "*", "**", "?", "*.py", "a*", "foo", "a", "b", ".*", "[ab]", "[^a]", "[a-c]*", "\\a", "\\[b\\].txt", "x-?",
    "sp ace", "..", ".", "é", "a+b(c)", "**.py", "f**", "[", "]", "a\\", "[a-]", "{a,b}", "^a", "a$",
)  # fmt: skip
LEADS = ("", "", "", "", "/", "./", "!", "!", "! ", "!/", " ", "\t", "#", " #")
ENDS = ("\n", "\n", "\r\n", " \n", "/\n", "\n\n")
CASES, MORE_CASES = 12, 200


def make_tree(folder: Path, chance: random.Random) -> None:
    """Make a folder of some depth with a .dockerignore of generated patterns in it."""
    for _ in range(chance.randint(4, 14)):
        path = folder.joinpath(*(chance.choice(NAMES) for _ in range(chance.randint(1, 4))))
        if any(parent.is_file() or parent.is_symlink() for parent in path.parents) or os.path.lexists(path):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = chance.random()
        if kind < 0.1:
            path.mkdir()
        elif kind < 0.2:
            path.symlink_to(chance.choice(NAMES))
        else:
            path.write_text(path.name)
    if chance.random() < 0.7:
        (folder / "Dockerfile").write_text("FROM scratch\n")
    lines = [_pattern(chance) for _ in range(chance.randint(1, 5))]
    mark = "\ufeff" if chance.random() < 0.15 else ""
    (folder / ".dockerignore").write_bytes((mark + "".join(lines)).encode())


def _pattern(chance: random.Random) -> str:
    if chance.random() < 0.25:
        return chance.choice(("*\n", "**\n", "!**/*.py\n", "Dockerfile\n", ".dockerignore\n", "**/a\n", "foo/**\n"))
    parts = [chance.choice(PARTS[:-7] if chance.random() < 0.95 else PARTS) for _ in range(chance.randint(1, 3))]
    return chance.choice(LEADS) + "/".join(parts) + chance.choice(ENDS)


def ours(folder: Path) -> set[str] | None:
    """Return what we send; None if a pattern is refused."""
    try:
        return set(sent_paths(folder, "Dockerfile"))
    except InvalidInput:
        return None


def theirs(folder: Path, work: Path) -> set[str] | None:
    """Return what buildx copies; None if it refuses a pattern."""
    dockerfile = work / "Dockerfile"
    dockerfile.write_text("FROM scratch\nCOPY . /\n")
    command = ["docker", "buildx", "build", "--no-cache", "--file", str(dockerfile), "--output", "type=tar,dest=-"]
    done = subprocess.run([*command, str(folder)], capture_output=True, timeout=120)
    if done.returncode != 0:
        words = done.stderr.decode()
        assert "pattern" in words or "syntax error" in words, words
        return None
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        return {name.rstrip("/") for name in archive.getnames()} - {"", "."}


def compare(seed: int, work: Path) -> None:
    folder = work / f"tree-{seed}"
    folder.mkdir()
    make_tree(folder, random.Random(seed))
    assert ours(folder) == theirs(folder, work), (seed, (folder / ".dockerignore").read_bytes())


@pytest.fixture
def buildx(engine: Engine) -> None:
    """Skip if there is no buildx."""
    found = shutil.which("docker")
    if found is None or subprocess.run([found, "buildx", "version"], capture_output=True).returncode:
        lacking("docker buildx is not installed.")


@pytest.mark.engine
def test_generated_trees(buildx: None, tmp_path: Path) -> None:
    for seed in range(CASES):
        compare(seed, tmp_path)


@pytest.mark.engine
@pytest.mark.slow
def test_more_generated_trees(buildx: None, tmp_path: Path) -> None:
    for seed in range(CASES, CASES + MORE_CASES):
        compare(seed, tmp_path)
