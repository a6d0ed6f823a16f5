"""import: a file of any format that is read, or a folder that holds one, becomes a new version.

A lock's file becomes an environment that requests exactly what is locked, with the lock as its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from envstudio.credentials import Entry
from envstudio.domain.digest import definition_digest
from envstudio.domain.problem import Problem, Severity, by_severity
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.formats import Choices, Source
from envstudio.library import Library, Registered
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.consent import allow_secrets, ask_again
from envstudio.tasks.context_content import with_context_digest
from envstudio.tasks.edit import Edits
from envstudio.tasks.found_secrets import keep, secret_problems, undo
from envstudio.tasks.origin import destination, origin_of
from envstudio.tasks.policy import checked, refuse_problems
from envstudio.tasks.read_path import NO_EDITS, ReadFile, read_any, source_of
from envstudio.tasks.registration import register


@dataclass(frozen=True, slots=True)
class Imported:
    """What one file became, what of it needs a look, and what `check` says of the definition."""

    path: str
    format_id: str
    registered: Registered
    problems: tuple[Problem, ...]
    checks: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the document that `--json` prints."""
        return {
            "path": self.path,
            "format": self.format_id,
            "name": self.registered.name,
            "version": self.registered.version,
            "created": self.registered.created,
            "digest": self.registered.digest,
            "problems": [problem.to_json() for problem in (*self.problems, *self.checks)],
        }


def import_path(
    library: Library,
    path: Path,
    *,
    name: str | None = None,
    format_id: str | None = None,
    message: str = "",
    edits: Edits = NO_EDITS,
    fetch_with: Settings | None = None,
    environment: str = "",
    report: Report,
) -> Imported:
    """Register the definition in a file or folder. Raises `EnvStudioError`.

    An environment that has a version from the same file, or the one named, gets a new version; else it is a new one.

    With `fetch_with`, files that it includes by their addresses are fetched. `environment` is the one that is meant of
    a file of several.
    """
    choices = Choices(fetch=None if fetch_with is None else partial(fetched, fetch_with), environment=environment)
    sources = [replace(source_of(path), choices=choices)]
    done = import_sources(library, sources, name=name, format_id=format_id, message=message, edits=edits, report=report)
    return done[0]


def fetched(settings: Settings, address: str) -> bytes:
    """Return what is at an address that a file includes, at most 16 MiB. Raises `Unavailable`."""
    from envstudio.packages.wheels import fetch_range

    return fetch_range(address, settings)


def import_sources(
    library: Library,
    sources: Sequence[Source],
    *,
    name: str | None = None,
    format_id: str | None = None,
    message: str = "",
    edits: Edits = NO_EDITS,
    drop_secrets: bool = False,
    strict: bool = False,
    locks: Sequence[Path | None] = (),
    report: Report,
) -> tuple[Imported, ...]:
    """Register the definitions in texts, edited as requested. Raises `EnvStudioError`.

    Secrets that stand in them go to the keyring, or are left out with `drop_secrets`. With `strict`, raises
    `InvalidInput` for one that has errors or warnings.

    `locks` are the lock files beside them, which become the locks of what they fit.

    All are read before the first is registered, so that one that cannot be read leaves nothing behind.
    """
    found = []
    for source in sources:
        with report.stage(f"read {source.file_name}"):
            found.append(read_any(source, format_id, name, edits))
            if strict:
                refuse_problems(library, found[-1].environment, found[-1].problems)
    with report.stage("register"):
        done = [
            _registered(library, item, message, named=name is not None, drop_secrets=drop_secrets, report=report)
            for item in found
        ]
    for number, path in enumerate(locks):
        if path is not None:
            done[number] = _with_lock(library, done[number], path, report)
    return tuple(done)


def _with_lock(library: Library, imported: Imported, path: Path, report: Report) -> Imported:
    """Take the lock file beside a definition too; one that cannot be read or does not fit is a problem."""
    from envstudio.tasks.import_lock import import_lock

    name = imported.registered.name
    try:
        locked = import_lock(library, path, f"{name}:{imported.registered.version}", report=report)
    except InvalidInput as error:
        problem = Problem("lock-misfit", Severity.WARNING, path.name, error.summary, error.advice)
        return replace(imported, problems=by_severity((*imported.problems, problem)))
    return replace(imported, registered=replace(imported.registered, change=imported.registered.change | locked.change))


def _message(found: ReadFile) -> str:
    """Return where a definition came from, for the history: its file, and what was fetched for it."""
    fetched = [problem.message for problem in found.problems if problem.code == "file-fetched"]
    imported = f"Imported from {found.source.file_name}"
    return " ".join((f"{imported}.", *fetched)) if fetched else imported


def _registered(
    library: Library, found: ReadFile, message: str, *, named: bool, drop_secrets: bool, report: Report
) -> Imported:
    """Store what was read, its secrets in the keyring alone."""
    environment, source, lock = found.environment, found.source, found.lock
    origin, moved = origin_of(source, found.own_name), tuple[Problem, ...]()
    if not named:
        digest = definition_digest(with_context_digest(environment, report).environment)
        name, moved = destination(library, environment.name, digest, origin)
        environment = environment.renamed(name)
    kept: tuple[Entry, ...] = ()
    if not drop_secrets:
        environment, kept = keep(library, environment, found.secrets)
    if lock is not None:
        lock = replace(lock, definition_digest=definition_digest(environment))
    is_new = not library.environments.exists(environment.name)
    try:
        registered, not_kept = register(
            library, environment, message or _message(found), from_draft=False, origin=origin, report=report
        )
    except EnvStudioError:
        undo(kept)
        raise
    if registered.created and not is_new:
        # What the user allowed was for what the environment held, not for what a file calls by its name.
        ask_again(library, environment.name)
    # What was left out is a name alone, under which the keyring may have a secret of someone else's.
    given = {item.variable for item in found.secrets if item.variable and not drop_secrets}
    if names := [item.secret for item in environment.variables if item.name in given and item.secret]:
        allow_secrets(library, environment.name, names)
    if lock is not None:
        change = registered.change | library.locks.save(environment.name, lock)
        registered = replace(registered, change=change)
    problems = by_severity((*moved, *found.problems, *not_kept, *secret_problems(found.secrets, kept=not drop_secrets)))
    return Imported(source.name, found.format_id, registered, problems, by_severity(checked(library, environment)))
