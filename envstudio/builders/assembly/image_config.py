"""The configuration of an image: its environment, entry point and labels (OCI image configuration)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envstudio.builders.assembly.oci import CREATED
from envstudio.builders.bases import Base
from envstudio.builders.builder import PREFIX
from envstudio.domain.environment import Applies, Environment


def image_config(
    environment: Environment,
    base: Base,
    labels: Mapping[str, str],
    diff_ids: Sequence[str],
    *,
    uses_conda: bool,
    platform: str,
    activated: Mapping[str, str] | None = None,
    entry_point: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the OCI configuration document of an image on top of a base.

    `activated` are the variables that conda packages set. `entry_point` is put before the base's own, which it starts.
    """
    inherited = dict(base.config)
    system, _, architecture = platform.partition("/")
    own = environment_variables(environment, base.path, uses_conda=uses_conda)
    variables = {**_parsed(inherited.get("Env") or []), **(activated or {}), **own}
    config = {key: value for key, value in inherited.items() if key in ("User", "ExposedPorts", "Volumes", "Shell")}
    config |= {
        "Env": [f"{key}={value}" for key, value in variables.items()],
        "Cmd": ["python"],
        "WorkingDir": inherited.get("WorkingDir") or "/",
        "Labels": {**(inherited.get("Labels") or {}), **labels},
    }
    if entry_point or inherited.get("Entrypoint"):
        config["Entrypoint"] = [*entry_point, *(inherited.get("Entrypoint") or ())]
    return {
        "architecture": architecture,
        "os": system,
        "created": CREATED,
        "config": {key: value for key, value in config.items() if value},
        "rootfs": {"type": "layers", "diff_ids": [*(layer.diff_id for layer in base.layers), *diff_ids]},
        "history": [{"created": CREATED, "created_by": "envstudio"} for _ in (*base.layers, *diff_ids)],
    }


def environment_variables(environment: Environment, base_path: str, *, uses_conda: bool) -> dict[str, str]:
    """Return what is set in the image: PATH and its like as Azure's images have them, then the definition's own.

    Secrets are never among them. LD_LIBRARY_PATH, which Azure's have too, is not either: conda's programs find their
    libraries without it, and the base's would be given conda's.
    """
    variables = {
        "PATH": f"{PREFIX}/bin:{base_path}",
        "AZUREML_CONDA_ENVIRONMENT_PATH": PREFIX,
        "AZUREML_ENVIRONMENT_IMAGE": "True",
    }
    if uses_conda:
        variables |= {"CONDA_PREFIX": PREFIX, "CONDA_DEFAULT_ENV": PREFIX}
    else:
        variables |= {"VIRTUAL_ENV": PREFIX}
    own = {
        item.name: item.value
        for item in environment.variables
        if not item.secret and {Applies.RUN, Applies.SERVE} & set(item.applies)
    }
    return {**variables, **own}


def _parsed(entries: Sequence[str]) -> dict[str, str]:
    return {entry.partition("=")[0]: entry.partition("=")[2] for entry in entries}
