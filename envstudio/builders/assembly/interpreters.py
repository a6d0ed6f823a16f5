"""Finding an interpreter that compiles for an image: of the release that is wanted, else of the same minor version.

uv knows the interpreters of this machine and can fetch others; what was found is kept in the cache.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

from envstudio import paths, process
from envstudio.builders.assembly.bytecode import Interpreter
from envstudio.packages.cache_files import write_whole
from envstudio.packages.uv import uv_program
from envstudio.report import Report
from envstudio.settings import Settings

FETCH_AGAIN_SECONDS = 24 * 3600
"""How long a release that could not be fetched is not requested again."""


def find_interpreter(wanted: str, settings: Settings, report: Report) -> Interpreter | None:
    """Return the CPython of a release ("3.11.7") or a minor version ("3.11"): the one, else the newest of its minor.

    Fetches a release that the machine lacks, if the network allows it. None if there is no such interpreter.
    """
    facts = paths.cache_dir("interpreters.json")
    known = _read(facts)
    entry = known.get(wanted) or {}
    recent = time.time() - entry.get("asked", 0) < FETCH_AGAIN_SECONDS
    if _unchanged(entry) and (recent or _fits(entry["release"], wanted)):
        return Interpreter(entry["program"], entry["release"])
    minor = ".".join(wanted.split(".")[:2])
    found = _installed(minor, settings, report)
    exact = _best(found, wanted)
    if exact is None and not recent:
        if _fetch(wanted, settings, report):
            found = _installed(minor, settings, report)
        exact = _best(found, wanted)
    chosen = _real(exact or _best(found, minor), report)
    known[wanted] = {**(_facts(chosen) if chosen else {}), "asked": time.time()}
    write_whole(facts, json.dumps(known))
    return chosen


def remembered(wanted: str) -> Interpreter | None:
    """Return what `find_interpreter` found last for a release, without looking for it."""
    entry = _read(paths.cache_dir("interpreters.json")).get(wanted) or {}
    return Interpreter(entry["program"], entry["release"]) if _unchanged(entry) else None


def _best(found: list[Interpreter], wanted: str) -> Interpreter | None:
    """Return the newest interpreter of a release or minor version."""
    fitting = [item for item in found if _fits(item.release, wanted)]
    return max(fitting, key=lambda item: tuple(map(int, item.release.split("."))), default=None)


def _fits(release: str, wanted: str) -> bool:
    return release == wanted or release.startswith(wanted + ".")


def _real(interpreter: Interpreter | None, report: Report) -> Interpreter | None:
    """Return an interpreter by its own path and word instead of a launcher's; None if it does not run."""
    if interpreter is None:
        return None
    code = "import platform, sys; print(sys.executable); print(platform.python_version().rstrip('+'))"
    answer = process.run([interpreter.program, "-S", "-c", code], report, show=False)
    if answer.exit_code != 0:
        return None
    program, release = answer.stdout.splitlines()
    return Interpreter(program, release)


def _installed(minor: str, settings: Settings, report: Report) -> list[Interpreter]:
    """Return the interpreters of a minor version that this machine has."""
    found = []
    if platform.python_implementation() == "CPython" and sys.version_info.releaselevel == "final":
        found.append(Interpreter(sys.executable, platform.python_version().rstrip("+")))
    command = [uv_program(), "python", "list", minor, "--only-installed", "--no-config", "--output-format", "json"]
    listed = process.run(command, report, env=_environment(settings), show=False)
    for item in json.loads(listed.stdout) if listed.exit_code == 0 else ():
        plain = item["implementation"] == "cpython" and item["variant"] == "default"
        if plain and item["path"] and item["version"].replace(".", "").isdigit():
            found.append(Interpreter(item["path"], item["version"]))
    return [item for item in found if item.release.startswith(minor + ".")]


def _fetch(wanted: str, settings: Settings, report: Report) -> bool:
    """Let uv fetch a release into EnvStudio's cache; False if it cannot."""
    command = [uv_program(), "python", "install", wanted, "--no-config", "--no-bin", "--quiet"]
    done = process.run(command, report, env={**_environment(settings), "UV_HTTP_RETRIES": "0"}, show=False)
    return done.exit_code == 0


def _environment(settings: Settings) -> dict[str, str]:
    folder = str(paths.cache_dir("pythons"))
    return {**settings.subprocess_environment(), "UV_PYTHON_INSTALL_DIR": folder, "UV_NO_PROGRESS": "1"}


def _facts(interpreter: Interpreter) -> dict[str, Any]:
    status = Path(interpreter.program).stat()
    return {
        "program": interpreter.program,
        "release": interpreter.release,
        "size": status.st_size,
        "time": status.st_mtime_ns,
    }


def _unchanged(entry: dict[str, Any]) -> bool:
    """Return whether an interpreter is the file that it was when it was asked for its release."""
    try:
        status = Path(entry["program"]).stat()
    except (OSError, KeyError):
        return False
    return (status.st_size, status.st_mtime_ns) == (entry["size"], entry["time"])


def _read(facts: Path) -> dict[str, Any]:
    try:
        known = json.loads(facts.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return known if isinstance(known, dict) else {}
