"""What an environment may do that needs consent: run code of its packages' authors, or use what no hash vouches for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from envstudio import consents
from envstudio.consents import ACTS, SOURCE_BUILDS, Consent
from envstudio.domain.lock import Lock
from envstudio.library import Library
from envstudio.packages.source_builds import is_source, subject_of


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is remembered: acts of an environment of this workspace, and acts on single subjects."""

    acts: tuple[str, ...]
    subjects: tuple[tuple[str, str], ...]


def consent_for(library: Library, name: str, given: Consent) -> Consent:
    """Return what an environment may do: what is remembered, and what this command allows. Raises `InvalidInput`."""
    return consents.remembered(_key(library, name)) | given


def allowed(library: Library, name: str) -> Allowed:
    """Return what is remembered for an environment. Raises `NotFound`, `InvalidInput`."""
    known = consents.remembered(_key(library, name))
    return Allowed(tuple(sorted(known.acts)), tuple(sorted(known.subjects)))


def allow(library: Library, name: str, acts: Sequence[str]) -> Allowed:
    """Let an environment do some acts from now on. Raises `NotFound`, `InvalidInput`, `EnvStudioError`."""
    consents.remember(_key(library, name), acts)
    return allowed(library, name)


def disallow(library: Library, name: str, acts: Sequence[str]) -> Allowed:
    """Take back what an environment may do (nothing named: all of it). Raises `NotFound`, `EnvStudioError`."""
    consents.forget(_key(library, name), acts or tuple(ACTS))
    return allowed(library, name)


def keep_source_builds(lock: Lock, consent: Consent) -> None:
    """Remember the packages of a lock that may be built, each with its origin, so that building asks no more."""
    if SOURCE_BUILDS in consent.acts:
        sources = {subject_of(item) for part in lock.platforms for item in part.of("pip") if is_source(item)}
        new = sources - {subject for act, subject in consent.subjects if act == SOURCE_BUILDS}
        if new:
            consents.remember_subjects(SOURCE_BUILDS, sorted(new))


def _key(library: Library, name: str) -> str:
    """Return what an environment's consents are kept by; another one that gets its name later shares none of them."""
    return f"{library.place}#{library.environments.identity(name)}"
