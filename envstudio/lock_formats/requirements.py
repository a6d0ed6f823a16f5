"""A requirements file with addresses and hashes, which pip and uv install without asking an index."""

from __future__ import annotations

from envstudio.domain.lock import Lock
from envstudio.lock_formats.lock_format import LockFormat


def _write(lock: Lock, platform: str) -> str:
    """Return one platform's pip packages."""
    return "".join(f"{line}\n" for line in lock.platform(platform).requirement_lines())


FORMAT = LockFormat(
    "requirements", "requirements.txt with hashes", ("requirements.txt",), lambda _source: False, None, _write, ("pip",)
)
