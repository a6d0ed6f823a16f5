"""Commands: lines come as they are printed, and a cancel leaves no process behind."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envstudio import process
from envstudio.errors import Cancelled, Unavailable
from envstudio.report import Event, Line, Report, silent

PYTHON = sys.executable


def python(code: str, report: Report | None = None, **options: object) -> process.Finished:
    return process.run([PYTHON, "-c", code], report or silent(), **options)  # type: ignore[arg-type]


def test_lines_of_both_streams_and_the_status() -> None:
    events: list[Event] = []
    code = r"import sys; print('one', flush=True); sys.stdout.buffer.write(b'caf\xe9\n')"
    code += "; print('bad', file=sys.stderr); sys.exit(3)"
    done = python(code, Report(events.append))
    assert (done.exit_code, done.stdout.splitlines(), done.stderr.splitlines()) == (3, ["one", "caf\ufffd"], ["bad"])
    lines = [event for event in events if isinstance(event, Line)]
    assert lines[0] == Line(done.text, "command")
    assert {(line.text, line.stream) for line in lines[1:]} == {("one", "out"), ("caf\ufffd", "out"), ("bad", "err")}


def test_lines_come_while_the_program_runs() -> None:
    times: dict[str, float] = {}

    def listen(event: Event) -> None:
        if isinstance(event, Line):
            times[event.text] = time.monotonic()

    python("import time; print('first', flush=True); time.sleep(0.5); print('last')", Report(listen))
    assert times["last"] - times["first"] > 0.3


def test_a_silent_run_tells_nothing() -> None:
    events: list[Event] = []
    assert python("print('x')", Report(events.append), show=False).stdout.split() == ["x"]
    assert events == []


def test_standard_input_folder_and_variables(tmp_path: Path) -> None:
    code = "import os, sys; print(sys.stdin.read().upper(), os.getcwd(), os.environ['WHO'])"
    done = python(code, stdin="héllo", cwd=tmp_path, env={**os.environ, "WHO": "ana", "PYTHONUTF8": "1"})
    assert done.stdout.split() == ["HÉLLO", str(tmp_path.resolve()), "ana"]
    assert python("import sys; print(repr(sys.stdin.read()))").stdout.strip() == "''"


def test_a_program_that_reads_nothing_is_not_waited_for() -> None:
    assert python("pass", stdin="x" * 1_000_000).exit_code == 0


def test_a_cancel_is_heard_while_input_is_not_read() -> None:
    report = silent()
    threading.Timer(0.3, report.cancel).start()
    with pytest.raises(Cancelled):
        python("import time; time.sleep(60)", report, stdin="x" * 1_000_000)


@pytest.mark.parametrize(
    ("command", "summary"),
    [
        (["no-such-program"], "no-such-program was not found"),
        ([""], "cannot be started|was not found|is not executable"),
    ],
)
def test_a_missing_program(command: list[str], summary: str) -> None:
    with pytest.raises(Unavailable, match=summary):
        process.run(command, silent())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    file = tmp_path / "tool"
    file.write_bytes(b"\0\1\2")
    with pytest.raises(Unavailable, match="is not executable"):
        process.run([str(file)], silent())
    file.chmod(0o755)
    with pytest.raises(Unavailable, match="cannot be started"):
        process.run([str(file)], silent())


def test_a_missing_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(Unavailable, match="There is no folder"):
            python("pass", cwd=folder)


@pytest.mark.parametrize("stubborn", [False, True])
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_cancel_kills_the_whole_tree(tmp_path: Path, stubborn: bool) -> None:
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " if stubborn else "import time; "
    child += "print('ready', flush=True); time.sleep(60)"
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {child!r}]); print(p.pid); p.wait()"
    events: list[Event] = []
    ready = threading.Event()

    def listen(event: Event) -> None:
        events.append(event)
        if event == Line("ready"):
            ready.set()

    report = Report(listen)
    requests = 0.0

    def cancel() -> None:
        nonlocal requests
        ready.wait(30)
        requests = time.monotonic()
        report.cancel()

    threading.Thread(target=cancel).start()
    with pytest.raises(Cancelled):
        process.run([PYTHON, "-u", "-c", code], report)
    pid = next(int(event.text) for event in events if isinstance(event, Line) and event.text.isdigit())
    while _runs(pid):
        assert time.monotonic() - requests < 2
        time.sleep(0.02)
    assert time.monotonic() - requests < 2


def _runs(pid: int) -> bool:
    """Return whether a process is there and is not a zombie that only its new parent has to collect."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_nothing_starts_after_a_cancel() -> None:
    report = silent()
    report.cancel()
    with pytest.raises(Cancelled):
        python("pass", report)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups.")
def test_a_cancel_ends_a_child_that_outlives_its_parent() -> None:
    report = Report()
    threading.Timer(0.5, report.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        process.run(["/bin/sh", "-c", "sleep 30 & echo started"], report)
    assert time.monotonic() - started < 3


def test_input_that_cannot_be_read_ends_the_program_and_is_raised() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"a beginning"
        raise PermissionError(13, "Permission denied", "secret.txt")

    started = time.monotonic()
    with pytest.raises(PermissionError, match=r"secret\.txt"):
        python("import sys, time; sys.stdin.read(); time.sleep(60)", stdin=chunks())
    assert time.monotonic() - started < 10


@pytest.mark.skipif(os.name == "nt", reason="Windows hands on handles, not descriptors.")
def test_a_program_gets_the_descriptors_that_it_is_given(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        assert python(f"import os; os.write({file.fileno()}, b'x')").exit_code == 1
        assert python(f"import os; os.write({file.fileno()}, b'x')", keep_open=[file.fileno()]).exit_code == 0
    assert (tmp_path / "file").read_text() == "x"
