"""What an environment may do that needs consent: run code of its packages' authors, or use what no hash vouches for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from envstudio import consents
from envstudio.consents import ACTS, SECRETS, SOURCE_BUILDS, Consent, ConsentNeeded
from envstudio.domain.lock import LockedPackage
from envstudio.library import Library
from envstudio.report import Report

Requested = Callable[[str], str]
"""Tells how building a package by name is called in consents while it is being locked."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is remembered: acts of an environment of this workspace, and acts on single subjects.

    Secrets among the subjects are those that this environment may read, by their names.
    """

    acts: tuple[str, ...]
    subjects: tuple[tuple[str, str], ...]


def consent_for(library: Library, name: str, given: Consent) -> Consent:
    """Return what an environment may do: what is remembered, and what this command allows. Raises `InvalidInput`."""
    return consents.remembered(_key(library, name)) | given


def allowed(library: Library, name: str) -> Allowed:
    """Return what is remembered for an environment. Raises `NotFound`, `InvalidInput`."""
    key = _key(library, name)
    known = consents.remembered(key)
    subjects = (
        (act, subject.removeprefix(f"{key} "))
        for act, subject in known.subjects
        if act != SECRETS or subject.startswith(f"{key} ")
    )
    return Allowed(tuple(sorted(known.acts)), tuple(sorted(subjects)))


def allow(library: Library, name: str, acts: Sequence[str]) -> Allowed:
    """Let an environment do some acts from now on. Raises `NotFound`, `InvalidInput`, `EnvStudioError`."""
    consents.remember(_key(library, name), acts)
    return allowed(library, name)


def disallow(library: Library, name: str, acts: Sequence[str]) -> Allowed:
    """Take back what an environment may do (nothing named: all of it). Raises `NotFound`, `EnvStudioError`."""
    consents.forget(_key(library, name), acts or tuple(ACTS))
    return allowed(library, name)


def ask_again(library: Library, name: str) -> None:
    """Take back what an environment may do, since it comes from another file; packages that may be built stay so.

    Raises `NotFound`, `EnvStudioError`.
    """
    consents.forget_all(_key(library, name))


def refuse_secrets(library: Library, name: str, secrets: Sequence[str], consent: Consent) -> None:
    """Raise `ConsentNeeded` for secrets that an environment is not allowed to read.

    Those that this command allows, by their bare names in `consent`, are remembered. Raises `NotFound`.
    """
    if not secrets or consent.allows(SECRETS):
        return
    known = consents.remembered(_key(library, name))
    new = {item for item in secrets if not known.allows(SECRETS, _subject(library, name, item))}
    given = {item for item in new if consent.allows(SECRETS, item)}
    if given:
        allow_secrets(library, name, sorted(given))
    if refused := sorted(new - given):
        raise ConsentNeeded(
            SECRETS,
            refused,
            f"{name} is not allowed to read the secret{'s' if len(refused) > 1 else ''} {', '.join(refused)}.",
            "If its definition may have it, allow it.",
        )


def allow_secrets(library: Library, name: str, secrets: Sequence[str]) -> None:
    """Let an environment read secrets of its workspace from now on. Raises `NotFound`, `EnvStudioError`."""
    consents.remember_subjects(SECRETS, [_subject(library, name, item) for item in secrets])


def _subject(library: Library, name: str, secret: str) -> str:
    return f"{_key(library, name)} {secret}"


def answer(library: Library, name: str, act: str, subjects: Sequence[str], *, report: Report) -> None:
    """Keep that the user allowed what `ConsentNeeded` asked of an environment. Raises `NotFound`, `EnvStudioError`."""
    report.raise_if_cancelled()
    if act == SECRETS:
        allow_secrets(library, name, subjects)
    elif act == SOURCE_BUILDS:
        consents.remember_subjects(SOURCE_BUILDS, subjects)
    else:
        consents.remember(_key(library, name), [act])


def keep_source_builds(packages: Iterable[LockedPackage], consent: Consent, requested: Requested | None = None) -> None:
    """Remember the packages that may be built, each with its origin, so that building asks no more.

    `requested` says, for packages that were just locked, what was allowed before their origin was known.
    """
    from envstudio.packages.source_builds import is_source, subject_of

    sources = [item for item in packages if item.manager == "pip" and is_source(item)]
    new = {
        subject_of(item)
        for item in sources
        if SOURCE_BUILDS in consent.acts or (requested and consent.allows(SOURCE_BUILDS, requested(item.name)))
    }
    known = {subject for act, subject in consent.subjects if act == SOURCE_BUILDS}
    if new - known:
        consents.remember_subjects(SOURCE_BUILDS, sorted(new - known))


def _key(library: Library, name: str) -> str:
    """Return what an environment's consents are kept by.

    Another one that gets its name later shares none of them, nor does one of a library that replaces this one.
    """
    return f"{library.location} {library.environments.identity(name)}"
