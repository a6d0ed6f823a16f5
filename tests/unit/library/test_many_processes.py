"""Several processes at once, and processes that are killed: nothing is lost and no number is skipped."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envstudio.library import Library

WRITER = """
import sys
from envstudio.domain.environment import Environment, Variable
from envstudio.library import Library

place, who, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Library.open(place, who=who) as library:
    for number in range(count):
        environment = Environment("shared", variables=(Variable("WHO", who), Variable("N", str(number))))
        done = library.versions.register(environment, f"{who} {number}")
        print(done.version, flush=True)
"""


def writer(location: Path, who: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(location), who, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_eight_processes_register_at_once(location: Path) -> None:
    each = 12
    writers = [writer(location, f"w{number}", each) for number in range(8)]
    outputs = [process.communicate(timeout=240) for process in writers]
    failed = [error for process, (_, error) in zip(writers, outputs, strict=True) if process.returncode]
    assert not failed, "\n".join(failed)
    given = sorted(int(line) for out, _ in outputs for line in out.split())
    with Library.open(location) as library:
        versions = library.versions.list("shared")
        assert [item.number for item in versions] == list(range(8 * each, 0, -1))
        assert given == list(range(1, 8 * each + 1))
        assert len({item.message for item in versions}) == 8 * each
        assert library.events.verify().entries == 8 * each + 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL; TerminateProcess is tried elsewhere")
def test_processes_killed_while_registering_leave_a_whole_library(location: Path) -> None:
    dice = random.Random(7)
    done = 0
    kills = 0
    Library.open(location).close()
    while done < 200:
        process = writer(location, f"run{kills}", 200)
        assert process.stdout is not None
        seen = [process.stdout.readline()]
        time.sleep(dice.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        seen += out.split()
        kills += 1
        with Library.open(location) as library:
            numbers = [item.number for item in library.versions.list("shared")]
            assert numbers == list(range(len(numbers), 0, -1))
            # Whatever was reported as registered is there.
            assert len(numbers) >= max(int(line) for line in seen if line.strip())
            library.events.verify()
            done = len(numbers)
        with sqlite3.connect(location) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert kills >= 3


def test_tags_set_at_once_are_all_kept(location: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from envstudio.domain.environment import Environment
    from envstudio.domain.reference import parse_reference

    with Library.open(location) as library:
        library.versions.register(Environment("shared"))
        reference = parse_reference("shared")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: library.versions.describe(reference, tags={f"k{number}": "v"}), range(40)))
        assert len(library.find("shared").environment.tags) == 40
