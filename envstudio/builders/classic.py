"""classic: the engine's own builder through the Docker SDK, for Dockerfiles and for engines without BuildKit."""

from __future__ import annotations

import time

from envstudio.builders import dockerfile
from envstudio.builders.builder import BuildRequest, Plan, built
from envstudio.domain.image import BuiltImage, ImageIdentity
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError, InvalidInput, Unavailable
from envstudio.report import Report


class ClassicBuilder:
    """Sends a context to the engine and tells its lines."""

    id = "classic"
    title = "Classic (a Dockerfile, by the engine's own builder)"

    def build(self, request: BuildRequest, report: Report) -> BuiltImage:
        """Make the image and put it where the request says. Raises `EnvStudioError`, `Cancelled`."""
        started = time.perf_counter()
        engine = _engine(request)
        if request.output != "docker":
            raise InvalidInput("The classic builder delivers to the engine only.", "Use --builder direct for files.")
        found = _identity(request)
        reused = next(iter(engine.labelled(found.labels())), None) if request.reuse else None
        if reused is None:
            self._run(request, engine, found, report)
        else:
            with report.stage("reuse") as stage:
                stage.cached = True
        if reused is not None:
            engine.tag(reused.image_id, request.tags)
        else:
            engine.tag(request.tags[0], request.tags[1:])
        image = engine.find(request.tags[0])
        if image is None:
            raise EnvStudioError("The build ended, but the engine has no image of that name.", "See the log.")
        return built(
            request,
            report,
            self.id,
            started,
            image_id=image.image_id,
            size=image.size,
            layers=len(image.diff_ids),
            reused=reused is not None,
        )

    def plan(self, request: BuildRequest, report: Report) -> Plan:
        """Tell the Dockerfile, and what keeps an existing image from being reused."""
        found = _identity(request)
        engine = request.engine
        reused = engine is not None and bool(engine.labelled(found.labels()))
        steps = ("send the build context", "run the Dockerfile", f"tag as {', '.join(request.tags)}")
        why = () if reused else ("no image with these inputs is in the engine",)
        return Plan(self.id, steps, why, _dockerfile_text(request))

    def _run(self, request: BuildRequest, engine: Engine, found: ImageIdentity, report: Report) -> None:
        """Build, one stage for each step of the Dockerfile."""
        context = request.environment.image.context
        if context is not None:
            folder = dockerfile.context_folder(context.location, context.dockerfile_path)
            chunks, name = dockerfile.tar_of_folder(folder), context.dockerfile_path
        else:
            chunks, name = dockerfile.tar_of_files(dockerfile.context_files(request)), dockerfile.DOCKERFILE
        lines = engine.build(
            chunks,
            dockerfile=name,
            tags=request.tags,
            labels=dockerfile.labels(request, found),
            platform=request.platform,
            network_mode="host",
        )
        with report.stage("run Dockerfile"):
            for line in lines:
                report.raise_if_cancelled()
                report.line(line)


def _engine(request: BuildRequest) -> Engine:
    if request.engine is None:
        raise Unavailable("There is no container engine to build with.", "Start Docker or Podman.")
    return request.engine


def _identity(request: BuildRequest) -> ImageIdentity:
    """A context folder is always built anew: only the engine's own cache knows its files."""
    if request.environment.image.context is not None:
        recipe = f"{dockerfile.RECIPE} {time.time_ns()}"
        return ImageIdentity(request.digest, "none", "context", recipe, request.platform)
    return dockerfile.identity(request, request.environment.image.base, dockerfile.context_files(request))


def _dockerfile_text(request: BuildRequest) -> str:
    context = request.environment.image.context
    if context is not None:
        folder = dockerfile.context_folder(context.location, context.dockerfile_path)
        return (folder / context.dockerfile_path).read_text("utf-8", "replace")
    return dockerfile.context_files(request)[dockerfile.DOCKERFILE].decode()
