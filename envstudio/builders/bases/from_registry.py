"""Base images straight from a registry, without an engine.

Only manifest and configuration are fetched; a layer's bytes are when something needs them, once, into the cache.
"""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from envstudio import paths
from envstudio.archives import verified
from envstudio.archives.rules import LIMITS_ADVICE, UnsafeArchive, limits_of
from envstudio.builders.assembly.layers import CHUNK
from envstudio.builders.assembly.oci import Descriptor, LayerBlob, RemoteLayer, known_file_layer
from envstudio.builders.bases.base import (
    DPKG_STATUS,
    Base,
    debian_release,
    file_in_tar,
    python_in_tar,
    stated_release,
)
from envstudio.disk import writing
from envstudio.domain.container_platform import ContainerPlatform, parse_platform
from envstudio.domain.hashes import hex_of, is_digest
from envstudio.domain.image_name import ImageName, parse_name
from envstudio.domain.plain_data import Table, json_table
from envstudio.errors import Act, EnvStudioError, InvalidInput, NotFound, Remedy
from envstudio.registry import MAX_ANSWER, UNREADABLE, Manifest, Registry
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
    release = dict(item.partition("=")[::2] for item in config.get("Env") or []).get("PYTHON_VERSION", "")
    minor = ".".join(release.split(".")[:2])
    if stated_release(config, minor):
        return (f"/usr/local/bin/python{minor}", minor), release
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
    document = manifest.table()
    config_digest = _digest(document.table("config"))
    found = [
        Descriptor(item.needed("mediaType"), _digest(item), item.number("size")) for item in document.tables("layers")
    ]
    config = _config(registry, name, config_digest)
    diff_ids = config.table("rootfs").texts("diff_ids")
    if len(found) != len(diff_ids) or not all(map(is_digest, diff_ids)):
        raise config.error(f"names {len(diff_ids)} layers by digest, and its manifest has {len(found)}")
    limit = limits_of(settings).archive_bytes
    pairs = zip(found, diff_ids, strict=True)
    layers = [_layer(registry, name, item, diff_id, limit, report) for item, diff_id in pairs]
    return {**config.data, "digest": config_digest}, layers


def _config(registry: Registry, name: ImageName, digest: str) -> Table:
    """Return an image's configuration. Raises `EnvStudioError`."""
    data = bytearray()
    for chunk in registry.blob(name.repository, digest):
        data += chunk
        if len(data) > MAX_ANSWER:
            raise InvalidInput(f"The configuration of {name} has more than {MAX_ANSWER >> 20} MB.", UNREADABLE)
    found = json_table(bytes(data), f"the configuration of {name}", UNREADABLE)
    found.table("config").texts("Env")
    return found


def _digest(descriptor: Table) -> str:
    """Return the digest of a descriptor. Raises `InvalidInput` for one that is none."""
    found = descriptor.needed("digest")
    if not is_digest(found):
        raise descriptor.error(f"has an invalid digest: {found[:80]!r}")
    return found


def _for_platform(registry: Registry, name: ImageName, manifest: Manifest, platform: str) -> Manifest:
    """Return the manifest for a platform out of an index; a single image is taken as it is."""
    document = manifest.table()
    if not document.has("manifests"):
        return manifest
    wanted = parse_platform(platform)
    for entry in document.tables("manifests"):
        if _is_for(entry.table("platform"), wanted):
            return registry.manifest(name.repository, _digest(entry))
    raise NotFound(
        f"{name} has no image for {platform}.",
        "Choose a base image for that platform.",
        code="platform-mismatch",
        subject=str(name),
        remedy=Remedy(Act.EDIT_IMAGE),
    )


def _is_for(made_for: Table, wanted: ContainerPlatform) -> bool:
    """Return whether an entry of an index is for a platform; entries of attestations are for "unknown"."""
    parts = ("os", "architecture", "variant")
    try:
        return parse_platform("/".join(text for part in parts if (text := made_for.text(part)))) == wanted
    except InvalidInput:
        return False


def _layer(
    registry: Registry, name: ImageName, found: Descriptor, diff_id: str, limit: int, report: Report
) -> LayerBlob:
    """Return a layer that is fetched when its bytes are requested, up to `limit` bytes unpacked."""
    if not found.media_type.endswith((".tar", "+gzip", ".tar.gzip")):
        raise InvalidInput(
            f"The layers of {name} are packed as {found.media_type}, which is not known here.",
            "Pull the image into an engine, and use it from there.",
        )

    def chunks() -> Iterator[bytes]:
        path = _stored(registry, name, found, diff_id, limit, report)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    # The size of an unpacked layer is in no manifest; it is known once the layer is here.
    path = _place(diff_id)
    size = path.stat().st_size if path.exists() else 0
    return LayerBlob(diff_id, size, (str(name),), chunks, RemoteLayer(name.host, name.repository, found))


def _place(diff_id: str) -> Path:
    return paths.cache_dir("bases", "layers", f"{hex_of(diff_id, 'An image')}.tar")


def _stored(registry: Registry, name: ImageName, found: Descriptor, diff_id: str, limit: int, report: Report) -> Path:
    """Return the unpacked layer in the cache, fetching it where it is not there. Raises `EnvStudioError`."""
    target = _place(diff_id)
    if target.exists() and verified.verified(target, hex_of(diff_id, str(name))) is not None:
        return target
    with writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        part = tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False)  # noqa: SIM115
    report.line(f"fetching layer {found.digest[:19]} of {name}")
    digest, done, unpacked = hashlib.sha256(), 0, 0
    packed = not found.media_type.endswith(".tar")
    unpacker = _Unpacker()
    try:
        with writing(target.parent), part:
            for chunk in registry.blob(name.repository, found.digest):
                report.raise_if_cancelled()
                done += len(chunk)
                report.progress(done, found.size, "B")
                for data in unpacker.pieces(chunk) if packed else (chunk,):
                    unpacked += len(data)
                    if unpacked > limit:
                        raise UnsafeArchive(f"A layer of {name}", f"it has more than {limit:,} bytes", LIMITS_ADVICE)
                    digest.update(data)
                    part.write(data)
        if f"sha256:{digest.hexdigest()}" != diff_id:
            raise EnvStudioError(f"A layer of {name} is not what its configuration says.", "Pull it again.")
        Path(part.name).replace(target)
        verified.note(target, digest.hexdigest(), {})
    finally:
        Path(part.name).unlink(missing_ok=True)
    return target


class _Unpacker:
    """Unpacks gzip, one member after the other as eStargz has them (RFC 1952, 2.2)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP_OR_ZLIB)

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what a chunk unpacks to in bounded pieces: it may hold a thousand times its own size.

        Raises `EnvStudioError` for what is not a gzip.
        """
        while chunk:
            if self._member.eof:
                self._member = zlib.decompressobj(GZIP_OR_ZLIB)
            try:
                yield self._member.decompress(chunk, CHUNK)
            except zlib.error as error:
                raise EnvStudioError("A layer of the base image is damaged.", "Pull it again.", str(error)) from error
            chunk = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
