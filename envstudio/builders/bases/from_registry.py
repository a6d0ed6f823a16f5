"""Base images straight from a registry, without an engine.

Only manifest and configuration are fetched; a layer's bytes are when something needs them, once, into the cache.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from envstudio import paths
from envstudio.builders.assembly.layers import CHUNK
from envstudio.builders.assembly.oci import Descriptor, LayerBlob, RemoteLayer, known_file_layer
from envstudio.builders.bases.base import (
    DPKG_STATUS,
    Base,
    debian_release,
    file_in_tar,
    python_in_tar,
    told_release,
)
from envstudio.disk import writing
from envstudio.domain.image_name import ImageName, parse_name
from envstudio.errors import EnvStudioError, InvalidInput, NotFound
from envstudio.registry import Manifest, Registry
from envstudio.report import Report
from envstudio.settings import Settings

GZIP_OR_ZLIB = 47
"""zlib's window bits that read a gzip header."""


def base_of(reference: str, platform: str, settings: Settings, report: Report) -> Base:
    """Return a base that is in a registry. Raises `EnvStudioError`, `NotFound`, `Unavailable`."""
    document, layers = fetch(reference, platform, settings, report)
    config = document.get("config") or {}
    architecture = str(document.get("architecture", "amd64"))
    python, release = _python(config, layers)
    return Base(reference, document["digest"], config, tuple(layers), python, architecture, "", release)


def _python(config: Mapping[str, Any], layers: Sequence[LayerBlob]) -> tuple[tuple[str, str] | None, str]:
    """Return the interpreter's path, version and release: as the official images tell, else from the layers."""
    told = dict(item.partition("=")[::2] for item in config.get("Env") or []).get("PYTHON_VERSION", "")
    minor = ".".join(told.split(".")[:2])
    if told_release(config, minor):
        return (f"/usr/local/bin/python{minor}", minor), told
    for layer in layers:
        path = _on_disk(layer)
        found = python_in_tar(path)
        if found:
            return found, debian_release(file_in_tar(path, DPKG_STATUS), found)
    return None, ""


def _on_disk(layer: LayerBlob) -> Path:
    """Return the unpacked layer in the cache, fetching it where it is not there."""
    assert layer.chunks is not None
    for _ in layer.chunks():
        break
    return _place(layer.diff_id)


def with_layers(base: Base) -> Base:
    """Return a base whose layers are all here, and their sizes known. Raises `EnvStudioError`, `Cancelled`."""
    layers = [known_file_layer(_on_disk(layer), base.reference, layer.diff_id) for layer in base.layers]
    return replace(base, layers=tuple(layers))


def fetch(reference: str, platform: str, settings: Settings, report: Report) -> tuple[dict[str, Any], list[LayerBlob]]:
    """Return the configuration document and the layers of an image. Raises `EnvStudioError`, `NotFound`."""
    name = parse_name(reference)
    registry = Registry(name.host, settings)
    report.line(f"reading {name} from its registry")
    manifest = _for_platform(registry, name, registry.manifest(name.repository, name.reference), platform)
    document = json.loads(manifest.data)
    config = json.loads(b"".join(registry.blob(name.repository, document["config"]["digest"])))
    layers = [
        _layer(registry, name, Descriptor(item["mediaType"], item["digest"], item["size"]), diff_id, report)
        for item, diff_id in zip(document["layers"], config["rootfs"]["diff_ids"], strict=True)
    ]
    return {**config, "digest": document["config"]["digest"]}, layers


def _for_platform(registry: Registry, name: ImageName, manifest: Manifest, platform: str) -> Manifest:
    """Return the manifest for a platform out of an index; a single image is taken as it is."""
    document = json.loads(manifest.data)
    if "manifests" not in document:
        return manifest
    system, _, architecture = platform.partition("/")
    for entry in document["manifests"]:
        made_for = entry.get("platform", {})
        if (made_for.get("os"), made_for.get("architecture")) == (system, architecture):
            return registry.manifest(name.repository, entry["digest"])
    raise NotFound(f"{name} has no image for {platform}.", "Choose a base image for that platform.")


def _layer(registry: Registry, name: ImageName, found: Descriptor, diff_id: str, report: Report) -> LayerBlob:
    """Return a layer that is fetched when its bytes are asked for."""
    if not found.media_type.endswith((".tar", "+gzip", ".tar.gzip")):
        raise InvalidInput(
            f"The layers of {name} are packed as {found.media_type}, which is not known here.",
            "Pull the image into an engine, and use it from there.",
        )

    def chunks() -> Iterator[bytes]:
        path = _stored(registry, name, found, diff_id, report)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    # The size of an unpacked layer is in no manifest; it is known once the layer is here.
    path = _place(diff_id)
    size = path.stat().st_size if path.exists() else 0
    return LayerBlob(diff_id, size, (str(name),), chunks, RemoteLayer(name.host, name.repository, found))


def _place(diff_id: str) -> Path:
    return paths.cache_dir("bases", "layers", f"{diff_id.removeprefix('sha256:')}.tar")


def _stored(registry: Registry, name: ImageName, found: Descriptor, diff_id: str, report: Report) -> Path:
    """Return the unpacked layer in the cache, fetching it where it is not there. Raises `EnvStudioError`."""
    target = _place(diff_id)
    if target.exists():
        return target
    with writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        part = tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False)  # noqa: SIM115
    report.line(f"fetching layer {found.digest[:19]} of {name}")
    digest, done = hashlib.sha256(), 0
    packed = not found.media_type.endswith(".tar")
    unpacker = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        with writing(target.parent), part:
            for chunk in registry.blob(name.repository, found.digest):
                report.raise_if_cancelled()
                done += len(chunk)
                report.progress(done, found.size, "B")
                data = unpacker.decompress(chunk) if packed else chunk
                digest.update(data)
                part.write(data)
        if f"sha256:{digest.hexdigest()}" != diff_id:
            raise EnvStudioError(f"A layer of {name} is not what its configuration says.", "Pull it again.")
        Path(part.name).replace(target)
    finally:
        Path(part.name).unlink(missing_ok=True)
    return target
