"""OCI image structures: configuration, manifest, and the archives and layouts that hold them.

Sources: OCI image specification 1.1 (image layout, manifest, configuration); Docker Image Specification 1.2 for the
archive that `docker load` reads.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envstudio.builders.assembly.layers import BLOCK, CHUNK, EPOCH, TRAILER
from envstudio.domain.canonical import sha256
from envstudio.report import Report

CREATED = "1980-01-01T00:00:00Z"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
GZIP_LAYER_TYPE = LAYER_TYPE + "+gzip"
REF_NAME = "org.opencontainers.image.ref.name"
CONTAINERD_NAME = "io.containerd.image.name"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a manifest says of a blob: media type, digest, and size in bytes."""

    media_type: str
    digest: str
    size: int

    def to_json(self) -> dict[str, Any]:
        """Return the descriptor as it stands in a manifest."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


@dataclass(frozen=True, slots=True)
class RemoteLayer:
    """Where a layer is in a registry, and what it is there, where layers are compressed."""

    host: str
    repository: str
    descriptor: Descriptor


@dataclass(frozen=True, slots=True)
class LayerBlob:
    """A layer of an image: diff id, size in bytes, what is in it, and its bytes (None: the engine has them).

    `remote` is where it came from, for a layer of a base in a registry.
    """

    diff_id: str
    size: int
    names: tuple[str, ...] = ()
    chunks: Callable[[], Iterator[bytes]] | None = field(default=None, compare=False)
    remote: RemoteLayer | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OciImage:
    """A whole image: its configuration document and its layers, base first."""

    config: Mapping[str, Any]
    layers: tuple[LayerBlob, ...]

    @property
    def config_bytes(self) -> bytes:
        return json.dumps(self.config, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def image_id(self) -> str:
        """The sha256 of the configuration: Docker's image id."""
        return "sha256:" + sha256(self.config_bytes)

    @property
    def size(self) -> int:
        return sum(layer.size for layer in self.layers)

    def manifest_bytes(self, annotations: Mapping[str, str], layers: Sequence[Descriptor] = ()) -> bytes:
        """Return the OCI manifest; of uncompressed layers, unless told what they are called where it goes."""
        config = Descriptor(CONFIG_TYPE, self.image_id, len(self.config_bytes))
        plain = (Descriptor(LAYER_TYPE, layer.diff_id, layer.size) for layer in self.layers)
        return _dump(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST_TYPE,
                "config": config.to_json(),
                "layers": [item.to_json() for item in (layers or plain)],
                "annotations": dict(annotations),
            }
        )


def _dump(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def chain_ids(diff_ids: Sequence[str]) -> list[str]:
    """Return the chain id of each layer: what an engine knows a stack of layers by (OCI configuration, ChainID)."""
    chain: list[str] = []
    for diff_id in diff_ids:
        previous = chain[-1] if chain else ""
        chain.append("sha256:" + sha256(f"{previous} {diff_id}".encode()) if previous else diff_id)
    return chain


def docker_archive(image: OciImage, tags: Sequence[str], known_chains: set[str]) -> Iterator[bytes]:
    """Yield the archive that `docker load` reads, leaving out the bytes of layers that the engine has."""
    config_name = image.image_id.removeprefix("sha256:") + ".json"
    names = [layer.diff_id.removeprefix("sha256:") + "/layer.tar" for layer in image.layers]
    manifest = [{"Config": config_name, "RepoTags": list(tags), "Layers": names}]
    yield from _file(config_name, image.config_bytes)
    yield from _file("manifest.json", json.dumps(manifest).encode())
    chains = chain_ids([layer.diff_id for layer in image.layers])
    sent: set[str] = set()
    for layer, name, chain in zip(image.layers, names, chains, strict=True):
        if chain not in known_chains and name not in sent and layer.chunks is not None:
            sent.add(name)
            yield _header(name, layer.size)
            yield from layer.chunks()
            yield b"\0" * (-layer.size % BLOCK)
    yield TRAILER


def oci_archive(image: OciImage, tags: Sequence[str], known_blobs: set[str]) -> Iterator[bytes]:
    """Yield the archive that an engine with the containerd image store reads, without the layers that it has.

    Layers are uncompressed, so a blob's digest is the layer's diff id. The store finds names in the annotations.
    """
    manifest = image.manifest_bytes({})
    entries = [
        {
            "mediaType": MANIFEST_TYPE,
            "digest": "sha256:" + sha256(manifest),
            "size": len(manifest),
            "annotations": {CONTAINERD_NAME: full_name(tag), REF_NAME: tag.rpartition(":")[2]},
            "platform": {"architecture": image.config["architecture"], "os": image.config["os"]},
        }
        for tag in tags
    ]
    yield from _file("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
    yield from _file("index.json", _dump({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": entries}))
    for data in (image.config_bytes, manifest):
        yield from _file(f"blobs/sha256/{sha256(data)}", data)
    sent: set[str] = set()
    for layer in image.layers:
        if layer.diff_id not in known_blobs | sent and layer.chunks is not None:
            sent.add(layer.diff_id)
            yield _header(f"blobs/sha256/{layer.diff_id.removeprefix('sha256:')}", layer.size)
            yield from layer.chunks()
            yield b"\0" * (-layer.size % BLOCK)
    yield TRAILER


def full_name(tag: str) -> str:
    """Return an image's name with its registry, as the containerd image store keeps it (Docker's short names)."""
    first = tag.split("/", 1)[0]
    named = tag if ":" in tag.rsplit("/", 1)[-1] else f"{tag}:latest"
    if "/" in tag and ("." in first or ":" in first or first == "localhost"):
        return named
    return f"docker.io/{named}" if "/" in tag else f"docker.io/library/{named}"


def layers_to_send(image: OciImage, known_chains: set[str]) -> int:
    """Count the layers whose bytes an archive must carry."""
    return sum(chain not in known_chains for chain in chain_ids([layer.diff_id for layer in image.layers]))


def blobs_to_send(image: OciImage, known_blobs: set[str]) -> int:
    """Count the layers whose blobs an archive for a containerd image store must carry."""
    return len({layer.diff_id for layer in image.layers} - known_blobs)


def _file(name: str, data: bytes) -> Iterator[bytes]:
    yield _header(name, len(data))
    yield data
    yield b"\0" * (-len(data) % BLOCK)


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o644, EPOCH
    return member.tobuf(tarfile.PAX_FORMAT)


def write_layout(image: OciImage, folder: Path, reference: str, annotations: Mapping[str, str], report: Report) -> str:
    """Write an OCI image layout and return the manifest's digest. Blobs that are there already are kept.

    Raises `Cancelled`, and then leaves whole blobs only.
    """
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    for layer in image.layers:
        target = blobs / layer.diff_id.removeprefix("sha256:")
        if not target.exists():
            assert layer.chunks is not None
            part = target.with_suffix(".part")
            try:
                with part.open("wb") as file:
                    for chunk in layer.chunks():
                        report.raise_if_cancelled()
                        file.write(chunk)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
    manifest = image.manifest_bytes(annotations)
    for data in (image.config_bytes, manifest):
        (blobs / sha256(data)).write_bytes(data)
    digest = "sha256:" + sha256(manifest)
    entry = {
        "mediaType": MANIFEST_TYPE,
        "digest": digest,
        "size": len(manifest),
        "annotations": {REF_NAME: reference},
        "platform": {"architecture": image.config["architecture"], "os": image.config["os"]},
    }
    entries = sorted([*_others(folder, reference), entry], key=lambda item: str(item["annotations"].get(REF_NAME)))
    index = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": entries}
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', "utf-8")
    (folder / "index.json").write_bytes(_dump(index))
    return digest


def _others(folder: Path, reference: str) -> list[dict[str, Any]]:
    """Return the images of a layout under other names, which stay."""
    try:
        known = json.loads((folder / "index.json").read_text("utf-8"))["manifests"]
    except (OSError, KeyError, json.JSONDecodeError):
        return []
    return [item for item in known if (item.get("annotations") or {}).get(REF_NAME, reference) != reference]


def archive_folder(folder: Path, target: Path, report: Report) -> None:
    """Pack an OCI layout into one tar file, sorted and with fixed times. Raises `Cancelled`."""
    with target.open("wb") as file:
        for path in sorted(item for item in folder.rglob("*") if item.is_file()):
            file.write(_header(path.relative_to(folder).as_posix(), path.stat().st_size))
            with path.open("rb") as source:
                while chunk := source.read(CHUNK):
                    report.raise_if_cancelled()
                    file.write(chunk)
            file.write(b"\0" * (-path.stat().st_size % BLOCK))
        file.write(TRAILER)


def file_layer(path: Path, name: str) -> LayerBlob:
    """Return the layer that an uncompressed tar on disk is."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return known_file_layer(path, name, "sha256:" + digest.hexdigest())


def known_file_layer(path: Path, name: str, diff_id: str) -> LayerBlob:
    """Return the layer that a tar on disk is, whose diff id is known."""

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                yield chunk

    return LayerBlob(diff_id, path.stat().st_size, (name,), chunks)
