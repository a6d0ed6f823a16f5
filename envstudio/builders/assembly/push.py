"""Sending an image to a registry: only what it lacks, several layers at once.

Layers travel compressed. What a layer is when compressed is remembered by its diff id, so that one which the registry
has is neither read nor compressed again; of a base that is in the same registry, layers are mounted.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from envstudio import paths
from envstudio.builders.assembly.layers import CHUNK
from envstudio.builders.assembly.oci import (
    CONFIG_TYPE,
    GZIP_LAYER_TYPE,
    MANIFEST_TYPE,
    Descriptor,
    LayerBlob,
    OciImage,
)
from envstudio.disk import writing
from envstudio.domain.image_name import ImageName, parse_name
from envstudio.errors import Act, EnvStudioError, Remedy
from envstudio.packages.cache_files import write_whole
from envstudio.registry import Blob, Registry
from envstudio.report import Report
from envstudio.settings import Settings

PARALLEL = 4
LEVEL = 4
"""Of zlib: half the time of its default for a few more bytes."""

GZIP = 31
"""zlib's window bits for a gzip header, which then holds no time and no name."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """An image in a registry: the digest of its manifest, and how many layers travelled."""

    name: str
    digest: str
    layers_sent: int


def push(
    image: OciImage, tags: Sequence[str], annotations: Mapping[str, str], settings: Settings, report: Report
) -> tuple[Pushed, ...]:
    """Send an image to the registries that its names say. Raises `EnvStudioError`, `Cancelled`."""
    return tuple(_Push(image, parse_name(tag), settings, report).run(annotations) for tag in tags)


class _Push:
    """One image on its way to one name."""

    def __init__(self, image: OciImage, name: ImageName, settings: Settings, report: Report) -> None:
        self._image, self._name, self._report = image, name, report
        self._registry = Registry(name.host, settings)
        self._layers = {layer.diff_id: layer for layer in image.layers}
        self._lock = threading.Lock()
        self._sent = self._done = 0

    def run(self, annotations: Mapping[str, str]) -> Pushed:
        """Send layers, configuration and manifest, in that order, so that nothing refers to what is not there."""
        found = self._send_layers()
        config = self._image.config_bytes
        self._send(Descriptor(CONFIG_TYPE, self._image.image_id, len(config)), lambda start: [config[start:]])
        manifest = self._image.manifest_bytes(annotations, [found[layer.diff_id] for layer in self._image.layers])
        digest = self._registry.put_manifest(self._name.repository, self._name.reference, manifest, MANIFEST_TYPE)
        self._report.line(f"{self._name} is {digest[:19]}: {self._sent} of {len(self._layers)} layers sent")
        return Pushed(str(self._name), digest, self._sent)

    def _send_layers(self) -> dict[str, Descriptor]:
        """Send the layers that the registry lacks, and return by diff id what they are called there."""
        pool = ThreadPoolExecutor(PARALLEL, "push")
        try:
            return dict(zip(self._layers, pool.map(self._layer, self._layers.values()), strict=True))
        finally:
            # After a failure nothing more is begun; what runs ends with its piece, or sees the cancel.
            pool.shutdown(cancel_futures=True)

    def _layer(self, layer: LayerBlob) -> Descriptor:
        self._report.raise_if_cancelled()
        found = layer.remote.descriptor if layer.remote else _remembered(layer.diff_id)
        if found is None or not self._is_there(found, layer):
            found = self._pack_and_send(layer)
        with self._lock:
            self._done += 1
        self._report.progress(self._done, len(self._layers), "layers")
        return found

    def _is_there(self, known: Descriptor, layer: LayerBlob) -> bool:
        """Return whether the registry has a layer, mounting it from the base's repository if that has it."""
        if self._registry.has_blob(self._name.repository, known.digest):
            return True
        if layer.remote is None or layer.remote.host != self._name.host:
            return False
        return self._registry.mount(self._name.repository, known.digest, layer.remote.repository)

    def _pack_and_send(self, layer: LayerBlob) -> Descriptor:
        if layer.chunks is None:
            raise EnvStudioError(
                f"The bytes of the layer {layer.diff_id[:19]} are not on this machine.", "Push it from the engine."
            )
        with tempfile.TemporaryDirectory(prefix="envstudio-push-") as folder:
            packed = Path(folder) / "layer.tar.gz"
            with writing(packed.parent):
                found = compress(layer, packed, self._report)
            self._send(found, lambda start: _read(packed, start))
        with self._lock:
            self._sent += 1
        return found

    def _send(self, what: Descriptor, chunks: Callable[[int], Iterable[bytes]]) -> None:
        if not self._registry.has_blob(self._name.repository, what.digest):
            blob = Blob(what.digest, what.size, chunks)
            self._registry.upload(self._name.repository, blob, self._report)


def compress(layer: LayerBlob, target: Path, report: Report) -> Descriptor:
    """Write a layer compressed, and return and remember what it is then. Raises `Cancelled`."""
    assert layer.chunks is not None
    digest, plain, packer = hashlib.sha256(), hashlib.sha256(), zlib.compressobj(LEVEL, wbits=GZIP)
    with target.open("wb") as file:
        for chunk in layer.chunks():
            report.raise_if_cancelled()
            plain.update(chunk)
            data = packer.compress(chunk)
            digest.update(data)
            file.write(data)
        data = packer.flush()
        digest.update(data)
        file.write(data)
    if f"sha256:{plain.hexdigest()}" != layer.diff_id:
        raise EnvStudioError(
            f"The layer {layer.diff_id[:19]} in the cache changed.",
            "Find what changed.",
            code="cache-changed",
            remedy=Remedy(Act.VERIFY_CACHE),
        )
    found = Descriptor(GZIP_LAYER_TYPE, f"sha256:{digest.hexdigest()}", target.stat().st_size)
    write_whole(_place(layer.diff_id), json.dumps(asdict(found)))
    return found


def _place(diff_id: str) -> Path:
    return paths.cache_dir("compressed", f"{diff_id.removeprefix('sha256:')}.json")


def _remembered(diff_id: str) -> Descriptor | None:
    """Return what a layer was when it was compressed before."""
    try:
        return Descriptor(**json.loads(_place(diff_id).read_text("utf-8")))
    except (OSError, json.JSONDecodeError, TypeError):
        return None


def _read(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(CHUNK):
            yield chunk
