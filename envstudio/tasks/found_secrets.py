"""Secrets that stand in files which are imported: they go to the keyring, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from envstudio import credentials
from envstudio.credentials import Entry, Login, free_entry, login_entry
from envstudio.domain.environment import Environment, Registry
from envstudio.domain.lock import Lock
from envstudio.domain.passwords import FoundSecret, secrets_of, without_password, without_passwords
from envstudio.domain.problem import Problem, Severity
from envstudio.errors import Act, InvalidInput, Remedy, Unavailable, redacted
from envstudio.library import Library
from envstudio.report import Report
from envstudio.secret_text import Secret

CHANGE = "Change it if the file was shared with others."


def taken_out(environment: Environment, registry_password: str = "") -> tuple[Environment, tuple[FoundSecret, ...]]:
    """Return a definition without its secrets, and these; what held one names it in the keyring now.

    `registry_password` is the one of its registry, which a file held beside it.
    """
    found = secrets_of(environment)
    registry = environment.image.registry
    if registry_password and registry is not None:
        item = _registry_secret(registry, registry_password)
        found = (*found, item)
        environment = _with_registry_secret(environment, f"registry.{item.secret.host}")
    if not found:
        return environment, ()
    named = {item.variable: f"{environment.name}.{item.variable}" for item in found if item.variable}
    variables = tuple(
        replace(item, value="", secret=named[item.name]) if item.name in named else item
        for item in environment.variables
    )
    cleaned, _ = without_passwords(replace(environment, variables=variables))
    return cleaned, found


def _registry_secret(registry: Registry, password: str) -> FoundSecret:
    """Return a password that stood in a file in clear beside the registry that it is for."""
    host = credentials.host_of(registry.address)
    return FoundSecret(
        "image.registry", Secret(0, len(password), "registry", password, "***", host, registry.username), text=password
    )


def lock_without_secrets(lock: Lock) -> Lock:
    """Return a lock without the secrets in its addresses."""
    return replace(
        lock,
        channels=tuple(map(without_password, lock.channels)),
        indexes=tuple(map(without_password, lock.indexes)),
        platforms=tuple(
            replace(
                part,
                packages=tuple(replace(item, url=without_password(item.url)) for item in part.packages),
            )
            for part in lock.platforms
        ),
    )


def shown(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return problems whose words hold no secret: some quote what a file says."""
    return tuple(replace(item, message=redacted(item.message), advice=redacted(item.advice)) for item in problems)


def secret_problems(found: Sequence[FoundSecret], *, kept: bool) -> tuple[Problem, ...]:
    """Return a problem for each secret that was found, without the secret itself."""
    where_now = "it is in the keyring now" if kept else "it was left out"
    code = "secret-kept" if kept else "password-removed"
    problems = []
    for item in found:
        what = "the secret value of a variable" if item.variable else item.described
        problems.append(
            Problem(code, Severity.WARNING, item.where, f"Found {what} in clear text; {where_now}.", CHANGE)
        )
    return tuple(problems)


def keep(
    library: Library, environment: Environment, found: Sequence[FoundSecret]
) -> tuple[Environment, tuple[Entry, ...]]:
    """Put what was found into the keyring; return the definition that names it there, and the entries that are new.

    Secrets that the keyring has already and logins that are known stay as they are: a file of a stranger must not
    change them. Raises `Unavailable` without a keyring; then nothing is kept.
    """
    made: list[Entry] = []
    names: dict[str, str] = {}
    registry_name = ""
    try:
        for item in found:
            entry, value = _entry(library, environment.name, item)
            entries = [(entry, value)]
            if item.variable:
                names[item.variable] = entry.name
            if item.secret.kind == "registry":
                named = free_entry(library.workspace, f"registry.{item.secret.host}", item.secret.value)
                entries.append((named, item.secret.value))
                registry_name = named.name
            for entry, value in entries:
                if not _is_there(entry, value):
                    credentials.store_entry(entry, value)
                    made.append(entry)
    except Unavailable as error:
        undo(made)
        raise Unavailable(
            f"{environment.name} holds {found[0].described} in clear text, and this machine has no keyring for it.",
            "Take the secret out of the file, or leave it out.",
            error.details or error.summary,
            code="no-keyring",
            remedy=Remedy(Act.DROP_SECRETS),
        ) from error
    variables = tuple(
        replace(item, secret=names[item.name]) if item.secret and item.name in names else item
        for item in environment.variables
    )
    if registry_name:
        environment = _with_registry_secret(environment, registry_name)
    return replace(environment, variables=variables), tuple(made)


def _with_registry_secret(environment: Environment, name: str) -> Environment:
    registry = environment.image.registry
    if registry is None:
        return environment
    return replace(environment, image=replace(environment.image, registry=replace(registry, password=name)))


class Kept(NamedTuple):
    """What became of secrets that were typed."""

    message: str
    # The names under which the keyring has them, by the names that the definition gives them.
    names: dict[str, str]


def keep_typed(library: Library, environment: Environment, found: Sequence[FoundSecret], *, report: Report) -> Kept:
    """Put secrets that were typed or pasted into a definition into the keyring.

    The environment may read those that are values of variables. Raises `Unavailable` without a keyring: the secrets
    are then in neither.
    """
    # What builds packages is not loaded to type in a window.
    from envstudio.tasks.consent import allow_secrets

    report.raise_if_cancelled()
    what = " and ".join(dict.fromkeys(item.described for item in found))
    try:
        kept, _ = keep(library, environment, found)
    except Unavailable as error:
        raise Unavailable(
            f"{what[0].upper()}{what[1:]} was left out: this machine has no keyring to keep it in.",
            "Log in by ~/.netrc, or give secrets in variables of the process.",
            error.details,
        ) from error
    typed = {item.variable for item in found}
    both = zip(environment.variables, kept.variables, strict=True)
    names = {old.secret: new.secret for old, new in both if old.name in typed and old.secret and new.secret}
    if names:
        allow_secrets(library, environment.name, list(names.values()))
    return Kept(f"{what[0].upper()}{what[1:]} went to the keyring; the definition holds none.", names)


def undo(entries: Sequence[Entry]) -> None:
    """Take entries out of the keyring again."""
    for entry in entries:
        credentials.forget_entry(entry)


def _entry(library: Library, environment: str, item: FoundSecret) -> tuple[Entry, str]:
    secret = item.secret
    if item.variable:
        return free_entry(library.workspace, f"{environment}.{item.variable}", item.text), item.text
    if secret.host and secret.kind in ("login", "path-token", "registry"):
        password = "" if secret.user == secret.value else secret.value
        login = Login("conda", secret.value) if secret.kind == "path-token" else Login("basic", password, secret.user)
        # A host that is a variable has no login of its own.
        with suppress(InvalidInput):
            return login_entry(secret.host, login)
    return free_entry(library.workspace, f"{environment}.{secret.host or item.where}", secret.value), secret.value


def _is_there(entry: Entry, value: str) -> bool:
    if entry.service == credentials.LOGINS:
        # One of ~/.netrc would be asked no more if the keyring had another.
        return credentials.login_for(entry.name) is not None
    return credentials.peek_entry(entry) == value
