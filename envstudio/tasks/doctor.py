"""doctor: what is installed and reachable, each with what to do if it is not."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from importlib.metadata import version

from envstudio.engine import connect
from envstudio.errors import EnvStudioError
from envstudio.library import Library
from envstudio.packages.uv import uv_program
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.finding import Finding
from envstudio.tasks.reach import reach
from envstudio.tasks.verify_log import verified_text

__all__ = ["Finding", "doctor"]


def doctor(library: Library, settings: Settings, *, offline: bool = False, report: Report) -> tuple[Finding, ...]:
    """Look at everything that EnvStudio works with; `offline` asks nothing of the network."""
    found = []
    for name, look in _LOOKS.items():
        report.raise_if_cancelled()
        try:
            found.append(Finding(name, True, look(library, settings)))
        except EnvStudioError as error:
            found.append(Finding(name, False, error.summary, error.advice, error.remedy))
    if not offline:
        found += reach(settings, report=report)
    return tuple(found)


def _library(library: Library, _settings: Settings) -> str:
    return f"{library.location}, workspace {library.workspace}"


def _log(library: Library, _settings: Settings) -> str:
    return verified_text(library.events.verify())


def _engine(_library: Library, settings: Settings) -> str:
    with connect(settings.engine) as engine:
        info, endpoint = engine.info(), engine.endpoint
    store = "containerd image store" if info.containerd_store else info.storage
    where = f"{endpoint.address} ({endpoint.origin})" if endpoint.address else "as DOCKER_HOST says"
    return f"version {info.version}, {store}, {info.platform}, {where}"


def _buildx(_library: Library, _settings: Settings) -> str:
    program = shutil.which("docker")
    if program is None:
        raise EnvStudioError("The docker program is not on PATH.", "Nothing needs it; the engine is asked directly.")
    done = subprocess.run([program, "buildx", "version"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EnvStudioError("docker has no buildx plugin.", "Dockerfiles go to the classic builder, without caches.")
    return done.stdout.strip()


def _uv(_library: Library, _settings: Settings) -> str:
    return f"{version('uv')} at {uv_program()}"


def _rattler(_library: Library, _settings: Settings) -> str:
    return f"py-rattler {version('py-rattler')}"


def _keyring(_library: Library, _settings: Settings) -> str:
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    # The null backend takes everything and keeps nothing.
    if isinstance(backend, fail.Keyring | null.Keyring):
        raise EnvStudioError("This machine has no keyring.", "Without one, secret variables cannot be used.")
    return f"{type(backend).__module__}.{type(backend).__name__}"


def _mirrors(_library: Library, settings: Settings) -> str:
    counts = {
        "channels": len(settings.mirror_channels),
        "indexes": len(settings.mirror_indexes),
        "images": len(settings.mirror_images),
    }
    return ", ".join(f"{count} for {name}" for name, count in counts.items() if count) or "none set"


_LOOKS: dict[str, Callable[[Library, Settings], str]] = {
    "library": _library,
    "event log": _log,
    "engine": _engine,
    "buildx": _buildx,
    "uv": _uv,
    "rattler": _rattler,
    "keyring": _keyring,
    "mirrors": _mirrors,
}
