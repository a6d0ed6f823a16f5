"""What a hash of a file looks like, so that anything else is refused before it is compared, stored or made a path."""

from __future__ import annotations

import re

from envstudio.errors import InvalidInput

SHA256 = re.compile(r"[0-9a-f]{64}")
MD5 = re.compile(r"[0-9a-f]{32}")


def is_sha256(text: str) -> bool:
    """Return whether a text is a SHA-256 hash in lower-case hexadecimal digits, without a prefix."""
    return SHA256.fullmatch(text) is not None


def is_md5(text: str) -> bool:
    """Return whether a text is an MD5 hash in lower-case hexadecimal digits."""
    return MD5.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Return whether a text is a digest as images have it, "sha256:" and a SHA-256 hash."""
    return text.startswith("sha256:") and is_sha256(text.removeprefix("sha256:"))


def hex_of(digest: object, where: str) -> str:
    """Return the digits of a digest that a file or server gave; they may become part of a path.

    `where` names who gave it. Raises `InvalidInput` for what is not a digest.
    """
    if not isinstance(digest, str) or not is_digest(digest):
        raise InvalidInput(
            f"{where} has an invalid digest: {str(digest)[:80]!r}.", "Write sha256: and 64 hexadecimal digits."
        )
    return digest.removeprefix("sha256:")
