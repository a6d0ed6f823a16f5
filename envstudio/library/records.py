"""What the library hands out beside the domain's own values: facts of stored things, frozen. Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from envstudio.domain.change import LibraryChange
    from envstudio.domain.environment import Environment
    from envstudio.domain.lock import Lock
    from envstudio.domain.reference import Reference
    from envstudio.report import Stage


@dataclass(frozen=True, slots=True)
class WorkspaceInfo:
    name: str
    environments: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version with its definition and the text it was written in.

    For a draft `version` is the one it is based on; for a file it is 0, the reference's label is the file's name, and
    `lock` is the lock that the file holds. Locks of versions and drafts are in the library.
    """

    reference: Reference
    environment: Environment
    version: int
    digest: str
    text: str
    message: str = ""
    created_at: datetime | None = None
    created_by: str = ""
    lock: Lock | None = None

    @property
    def title(self) -> str:
        """Name it as a heading does: "churn-train:3" or "churn-train draft"."""
        if self.version == 0:
            return self.reference.label or self.environment.name
        if self.reference.is_draft:
            return f"{self.environment.name} draft"
        prefix = "curated/" if self.reference.curated else ""
        return f"{prefix}{self.environment.name}:{self.version}"


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of an environment. `changed` says whether it differs from the version that it is based on.

    It was `saved` by someone, or else is the latest version itself.
    """

    environment: Environment
    base_version: int
    digest: str
    changed: bool
    text: str
    updated_at: datetime
    saved: bool = True


@dataclass(frozen=True, slots=True)
class Registered:
    """The outcome of registering: the version that holds the definition, and whether it is new."""

    name: str
    version: int
    digest: str
    created: bool
    change: LibraryChange


@dataclass(frozen=True, slots=True)
class LockRecord:
    lock: Lock
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class LockSummary:
    """One of the locks that an environment has had, without its packages. Both digests are "sha256:…"."""

    digest: str
    definition_digest: str
    platforms: tuple[str, ...]
    created_at: datetime
    created_by: str

    def to_json(self) -> dict[str, Any]:
        """Return it as the document that `--json` prints."""
        return {
            "digest": self.digest,
            "definition": self.definition_digest,
            "platforms": list(self.platforms),
            "created_at": self.created_at,
            "created_by": self.created_by,
        }


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """A build as it is remembered. `status` is "running", "done", "failed", "cancelled" or "interrupted"."""

    id: int
    environment: str
    version: int
    status: str
    builder: str
    started_at: datetime
    seconds: float
    error: str
    stages: tuple[Stage, ...]
    image_id: str
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunRecord:
    id: int
    environment: str
    version: int
    target: str
    command: tuple[str, ...]
    exit_code: int
    started_at: datetime
    seconds: float
    lock_digest: str
    image_id: str


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the hash-chained log. `at` is ISO 8601 text, as it was hashed."""

    id: int
    at: str
    who: str
    what: str
    workspace: str
    target: str
    detail: dict[str, Any]
