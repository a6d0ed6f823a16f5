"""Whether an image of the engine is what a build would make, by one rule for all builders."""

from __future__ import annotations

from envstudio.builders.builder import BuildRequest
from envstudio.domain.image import ImageIdentity
from envstudio.engine import EngineImage


def reusable(request: BuildRequest, identity: ImageIdentity) -> EngineImage | None:
    """Return the newest image of the engine that these inputs would make again; None if one is to be made.

    Files and registries are written anew, since it is unknown what is in them.
    """
    if not request.reuse or request.output != "docker" or request.engine is None:
        return None
    return next(iter(request.engine.labelled(identity.labels())), None)
