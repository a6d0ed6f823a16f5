"""Container engines that tests start for themselves, each with folders and a socket of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from real_parts import CACHE, ROOT, lacking

from envstudio.engine import Engine, connect
from envstudio.errors import EnvStudioError

START_SECONDS = 60
LATER_PACKAGES = ("docker.io", "containerd")


@contextmanager
def started(
    program: str, folder: Path, configuration: dict[str, object] | None = None, *, own_network: bool = False
) -> Iterator[tuple[str, Engine]]:
    """Yield the address of a Docker Engine and the engine; it is stopped in the end.

    One without a bridge deletes that of another engine, unless it has a network namespace of its own.
    """
    address = f"unix://{folder / 'docker.sock'}"
    (folder / "daemon.json").write_text(json.dumps(configuration or {}))
    command = [program, "--host", address, "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")]
    command += ["--config-file", str(folder / "daemon.json"), "--pidfile", str(folder / "pid")]
    command += ["--bridge", "none", "--iptables=false", "--ip-masq=false"]
    command = ["unshare", "--net", *command] if own_network else command
    path = os.pathsep.join([str(Path(program).parent), str(Path(program).parent.parent / "bin"), os.environ["PATH"]])
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "PATH": f"{path}:/usr/sbin:/sbin"}
        )
        try:
            found = _answering("Docker Engine", address, process, folder / "log")
            yield address, found
            found.close()
        finally:
            process.terminate()
            process.wait(30)


def _answering(name: str, address: str, process: subprocess.Popen[bytes], log: Path) -> Engine:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return connect(address)
        except EnvStudioError:
            time.sleep(0.2)
    lacking(f"{name} does not start here: " + log.read_text()[-3000:])
    raise AssertionError


def later_dockerd() -> str:
    """Return the program of a newer Docker Engine, unpacked from a later Debian; kept between runs."""
    target = CACHE / "engine-later"
    program = target / "usr" / "sbin" / "dockerd"
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = CACHE / f"engine-later.{os.getpid()}"
        part.mkdir()
        script = ROOT / "packaging" / "system_packages.py"
        command = [sys.executable, str(script), str(part), *LATER_PACKAGES]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            shutil.rmtree(part)
            lacking(f"A newer Docker Engine is not available: {done.stdout[-1000:]}")
        part.rename(target)
    return str(program)


@contextmanager
def podman(folder: Path) -> Iterator[str]:
    """Yield the address of Podman's Docker-compatible socket."""
    program = shutil.which("podman")
    if program is None:
        lacking("Podman is not installed.")
        return
    socket = folder / "podman.sock"
    command = [program, "--root", str(folder / "storage"), "--runroot", str(folder / "run")]
    command += ["system", "service", "--time", "0", f"unix://{socket}"]
    # Where the machine itself runs inside a container, limits cannot be raised as Podman does by default.
    (folder / "containers.conf").write_text('[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n')
    environment = {**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf")}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            _answering("Podman", f"unix://{socket}", process, folder / "log").close()
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait(30)
