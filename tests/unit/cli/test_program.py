"""The program as the shell starts it: pipes, signals, completion, and what is loaded at start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Done

from envstudio.library import Library
from envstudio.paths import data_dir

PROGRAM = (sys.executable, "-m", "envstudio")
HEAVY = {"PySide6", "alembic", "conda_lock", "docker", "keyring", "rattler", "requests", "tomlkit", "asyncpg"}
posix = pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")


@pytest.fixture(autouse=True)
def _user_managed() -> None:
    """Register an environment that a run needs nothing to be fetched for."""
    with Library.open(data_dir() / "library.sqlite", who="ana") as library:
        library.versions.register(library.find("curated/minimal-python").environment.renamed("tiny"))
        library.versions.label(library.find("tiny").reference, "prod")


def listening() -> None:
    """Let a child hear Ctrl-C even if this process was started in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(*words: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen([*PROGRAM, *words], stdout=-1, stderr=-1, text=True, **options)  # type: ignore[call-overload,no-any-return]


def ended(process: subprocess.Popen[str]) -> Done:
    out, err = process.communicate(timeout=60)
    return Done(process.returncode, out, err)


def test_a_list_loads_nothing_heavy() -> None:
    code = "import sys; from envstudio.cli.main import run; run(['list'], None); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "tiny" in done.stdout
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert not loaded & HEAVY
    assert "sqlalchemy.dialects.postgresql" not in done.stderr.split()


@posix
def test_a_closed_pipe_is_no_error() -> None:
    process = started("--json", "log")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    done = ended(process)
    assert (done.status, done.err) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
def test_a_full_disk_is_an_error() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*PROGRAM, "log"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    Done(done.returncode, "", done.stderr).must_fail("Standard output cannot be written")


def test_a_channel_that_is_not_there_leaves_with_one() -> None:
    """Rattler's threads outlive its answer; Python's end would meet them in most of the runs."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/science"
    words = ("create", "c", "--channel", address, "--package", "python=3.11")
    assert ended(started(*words)).status == 0
    for process in [started("lock", "c") for _ in range(6)]:
        ended(process).must_fail("cannot be read")


@posix
def test_ctrl_c() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = started("--json", "create", "p", "--python", "3.12", "--pip", "six")
        assert ended(process).status == 0
        process = started(
            "--json", "--quiet", "lock", "p", env={**os.environ, "UV_DEFAULT_INDEX": address}, preexec_fn=listening
        )
        silent.settimeout(30)
        silent.accept()
        process.send_signal(signal.SIGINT)
        before = time.monotonic()
        done = ended(process)
    assert done.status == 130
    assert time.monotonic() - before < 3
    assert done.err.strip() == "Interrupted."
    assert done.json["error"]["summary"] == "Interrupted."
    with Library.open(data_dir() / "library.sqlite") as library:
        assert library.locks.newest("p") is None


@pytest.fixture(params=["closes", "is silent"])
def dead_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a socket that takes connections and closes them, or never answers."""
    if os.name == "nt":
        pytest.skip("engines have no such sockets on Windows")
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        if request.param == "closes":
            threading.Thread(target=_close_all, args=(server,), daemon=True).start()
        yield f"unix://{path}"


def _close_all(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


def test_a_dead_engine(dead_engine: str) -> None:
    done = ended(started("build", "tiny", env={**os.environ, "DOCKER_HOST": dead_engine}))
    done.must_fail("the container engine does not answer")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("envstudio sho", "show"),
        ("envstudio show ti", "tiny"),
        ("envstudio show curated/min", "curated/minimal-python"),
        ("envstudio show tiny:", "tiny:1"),
        ("envstudio show tiny@p", "tiny@prod"),
        ("envstudio lock ti", "tiny"),
        ("envstudio diff tiny ti", "tiny"),
        ("envstudio export tiny --format cond", "conda-list plain,conda"),
    ],
)
def test_completion(words: str, expected: str) -> None:
    variables = {"_ENVSTUDIO_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = ended(started(env={**os.environ, **variables}))
    assert (done.status, done.out.split()) == (0, f"plain,{expected}".split())


def test_completion_has_a_script() -> None:
    done = ended(started(env={**os.environ, "_ENVSTUDIO_COMPLETE": "bash_source"}))
    assert "complete -o nosort" in done.out
