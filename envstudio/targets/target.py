"""What a target is: one protocol, and the request that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from envstudio.consents import NONE, Consent
from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock
from envstudio.report import Report
from envstudio.settings import Settings


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A command to run in a version of an environment. `variables` are the run variables, secrets resolved."""

    environment: Environment
    version: int
    command: tuple[str, ...]
    settings: Settings
    lock: Lock | None = None
    image: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    mounts: Mapping[str, str] = field(default_factory=dict)
    working_dir: Path | None = None
    consent: Consent = NONE


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended, and on what: the lock's digest or the image's id."""

    exit_code: int
    lock_digest: str = ""
    image_id: str = ""


class Target(Protocol):
    """One place where commands run, in an image or from a lock."""

    id: str
    title: str
    needs_image: bool
    needs_lock: bool

    def run(self, request: RunRequest, report: Report) -> RunResult:
        """Run the command to its end, telling its lines. Raises `EnvStudioError`, `Cancelled`."""
