"""A container that runs one command to its end, with its lines reported as they come."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from envstudio.engine.streams import archive_members
from envstudio.errors import NotFound
from envstudio.report import Relay, Report

MISSING_PROGRAM = re.compile(r"executable file .*not found|exec: .*: no such file or directory")
"""What runc and crun say of a command that an image does not have."""


def run_to_end(container: Any, program: str, report: Report) -> int:
    """Start a container of the SDK's, report its lines, remove it, and return the exit status.

    Raises `NotFound` if its image lacks the program, `Cancelled`.
    """
    try:
        # Attached first: whoever attaches to a container that has ended already waits for ever.
        output = container.attach(stream=True, demux=True)
        _start(container, program)
        _follow(container, output, report)
        return int(container.wait()["StatusCode"])
    finally:
        container.remove(force=True)


@dataclass(frozen=True, slots=True)
class ContainerOutcome:
    """How a container ended: exit status, what it printed, and files of it by name."""

    exit_code: int
    output: str
    files: Mapping[str, bytes]


def run_and_collect(container: Any, program: str, report: Report, wanted: str) -> ContainerOutcome:
    """Run a container as `run_to_end` does, and bring back the regular files of one of its folders.

    Raises `NotFound` if its image lacks the program, `Cancelled`.
    """
    lines: list[str] = []
    events_of = Relay(report, lambda line: lines.append(line.text))
    try:
        output = container.attach(stream=True, demux=True)
        try:
            _start(container, program)
        except NotFound:
            return ContainerOutcome(127, "", {})
        _follow(container, output, events_of)
        status = int(container.wait()["StatusCode"])
        files = _files(container, wanted) if wanted and status == 0 else {}
        return ContainerOutcome(status, "\n".join(lines), files)
    finally:
        container.remove(force=True)


def _files(container: Any, folder: str) -> dict[str, bytes]:
    import docker.errors

    try:
        chunks = container.get_archive(folder)[0]
    except docker.errors.NotFound:
        return {}
    found: dict[str, bytes] = {}
    for member, stream in archive_members(chunks):
        name = member.name.rpartition("/")[2]
        if member.isfile() and name not in ("", ".", ".."):
            found[name] = stream.read()
    return found


def _start(container: Any, program: str) -> None:
    """Start a container. Raises `NotFound` if its image lacks the program."""
    import docker.errors

    try:
        container.start()
    except docker.errors.APIError as error:
        if MISSING_PROGRAM.search(str(error)):
            raise NotFound(
                f"{program} was not found in the image.", "Check its name, or add its package.", str(error)
            ) from error
        raise


def _follow(container: Any, output: Iterable[Any], report: Report) -> None:
    """Report a container's output line by line until it ends; a cancel kills it."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            if report.cancelled:
                container.kill()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    rest = {"out": b"", "err": b""}
    try:
        for out, err in output:
            for name, data in (("out", out), ("err", err)):
                *lines, rest[name] = (rest[name] + (data or b"")).split(b"\n")
                for line in lines:
                    report.line(line.decode("utf-8", "replace"), name)
    finally:
        done.set()
        watcher.join()
    for name, data in rest.items():
        if data:
            report.line(data.decode("utf-8", "replace"), name)
    report.raise_if_cancelled()
