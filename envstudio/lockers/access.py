"""A host that asks for a login, or does not take the one it gets, is told as that, not as a missing package."""

from __future__ import annotations

import re

from envstudio.domain.failure import host_in
from envstudio.errors import Unavailable

REFUSED = re.compile(r"\b40[13]\b (?:Unauthorized|Forbidden)", re.IGNORECASE)


def no_access(said: str) -> Unavailable | None:
    """Return the error for what a solver said of HTTP's status 401 or 403; None where it is about something else."""
    line = next((line for line in said.splitlines() if REFUSED.search(line)), "")
    host = host_in(line)
    if not host:
        return None
    return Unavailable(
        f"{host} does not let us in.",
        f"Log in: envstudio login {host} --user NAME; or ask its owner for the right.",
        said.strip(),
    )
