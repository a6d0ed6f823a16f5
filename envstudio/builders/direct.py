"""direct: an OCI image put together from the lock, without running anything.

conda packages are linked and wheels unpacked for a path inside the image; each becomes tar members once, and layers
are reused by content. Only the layers that the engine lacks are sent to it.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from envstudio.builders import bases, conda_packages, wheels
from envstudio.builders.bases import Base
from envstudio.builders.builder import PREFIX, BuildRequest, Plan, built
from envstudio.builders.image_config import image_config
from envstudio.builders.layers import Fragment, FragmentCache, Layer, arrange, single
from envstudio.builders.oci import (
    LayerBlob,
    OciImage,
    archive_folder,
    blobs_to_send,
    chain_ids,
    docker_archive,
    layers_to_send,
    oci_archive,
    write_layout,
)
from envstudio.builders.wheels import Prefix
from envstudio.domain.image import LABEL_DEFINITION, LABEL_ENVIRONMENT, LABEL_RECIPE, BuiltImage, ImageIdentity
from envstudio.domain.lock import PlatformLock
from envstudio.engine import Engine, EngineImage
from envstudio.errors import Cancelled, EnvStudioError, InvalidInput, Unavailable
from envstudio.packages import wheels as downloads
from envstudio.report import Report

RECIPE = f"direct-1 {wheels.RECIPE} {conda_packages.RECIPE}"


@dataclass(frozen=True, slots=True)
class _Inputs:
    lock: PlatformLock
    lock_digest: str
    base: Base
    prefix: Prefix


@dataclass(frozen=True, slots=True)
class _Delivered:
    """What became of an image: its id where it is, the digest of what was made, and how many layers travelled."""

    image_id: str
    digest: str
    layers_sent: int


class DirectBuilder:
    """Assembles images itself."""

    id = "direct"
    title = "Direct (from the lock, without running anything)"

    def build(self, request: BuildRequest, report: Report) -> BuiltImage:
        """Make the image and put it where the request says. Raises `EnvStudioError`, `Cancelled`."""
        started = time.perf_counter()
        with report.stage("resolve base"):
            inputs = self._inputs(request, report)
        identity = self._identity(request, inputs)
        if request.reuse and request.output == "docker":
            reused = _reusable(request, identity)
            if reused is not None:
                return self._reused(request, reused, report, started)
        image = self._assemble(request, inputs, identity, report)
        delivered = self._deliver(request, inputs.base, image, report)
        return built(
            request,
            report,
            self.id,
            started,
            image_id=delivered.image_id,
            digest=delivered.digest,
            size=image.size,
            layers=len(image.layers),
            layers_sent=delivered.layers_sent,
        )

    def plan(self, request: BuildRequest, report: Report) -> Plan:
        """Tell the layers, and what keeps an existing image from being reused."""
        inputs = self._inputs(request, report)
        identity = self._identity(request, inputs)
        count = len(inputs.lock.packages)
        steps = (
            f"base {inputs.base.reference} ({inputs.base.digest[:19]})",
            f"{count} packages of {inputs.lock.platform} under {PREFIX}",
            f"configuration with {len(request.environment.variables)} variables",
            f"deliver to {request.output} as {', '.join(request.tags)}",
        )
        return Plan(self.id, steps, _why(request, identity))

    def _inputs(self, request: BuildRequest, report: Report) -> _Inputs:
        """Gather what decides the image."""
        if request.lock is None:
            raise InvalidInput(f"{request.reference} is not locked.", f"Lock it: envstudio lock {request.reference}")
        image = request.environment.image
        if not image.base:
            raise InvalidInput(
                f"{request.reference} has no base image.",
                f"Choose one: envstudio edit {request.environment.name} --base-image IMAGE",
            )
        lock = request.lock.platform(request.subdir)
        base = bases.find(image.base, request.platform, request.settings, request.engine, report)
        python = ".".join((lock.python or (base.python[1] if base.python else "")).split(".")[:2])
        _check_python(lock, base, python)
        return _Inputs(lock, request.lock.digest, base, Prefix(PREFIX, python))

    def _identity(self, request: BuildRequest, inputs: _Inputs) -> ImageIdentity:
        return ImageIdentity(request.digest, inputs.lock_digest, inputs.base.digest, RECIPE, request.platform)

    def _reused(self, request: BuildRequest, image: EngineImage, report: Report, started: float) -> BuiltImage:
        """Tag the image that is there already."""
        assert request.engine is not None
        with report.stage("reuse") as stage:
            stage.cached = True
            report.line(f"{image.image_id[:19]} has the same definition, lock, base and recipe")
            request.engine.tag(image.image_id, request.tags)
        size, layers = image.size, len(image.diff_ids)
        return built(request, report, self.id, started, image_id=image.image_id, size=size, layers=layers, reused=True)

    def _assemble(self, request: BuildRequest, inputs: _Inputs, identity: ImageIdentity, report: Report) -> OciImage:
        """Make the layers and the configuration."""
        cache = FragmentCache()
        layers = [_blob(layer) for layer in self._package_layers(request, inputs, cache, report)]
        layers.append(_blob(_environment_layer(inputs, cache)))
        config = image_config(
            request.environment,
            inputs.base,
            {**identity.labels(), LABEL_ENVIRONMENT: request.environment.name},
            [layer.diff_id for layer in layers],
            uses_conda=bool(inputs.lock.of("conda")),
            platform=request.platform,
        )
        return OciImage(config, (*inputs.base.layers, *layers))

    def _package_layers(
        self, request: BuildRequest, inputs: _Inputs, cache: FragmentCache, report: Report
    ) -> tuple[Layer, ...]:
        fragments: list[Fragment] = []
        conda, pip = inputs.lock.of("conda"), inputs.lock.of("pip")
        if conda:
            with report.stage("link conda packages") as stage:
                found, stage.cached = conda_packages.fragments(
                    conda, inputs.lock.platform, inputs.prefix, cache, report
                )
                fragments += found
        if pip:
            with report.stage("download wheels"):
                files = downloads.download(pip, request.settings, report)
            with report.stage("unpack wheels") as stage:
                hits = 0
                for number, package in enumerate(pip, 1):
                    found_one, cached = wheels.fragment(package, files[package.sha256], inputs.prefix, cache)
                    hits += cached
                    fragments.append(found_one)
                    report.progress(number, len(pip), "packages")
                stage.cached = hits == len(pip)
        with report.stage("layer"):
            return arrange(fragments, cache)

    def _deliver(self, request: BuildRequest, base: Base, image: OciImage, report: Report) -> _Delivered:
        """Put the image where it is wanted."""
        kind, _, place = request.output.partition(":")
        if kind == "docker":
            if request.engine is None:
                raise Unavailable("There is no container engine to load the image into.", "Use --output oci:DIR.")
            with report.stage("load"):
                return _load(request.engine, image, base, request.tags, report)
        with report.stage("write"):
            whole = _whole(image, base, request.engine)
            return _Delivered(image.image_id, _write(kind, Path(place), whole, request), len(image.layers))


def _check_python(lock: PlatformLock, base: Base, python: str) -> None:
    """Where conda brings no Python, the base must have the one that the lock was made for."""
    if not lock.of("pip") or any(item.name == "python" for item in lock.of("conda")):
        return
    if base.python is None:
        raise EnvStudioError(
            f"The base image {base.reference} has no Python, and neither have the conda packages.",
            "Choose a base image with Python, or add python to the conda packages.",
        )
    if base.python[1] != python:
        raise EnvStudioError(
            f"The lock is for Python {python}, but the base image {base.reference} has {base.python[1]}.",
            f"Choose another base image, or state python.version {base.python[1]} and lock again.",
        )


def _reusable(request: BuildRequest, identity: ImageIdentity) -> EngineImage | None:
    """Return an image of the engine that these inputs would make again."""
    if request.engine is None:
        return None
    return next(iter(request.engine.labelled(identity.labels())), None)


def _why(request: BuildRequest, identity: ImageIdentity) -> tuple[str, ...]:
    """Name the parts in which the nearest image of this environment differs from what is asked for."""
    if request.engine is None:
        return ("there is no engine to look for an image in",)
    found = request.engine.labelled({LABEL_ENVIRONMENT: request.environment.name})
    if not found:
        return ("no image of this environment is in the engine",)
    nearest = min(found, key=lambda image: len(identity.differences(dict(image.labels))))
    return identity.differences(dict(nearest.labels))


def _blob(layer: Layer) -> LayerBlob:
    return LayerBlob(layer.diff_id, layer.size, layer.names, layer.chunks)


def _environment_layer(inputs: _Inputs, cache: FragmentCache) -> Layer:
    """Return the small last layer: what makes the folder an environment of the base's interpreter."""
    prefix = inputs.prefix
    own_python = any(item.name == "python" for item in inputs.lock.of("conda"))
    base_python = None if own_python else inputs.base.python
    key = f"{RECIPE}\nenvironment\n{prefix}\n{base_python}"
    known = cache.find(key, "environment")
    if known is None:
        session = cache.write(key, "environment")
        root = prefix.path.lstrip("/")
        with session as writer:
            writer.add_directory(root)
            if base_python is not None:
                home = base_python[0].rsplit("/", 1)[0]
                config = f"home = {home}\ninclude-system-site-packages = false\nversion = {base_python[1]}\n"
                writer.add_bytes(f"{root}/pyvenv.cfg", config.encode())
                writer.add_symlink(f"{root}/bin/python", base_python[0])
                for name in ("python3", f"python{base_python[1]}"):
                    writer.add_symlink(f"{root}/bin/{name}", "python")
        known = session.fragment
    return single(known)


def _load(engine: Engine, image: OciImage, base: Base, tags: tuple[str, ...], report: Report) -> _Delivered:
    """Send the image to the engine without the layers that it has; all of them where it has lost one meanwhile."""
    containerd = engine.info().containerd_store
    known = _known_blobs(engine) if containerd else _known_chains(engine, base)
    complete = image if not containerd and known else _whole(image, base, engine)
    try:
        sent = _send(engine, complete, tags, known, containerd, report)
    except EnvStudioError as error:
        if not known or isinstance(error, Cancelled | Unavailable):
            raise
        report.line(f"the engine refused the archive without the layers it was thought to have: {error.details}")
        sent = _send(engine, _whole(image, base, engine), tags, set(), containerd, report)
    loaded = engine.find(tags[0])
    if loaded is None:
        raise EnvStudioError("The engine took the image, but does not list it.", "See the engine's own log.")
    # The containerd image store names an image by its manifest, not by its configuration.
    return _Delivered(loaded.image_id, image.image_id, sent)


def _send(
    engine: Engine, image: OciImage, tags: tuple[str, ...], known: set[str], containerd: bool, report: Report
) -> int:
    """Stream the archive in the form that the engine's store completes, and return how many layers it carried."""
    if containerd:
        sent, archive = blobs_to_send(image, known), oci_archive(image, tags, known)
    else:
        sent, archive = layers_to_send(image, known), docker_archive(image, tags, known)
    report.line(f"sending {sent} of {len(image.layers)} layers")
    engine.load(archive, report)
    if containerd and known:
        # This store takes an archive whose blobs it lacks, and fails only when a container is made of it.
        engine.check_whole(tags[0])
    return sent


def _known_blobs(engine: Engine) -> set[str]:
    """Return the diff ids of the layers that a containerd image store has from earlier builds, as they were sent."""
    return {diff_id for image in engine.labelled({LABEL_RECIPE: RECIPE}) for diff_id in image.diff_ids}


def _whole(image: OciImage, base: Base, engine: Engine | None) -> OciImage:
    """Return the image with the bytes of its base's layers."""
    full = bases.with_layers(base, engine)
    return OciImage(image.config, (*full.layers, *image.layers[len(full.layers) :]))


def _known_chains(engine: Engine, base: Base) -> set[str]:
    """Return the chain ids of the layers that the engine has from the base and from earlier builds."""
    images = list(engine.labelled({LABEL_DEFINITION: ""}))
    known = engine.find(base.engine_image) if base.engine_image else None
    stacks = [image.diff_ids for image in [*images, *([known] if known else [])]]
    return {chain for stack in stacks for chain in chain_ids(stack)}


def _write(kind: str, place: Path, image: OciImage, request: BuildRequest) -> str:
    """Write the image to disk and return its digest; a file is there whole or not at all. Raises `EnvStudioError`."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if kind == "oci":
            return write_layout(image, place, request.tags[0], _annotations(request))
        with tempfile.TemporaryDirectory(prefix=".envstudio-", dir=place.parent) as folder:
            part = Path(folder) / "archive.tar"
            digest = _write_archive(kind, part, image, request)
            part.replace(place)
        return digest
    except OSError as error:
        raise EnvStudioError(f"{place} cannot be written.", "Check the path and the disk.", str(error)) from error


def _write_archive(kind: str, part: Path, image: OciImage, request: BuildRequest) -> str:
    if kind == "oci-archive":
        layout = part.with_name("layout")
        digest = write_layout(image, layout, request.tags[0], _annotations(request))
        archive_folder(layout, part)
        return digest
    if kind == "docker-archive":
        with part.open("wb") as file:
            for chunk in docker_archive(image, request.tags, set()):
                file.write(chunk)
        return image.image_id
    raise InvalidInput(f"There is no output {kind!r}.", "Use docker, oci:DIR, oci-archive:FILE or docker-archive:FILE.")


def _annotations(request: BuildRequest) -> dict[str, str]:
    return {
        "org.opencontainers.image.title": request.environment.name,
        "org.opencontainers.image.version": str(request.version),
    }
