"""Where a run happens, listed once in TARGETS."""

from __future__ import annotations

from envstudio.errors import InvalidInput
from envstudio.targets.docker import DockerTarget
from envstudio.targets.local import LocalTarget
from envstudio.targets.target import RunRequest, RunResult, Target

__all__ = ["TARGETS", "RunRequest", "RunResult", "Target", "find_target"]

TARGETS: dict[str, Target] = {item.id: item for item in (LocalTarget(), DockerTarget())}


def find_target(name: str) -> Target:
    """Return a target by its id. Raises `InvalidInput`."""
    if name not in TARGETS:
        raise InvalidInput(
            f"No target named {name!r}.", f"Choose among {', '.join(TARGETS)}.", code="unknown-target", subject=name
        )
    return TARGETS[name]
