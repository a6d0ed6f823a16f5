"""direct: an OCI image put together from the lock, without running anything.

conda packages are linked and wheels unpacked for a path inside the image; each becomes tar members once, and layers
are reused by content. Only the layers that the engine lacks are sent to it.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from envstudio.builders import bases
from envstudio.builders.assembly import activation, bytecode, conda_packages, package_fragments, wheels
from envstudio.builders.assembly.activation import is_script
from envstudio.builders.assembly.assembly import Assembly, Inputs
from envstudio.builders.assembly.image_config import image_config
from envstudio.builders.assembly.installation import Prefix
from envstudio.builders.assembly.layers import MAX_LAYERS, FragmentCache, Layer, arrange, single
from envstudio.builders.assembly.loading import Delivered, Loader, whole
from envstudio.builders.assembly.oci import OciImage, archive_folder, docker_archive, write_layout
from envstudio.builders.assembly.package_fragments import Ahead, as_blob
from envstudio.builders.assembly.push import push
from envstudio.builders.bases import Base
from envstudio.builders.builder import PREFIX, BuildRequest, Plan, built
from envstudio.builders.reuse import reusable
from envstudio.disk import writing
from envstudio.domain.amounts import size_text
from envstudio.domain.image import LABEL_ENVIRONMENT, BuiltImage, ImageIdentity, LayerContents
from envstudio.domain.lock import PlatformLock
from envstudio.engine import Engine, EngineImage
from envstudio.errors import Act, EnvStudioError, InvalidInput, Remedy, Unavailable
from envstudio.report import Report

ENGINE_LAYERS = 125
"""Of an image, in Docker Engine with any storage driver (maxLayerDepth of its layer store). Its containerd store and
Podman take more; but the same lock and base are to make the same image wherever it is built."""

RECIPE = f"direct-4 {wheels.RECIPE} {conda_packages.RECIPE} {bytecode.RECIPE}"


class DirectBuilder:
    """Assembles images itself."""

    id = "direct"
    title = "Direct (from the lock, without running anything)"
    runs_dockerfiles = False
    needs_engine = False
    mounts_secrets = False

    def build(self, request: BuildRequest, report: Report) -> BuiltImage:
        """Make the image and put it where the request says. Raises `EnvStudioError`, `Cancelled`."""
        started = time.perf_counter()
        with report.stage("resolve base"):
            inputs = self._inputs(request, report)
        reused = reusable(request, _identity(request, inputs))
        if reused is not None:
            return self._reused(request, reused, report, started)
        delivered, image, contents = _deliver(Assembly(request, inputs, FragmentCache(), report))
        return built(
            request,
            report,
            self.id,
            started,
            image_id=delivered.image_id,
            digest=delivered.digest,
            size=_size(request, delivered, image),
            layers=len(image.layers),
            layers_sent=delivered.layers_sent,
            contents=contents,
        )

    def plan(self, request: BuildRequest, report: Report) -> Plan:
        """Return the layers, and what keeps an existing image from being reused; nothing is fetched or made."""
        lock, name = _lock(request), request.environment.image.base
        base = bases.known(name, request.platform, request.settings, request.engine)
        inputs = _gathered(request, lock, base or Base(name, "", {}, (), None))
        steps = (
            f"base {_base_text(base, request.engine)}" if base else f"base {name}, which is fetched or made first",
            f"{len(lock.packages)} packages of {lock.platform} under {PREFIX}",
            package_fragments.planned_bytecode(inputs),
            f"configuration with {len(request.environment.variables)} variables",
            f"deliver to {request.output} as {', '.join(request.tags)}",
        )
        layers = package_fragments.planned(inputs, FragmentCache(), room=_room(inputs.base))
        why = _why(request, _identity(request, inputs)) if base else ("the base image is not here yet",)
        return Plan(self.id, steps, why, layers=layers)

    def _inputs(self, request: BuildRequest, report: Report) -> Inputs:
        """Gather what decides the image."""
        lock = _lock(request)
        base = bases.find(
            request.environment.image.base,
            request.platform,
            request.settings,
            request.engine,
            report,
            into_engine=request.output == "docker",
        )
        inputs = _gathered(request, lock, base)
        _check_python(lock, base, inputs.prefix.python)
        return inputs

    def _reused(self, request: BuildRequest, image: EngineImage, report: Report, started: float) -> BuiltImage:
        """Tag the image that is there already."""
        assert request.engine is not None
        with report.stage("reuse") as stage:
            stage.cached = True
            report.line(f"{image.image_id[:19]} has the same definition, lock, base and recipe")
            request.engine.tag(image.image_id, request.tags)
        size, layers = image.size, len(image.diff_ids)
        return built(request, report, self.id, started, image_id=image.image_id, size=size, layers=layers, reused=True)


def _identity(request: BuildRequest, inputs: Inputs) -> ImageIdentity:
    return ImageIdentity(request.digest, inputs.lock_digest, inputs.base.digest, RECIPE, request.platform)


def _deliver(assembly: Assembly) -> tuple[Delivered, OciImage, tuple[LayerContents, ...]]:
    """Make the image and put it where it is wanted; into an engine, layer by layer while it is being made."""
    request, base, report = assembly.request, assembly.inputs.base, assembly.report
    kind, _, target = request.output.partition(":")
    if kind == "docker":
        if request.engine is None:
            raise Unavailable(
                "There is no container engine to load the image into.",
                "Start Docker or Podman, or write the image to a folder.",
                code="engine-stopped",
                remedy=Remedy(Act.CHOOSE_OUTPUT, "oci:DIR"),
            )
        with Loader(request.engine, base, RECIPE, report) as loader:
            image, contents = _assemble(assembly, loader.ahead)
            with report.stage("load"):
                return loader.finish(image, request.tags), image, contents
    image, contents = _assemble(assembly)
    if kind == "registry":
        at_hand = all(layer.chunks is not None for layer in image.layers)
        complete = image if at_hand else whole(image, base, request.engine, report)
        with report.stage("push"):
            pushed = push(complete, request.tags, _annotations(request), request.settings, report)
        return Delivered(image.image_id, pushed[0].digest, pushed[0].layers_sent), image, contents
    with report.stage("write"):
        complete = whole(image, base, request.engine, report)
        digest = write_image(kind, Path(target), complete, request, report)
        return Delivered(image.image_id, digest, len(image.layers)), image, contents


def _assemble(assembly: Assembly, ahead: Ahead = lambda _layers: None) -> tuple[OciImage, tuple[LayerContents, ...]]:
    """Make the layers and the configuration; `ahead` is called with the lower layers as they are made."""
    request, inputs, cache = assembly.request, assembly.inputs, assembly.cache
    room = _room(inputs.base)
    made = package_fragments.make(assembly, room=room, ahead=ahead)
    notes = {path: text for item in made.fragments for path, text in item.notes.items()}
    starts_activated = activation.has_scripts(notes) and inputs.base.reference != "scratch"
    with assembly.report.stage("layer"):
        packages = arrange(made.fragments, cache, made.weights, room, made.replacing)
        last = _environment_layer(inputs, cache, starts_activated=starts_activated)
    layers = [as_blob(layer) for layer in (*packages, last)]
    contents = (
        *_base_contents(inputs.base, request.engine),
        *(layer.contents() for layer in packages),
        LayerContents(last.diff_id, last.size),
    )
    config = image_config(
        request.environment,
        inputs.base,
        _identity(request, inputs).all_labels(request.environment.name, request.environment.image.base),
        [layer.diff_id for layer in layers],
        uses_conda=bool(inputs.lock.of("conda")),
        platform=request.platform,
        activated=activation.variables({path: text for path, text in notes.items() if not is_script(path)}),
        entry_point=(f"{PREFIX}/{activation.ENTRY_POINT}",) if starts_activated else (),
    )
    return OciImage(config, (*inputs.base.layers, *layers)), contents


def _size(request: BuildRequest, delivered: Delivered, image: OciImage) -> int:
    """Return an image's bytes; the engine's own figure if layers of the base are there only, their sizes unknown."""
    if request.engine is None or all(layer.size for layer in image.layers):
        return image.size
    found = request.engine.find(delivered.image_id)
    return found.size if found else image.size


def _base_contents(base: Base, engine: Engine | None) -> tuple[LayerContents, ...]:
    """Return the layers of a base with their sizes, asking the engine for those that only it has."""
    sizes = [layer.size for layer in base.layers]
    if base.engine_image and engine is not None:
        sizes = engine.sizes_of_layers(base.engine_image, len(sizes)) or sizes
    return tuple(LayerContents(layer.diff_id, size) for layer, size in zip(base.layers, sizes, strict=True))


def _base_text(base: Base, engine: Engine | None) -> str:
    """Name a base for a plan: its digest, its layers, and their size if that is known."""
    sizes = [layer.size for layer in _base_contents(base, engine)]
    size = size_text(sum(sizes)) if sizes and all(sizes) else "size unknown"
    return f"{base.reference} ({base.digest[:19]}), {len(sizes)} layers, {size}" if sizes else base.reference


def _lock(request: BuildRequest) -> PlatformLock:
    if request.lock is None:
        raise InvalidInput(
            f"{request.reference} is not locked.",
            "Lock it.",
            code="not-locked",
            subject=request.reference,
            remedy=Remedy(Act.LOCK, request.reference),
        )
    return request.lock.platform(request.subdir)


def _gathered(request: BuildRequest, lock: PlatformLock, base: Base) -> Inputs:
    assert request.lock is not None
    python = ".".join((lock.python or (base.python[1] if base.python else "")).split(".")[:2])
    return Inputs(lock, request.lock.digest, base, Prefix(PREFIX, python))


def _room(base: Base) -> int:
    """Return how many layers of packages an image on this base may have."""
    return max(0, min(MAX_LAYERS, ENGINE_LAYERS - 1 - len(base.layers)))


def _check_python(lock: PlatformLock, base: Base, python: str) -> None:
    """Where conda brings no Python, the base must have the one that the lock was made for."""
    if not lock.of("pip") or any(item.name == "python" for item in lock.of("conda")):
        return
    if base.python is None:
        raise EnvStudioError(
            f"The base image {base.reference} has no Python, and neither have the conda packages.",
            "Choose a base image with Python, or add python to the conda packages.",
            code="no-python",
            subject=base.reference,
            remedy=Remedy(Act.EDIT_IMAGE),
        )
    if base.python[1] != python:
        raise EnvStudioError(
            f"The lock is for Python {python}, but the base image {base.reference} has {base.python[1]}.",
            f"Choose another base image, or state python.version {base.python[1]} and lock again.",
            code="python-mismatch",
            subject=base.reference,
            remedy=Remedy(Act.EDIT_IMAGE),
        )


def _why(request: BuildRequest, identity: ImageIdentity) -> tuple[str, ...]:
    """Name the parts in which the nearest image of this environment differs from what is requested."""
    if request.engine is None:
        return ("there is no engine to look for an image in",)
    found = request.engine.labelled({LABEL_ENVIRONMENT: request.environment.name})
    if not found:
        return ("no image of this environment is in the engine",)
    nearest = min(found, key=lambda image: len(identity.differences(dict(image.labels))))
    return identity.differences(dict(nearest.labels))


def _environment_layer(inputs: Inputs, cache: FragmentCache, *, starts_activated: bool) -> Layer:
    """Return the small last layer: what makes the folder an environment of the base's interpreter, or activates it."""
    prefix = inputs.prefix
    own_python = any(item.name == "python" for item in inputs.lock.of("conda"))
    base_python = None if own_python else inputs.base.python
    program = activation.program(prefix.path) if starts_activated else b""
    key = f"{RECIPE}\nenvironment\n{prefix}\n{base_python}\n{program!r}"
    known = cache.find(key, "environment")
    if known is None:
        session = cache.write(key, "environment")
        root = prefix.path.lstrip("/")
        with session as writer:
            writer.add_directory(root)
            if program:
                writer.add_bytes(f"{root}/{activation.ENTRY_POINT}", program, executable=True)
            if base_python is not None:
                home = base_python[0].rsplit("/", 1)[0]
                config = f"home = {home}\ninclude-system-site-packages = false\nversion = {base_python[1]}\n"
                writer.add_bytes(f"{root}/pyvenv.cfg", config.encode())
                writer.add_symlink(f"{root}/bin/python", base_python[0])
                for name in ("python3", f"python{base_python[1]}"):
                    writer.add_symlink(f"{root}/bin/{name}", "python")
        known = session.fragment
    return single(known)


def write_image(kind: str, target: Path, image: OciImage, request: BuildRequest, report: Report) -> str:
    """Write the image to disk and return its digest; a file is there whole or not at all. Raises `EnvStudioError`."""
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if kind == "oci":
            return write_layout(image, target, request.tags[0], _annotations(request), report)
        with tempfile.TemporaryDirectory(prefix=".envstudio-", dir=target.parent) as folder:
            part = Path(folder) / "archive.tar"
            digest = _write_archive(kind, part, image, request, report)
            part.replace(target)
        return digest


def _write_archive(kind: str, part: Path, image: OciImage, request: BuildRequest, report: Report) -> str:
    if kind == "oci-archive":
        layout = part.with_name("layout")
        digest = write_layout(image, layout, request.tags[0], _annotations(request), report)
        archive_folder(layout, part, report)
        return digest
    if kind == "docker-archive":
        with part.open("wb") as file:
            for chunk in docker_archive(image, request.tags, set()):
                report.raise_if_cancelled()
                file.write(chunk)
        return image.image_id
    raise InvalidInput(
        f"No output named {kind!r}.",
        "Use docker, oci:DIR, oci-archive:FILE or docker-archive:FILE.",
        code="invalid-output",
        subject=kind,
    )


def _annotations(request: BuildRequest) -> dict[str, str]:
    return {
        "org.opencontainers.image.title": request.environment.name,
        "org.opencontainers.image.version": str(request.version),
    }
