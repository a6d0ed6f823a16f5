"""run: a command in a version of an environment, on this machine or in a container; the run is recorded."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from envstudio.builders import needs_lock
from envstudio.consents import NONE, Consent
from envstudio.domain.environment import Applies, Environment
from envstudio.domain.lock import Lock
from envstudio.errors import Act, InvalidInput, Remedy, redacted
from envstudio.library import Library, Snapshot
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.targets import RunRequest, Target, find_target
from envstudio.tasks.build import BuildOptions, build, refuse_unbuildable_here
from envstudio.tasks.consent import consent_for, keep_source_builds
from envstudio.tasks.images import connected, find_image, ready_image
from envstudio.tasks.lock import LockOptions, lock_snapshot
from envstudio.tasks.registration import registered_version
from envstudio.tasks.secrets import secret_values


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A recorded run. `exit_code` is the command's own; `seconds` is wall-clock time."""

    id: int
    reference: str
    target: str
    exit_code: int
    seconds: float
    lock_digest: str
    image_id: str

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the document that `--json` prints."""
        return {
            "id": self.id,
            "ref": self.reference,
            "target": self.target,
            "exit_code": self.exit_code,
            "seconds": self.seconds,
            "lock_digest": self.lock_digest,
            "image_id": self.image_id,
        }


def run(
    library: Library,
    settings: Settings,
    reference: str,
    command: Sequence[str],
    *,
    target: str = "local",
    mounts: Mapping[str, str] | None = None,
    working_dir: Path | None = None,
    image: str = "",
    consent: Consent = NONE,
    report: Report,
) -> RunOutcome:
    """Run a command; a draft is registered, and a missing lock or image made, first. Raises `EnvStudioError`.

    `image` is the id of the image of that version to run it in; if none is given, it is the one made of its lock.
    """
    if not command:
        raise InvalidInput(
            "There is no command to run.",
            "Write the command behind the environment, as in: python train.py",
            code="no-command",
        )
    where = find_target(target)
    if working_dir is not None and not working_dir.is_dir():
        raise InvalidInput(f"There is no folder {working_dir} to run in.", "Check the path.")
    for source in mounts or {}:
        if not Path(source).exists():
            raise InvalidInput(f"There is nothing at {source} to mount.", "Check the path.")
    refuse = partial(_refuse_unrunnable, library, settings, where)
    snapshot, _ = registered_version(library, reference, "run", refuse=refuse, report=report)
    request = RunRequest(
        environment=snapshot.environment,
        version=snapshot.version,
        command=tuple(command),
        settings=settings,
        variables=run_variables(library, settings, snapshot.environment, consent),
        mounts=mounts or {},
        working_dir=working_dir,
        consent=consent_for(library, snapshot.environment.name, consent),
    )
    if image:
        # One that is gone is not made anew: what was chosen is exactly that one.
        with connected(settings, find_image(library, image)):
            pass
        request = replace(request, image=image)
    else:
        request = _prepared(library, settings, snapshot, where, request, report)
    started_at, started = datetime.now(UTC), time.perf_counter()
    result = where.run(request, report)
    seconds = round(time.perf_counter() - started, 3)
    identifier = library.runs.add(
        snapshot.environment.name,
        snapshot.version,
        target,
        [redacted(word) for word in command],
        exit_code=result.exit_code,
        started_at=started_at,
        seconds=seconds,
        lock_digest=result.lock_digest,
        image_id=result.image_id,
    )
    return RunOutcome(
        identifier, snapshot.title, target, result.exit_code, seconds, result.lock_digest, result.image_id
    )


def _refuse_unrunnable(library: Library, settings: Settings, target: Target, environment: Environment) -> None:
    """Raise `InvalidInput` for a definition that a target cannot run, before a draft of it is registered."""
    if target.needs_image:
        refuse_unbuildable_here(library, settings, BuildOptions(), environment)
    elif target.needs_lock and not needs_lock(environment):
        raise InvalidInput(
            f"{environment.name} is user-managed: there is no lock to run it from on this machine.",
            "Run it in its image.",
            code="user-managed",
            subject=environment.name,
            remedy=Remedy(Act.CHOOSE_TARGET, "docker"),
        )


def _prepared(
    library: Library, settings: Settings, snapshot: Snapshot, target: Target, request: RunRequest, report: Report
) -> RunRequest:
    """Add the image or the lock that the target needs."""
    if target.needs_image:
        ready = ready_image(library, settings, snapshot)
        if not ready:
            options = BuildOptions(consent=request.consent)
            reference = f"{snapshot.environment.name}:{snapshot.version}"
            outcome = build(library, settings, reference, options=options, report=report)
            ready = outcome.image.image_id
        return replace(request, image=ready)
    lock: Lock | None = None
    if needs_lock(snapshot.environment):
        from envstudio.domain.platforms import own_platform

        how = LockOptions(also_for=(own_platform(),), consent=request.consent)
        lock = lock_snapshot(library, settings, snapshot, options=how, report=report).lock
        keep_source_builds(lock.platform(own_platform()).packages, request.consent)
    return replace(request, lock=lock)


def run_variables(
    library: Library, settings: Settings, environment: Environment, consent: Consent = NONE
) -> dict[str, str]:
    """Return the variables that apply when running, the values of secrets read. Raises `ConsentNeeded`, `NotFound`."""
    wanted = [item for item in environment.variables if Applies.RUN in item.applies]
    secrets = secret_values(library, environment, Applies.RUN, consent, settings)
    return {item.name: secrets[item.name] if item.secret else item.value for item in wanted}
