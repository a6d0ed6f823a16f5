"""Base images in an OCI image layout on disk: `oci:FOLDER`."""

from __future__ import annotations

import json
from pathlib import Path

from envstudio.builders.assembly.oci import known_file_layer
from envstudio.builders.bases.base import Base, python_in_tar, told_release
from envstudio.errors import InvalidInput


def base_of(folder: Path) -> Base:
    """Return a base from an OCI image layout whose layers are uncompressed."""
    blobs = folder / "blobs"

    def blob(digest: str) -> Path:
        return blobs / digest.replace(":", "/", 1)

    try:
        index = json.loads((folder / "index.json").read_text("utf-8"))
        manifest = json.loads(blob(index["manifests"][0]["digest"]).read_text("utf-8"))
        config = json.loads(blob(manifest["config"]["digest"]).read_text("utf-8"))
    except (OSError, KeyError, IndexError, json.JSONDecodeError) as error:
        raise InvalidInput(
            f"{folder} is not an OCI image layout.", "Name a folder with index.json and blobs.", str(error)
        ) from error
    if any(not layer["mediaType"].endswith(".tar") for layer in manifest["layers"]):
        raise InvalidInput(f"The layers of {folder} are compressed.", "Write it again with uncompressed layers.")
    layers = tuple(
        known_file_layer(blob(layer["digest"]), str(folder), diff_id)
        for layer, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True)
    )
    pythons = [python_in_tar(blob(layer["digest"])) for layer in manifest["layers"]]
    python = next((item for item in pythons if item), None)
    release = told_release(config.get("config") or {}, python[1]) if python else ""
    architecture = str(config.get("architecture", "amd64"))
    digest = str(manifest["config"]["digest"])
    return Base(f"oci:{folder}", digest, config.get("config") or {}, layers, python, architecture, "", release)
