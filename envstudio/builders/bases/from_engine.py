"""Base images of the engine; their layers are fetched from it only if they go elsewhere."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from envstudio import paths
from envstudio.archives import verified
from envstudio.builders.assembly.oci import LayerBlob, file_layer, known_file_layer
from envstudio.builders.bases.base import DPKG_STATUS, PYTHONS, Base, debian_release, interpreter, stated_release
from envstudio.disk import writing
from envstudio.domain.hashes import hex_of
from envstudio.engine import Engine, EngineImage, archive_members
from envstudio.errors import EnvStudioError
from envstudio.packages.cache_files import write_whole
from envstudio.report import Report


def base_of(reference: str, image: EngineImage, engine: Engine) -> Base:
    layers = layers_of(reference, image)
    known = _cached_python(image, engine)
    python = (known[0], known[1]) if known else None
    release = known[2] if known else ""
    return Base(reference, image.image_id, image.config, layers, python, image.architecture, image.image_id, release)


def layers_of(reference: str, image: EngineImage) -> tuple[LayerBlob, ...]:
    return tuple(LayerBlob(f"sha256:{hex_of(item, reference)}", 0, (reference,)) for item in image.diff_ids)


def interpreter_facts(image: EngineImage) -> Path:
    return paths.cache_dir("bases", f"{hex_of(image.image_id, 'The engine')}.interpreter.json")


def _cached_python(image: EngineImage, engine: Engine) -> list[str] | None:
    """Return path, version and release of an image's interpreter, looking into an image once in its life."""
    facts = interpreter_facts(image)
    try:
        known = json.loads(facts.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        found = interpreter(engine.link_target(image.image_id, PYTHONS))
        known = None
        if found:
            status = engine.read_file(image.image_id, DPKG_STATUS) or b""
            known = [*found, stated_release(image.config, found[1]) or debian_release(status, found)]
        write_whole(facts, json.dumps(known))
    return list(known) if known else None


def _temporary_in(folder: Path) -> tempfile.TemporaryDirectory[str]:
    folder.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=folder)


def _save_layers(base: Base, engine: Engine, folder: Path, report: Report) -> None:
    """Take the layers out of `docker save`, and name each by its diff id."""

    def watched() -> Iterator[bytes]:
        for chunk in engine.save(base.engine_image):
            report.raise_if_cancelled()
            yield chunk

    with writing(folder), _temporary_in(folder) as work:
        for member, stream in archive_members(watched()):
            if stream is not None and (member.name.endswith("layer.tar") or member.name.startswith("blobs/")):
                part = Path(work) / "part"
                with part.open("wb") as file:
                    shutil.copyfileobj(stream, file)
                part.replace(folder / f"{file_layer(part, '').diff_id.removeprefix('sha256:')}.tar")
    missing = [
        layer.diff_id for layer in base.layers if not (folder / f"{layer.diff_id.removeprefix('sha256:')}.tar").exists()
    ]
    if missing:
        raise EnvStudioError(f"The engine did not hand out all layers of {base.reference}.", "Pull it again.")
    write_whole(folder / "done", "")


def with_layers(base: Base, engine: Engine, report: Report) -> Base:
    """Return a base with the bytes of its layers. Raises `EnvStudioError`, `Cancelled`."""
    folder = paths.cache_dir("bases", hex_of(base.digest, base.reference))
    files = {layer.diff_id: folder / f"{hex_of(layer.diff_id, base.reference)}.tar" for layer in base.layers}
    if not (folder / "done").exists() or not all(map(_is_whole, files, files.values())):
        _save_layers(base, engine, folder, report)
    layers = [known_file_layer(files[layer.diff_id], base.reference, layer.diff_id) for layer in base.layers]
    return replace(base, layers=tuple(layers), engine_image="")


def _is_whole(diff_id: str, file: Path) -> bool:
    """Return whether a layer in the cache has the bytes that its digest says."""
    return file.exists() and verified.verified(file, hex_of(diff_id, str(file))) is not None
