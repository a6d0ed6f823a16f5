"""What Azure ML's own SDKs make of folders and files: run by the Python of an SDK's virtual environment, on its own.

Prints a JSON list with one object a path: what the SDK loaded, as it would send it, or the error.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any


def load_v1(path: Path) -> dict[str, Any]:
    """Return the object that azureml-core loads from a folder."""
    from azureml.core import Environment

    return dict(Environment._serialize_to_dict(Environment.load_from_directory(str(path))))  # noqa: SLF001


def load_v1_conda(path: Path) -> dict[str, Any]:
    """Return the object that azureml-core makes of a conda file."""
    from azureml.core import Environment

    return dict(Environment._serialize_to_dict(Environment.from_conda_specification("x", str(path))))  # noqa: SLF001


def load_v2(path: Path) -> dict[str, Any]:
    """Return what azure-ai-ml loads from an environment's file, with what it would send to the service."""
    from azure.ai.ml import load_environment

    found = load_environment(path)
    sent = found._to_rest_object().as_dict()["properties"]  # noqa: SLF001
    build = found.build
    return {
        "name": found.name,
        "description": found.description,
        "tags": {key: str(value) for key, value in found.tags.items()},
        "image": found.image,
        "conda": found.conda_file,
        "build": [(path.parent / build.path).resolve().name, build.dockerfile_path] if build else None,
        "os_type": sent.get("osType") or sent.get("os_type"),
        "inference": found.inference_config,
    }


def main(kind: str, *paths: str) -> None:
    """Load each path, and print what came of it."""
    load = {"v1": load_v1, "v1-conda": load_v1_conda, "v2": load_v2}[kind]
    found: list[Any] = []
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for path in paths:
            try:
                found.append({"loaded": load(Path(path))})
            except Exception as error:  # noqa: BLE001 whatever the SDK raises is its answer
                found.append({"error": f"{type(error).__name__}: {error}"[:500]})
    json.dump(found, sys.stdout, default=str)


if __name__ == "__main__":
    main(*sys.argv[1:])
