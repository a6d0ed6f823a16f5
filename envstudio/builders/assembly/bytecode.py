"""Bytecode for packages in an image, compiled once per package by an interpreter of the image's Python version.

A container then starts without compiling. What an interpreter writes is decided by its release ("3.11.7"; bug-fix
releases differ in single files), so the release is part of a fragment's key, and the image's own one is preferred.
"""

from __future__ import annotations

import os
import queue
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from envstudio.builders.assembly import bytecode_store
from envstudio.builders.assembly.bytecode_store import Compiler
from envstudio.domain.canonical import sha256
from envstudio.errors import EnvStudioError

RECIPE = "pyc-2"
"""Changes whenever the same source would be compiled to other bytes by the same interpreter."""

SERVER = Path(__file__).with_name("compile_server.py")
WORKERS = 2
MAGIC_BYTES = 4
UNCHECKED_HASH = 1
ENDS_WITHIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that compiles: its program, and its release such as "3.11.7"."""

    program: str
    release: str


def is_compiled(path: str) -> bool:
    """Return whether a file of a package gets bytecode: a module, unless it belongs to the package's own tests.

    Those are up to half of large packages, and no container imports them.
    """
    return path.endswith(".py") and "tests" not in path.split("/")[:-1]


def cached_path(path: str, python: str) -> str:
    """Return where Python "3.11" looks for the bytecode of a source (PEP 3147)."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.cpython-{python.replace('.', '')}.pyc".lstrip("/")


def survives(head: bytes) -> bool:
    """Return whether a `.pyc` that begins so stays valid when its source gets another time (PEP 552)."""
    return len(head) >= 8 and bool(struct.unpack("<I", head[MAGIC_BYTES:8])[0] & UNCHECKED_HASH)


class CompileServer:
    """One process that compiles one source after the other."""

    def __init__(self, interpreter: Interpreter) -> None:
        # A fixed seed, because constants that are sets are written in the order of their hashes.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(
            [interpreter.program, "-s", "-S", "-W", "ignore", str(SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def compiled(self, path: str, source: bytes) -> bytes:
        """Return the `.pyc` of a source for that path inside the image; empty if it is not valid.

        Raises `EnvStudioError` if the interpreter ended.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        name = path.encode("utf-8", "surrogateescape")
        try:
            stdin.write(struct.pack(">II", len(name), len(source)) + name + source)
            stdin.flush()
            head = stdout.read(4)
            length = struct.unpack(">I", head)[0]
            data = stdout.read(length)
        except (OSError, struct.error) as error:
            raise EnvStudioError(
                f"The interpreter that compiles {path} ended.", "Build again; with less memory in use, if it was that."
            ) from error
        return data

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            self._process.wait(ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Compilers:
    """As many processes of one interpreter as there are workers, started when first needed; use as a context.

    Without an interpreter nothing is compiled.
    """

    def __init__(self, interpreter: Interpreter | None, count: int = WORKERS) -> None:
        self.interpreter = interpreter
        self._idle: queue.LifoQueue[CompileServer | None] = queue.LifoQueue()
        self._started: list[CompileServer] = []
        for _ in range(count):
            self._idle.put(None)

    @property
    def key(self) -> str:
        """What the keys of fragments hold of it."""
        return f"{RECIPE} {self.interpreter.release}" if self.interpreter else "no bytecode"

    @contextmanager
    def borrow(self) -> Iterator[CompileServer | None]:
        """Lend one process, waiting until one is free; None if nothing is compiled."""
        if self.interpreter is None:
            yield None
            return
        server = self._idle.get()
        try:
            if server is None:
                server = CompileServer(self.interpreter)
                self._started.append(server)
            yield server
        finally:
            self._idle.put(server)

    @contextmanager
    def of_package(self, identity: str) -> Iterator[Compiler | None]:
        """Lend what compiles one package, or knows its bytecode from before; None if nothing is compiled.

        `identity` tells the package's bytes and where it goes in an image.
        """
        if self.interpreter is None:
            yield None
            return
        file = bytecode_store.folder() / sha256(f"{identity}\n{self.key}".encode())
        with bytecode_store.stored(file) as known:
            if known is not None:
                yield known
                return
        with self.borrow() as server:
            assert server is not None
            with bytecode_store.recorded(server, file) as compiler:
                yield compiler

    def __enter__(self) -> Compilers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for server in self._started:
            server.close()
        self._started.clear()
