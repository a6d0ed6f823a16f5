"""Run a command: stream its lines to a report, and kill its whole tree on cancel."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from envstudio.errors import Unavailable
from envstudio.report import Report

KILL_AFTER_SECONDS = 1.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Finished:
    """The outcome of a command: its exit status and its two outputs, decoded as UTF-8 with replacement."""

    command: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """Return the command line as a shell would read it."""
        return shlex.join(self.command)


def shown(command: Sequence[str]) -> str:
    """Return a command line as a shell would read it."""
    return shlex.join(command)


def run(
    command: Sequence[str],
    report: Report,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | Iterable[bytes] | None = None,
    show: bool = True,
    on_line: Callable[[str, str], None] | None = None,
    keep_open: Sequence[int] = (),
) -> Finished:
    """Run `command` to its end and return what it printed.

    With `show`, the command and every line of its output are told to `report` as they come; `on_line` gets the lines
    and "out" or "err" in the report's place; `keep_open` are file descriptors that the program inherits (not on
    Windows). Raises `Cancelled` if the report was cancelled (the process and its children are gone by then),
    `Unavailable` if the program cannot be started, and what the chunks of `stdin` raise. A non-zero exit status is
    the caller's to judge.
    """
    report.raise_if_cancelled()
    if show:
        report.line(shown(command), "command")
    process = _start(command, cwd, env, stdin, keep_open)
    outputs: dict[str, list[str]] = {"out": [], "err": []}
    tell = on_line or (report.line if show else None)
    try:
        readers = [
            threading.Thread(target=_pump, args=(stream, name, outputs[name], tell), daemon=True)
            for name, stream in (("out", process.stdout), ("err", process.stderr))
        ]
        for reader in readers:
            reader.start()
        feeder = _Feeder(process, stdin) if stdin is not None else None
        _wait(process, report)
        _drain(readers, process, report)
        if feeder is not None:
            feeder.raise_failure()
    except KeyboardInterrupt:
        kill_tree(process)
        raise
    return Finished(tuple(command), process.returncode, "".join(outputs["out"]), "".join(outputs["err"]))


def _start(
    command: Sequence[str],
    cwd: Path | None,
    env: Mapping[str, str] | None,
    stdin: str | Iterable[bytes] | None,
    keep_open: Sequence[int],
) -> subprocess.Popen[bytes]:
    """Start the process as the leader of a group of its own, so that its children can be killed with it."""
    try:
        return subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=sys.platform != "win32",
            pass_fds=tuple(keep_open),
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError as error:
        raise _not_started(error, command[0], cwd) from error


def _not_started(error: OSError, program: str, cwd: Path | None) -> Unavailable:
    """Name what keeps a program from starting."""
    if cwd is not None and not cwd.is_dir():
        return Unavailable(f"There is no folder {cwd} to run in.", "Check the path.")
    if isinstance(error, FileNotFoundError):
        return Unavailable(
            f"{program} was not found.", "Install it, or put it on PATH.", code="program-missing", subject=program
        )
    if isinstance(error, PermissionError):
        return Unavailable(
            f"{program} is not executable.",
            "Make the file executable.",
            str(error),
            code="program-missing",
            subject=program,
        )
    return Unavailable(
        f"{program} cannot be started.",
        "Check that it is a program for this machine.",
        str(error),
        code="program-missing",
        subject=program,
    )


class _Feeder:
    """Writes the input of a process and closes it. Where the input itself cannot be read, the process is ended."""

    def __init__(self, process: subprocess.Popen[bytes], data: str | Iterable[bytes]) -> None:
        self._process = process
        self._chunks = iter([data.encode()] if isinstance(data, str) else data)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        stream = self._process.stdin
        assert stream is not None
        try:
            for chunk in self._chunks:
                try:
                    stream.write(chunk)
                except OSError:
                    # A program that stopped reading has its reasons, and says them by its exit status.
                    break
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            self._failure = error
            if self._process.poll() is None:
                kill_tree(self._process)
        finally:
            with contextlib.suppress(OSError):
                stream.close()

    def raise_failure(self) -> None:
        """Raise what the input raised, if it did."""
        if self._failure is not None:
            raise self._failure


def _pump(stream: IO[bytes], name: str, into: list[str], tell: Callable[[str, str], None] | None) -> None:
    """Read a stream line by line until it ends."""
    with stream:
        for raw in stream:
            text = raw.decode("utf-8", "replace")
            into.append(text)
            if tell is not None:
                tell(text.rstrip("\r\n"), name)


def _wait(process: subprocess.Popen[bytes], report: Report) -> None:
    """Wait for the end; on cancel kill the whole tree first."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(POLL_SECONDS):
            if report.cancelled:
                kill_tree(process)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        process.wait()
    finally:
        done.set()
        watcher.join()
    report.raise_if_cancelled()


def _drain(readers: Sequence[threading.Thread], process: subprocess.Popen[bytes], report: Report) -> None:
    """Wait for what is left of the output; a child that outlives its parent may hold it open until a cancel."""
    for reader in readers:
        while reader.is_alive():
            reader.join(POLL_SECONDS)
            if report.cancelled:
                kill_tree(process)
                report.raise_if_cancelled()


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Ask the process group to end, and kill what is left of it after a second."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
        process.wait()
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(KILL_AFTER_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
