"""What activating a conda prefix does, for a command on this machine: its variables, and the scripts of its packages.

Source: conda's `etc/conda/env_vars.d`, `conda-meta/state` and `etc/conda/activate.d`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

WINDOWS = os.name == "nt"
POSIX_SCRIPT = 'for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do . "$script"; done; exec "$@"'
BATCH = "envstudio-activate.bat"


def variables(prefix: Path) -> dict[str, str]:
    """Return the variables that packages set, then those that were set for the prefix itself."""
    found: dict[str, str] = {}
    for path in sorted((prefix / "etc" / "conda" / "env_vars.d").glob("*.json")):
        with contextlib.suppress(OSError, json.JSONDecodeError):
            found |= {name: str(value) for name, value in json.loads(path.read_text("utf-8")).items()}
    with contextlib.suppress(OSError, json.JSONDecodeError, KeyError):
        state = json.loads((prefix / "conda-meta" / "state").read_text("utf-8"))
        found |= {name: str(value) for name, value in state["env_vars"].items()}
    return found


def activated(command: Sequence[str], prefix: Path) -> list[str]:
    """Return a command that runs the packages' activation scripts first; the command itself where there are none."""
    folder = prefix / "etc" / "conda" / "activate.d"
    if WINDOWS:
        scripts = sorted(folder.glob("*.bat"))
        if not scripts:
            return list(command)
        batch = prefix / BATCH
        calls = "".join(f'call "{script}"\r\n' for script in scripts)
        batch.write_text(f"@echo off\r\n{calls}%*\r\n", "utf-8")
        return [str(batch), *command]
    if not any(folder.glob("*.sh")):
        return list(command)
    return ["/bin/sh", "-c", POSIX_SCRIPT, "activate", *command]
