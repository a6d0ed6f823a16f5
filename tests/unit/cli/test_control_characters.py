"""What files hold is text on a terminal: nothing of it moves the cursor, hides a line or turns the direction."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Command

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
BAD = "\x1b[2J\x1b]0;x\x07\x9b1m\u202ex"
DOCKERFILE = f"FROM python:3.12\n# {BAD}\nLABEL a={BAD}\n"


def _definition(folder: Path) -> Path:
    path = folder / "Dockerfile"
    path.write_text(DOCKERFILE, "utf-8")
    return path


def test_errors_of_files_show_control_characters(tmp_path: Path, es: Command) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(f"numpy {BAD} ==\n", "utf-8")
    done = es("import", str(path)).must_fail("requirements.txt, line 1")
    assert not ACTING.search(done.err)
    assert "\\x1b[2J" in done.err


def test_an_argument_cannot_act_either(es: Command) -> None:
    assert not ACTING.search(es("show", f"x{BAD}").must_fail().err)


def test_problems_stay_on_their_line(tmp_path: Path, es: Command) -> None:
    path = tmp_path / "environment.yml"
    path.write_text('name: a\ndependencies: [python]\n"x\\n\\e[2Jerror: all is lost": 1\n', "utf-8")
    done = es("import", str(path))
    assert done.status == 0
    assert not ACTING.search(done.err)
    assert not any(line.startswith("error:") for line in done.err.splitlines())


def test_messages_cannot_add_rows(tmp_path: Path, es: Command) -> None:
    es("import", str(_definition(tmp_path)), "--name", "churn", "--message", f"one\n2  now  me {BAD}")
    shown = es("versions", "churn")
    assert len(shown.out.splitlines()) == 2
    assert not ACTING.search(shown.out)
    assert BAD in es("versions", "churn", "--json").json[0]["message"]


def test_a_file_that_goes_to_no_terminal_stays_as_it_is(tmp_path: Path, es: Command) -> None:
    assert es("import", str(_definition(tmp_path)), "--name", "churn").status == 0
    assert es("describe", "churn", "é\u202e").status == 0
    shown = es("show", "churn").out
    (tmp_path / "again.yml").write_text(shown, "utf-8")
    assert es("diff", "churn", str(tmp_path / "again.yml"), "--json").json["identical"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind.")
def test_a_terminal_shows_a_file_s_control_characters(tmp_path: Path) -> None:
    import pty

    environment = {**os.environ, "ENVSTUDIO_LIBRARY": str(tmp_path / "library.sqlite")}
    program = [sys.executable, "-m", "envstudio"]
    (tmp_path / "requirements.txt").write_text(f"numpy\n# {BAD}\n", "utf-8")
    name = ["--name", "a", "--message", BAD]
    subprocess.run([*program, "import", str(tmp_path / "requirements.txt"), *name], env=environment, check=True)
    ours, theirs = pty.openpty()
    child = subprocess.Popen([*program, "versions", "a"], env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    messages = bytearray()
    while chunk := _read(ours):
        messages += chunk
    os.close(ours)
    assert child.wait() == 0
    assert "\\x1b[2J" in messages.decode()
    assert not ACTING.search(messages.decode().replace("\r\n", "\n"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other side is closed.
        return b""
