"""Kills a process in the midst of commands that change a library, again and again: `make kill`, and fewer in the tests.

A child makes random changes and says of each, after it, what has to be there from then on. It is killed at a random
moment; then the library must open, its log must verify, and all that was said must be there.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from envstudio.cli.main import run
from envstudio.domain.environment import Variable
from envstudio.domain.image import BuiltImage
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.library import Library
from envstudio.settings import load

LONGEST_SECONDS, LONGEST_MAKING, MOST_CHANGES = 0.03, 0.3, 3
"""How long a change, and the making of a library, go on before the kill, and after how many changes it comes."""

KILLS_OF_A_LIBRARY = 100
"""After these a new library is begun, so that verifying stays quick; its making is killed too."""

Said = list[Any]
"""What has to be there: the name of a look in `LOOKS`, and what it gets."""


class Changes:
    """Random changes of one library. Each returns what has to be there from then on; nothing if it was refused."""

    def __init__(self, location: Path, dice: random.Random, start: int) -> None:
        self.location, self.dice, self.number = location, dice, start

    def command(self, *words: str) -> bool:
        """Run a command line in this process and return whether it did what it should."""
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return run(["--quiet", "--library", str(self.location), *words], lambda library, workspace: 2) == 0

    def begin(self) -> None:
        """Make what most changes are made to."""
        for name in ("kept", "tagged", "swings", "drafted"):
            self.command("create", name)

    def one(self) -> tuple[str, Said]:
        """Make one change, and return its name and what has to be there."""
        self.number += 1
        name = self.dice.choice(CHANGES)
        return name, getattr(self, name)(str(self.number))

    def create(self, new: str) -> Said:
        return ["environment", f"e{new}"] if self.command("create", f"e{new}") else []

    def edit(self, new: str) -> Said:
        return ["package", "kept", f"p{new}"] if self.command("edit", "kept", "--add", f"p{new}") else []

    def import_file(self, new: str) -> Said:
        path = self.location.parent / f"i{new}.yml"
        path.write_text(f"name: i{new}\ndependencies: [numpy]\n")
        return ["environment", f"i{new}"] if self.command("import", str(path)) else []

    def restore(self, new: str) -> Said:
        done = self.command("edit", "swings", "--set", f"N={new}") and self.command("restore", "swings:1")
        return ["environment", "swings"] if done else []

    def rename(self, new: str) -> Said:
        done = self.command("create", f"r{new}") and self.command("rename", f"r{new}", f"s{new}")
        return ["environment", f"s{new}"] if done else []

    def archive(self, new: str) -> Said:
        done = self.command("create", f"a{new}") and self.command("archive", f"a{new}")
        return ["environment", f"a{new}"] if done else []

    def delete(self, new: str) -> Said:
        done = self.command("create", f"d{new}") and self.command("delete", "--yes", f"d{new}")
        return ["no environment", f"d{new}"] if done else []

    def undelete(self, new: str) -> Said:
        words = ("create", f"u{new}"), ("delete", "--yes", f"u{new}"), ("delete", "--undo", f"u{new}")
        return ["environment", f"u{new}"] if all(self.command(*item) for item in words) else []

    def label(self, new: str) -> Said:
        return ["label", "kept", f"l{new}"] if self.command("label", "kept:1", f"l{new}") else []

    def unlabel(self, new: str) -> Said:
        done = self.command("label", "kept:1", f"x{new}") and self.command("unlabel", "kept", f"x{new}")
        return ["no label", "kept", f"x{new}"] if done else []

    def tag(self, new: str) -> Said:
        return ["tag", "tagged", f"t{new}"] if self.command("tag", "tagged", f"t{new}=v") else []

    def describe(self, new: str) -> Said:
        return ["environment", "swings"] if self.command("describe", "swings", f"Words {new}") else []

    def workspace(self, new: str) -> Said:
        return ["workspace", f"w{new}"] if self.command("workspace", "create", f"w{new}") else []

    def workspace_renamed(self, new: str) -> Said:
        words = ("workspace", "create", f"v{new}"), ("workspace", "rename", f"v{new}", f"z{new}")
        return ["workspace", f"z{new}"] if all(self.command(*item) for item in words) else []

    def workspace_deleted(self, new: str) -> Said:
        words = (
            ("workspace", "create", f"y{new}"),
            ("--workspace", f"y{new}", "create", "inside"),
            ("workspace", "delete", "--yes", f"y{new}"),
        )
        return ["No workspace", f"y{new}"] if all(self.command(*item) for item in words) else []

    def policy(self, new: str) -> Said:
        value = self.dice.choice(["no-bound", "duplicate", "no-bound,duplicate"])
        return ["policy", "checks-off"] if self.command("policy", "checks-off", value) else []

    def settings(self, new: str) -> Said:
        return ["setting", f"n{new}"] if self.command("settings", f"pip_names.n{new}", "x") else []

    def backup(self, new: str) -> Said:
        target = self.location.parent / f"b{new}.sqlite"
        return ["file", str(target)] if self.command("library", "backup", str(target)) else []

    def draft(self, new: str) -> Said:
        with Library.open(self.location) as library:
            draft = library.versions.draft("drafted").environment
            library.versions.save_draft(draft.with_variable(Variable(f"V{new}", "1")), started=draft)
        return ["draft", "drafted", f"V{new}"]

    def lock(self, new: str) -> Said:
        with Library.open(self.location) as library:
            package = LockedPackage(f"p{new}", "1", "pip", "https://files.example/p", "0" * 64)
            digest = library.find("kept").digest
            lock = Lock(digest, (), (PlatformLock("linux-64", "3.12", (package,)),))
            library.locks.save("kept", lock)
        return ["lock", "kept", lock.digest]

    def build(self, new: str) -> Said:
        with Library.open(self.location) as library:
            build = library.builds.start("kept", 1, "direct")
            library.builds.finish(build, "kept", "done", seconds=1.0, builder="direct", log=f"Log {new}")
        return ["build", build, f"Log {new}"]

    def image(self, new: str) -> Said:
        image = BuiltImage("kept:1", f"sha256:{new}", "", (f"kept:{new}",), "direct", False, 1.0, (), 1, 1, 1)
        with Library.open(self.location) as library:
            library.images.add("kept", 1, image, definition="", lock="")
        return ["image", f"sha256:{new}"]

    def run(self, new: str) -> Said:
        with Library.open(self.location) as library:
            key = library.runs.add("kept", 1, "local", [new], exit_code=0, started_at=datetime.now(UTC), seconds=1.0)
        return ["run", key, new]


CHANGES = [name for name in vars(Changes) if not name.startswith("_") and name not in ("begin", "command", "one")]


def _environments(library: Library) -> set[str]:
    return {info.name for info in library.environments.list(archived=True)}


def _workspaces(library: Library) -> set[str]:
    return {info.name for info in library.workspaces.list()}


LOOKS: dict[str, Callable[..., bool]] = {
    "environment": lambda library, name: name in _environments(library),
    "no environment": lambda library, name: name not in _environments(library),
    "package": lambda library, name, package: any(
        item.name == package for item in library.find(name).environment.python.conda
    ),
    "label": lambda library, name, label: label in dict(library.versions.labels(name)),
    "no label": lambda library, name, label: label not in dict(library.versions.labels(name)),
    "tag": lambda library, name, tag: tag in dict(library.find(name).environment.tags),
    "workspace": lambda library, name: name in _workspaces(library),
    "No workspace": lambda library, name: name not in _workspaces(library),
    "policy": lambda library, key: key in library.policies.all(),
    "setting": lambda library, key: key in load().pip_names,
    "file": lambda library, path: Path(path).is_file(),
    "draft": lambda library, name, variable: any(
        item.name == variable for item in library.versions.draft(name).environment.variables
    ),
    # That the row of an event is there is what verifying finds.
    "lock": lambda library, name, digest: any(
        event.detail.get("lock") == digest for event in library.events.list(name)
    ),
    "build": lambda library, key, log: library.builds.log(key) == log,
    "image": lambda library, key: any(item.image_id == key for item in library.images.list()),
    "run": lambda library, key, word: any(
        (item.id, item.command) == (key, (word,)) for item in library.runs.list(limit=10_000)
    ),
}


def child(location: Path, seed: int, start: int, report: int, *, ready: bool) -> None:
    """Change the library until killed, and write a line after each change that is done."""
    changes = Changes(location, random.Random(seed), start)
    if not ready:
        changes.begin()
    os.write(report, b'["begin", []]\n')
    while True:
        os.write(report, (json.dumps(changes.one()) + "\n").encode())


def killed(location: Path, dice: random.Random, start: int, *, ready: bool) -> list[tuple[str, Said]]:
    """Let a child change the library, kill it in the midst of a change, and return what it said.

    While the library is not ready, which is being made then, the child is killed from its first moment on.
    """
    seed, whole = dice.randrange(2**32), dice.randrange(MOST_CHANGES) + 1 if ready else 0
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reading)
            child(location, seed, start, writing, ready=ready)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as lines:
        messages = [lines.readline() for _ in range(whole)]
        time.sleep(dice.uniform(0, LONGEST_SECONDS if ready else LONGEST_MAKING))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        messages += lines.readlines()
    return [tuple(json.loads(line)) for line in messages if line.endswith(b"\n")]


def load_all(folder: Path) -> None:
    """Make every change once, so that what they load is there when a child begins."""
    folder.mkdir()
    changes = Changes(folder / "library.sqlite", random.Random(0), 0)
    changes.begin()
    for number, name in enumerate(CHANGES):
        messages = getattr(changes, name)(f"0{number}")
        assert messages, f"{name} was refused"
        check(changes.location, [messages])


def check(location: Path, wanted: list[Said]) -> None:
    """Raise for a library that does not open, is not whole, or lost what was said."""
    with Library.open(location) as library:
        assert library.events.verify().notice == ""
        lost = [item for item in wanted if not LOOKS[item[0]](library, *item[1:])]
        assert lost == []


def kills(count: int, folder: Path, seed: int) -> Iterator[Counter[str]]:
    """Kill that many times, and yield after each how many changes of each sort were done in all."""
    load_all(folder / "first")
    dice, done = random.Random(seed), Counter[str]()
    location, wanted, ready = folder / "none", list[Said](), False
    for number in range(count):
        if number % KILLS_OF_A_LIBRARY == 0:
            home = folder / f"library-{number}"
            home.mkdir()
            location, wanted, ready = home / "library.sqlite", [], False
        messages = killed(location, dice, number * 1000, ready=ready)
        ready = ready or bool(messages)
        done.update(name for name, _ in messages)
        recent = [item for _, item in messages if item]
        wanted += recent
        # What was said just now, and a sample of what was said before.
        check(location, [*recent, *dice.sample(wanted, min(5, len(wanted)))])
        if number % KILLS_OF_A_LIBRARY == KILLS_OF_A_LIBRARY - 1 or number == count - 1:
            check(location, wanted)
            with closing(sqlite3.connect(location)) as file:
                assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            shutil.rmtree(location.parent)
        yield done


def main() -> None:
    """Kill as often as is requested, and print what was done meanwhile."""
    parser = argparse.ArgumentParser(prog="make kill")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    given = parser.parse_args()
    print(f"{given.count} kills, seed {given.seed}", flush=True)
    begun, done = time.monotonic(), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="envstudio-kills-") as folder:
        for name in ("CONFIG", "DATA"):
            os.environ[f"ENVSTUDIO_{name}"] = str(Path(folder) / name.lower())
        for number, done in enumerate(kills(given.count, Path(folder), given.seed), 1):
            if number % 500 == 0:
                print(f"{number} kills, {sum(done.values())} changes, nothing lost", flush=True)
    for name, times in sorted(done.items()):
        print(f"{name:18} {times}")
    print(f"{given.count} kills in {time.monotonic() - begun:.0f} s: nothing lost, every log verified.")


if __name__ == "__main__":
    sys.exit(main())
