"""Base images in an OCI image layout on disk: `oci:FOLDER`. Every blob is compared with its digest when it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from envstudio.archives import verified
from envstudio.builders.assembly.oci import known_file_layer
from envstudio.builders.bases.base import DOCUMENT_BYTES, Base, python_in_tar, stated_release
from envstudio.domain.canonical import sha256
from envstudio.domain.hashes import hex_of
from envstudio.errors import EnvStudioError, InvalidInput


def base_of(folder: Path) -> Base:
    """Return a base from an OCI image layout whose layers are uncompressed.

    Raises `InvalidInput` for what is no such layout, `EnvStudioError` for a blob that is not what its digest says.
    """
    try:
        index = json.loads(_short(folder / "index.json"))
        manifest = json.loads(_document(folder, index["manifests"][0]["digest"]))
        digest = str(manifest["config"]["digest"])
        config = json.loads(_document(folder, digest))
        layers = [(layer["digest"], layer["mediaType"]) for layer in manifest["layers"]]
        diff_ids = [f"sha256:{hex_of(item, str(folder))}" for item in config["rootfs"]["diff_ids"]]
        settings: dict[str, Any] = dict(config.get("config") or {})
        architecture = str(config.get("architecture", "amd64"))
    except (OSError, KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"{folder} is not an OCI image layout.", "Name a folder with index.json and blobs.", str(error)
        ) from error
    if any(not str(media_type).endswith(".tar") for _, media_type in layers):
        raise InvalidInput(f"The layers of {folder} are compressed.", "Write it again with uncompressed layers.")
    if [blob for blob, _ in layers] != diff_ids:
        raise EnvStudioError(f"{folder} lists other layers than its configuration.", "Write the layout again.")
    files = [_verified(folder, blob) for blob in diff_ids]
    python = next(filter(None, map(python_in_tar, files)), None)
    blobs = tuple(known_file_layer(file, str(folder), diff_id) for file, diff_id in zip(files, diff_ids, strict=True))
    release = stated_release(settings, python[1]) if python else ""
    return Base(f"oci:{folder}", digest, settings, blobs, python, architecture, "", release)


def _blob(folder: Path, digest: object) -> Path:
    return folder / "blobs" / "sha256" / hex_of(digest, str(folder))


def _short(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(DOCUMENT_BYTES + 1)
    if len(data) > DOCUMENT_BYTES:
        raise InvalidInput(f"{path} has more than {DOCUMENT_BYTES:,} bytes.", "A document of an image is shorter.")
    return data


def _document(folder: Path, digest: object) -> bytes:
    """Return a manifest or configuration, compared with its digest."""
    data = _short(_blob(folder, digest))
    if f"sha256:{sha256(data)}" != digest:
        raise _changed(folder, str(digest))
    return data


def _verified(folder: Path, digest: str) -> Path:
    """Return the file of a layer whose bytes have that digest; one that has not changed since is not read again."""
    file = _blob(folder, digest)
    try:
        whole = verified.verified(file, hex_of(digest, str(folder))) is not None
    except OSError as error:
        raise InvalidInput(f"{folder} lacks the layer {digest[:19]}.", "Write the layout again.", str(error)) from error
    if not whole:
        raise _changed(folder, digest)
    return file


def _changed(folder: Path, digest: str) -> EnvStudioError:
    return EnvStudioError(
        f"{digest[:19]} in {folder} is not what its digest says.", "Do not use this image; write the layout again."
    )
