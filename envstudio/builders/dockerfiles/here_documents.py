"""Which builders take here-documents, so that a Dockerfile with one is refused before it is built without them.

Sources: Docker Engine 23.0 and BuildKit's Dockerfile frontend 1.4, which take them; Docker's builder of before
BuildKit, which never did and runs each line as an instruction; Buildah 1.33, which Podman 4.8 has.
"""

from __future__ import annotations

import re

from envstudio.builders.builder import BuildRequest
from envstudio.domain.dockerfile_text import directives, has_here_documents
from envstudio.errors import Act, InvalidInput, Remedy

FRONTEND = re.compile(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?::(?P<major>\d+)(?:\.(?P<minor>\d+))?\S*|\S*)")
FIRST_FRONTEND = (1, 4)
FIRST_DOCKER_RELEASES = 17
"""Docker's releases are numbered by years from here on; Podman's are not there yet."""
FIRST_DOCKER, FIRST_PODMAN = (23, 0), (4, 8)


def refuse_here_documents(text: str, request: BuildRequest, *, with_buildkit: bool) -> None:
    """Raise `InvalidInput` if a Dockerfile has a here-document and what would build it takes none."""
    lacking = _lacking(text, request) if with_buildkit else _classic_lacking(request)
    if lacking and has_here_documents(text):
        raise InvalidInput(
            f"The Dockerfile has a here-document (<<EOF), which {lacking} does not take.",
            "Begin it with the line '# syntax=docker/dockerfile:1' and use BuildKit, or write it without one.",
            code="here-document",
            subject=request.reference,
            remedy=Remedy(Act.EDIT_IMAGE),
        )


def _lacking(text: str, request: BuildRequest) -> str:
    """Name the frontend by which BuildKit would read a Dockerfile, if that takes no here-documents."""
    syntax = directives(text).get("syntax")
    if syntax is not None:
        name = syntax[2].split()[0]
        found = FRONTEND.fullmatch(name)
        if found is None or found["minor"] is None:
            return ""
        return name if (int(found["major"]), int(found["minor"])) < FIRST_FRONTEND else ""
    if request.options.instance or request.settings.buildx_builder:
        return ""  # a builder of its own, with a frontend of its own
    version = _version(request)
    return f"Docker Engine {engine_version(request)}" if (FIRST_DOCKER_RELEASES,) <= version < FIRST_DOCKER else ""


def _classic_lacking(request: BuildRequest) -> str:
    """Name the engine's own builder, if that takes no here-documents."""
    version = _version(request)
    if version >= (FIRST_DOCKER_RELEASES,):
        return "Docker's classic builder"
    return f"Podman {engine_version(request)}" if version and version < FIRST_PODMAN else ""


def engine_version(request: BuildRequest) -> str:
    """Return the version of the engine of a request; empty if there is none."""
    return request.engine.info().version if request.engine is not None else ""


def _version(request: BuildRequest) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", engine_version(request))
    return (int(found[1]), int(found[2])) if found else ()
