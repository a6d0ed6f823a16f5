"""What builds and runs are made of: a registered version, for which a draft that is named is registered first."""

from __future__ import annotations

from collections.abc import Callable

from envstudio.domain.change import LibraryChange
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem
from envstudio.domain.reference import Reference
from envstudio.formats.native_text import written
from envstudio.library import Library, Registered, Snapshot
from envstudio.library.curated import refuse_curated
from envstudio.report import Report
from envstudio.tasks.context_content import keep_context, with_context_digest


def registered_to(purpose: str) -> str:
    """Return the message of a version that was registered for a purpose, such as "build" or "run"."""
    return f"Registered to {purpose}"


def register(
    library: Library,
    environment: Environment,
    message: str = "",
    *,
    text: str | None = None,
    new: bool = False,
    from_draft: bool = True,
    started: Environment | None = None,
    draft: Environment | None = None,
    origin: str = "",
    report: Report,
) -> tuple[Registered, tuple[Problem, ...]]:
    """Register a definition with what its build context holds now, and return what could not be kept of that.

    The arguments are those of `Versions.register`. Raises `EnvStudioError`, `Cancelled`.
    """
    found = with_context_digest(environment, report)
    problem = keep_context(library, found.folder)
    if text is not None and found.environment != environment:
        text = written(found.environment, text, environment)
    registered = library.versions.register(
        found.environment,
        message,
        text=text,
        new=new,
        from_draft=from_draft,
        started=started,
        draft=draft,
        origin=origin,
    )
    return registered, (problem,) if problem is not None and registered.created else ()


def registered_version(
    library: Library,
    reference: str,
    purpose: str,
    *,
    refuse: Callable[[Environment], None] = lambda environment: None,
    report: Report,
) -> tuple[Snapshot, LibraryChange]:
    """Return the version that a reference means, and what changed in the library by registering a draft for it.

    A draft that differs from the version it started from becomes the newest version, "Registered to build" for the
    purpose "build", unless `refuse` raises for it. Raises `NotFound`, and `InvalidInput` for a curated environment.
    """
    snapshot = library.find(reference)
    refuse_curated(snapshot.reference, "; builds and runs belong to environments of your own.")
    refuse(snapshot.environment)
    if not snapshot.reference.is_draft:
        return snapshot, LibraryChange()
    base = library.find(Reference(snapshot.environment.name, snapshot.version))
    if base.digest == definition_digest(with_context_digest(snapshot.environment, report).environment):
        return base, LibraryChange()
    done, problems = register(
        library,
        snapshot.environment,
        registered_to(purpose),
        text=snapshot.text,
        started=base.environment,
        draft=snapshot.environment,
        report=report,
    )
    for problem in problems:
        report.line(f"note: {problem.message}", "err")
    if done.created:
        report.line(f"registered {done.name}:{done.version}")
    return library.find(Reference(done.name, done.version)), done.change
