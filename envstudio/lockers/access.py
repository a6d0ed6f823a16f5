"""A host that wants a login, or rejects the one it gets, is reported as that, not as a missing package."""

from __future__ import annotations

import re

from envstudio.domain.failure import host_in
from envstudio.errors import Act, Remedy, Unavailable

REFUSED = re.compile(r"\b(40[13])\b (?:Unauthorized|Forbidden)", re.IGNORECASE)


def no_access(output: str) -> Unavailable | None:
    """Return the error for what a solver said of HTTP's status 401 or 403; None if it is about something else."""
    line = next((line for line in output.splitlines() if REFUSED.search(line)), "")
    host, found = host_in(line), REFUSED.search(line)
    if not host or found is None:
        return None
    return Unavailable(
        f"{host} rejected the credentials ({found[1]}).",
        "Ask its owner for access, or log in.",
        output.strip(),
        code="unauthorized",
        subject=host,
        remedy=Remedy(Act.LOG_IN, host),
    )
