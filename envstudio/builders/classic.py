"""classic: the engine's own builder through the Docker SDK, for engines without BuildKit, Podman's among them."""

from __future__ import annotations

import re
import time

from envstudio.builders.builder import BuildRequest, Plan
from envstudio.builders.dockerfiles import dockerfile, recipe, secrets
from envstudio.builders.dockerfiles.context import Context
from envstudio.builders.reuse import reusable
from envstudio.domain.image import BuiltImage, ImageIdentity
from envstudio.engine import Engine
from envstudio.errors import Act, EnvStudioError, InvalidInput, Remedy, Unavailable
from envstudio.report import Report

STEP = re.compile(r"(?:Step|STEP) \d+/\d+ ?: ")


class ClassicBuilder:
    """Sends a context to the engine and reports its lines."""

    id = "classic"
    title = "Classic (a Dockerfile, by the engine's own builder)"
    runs_dockerfiles = True
    needs_engine = True
    mounts_secrets = False

    def build(self, request: BuildRequest, report: Report) -> BuiltImage:
        """Make the image and put it where the request says. Raises `EnvStudioError`, `Cancelled`."""
        started = time.perf_counter()
        engine = _engine(request)
        if request.output != "docker":
            raise InvalidInput(
                "The classic builder delivers to the engine only.",
                "Use the direct builder for files.",
                code="invalid-output",
                remedy=Remedy(Act.CHOOSE_BUILDER, "direct"),
            )
        with recipe.opened(request, report, mounts=False) as (found, identity):
            reused = reusable(request, identity)
            if reused is not None:
                return recipe.reuse(self.id, request, report, started, reused)
            _run(request, engine, found, identity, report)
        engine.tag(request.tags[0], request.tags[1:])
        image = engine.find(request.tags[0])
        if image is None:
            raise EnvStudioError("The build ended, but the engine has no image of that name.", "See the log.")
        return recipe.outcome(self.id, request, report, started, image)

    def plan(self, request: BuildRequest, report: Report) -> Plan:
        """Return the Dockerfile, and what keeps an existing image from being reused."""
        return recipe.plan(self.id, request, report, mounts=False)


def _run(request: BuildRequest, engine: Engine, found: Context, identity: ImageIdentity, report: Report) -> None:
    """Build, one stage for each step of the Dockerfile."""
    if request.secrets:
        report.line("warning: the classic builder mounts no secrets, so secret build variables are unset", "err")
    lines = engine.build(
        found.chunks(),
        dockerfile=found.dockerfile,
        tags=request.tags[:1],
        report=report,
        labels=dockerfile.labels(request, identity),
        platform=request.platform,
        buildargs=secrets.arguments_of(request),
        target=request.options.target or None,
        nocache=not request.reuse,
        network_mode=request.settings.build_network or None,
    )
    name, started, cached = "", 0.0, False
    for line in lines:
        report.line(line)
        if STEP.match(line):
            if name:
                report.ended(name, time.perf_counter() - started, cached=cached)
            name, started, cached = line, time.perf_counter(), False
            report.began(name)
        cached = cached or line.strip() == "---> Using cache"
    if name:
        report.ended(name, time.perf_counter() - started, cached=cached)


def _engine(request: BuildRequest) -> Engine:
    if request.engine is None:
        raise Unavailable(
            "There is no container engine to build with.",
            "Start Docker or Podman.",
            code="engine-stopped",
            remedy=Remedy(Act.CHECK_INSTALLATION),
        )
    return request.engine
