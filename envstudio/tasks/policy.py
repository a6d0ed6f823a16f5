"""policy: what a workspace demands, shown and changed, and the checks that it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from envstudio.domain.check import check
from envstudio.domain.policy import POLICIES, policy
from envstudio.domain.problem import Severity, counted
from envstudio.errors import InvalidInput

if TYPE_CHECKING:
    from envstudio.domain.change import LibraryChange
    from envstudio.domain.environment import Environment
    from envstudio.domain.problem import Problem
    from envstudio.library import Library


def policies(library: Library) -> dict[str, Any]:
    """Return the value of every policy in the library's workspace."""
    found = library.policies.all()
    return {key: found.get(key, item.default) for key, item in POLICIES.items()}


def set_policy(library: Library, key: str, text: str) -> LibraryChange:
    """Set a policy from text; an empty one restores the default. Raises `InvalidInput`, `Conflict`."""
    value = policy(key).read(text) if text.strip() else None
    return library.policies.set(key, value, was=library.policies.all().get(key))


def policy_text(key: str, value: Any) -> str:
    """Return a value as it is typed."""
    return policy(key).shown(value)


def checked(library: Library, environment: Environment) -> tuple[Problem, ...]:
    """Return the problems of a definition that the library's workspace wants to hear of."""
    return under_policies(check(environment), policies(library))


def refuse_problems(library: Library, environment: Environment, problems: Iterable[Problem] = ()) -> None:
    """Raise `InvalidInput` for a definition with errors or warnings, those that its reader `problems` among them."""
    found = [item for item in (*problems, *checked(library, environment)) if item.severity is not Severity.INFO]
    if found:
        raise InvalidInput(
            f"{environment.name} has {counted(found)}, and was not registered.",
            "Fix them, or register it without being strict.",
            "\n".join(f"{item.where}: {item.message} {item.advice}".rstrip() for item in found),
            code="strict",
            subject=environment.name,
        )


def under_policies(problems: tuple[Problem, ...], demands: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Leave out what a workspace has switched off."""
    off = set(demands.get("checks-off", ()))
    return tuple(item for item in problems if item.code not in off)
