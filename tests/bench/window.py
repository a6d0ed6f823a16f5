"""How quickly the window appears and answers, and that nothing long is done in its thread.

All of it on Qt's offscreen platform, so that no X server is measured with it. Each row starts processes of its own
(`window_child.py`).
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, sorted_packages
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.library import Library
from tests.bench.measure import Row, compared, limited, need_disk, seconds, some_engine
from tests.bench.startup import filled_library

LARGE, LOCKED, FILES = 500, 1000, 2000
SHARED = Path(__file__).resolve().parents[3] / "shared"
BASE = "base.example/python:slim"
OFFSCREEN = "offscreen"
IMPORTED = ("conda-env", "pip-requirements", "azureml-curated", "azureml-v2-env", "mlflow-conda")


@functools.cache
def _place(what: str) -> str:
    """Return a folder that is gone in the end."""
    folder = tempfile.mkdtemp(prefix=f"envstudio-bench-{what}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def child(*words: str, data: Path | None = None) -> Callable[[], dict[str, Any]]:
    """Return a call that runs a child and reads what it tells.

    Settings are the defaults, and bytecode is kept, as it is where the program is installed. `data` is where it keeps
    its caches, unless they are those of this run.
    """
    command = [sys.executable, "-m", "tests.bench.window_child", *words]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {
        "QT_QPA_PLATFORM": OFFSCREEN,
        "PYTHONPYCACHEPREFIX": _place("bytecode"),
    }
    if data is not None:
        env["ENVSTUDIO_DATA"] = str(data)

    def call() -> dict[str, Any]:
        # A window that was killed comes back with its tabs, which the next one measured must not.
        with tempfile.TemporaryDirectory() as fresh:
            settings = {"ENVSTUDIO_CONFIG": str(Path(fresh) / "settings.toml")}
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=env | settings)
        found: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
        return found

    return call


@functools.cache
def _library(folder: Path, count: int) -> Path:
    """Return a library with that many environments; rows share it."""
    folder.mkdir(exist_ok=True)
    location = filled_library(folder / f"library-{count}.sqlite", count)
    with Library.open(location) as library:
        names = [f"package-{number:03}" for number in range(LARGE)]
        for number in range(6):
            conda = tuple(conda_requirement(f"{name} >={number}.1") for name in names[: LARGE // 2])
            pip = tuple(pip_requirement(f"{name}=={number}.1") for name in names[LARGE // 2 :])
            library.versions.register(Environment(f"large-{number}", Python(channels=("c",), conda=conda, pip=pip)))
        for number in range(3):
            environment = Environment("locked", variables=(Variable("RELEASE", str(number)),))
            library.versions.register(environment, f"release {number}")
            library.locks.save("locked", _lock(environment, number))
    return location


def _lock(environment: Environment, number: int) -> Lock:
    packages = sorted_packages(
        LockedPackage(
            f"package-{index:04}",
            f"{number}.{index % 7}.{index * number % 11}",
            "conda",
            f"https://conda.example/linux-64/package-{index:04}-{number}.conda",
            f"{index:060x}{number:04x}",
            requested=index % 10 == 0,
        )
        for index in range(LOCKED)
    )
    return Lock(definition_digest(environment), ("c",), (PlatformLock("linux-64", "3.12.7", tuple(packages)),))


def _shared(folder: Path) -> Path:
    return folder.parent / "libraries"


def window_start(folder: Path, count: int, limit: float) -> Row:
    """From the process's start to the first painted window, against an empty QMainWindow in PySide6."""
    location = str(_library(_shared(folder), count))
    row = compared(child("first-paint", location), child("empty"), named="empty QMainWindow", limit=limit, times=11)
    complete = statistics.median(seconds(child("ready", location)) for _ in range(3))
    return replace(row, note=f"the whole window after {complete:.2f} s; keys typed before wait for it")


def window_memory(folder: Path) -> Row:
    """The memory of the window with 10,000 environments, against that of the empty one."""
    location = _library(_shared(folder), 10_000)
    ours, others = (
        {kind: statistics.median(found[kind] for found in runs) / 1e6 for kind in ("resident", "private")}
        for runs in (
            [call() for _ in range(3)] for call in (child("memory", str(location)), child("empty", "--memory"))
        )
    )
    note = f"of it shared with no other process: {ours['private']:.0f} MB ÷ {others['private']:.0f} MB"
    return Row(round(ours["resident"], 1), "MB", "empty QMainWindow", round(others["resident"], 1), 2.0, note)


@functools.cache
def _figures(location: Path) -> dict[str, Any]:
    return child("figures", str(location))()


def _measured(folder: Path) -> dict[str, Any]:
    return _figures(_library(_shared(folder), 10_000))


def window_key(folder: Path) -> Row:
    """A key typed in the search with 10,000 environments, until it is painted; the 99th percentile."""
    found = _measured(folder)
    keys = found["keys"]
    note = f"median {statistics.median(keys) * 1000:.1f} ms, {_table(found)}"
    return limited(keys[int(len(keys) * 0.99)] * 1000, "ms", 33, note)


def window_open(folder: Path) -> Row:
    """Opening an environment of 500 packages, until its table is painted; the first one too."""
    found = _measured(folder)
    first, *others = found["opened"]
    note = f"the first {first * 1000:.0f} ms, {_table(found)}"
    return limited(max(first, statistics.median(others)) * 1000, "ms", 100, note)


def window_diff(folder: Path) -> Row:
    """The resolved diff of two locks of 1,000 packages, from the click until it is painted."""
    found = _measured(folder)
    diffs = found["diffs"]
    return limited(statistics.median(diffs) * 1000, "ms", 100, f"worst {max(diffs) * 1000:.0f} ms, {_table(found)}")


def _table(found: dict[str, Any]) -> str:
    return f"an empty table is painted in {found['empty_table'] * 1000:.1f} ms"


def window_wait(folder: Path, what: str) -> Row:
    """How long an input waits at most in the GUI thread during long work.

    The second of two runs, as bytecode is compiled while a program is installed, and not while it is used; each begins
    with empty caches of its own.
    """
    if what == "build":
        need_disk(folder, 2)
        some_engine().close()
    for location in (folder / "first.sqlite", folder / "library.sqlite"):
        settings, words = _prepare(folder, location, what)
        data = folder / f"data-{location.stem}"
        found = child("probe", str(location), what, json.dumps(settings), *words, data=data)()
        if "failed" in found["ends"]:
            raise RuntimeError(f"the work failed: {'; '.join(found['errors'])}")
        if what == "build":
            _remove_image()
    note = (
        f"median {found['median'] * 1000:.1f} ms, p99 {found['p99'] * 1000:.1f} ms, {found['ticks']} ticks "
        f"in {found['seconds']:.1f} s, {', '.join(found['ends']) or 'no jobs'}"
    )
    return limited(found["worst"] * 1000, "ms", 50, note)


def _remove_image() -> None:
    """Take the image that was built out of the engine, so that the next build has to send all of it."""
    engine = some_engine()
    try:
        engine.remove_image("envstudio/work:1", force=True)
    finally:
        engine.close()


def _prepare(folder: Path, location: Path, what: str) -> tuple[dict[str, Any], list[str]]:
    """Return the settings and words for one sort of work."""
    if what == "search":
        shutil.copy(_library(_shared(folder), 10_000), location)
        return {}, []
    channel = SHARED / "repodata" / "conda-forge"
    with Library.open(location) as library:
        if what == "lock":
            conda = tuple(conda_requirement(name) for name in ("python=3.12", "numpy", "scipy", "pandas"))
            pip = tuple(pip_requirement(name) for name in ("rich", "httpx"))
            has_channel = channel.is_dir()
            python = Python(
                version="" if has_channel else "3.12",
                channels=("conda-forge",) if has_channel else (),
                conda=conda if has_channel else (),
                pip=pip,
            )
            library.versions.register(Environment("work", python))
            return {"mirror_channels": {"conda-forge": channel.as_uri()}}, ["work"]
        if what == "build":
            python = Python(version=_base_python(), pip=(pip_requirement("numpy"), pip_requirement("pandas")))
            # An image that no engine has yet.
            unique = Variable("MEASURED", uuid.uuid4().hex)
            library.versions.register(Environment("work", python, Image(base=BASE), (unique,)))
            return {"mirror_images": {BASE: _base()}}, ["work"]
    corpus = SHARED / "corpus"
    files = sorted(path for kind in IMPORTED for path in (corpus / kind).rglob("*") if path.is_file())
    if not files:
        files = [_sample(folder / "files", number) for number in range(FILES)]
    chosen = (files * (FILES // len(files) + 1))[:FILES]
    names = folder / "files.txt"
    names.write_text("\n".join(map(str, chosen)))
    return {}, [str(names)]


def _sample(folder: Path, number: int) -> Path:
    path = folder / str(number) / "environment.yml"
    # The second run imports the same files.
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"name: env-{number}\nchannels: [c]\ndependencies: [python=3.12, numpy, pandas]\n")
    return path


def _base() -> str:
    suite = platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")
    return f"mmdebstrap:{suite}?include=ca-certificates,python3"


def _base_python() -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


BENCHMARKS: dict[str, Callable[[Path], Row]] = {
    "window-1000": functools.partial(window_start, count=1000, limit=2.0),
    "window-10000": functools.partial(window_start, count=10_000, limit=2.2),
    "window-memory": window_memory,
    "window-key": window_key,
    "window-open": window_open,
    "window-diff": window_diff,
    "window-locking": functools.partial(window_wait, what="lock"),
    "window-building": functools.partial(window_wait, what="build"),
    "window-importing": functools.partial(window_wait, what="import"),
    "window-searching": functools.partial(window_wait, what="search"),
}
