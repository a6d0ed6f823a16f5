"""Activation of conda packages in an image: their variables are in its configuration, their scripts run at its start.

conda sets what `etc/conda/env_vars.d/*.json` and `conda-meta/state` hold, in this order, and then sources
`etc/conda/activate.d/*.sh` (conda: "Saving environment variables"). A container has no such moment but its start.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from envstudio.errors import EnvStudioError

VARIABLES = "etc/conda/env_vars.d"
STATE = "conda-meta/state"
SCRIPTS = "etc/conda/activate.d"
UNSET = "***unset***"
"""What conda writes in the state for a variable that was taken away."""

ENTRY_POINT = "bin/envstudio-activate"
"""Where the program is, inside the prefix, that an image starts with where packages have scripts."""

PROGRAM = """#!/bin/sh
# Activates the environment as `conda activate` does, then becomes the command that is given.
# Scripts of packages are often written for bash.
[ -n "$BASH_VERSION" ] || [ ! -x /bin/bash ] || exec /bin/bash "$0" "$@"
envstudio_source() { . "$1"; }
for envstudio_script in {scripts}/*.sh; do
    [ ! -f "$envstudio_script" ] || envstudio_source "$envstudio_script"
done
unset envstudio_script
unset -f envstudio_source
exec "$@"
"""


def holds_variables(path: str) -> bool:
    """Return whether a file of a package, by its path inside the prefix, holds variables."""
    return path == STATE or (path.startswith(VARIABLES + "/") and path.endswith(".json"))


def is_script(path: str) -> bool:
    """Return whether a file of a package is sourced at activation."""
    return str(PurePosixPath(path).parent) == SCRIPTS and path.endswith(".sh")


def variables(files: Mapping[str, str]) -> dict[str, str]:
    """Return what conda would set, from the texts of the files that hold variables. Raises `EnvStudioError`."""
    found: dict[str, str] = {}
    for path in sorted(files, key=lambda path: (path == STATE, path)):
        try:
            document = json.loads(files[path])
            values = document.get("env_vars", {}) if path == STATE else document
            found |= {str(name): str(value) for name, value in values.items()}
        except (AttributeError, json.JSONDecodeError) as error:
            raise EnvStudioError(
                f"{path} of a conda package holds no variables.", "Ask the channel's owner to fix it.", str(error)
            ) from error
    return {name: value for name, value in found.items() if value != UNSET}


def program(prefix: str) -> bytes:
    """Return the program that an image starts with."""
    return PROGRAM.replace("{scripts}", f"{prefix}/{SCRIPTS}").encode()


def has_scripts(paths: Iterable[str]) -> bool:
    """Return whether any of a package's files is sourced at activation."""
    return any(map(is_script, paths))
