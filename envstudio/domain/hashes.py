"""What a hash of a file looks like, so that anything else is refused before it is compared, stored or made a path."""

from __future__ import annotations

import re

SHA256 = re.compile(r"[0-9a-f]{64}")
MD5 = re.compile(r"[0-9a-f]{32}")


def is_sha256(text: str) -> bool:
    """Return whether a text is a SHA-256 hash in lower-case hexadecimal digits, without a prefix."""
    return SHA256.fullmatch(text) is not None


def is_md5(text: str) -> bool:
    """Return whether a text is an MD5 hash in lower-case hexadecimal digits."""
    return MD5.fullmatch(text) is not None
