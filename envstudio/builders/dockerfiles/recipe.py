"""What BuildKit and the classic builder share: a context at hand, what decides its image, and whether that exists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from envstudio.builders import bases
from envstudio.builders.builder import BuildRequest, Plan, built
from envstudio.builders.dockerfiles import context, dockerfile
from envstudio.builders.dockerfiles.context import Context
from envstudio.builders.dockerfiles.here_documents import refuse_here_documents
from envstudio.builders.reuse import reusable
from envstudio.domain.image import BuiltImage, ImageIdentity, LayerContents
from envstudio.domain.problem import tell
from envstudio.domain.shared_files import problems
from envstudio.engine import EngineImage
from envstudio.packages.file_lists import known_in_common
from envstudio.report import Report


@contextmanager
def opened(request: BuildRequest, report: Report, *, mounts: bool) -> Iterator[tuple[Context, ImageIdentity]]:
    """Yield the context to build, and what decides its image. Raises `EnvStudioError`."""
    given = request.environment.image.context
    if given is None:
        files = dockerfile.context_files(request, mounts=mounts)
        if request.environment.image.dockerfile:
            text = files[dockerfile.DOCKERFILE].decode()
            refuse_here_documents(text, request, with_buildkit=mounts)
        base = _base_identity(request)
        if request.lock is not None and not request.environment.image.dockerfile:
            lock = request.lock.platform(request.subdir)
            tell(problems(known_in_common(lock.packages, lock.platform, lock.python_minor)), report)
        yield context.of_files(files, dockerfile.DOCKERFILE), dockerfile.identity(request, base, files)
        return

    def rewritten(text: str) -> str:
        return dockerfile.with_mirrors(text, request.settings, request.engine, request.options.arguments)

    with context.of_environment(given, request.kept, rewritten, report) as found:
        refuse_here_documents(found.text, request, with_buildkit=mounts)
        # What is in the folder decides the image, and the text that is built, which mirrors may have changed.
        known = {"context": found.digest.encode(), dockerfile.DOCKERFILE: found.text.encode()}
        yield found, dockerfile.identity(request, "context", known)


def _base_identity(request: BuildRequest) -> str:
    """Return the base's id in the engine, so that another image under the same name is noticed; else its name."""
    name = request.environment.image.base
    if not name or request.engine is None:
        return name
    found = request.engine.find(bases.mirrored(name, request.settings, request.engine))
    return found.image_id if found else name


def plan(builder: str, request: BuildRequest, report: Report, *, mounts: bool) -> Plan:
    """Return the Dockerfile, and what keeps an existing image from being reused."""
    with opened(request, report, mounts=mounts) as (found, identity):
        reused = reusable(request, identity) is not None
        steps = ("send the build context", "run the Dockerfile", f"deliver to {request.output}")
        why = () if reused else ("no image with these inputs is in the engine",)
        return Plan(builder, steps, why, found.text)


def reuse(builder: str, request: BuildRequest, report: Report, started: float, image: EngineImage) -> BuiltImage:
    """Name an image that is there already."""
    assert request.engine is not None
    with report.stage("reuse") as stage:
        stage.cached = True
        request.engine.tag(image.image_id, request.tags)
    return outcome(builder, request, report, started, image, reused=True)


def outcome(
    builder: str, request: BuildRequest, report: Report, started: float, image: EngineImage, *, reused: bool = False
) -> BuiltImage:
    """Return the outcome of a build whose image is in the engine."""
    sizes = request.engine.sizes_of_layers(image.image_id, len(image.diff_ids)) if request.engine else []
    return built(
        request,
        report,
        builder,
        started,
        image_id=image.image_id,
        size=image.size,
        layers=len(image.diff_ids),
        reused=reused,
        contents=tuple(map(LayerContents, image.diff_ids, sizes)),
    )
