"""A container that runs one command to its end, with its lines told as they come."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from typing import Any

from envstudio.errors import NotFound
from envstudio.report import Report

MISSING_PROGRAM = re.compile(r"executable file .*not found|exec: .*: no such file or directory")
"""What runc and crun say of a command that an image does not have."""


def run_to_end(container: Any, program: str, report: Report) -> int:
    """Start a container of the SDK's, tell its lines, remove it, and return the exit status.

    Raises `NotFound` where its image lacks the program, `Cancelled`.
    """
    try:
        # Attached first: whoever attaches to a container that has ended already waits for ever.
        output = container.attach(stream=True, demux=True)
        _start(container, program)
        _follow(container, output, report)
        return int(container.wait()["StatusCode"])
    finally:
        container.remove(force=True)


def _start(container: Any, program: str) -> None:
    """Start a container. Raises `NotFound` where its image lacks the program."""
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
    """Tell a container's output line by line until it ends; a cancel kills it."""
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
