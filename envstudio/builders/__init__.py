"""The interchangeable ways to make an image, listed once in BUILDERS."""

from __future__ import annotations

from envstudio.builders.builder import Builder, BuildRequest, Plan
from envstudio.builders.classic import ClassicBuilder
from envstudio.builders.direct import DirectBuilder
from envstudio.domain.environment import Environment, ManagedBy
from envstudio.errors import InvalidInput

__all__ = ["BUILDERS", "BuildRequest", "Builder", "Plan", "choose", "needs_lock"]

BUILDERS: dict[str, Builder] = {item.id: item for item in (DirectBuilder(), ClassicBuilder())}


def choose(wanted: str, environment: Environment) -> Builder:
    """Return the builder for an environment; "auto" is direct unless it brings a Dockerfile or context of its own."""
    image = environment.image
    own_recipe = bool(image.dockerfile or image.context)
    if wanted == "auto":
        return BUILDERS["classic" if own_recipe else "direct"]
    if wanted not in BUILDERS:
        raise InvalidInput(f"There is no builder {wanted!r}.", f"Choose among auto, {', '.join(BUILDERS)}.")
    if wanted == "direct" and own_recipe:
        raise InvalidInput(
            f"{environment.name} has a Dockerfile or context of its own, which direct does not run.",
            "Use --builder classic.",
        )
    return BUILDERS[wanted]


def needs_lock(environment: Environment) -> bool:
    """Tell whether an image of the environment is made from a lock."""
    image = environment.image
    return environment.python.managed_by is ManagedBy.SYSTEM and not (image.dockerfile or image.context)
