"""What a workspace demands of whoever works in it. Each policy is a line of the table; values are stored as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from envstudio.domain.amounts import SIZE
from envstudio.domain.check import check_codes
from envstudio.domain.solve import IndexStrategy
from envstudio.errors import InvalidInput

KEPT_CONTEXT, INDEX_STRATEGY = "kept-context", "index-strategy"


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy: what it is called, what holds without it, and how its value is read from a text and shown as one."""

    key: str
    title: str
    help: str
    default: Any
    read: Callable[[str], Any]
    shown: Callable[[Any], str]


def _codes(text: str) -> list[str]:
    codes = sorted({item.strip() for item in text.split(",") if item.strip()})
    for code in codes:
        if code not in check_codes():
            raise InvalidInput(f"No check named {code!r}.", f"Checks are {', '.join(sorted(check_codes()))}.")
    return codes


def _strategy(text: str) -> str:
    strategies = [str(item) for item in IndexStrategy]
    if text.strip() not in strategies:
        raise InvalidInput(f"{text!r} is not an index strategy.", f"Strategies are {' and '.join(strategies)}.")
    return text.strip()


def _size(text: str) -> str:
    if not SIZE.fullmatch(text.strip()):
        raise InvalidInput(f"{text!r} is not a size.", "Write a number of bytes with a unit, such as 50 MiB.")
    return text.strip()


POLICIES = {
    item.key: item
    for item in (
        Policy(
            "checks-off",
            "Checks switched off",
            "Comma-separated codes of problems that are not shown in this workspace",
            [],
            _codes,
            ", ".join,
        ),
        Policy(
            KEPT_CONTEXT,
            "Build contexts kept",
            "How large a build context may be, such as 50 MiB, whose files are kept with a version; 0 keeps none",
            "50 MiB",
            _size,
            str,
        ),
        Policy(
            INDEX_STRATEGY,
            "Index strategy of new environments",
            "From which of several package indexes a package comes: best, the best version of all, or first, the "
            "first index that has it; empty leaves it open, which means best",
            "",
            _strategy,
            str,
        ),
    )
}


def policy(key: str) -> Policy:
    """Return a policy of the table. Raises `InvalidInput`."""
    if key not in POLICIES:
        raise InvalidInput(
            f"No policy named {key!r}.", f"Policies are {', '.join(POLICIES)}.", code="unknown-policy", subject=key
        )
    return POLICIES[key]
