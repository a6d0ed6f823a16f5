"""Digests of contents, as OCI writes them: "sha256:" and 64 hexadecimal digits (image specification, descriptor.md)."""

from __future__ import annotations

import re

from envstudio.errors import InvalidInput

DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


def hex_of(digest: object, where: str) -> str:
    """Return the digits of a digest that a file or server gave; they may become part of a path.

    `where` names who gave it. Raises `InvalidInput` for what is no digest.
    """
    found = DIGEST.fullmatch(digest) if isinstance(digest, str) else None
    if found is None:
        raise InvalidInput(
            f"{where} has a digest that is none: {str(digest)[:80]!r}.", "Write sha256: and 64 hexadecimal digits."
        )
    return found[1]
