"""The interchangeable ways to make an image, listed once in BUILDERS."""

from __future__ import annotations

from envstudio.builders import buildkit
from envstudio.builders.builder import Builder, BuildRequest, DockerfileOptions, Plan, PlannedLayer
from envstudio.builders.buildkit import BuildkitBuilder
from envstudio.builders.classic import ClassicBuilder
from envstudio.builders.direct import DirectBuilder
from envstudio.domain.base_python import needed_python
from envstudio.domain.environment import Environment, ManagedBy
from envstudio.errors import Act, InvalidInput, Remedy

__all__ = [
    "BUILDERS",
    "BuildRequest",
    "Builder",
    "DockerfileOptions",
    "Plan",
    "PlannedLayer",
    "builder_names",
    "choose",
    "needs_lock",
    "refuse_unbuildable",
]

AUTO = "auto"
BUILDERS: dict[str, Builder] = {item.id: item for item in (DirectBuilder(), BuildkitBuilder(), ClassicBuilder())}


def builder_names() -> tuple[str, ...]:
    """Return what a builder can be chosen by: "auto", and the id of each."""
    return (AUTO, *BUILDERS)


def choose(wanted: str, environment: Environment) -> Builder:
    """Return the builder for an environment.

    "auto" is direct; for a Dockerfile or context of its own BuildKit, or classic if there is no buildx.
    """
    image = environment.image
    own_recipe = bool(image.dockerfile or image.context)
    if wanted == AUTO:
        return BUILDERS[("buildkit" if buildkit.available() else "classic") if own_recipe else "direct"]
    if wanted not in BUILDERS:
        raise InvalidInput(
            f"No builder named {wanted!r}.",
            f"Choose among {', '.join(builder_names())}.",
            code="unknown-builder",
            subject=wanted,
        )
    if own_recipe and not BUILDERS[wanted].runs_dockerfiles:
        raise InvalidInput(
            f"{environment.name} has a Dockerfile or context of its own, which {wanted} does not run.",
            "Choose BuildKit or the classic builder.",
            code="needs-dockerfile-builder",
            subject=environment.name,
            remedy=Remedy(Act.CHOOSE_BUILDER, "buildkit"),
        )
    return BUILDERS[wanted]


def refuse_unbuildable(environment: Environment, *, locked: bool) -> None:
    """Raise `InvalidInput` for what no builder can begin with: no base image, or no Python to lock pip's packages for.

    With a lock, such as one that was imported, the base image's own Python does.
    """
    if not environment.image.sources:
        raise InvalidInput(
            f"{environment.name} has no base image.",
            "Choose one.",
            code="no-base-image",
            subject=environment.name,
            remedy=Remedy(Act.CHOOSE_BASE_IMAGE, environment.name),
        )
    if needs_lock(environment) and not locked and not environment.python.conda:
        needed_python(environment)


def needs_lock(environment: Environment) -> bool:
    """Return whether an image of the environment is made from a lock."""
    image = environment.image
    return environment.python.managed_by is ManagedBy.SYSTEM and not (image.dockerfile or image.context)
