"""What .dockerignore leaves out of a folder, where a reading of its own would be wrong; the rest is in the oracles."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from envstudio.builders.dockerfiles.dockerignore import patterns_of, sent_paths
from envstudio.errors import InvalidInput

FILES = ("Dockerfile", "a.py", "a.txt", "app/main.py", "app/lib/x.txt", "data/deep/b.py")


def sent(folder: Path, text: str, files: tuple[str, ...] = FILES) -> set[str]:
    """Return the files that are sent of a folder with some files and a .dockerignore."""
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    (folder / ".dockerignore").write_bytes(text.encode())
    return {path for path in sent_paths(folder, "Dockerfile") if not (folder / path).is_dir()}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("*\n!**/*.py\n", {"a.py", "app/main.py", "data/deep/b.py"}),
        ("*\n!app\napp/lib\n", {"app/main.py"}),
        ("\ufeff*.py\r\n*.txt\r\napp\r\ndata\r\n", {"Dockerfile", ".dockerignore"}),
        ("**/*.py\n#*.txt\n  app  \n", {"Dockerfile", ".dockerignore", "a.txt"}),
        ("/app/../app\n./data/\na.?[xy]t\n*.py\n", {"Dockerfile", ".dockerignore"}),
        ("**\n!a.py\n", {"a.py"}),
    ],
)
def test_what_is_sent(tmp_path: Path, text: str, left: set[str]) -> None:
    assert sent(tmp_path, text) == left


def test_a_folder_comes_for_the_sake_of_a_file_in_it(tmp_path: Path) -> None:
    sent(tmp_path, "*\n!data/deep/*.py\n")
    assert sent_paths(tmp_path) == ["data", "data/deep", "data/deep/b.py"]


def test_a_folder_is_left_out_with_all_that_is_in_it(tmp_path: Path) -> None:
    sent(tmp_path, "data\n")
    assert not [path for path in sent_paths(tmp_path) if path.startswith("data")]


@pytest.mark.parametrize("pattern", ["[", "[a-", "[]", "a\\", "!", "[^]"])
def test_a_pattern_that_docker_refuses(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(InvalidInput, match="does not take") as caught:
        sent(tmp_path, f"{pattern}\n")
    assert caught.value.code == "invalid-ignore-pattern"


def test_what_no_program_reads_to_its_end_is_not_sent(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("Windows has no pipes in folders.")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("nowhere")
    assert sent_paths(tmp_path) == ["link"]


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**/a*/**/b*/**/*.py", "a1/x/y/b/z/c.py", True),
        ("**/a*/**/b*/**/*.py", "a1/b/c.py", True),
        ("**/a*/**/b*/**/*.py", "x/a/c/b.py", False),
        ("x*y*z*[ab]?*", "xyzaq", True),
        ("x*y*z*[^ab]?*", "xyzaq", False),
        ("x*y*z*\\**", "x/yz*", False),
        ("x*y*z*\\**", "xyz*", True),
        ("a**b**c**d**", "a/x/b/x/c/d", True),
    ],
)
def test_patterns_of_many_wildcards(pattern: str, path: str, matches: bool) -> None:
    assert patterns_of(pattern)[0].matches(path) is matches


def test_no_pattern_takes_for_ever() -> None:
    pattern = patterns_of("**/a*" * 30 + "/b")[0]
    started = time.perf_counter()
    assert not pattern.matches("/".join(["a" * 20] * 60))
    assert time.perf_counter() - started < 2


def test_comments_begin_at_the_first_character(tmp_path: Path) -> None:
    assert [item.text for item in patterns_of("#a\n #b\n")] == ["#b"]
