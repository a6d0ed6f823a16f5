"""Base images: from the engine, a registry, an OCI layout, a distribution's archive, or none.

A base is named as in a Dockerfile, or as `scratch`, `oci:FOLDER`, or `mmdebstrap:SUITE?include=PACKAGES`. Image
mirrors of the settings may map an ordinary name to any of these.
"""

from __future__ import annotations

from pathlib import Path

from envstudio.builders.bases import from_archive, from_engine, from_layout, from_registry
from envstudio.builders.bases.base import Base
from envstudio.domain.container_platform import parse_platform
from envstudio.domain.image_name import MMDEBSTRAP, OCI_LAYOUT, SCRATCH, mirrored_image
from envstudio.engine import Engine
from envstudio.errors import Act, InvalidInput, Remedy
from envstudio.report import Report, silent
from envstudio.settings import Settings, mirror_of

__all__ = ["Base", "find", "known", "mirrored", "sweep", "with_layers"]


def mirrored(reference: str, settings: Settings, engine: Engine | None) -> str:
    """Return what the settings' mirrors put instead of a base.

    A short name is Docker Hub's, or that of an image made here: where the engine has it, no mirror of the Hub counts.
    """
    source = mirrored_image(reference, settings.mirror_images)
    is_written = mirror_of(reference, settings.mirror_images) is not None
    if source == reference or is_written or engine is None or engine.find(reference) is None:
        return source
    return reference


def find(
    reference: str,
    platform: str,
    settings: Settings,
    engine: Engine | None,
    report: Report,
    *,
    into_engine: bool = True,
) -> Base:
    """Return the base that a reference means, after the settings' mirrors. Raises `EnvStudioError`.

    One that the engine lacks is pulled by it; if the image does not go `into_engine`, or there is none, only what
    is needed is read from the registry.
    """
    source = mirrored(reference, settings, engine)
    if source != reference:
        report.line(f"{reference} comes from {source} (mirror)")
    architecture = parse_platform(platform).architecture
    if source == SCRATCH:
        return Base(SCRATCH, SCRATCH, {}, (), None, architecture)
    if source.startswith(MMDEBSTRAP):
        return from_archive.base_of(source, architecture, report)
    if source.startswith(OCI_LAYOUT):
        return _of_architecture(from_layout.base_of(Path(source.removeprefix(OCI_LAYOUT))), architecture)
    image = engine.find(source) if engine else None
    if image is not None and image.architecture != architecture:
        image = None
    if image is None and (engine is None or not into_engine):
        return _of_architecture(from_registry.base_of(source, platform, settings, report), architecture)
    assert engine is not None
    found = image or engine.pull(source, platform, report)
    return _of_architecture(from_engine.base_of(source, found, engine), architecture)


def known(reference: str, platform: str, settings: Settings, engine: Engine | None) -> Base | None:
    """Return the base that a reference means if it is here already; nothing is fetched, made or started."""
    source = mirrored(reference, settings, engine)
    architecture = parse_platform(platform).architecture
    if source.startswith(MMDEBSTRAP):
        tar = from_archive.cached_tar(source, architecture)[0]
        return from_archive.base_of(source, architecture, silent()) if tar.exists() else None
    if source == SCRATCH or source.startswith(OCI_LAYOUT):
        return find(reference, platform, settings, engine, silent())
    image = engine.find(source) if engine else None
    if engine is None or image is None or image.architecture != architecture:
        return None
    if not from_engine.interpreter_facts(image).exists():
        return Base(source, image.image_id, image.config, from_engine.layers_of(source, image), None, architecture)
    return from_engine.base_of(source, image, engine)


def sweep() -> int:
    """Remove what makers and fetchers of bases that were killed left, and return how many folders it were."""
    return from_archive.sweep_remains()


def _of_architecture(base: Base, architecture: str) -> Base:
    """Return a base for that processor. Raises `InvalidInput` for one of another."""
    if base.architecture != architecture:
        raise InvalidInput(
            f"The base image {base.reference} is for {base.architecture}, but {architecture} is wanted.",
            "Choose a base image for that platform, or build for the base's own.",
            code="platform-mismatch",
            subject=base.reference,
            remedy=Remedy(Act.EDIT_IMAGE),
        )
    return base


def with_layers(base: Base, engine: Engine | None, report: Report) -> Base:
    """Return the base with the bytes of its layers, fetching them where they are in the engine or a registry only.

    Raises `EnvStudioError`, `Cancelled`.
    """
    if all(layer.chunks is not None and layer.remote is None for layer in base.layers):
        return base
    if any(layer.remote is not None for layer in base.layers):
        return from_registry.with_layers(base)
    assert engine is not None
    return from_engine.with_layers(base, engine, report)
