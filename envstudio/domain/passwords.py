"""Secrets in definitions, found by one parser in every text of them and taken out, because no secret may be stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from typing import Any

from envstudio.domain.environment import Environment, Variable
from envstudio.domain.problem import Problem, Severity
from envstudio.secret_text import Secret, find_secrets, has_secret, without_secrets

has_password = has_secret
without_password = without_secrets

SECTIONS = ("image", "spark", "serving", "description", "tags", "carried")
KINDS = {
    "login": "a user or password in an address",
    "path-token": "a token in the path of an address",
    "query-token": "a token behind the ? of an address",
    "token": "a token",
    "registry": "the password of the registry",
}


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A secret of a definition: where it was, what it is, and the variable whose whole value it is ("" for others)."""

    where: str
    secret: Secret = field(repr=False)
    variable: str = ""
    text: str = field(default="", repr=False)
    """The whole value of the variable."""

    @property
    def described(self) -> str:
        """Return what it is, without what it says: "a token in the path of an address at conda.example"."""
        host = f" at {self.secret.host}" if self.secret.host else ""
        return f"{KINDS[self.secret.kind]}{host}"


def fields_with_passwords(environment: Environment) -> tuple[str, ...]:
    """Name the parts of a definition that hold a secret in clear, such as "python.channels" or "variables.DB"."""
    return tuple(where for where, value in _parts(environment).items() if _secrets_of(value))


def secrets_of(environment: Environment) -> tuple[FoundSecret, ...]:
    """Return the secrets of a definition, each with its location; a value of a variable counts as one."""
    found = []
    for where, value in _parts(environment).items():
        secrets = _secrets_of(value)
        if isinstance(value, Variable) and secrets:
            found.append(FoundSecret(where, secrets[0], value.name, value.value))
        else:
            found += [FoundSecret(where, secret) for secret in secrets]
    return tuple(found)


def without_passwords(environment: Environment) -> tuple[Environment, tuple[Problem, ...]]:
    """Return a definition without the secrets in its texts, and a problem for each part that had one.

    Other texts are left as they are; a variable whose value holds a secret loses that part of it.
    """
    found = secrets_of(environment)
    if not found:
        return environment, ()
    cleaned = _mapped(environment, without_secrets)
    kinds: dict[str, list[str]] = {}
    for item in found:
        kinds.setdefault(item.where, []).append(item.described)
    return cleaned, tuple(_removed(where, described) for where, described in kinds.items())


def _removed(where: str, described: list[str]) -> Problem:
    return Problem(
        "password-removed",
        Severity.WARNING,
        where,
        f"Found {', '.join(dict.fromkeys(described))} in clear text; it was taken out and is not stored.",
        "Change it if the file was shared with others.",
    )


def _parts(environment: Environment) -> dict[str, Any]:
    """Return the parts of a definition by the names that problems call them."""
    parts: dict[str, Any] = {}
    for item in fields(environment.python):
        name = "pip" if item.name == "pip_constraints" else item.name
        parts[f"python.{name}"] = (parts.get(f"python.{name}"), getattr(environment.python, item.name))
    parts |= {name: getattr(environment, name) for name in SECTIONS}
    parts |= {f"variables.{item.name}": item for item in environment.variables}
    return parts


def _secrets_of(value: Any) -> list[Secret]:
    """Return the secrets in all texts of a value."""
    found: list[Secret] = []

    def look(text: str) -> str:
        found.extend(find_secrets(text))
        return text

    _mapped(value, look)
    return found


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value with a function applied to every text in it; what is not changed stays the same object."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple | list):
        items = [_mapped(item, change) for item in value]
        return value if all(map(_same, items, value)) else type(value)(items)
    if isinstance(value, Mapping):
        # A name may hold a secret as well as what it names.
        made = {_mapped(key, change): _mapped(item, change) for key, item in value.items()}
        return value if made == value else made
    if is_dataclass(value) and not isinstance(value, type):
        new = {item.name: _mapped(getattr(value, item.name), change) for item in fields(value) if item.init}
        changed = {name: item for name, item in new.items() if not _same(item, getattr(value, name))}
        return replace(value, **changed) if changed else value
    return value


def _same(new: object, old: object) -> bool:
    return new is old or new == old
