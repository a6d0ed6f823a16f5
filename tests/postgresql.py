"""A PostgreSQL server that tests start for themselves, with a folder and a port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from real_parts import lacking

USER, PASSWORD = "tester", "its-password"
TEMPLATE = "made"
SETTINGS = ("fsync=off", "shared_buffers=16MB", "max_connections=60", "listen_addresses=127.0.0.1")


@dataclass
class Server:
    """One that runs. Each test gets a database of its own, copied from one that is a new library already."""

    folder: Path
    programs: Path
    port: int
    _numbers: Iterator[int] = field(default_factory=count)

    def address(self, database: str, user: str = USER, password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def database(self, template: str = "template1") -> str:
        """Make a database and return its address."""
        name = f"library{next(self._numbers)}"
        self.run_sql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def library(self) -> str:
        """Make a database that is an empty library, and return its address."""
        from envstudio.library import Library

        if not self.run_sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'"):
            self.run_sql("postgres", f"CREATE DATABASE {TEMPLATE}")
            Library.open(self.address(TEMPLATE), who="ana").close()
        return self.database(TEMPLATE)

    def run_sql(self, database: str, sql: str) -> list[Any]:
        """Run one statement and return its rows, if it has any."""
        import psycopg

        with psycopg.connect(self.address(database), autocommit=True) as connection:
            done = connection.execute(sql)
            return done.fetchall() if done.description else []

    def act(self, *words: str) -> None:
        """Start or stop it."""
        data = str(self.folder / "data")
        options = " ".join(f"-c {item}" for item in (*SETTINGS, f"unix_socket_directories={self.folder}"))
        start = ["-l", str(self.folder / "log"), "-o", f"-p {self.port} {options}"] if "start" in words else []
        run([str(self.programs / "pg_ctl"), "-D", data, "-w", *start, *words])


def run(command: list[str]) -> None:
    """Run a program of the server, which refuses to be run by root."""
    user = "postgres" if os.geteuid() == 0 else None
    done = subprocess.run(command, user=user, group=user, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def running() -> Iterator[Server]:
    """Start a server and stop it in the end; skips if there is none to start."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    program = str(found[-1]) if found else shutil.which("initdb")
    if program is None or not hasattr(os, "geteuid"):
        lacking("PostgreSQL's server is not on this machine.")
        return
    with tempfile.TemporaryDirectory(prefix="envstudio-postgresql-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        options = ["-U", USER, "--pwfile", str(secret), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
        run([program, "-D", str(folder / "data"), *options, "--no-sync"])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = Server(folder, Path(program).parent, port)
        server.act("start")
        try:
            yield server
        finally:
            server.act("stop", "-m", "immediate")
