"""What a builder is: one protocol, the request that it gets, and the plan that it can tell without building."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from envstudio.consents import NONE, Consent
from envstudio.domain.container_platform import parse_platform
from envstudio.domain.context_content import KeptContext
from envstudio.domain.environment import Environment
from envstudio.domain.image import BuiltImage, LayerContents
from envstudio.domain.lock import Lock
from envstudio.engine import Engine
from envstudio.report import Report
from envstudio.settings import Settings

PREFIX = "/opt/env"
"""Where packages go inside an image."""


@dataclass(frozen=True, slots=True)
class DockerfileOptions:
    """The options of a Dockerfile's build. `instance` is one of buildx's builders; caches are in its syntax."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    instance: str = ""
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """Everything that a build depends on. `platform` is a container platform such as "linux/amd64".

    `output` is "docker", "oci:DIR", "oci-archive:FILE" or "docker-archive:FILE".
    """

    environment: Environment
    version: int
    digest: str
    lock: Lock | None
    settings: Settings
    engine: Engine | None
    tags: tuple[str, ...]
    platform: str = "linux/amd64"
    output: str = "docker"
    reuse: bool = True
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: DockerfileOptions = DockerfileOptions()
    consent: Consent = NONE
    kept: KeptContext | None = None
    """What the library kept of the build context that the version was registered with."""

    @property
    def reference(self) -> str:
        return f"{self.environment.name}:{self.version}"

    @property
    def subdir(self) -> str:
        """conda's name of the platform. Raises `InvalidInput` for one that nothing is locked for."""
        return parse_platform(self.platform).subdir


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """A layer that an image would have on top of its base: its packages, and its size in bytes if that is known.

    `cached` says that it need not be made again.
    """

    packages: tuple[str, ...]
    size: int | None
    cached: bool

    def to_json(self) -> dict[str, Any]:
        return {"packages": list(self.packages), "size": self.size, "cached": self.cached}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do, and why it would not reuse what is there."""

    builder: str
    steps: tuple[str, ...]
    rebuild_because: tuple[str, ...]
    dockerfile: str = ""
    layers: tuple[PlannedLayer, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the plan as the document that `--json` prints."""
        return {
            "builder": self.builder,
            "steps": list(self.steps),
            "rebuild_because": list(self.rebuild_because),
            "dockerfile": self.dockerfile,
            "layers": [layer.to_json() for layer in self.layers],
        }


def built(
    request: BuildRequest,
    report: Report,
    builder: str,
    started: float,
    *,
    image_id: str,
    size: int,
    layers: int,
    digest: str = "",
    layers_sent: int = 0,
    reused: bool = False,
    contents: tuple[LayerContents, ...] = (),
) -> BuiltImage:
    """Return the outcome of a build that began at `started` (of `time.perf_counter`)."""
    return BuiltImage(
        reference=request.reference,
        image_id=image_id,
        digest=digest or image_id,
        tags=request.tags,
        builder=builder,
        reused=reused,
        seconds=round(time.perf_counter() - started, 3),
        stages=tuple(report.stages),
        size=size,
        layers=layers,
        layers_sent=layers_sent,
        output=request.output,
        contents=contents,
    )


class Builder(Protocol):
    """One way to make an image.

    `runs_dockerfiles` says whether it can run those of an environment, `needs_engine` whether it works in a container
    engine only, and `mounts_secrets` whether secrets reach a build without becoming part of the image.
    """

    id: str
    title: str
    runs_dockerfiles: bool
    needs_engine: bool
    mounts_secrets: bool

    def build(self, request: BuildRequest, report: Report) -> BuiltImage:
        """Make the image and put it where the request says. Raises `EnvStudioError`, `Cancelled`."""

    def plan(self, request: BuildRequest, report: Report) -> Plan:
        """Return what `build` would do."""
