"""What the doctor says of one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass

from envstudio.errors import Remedy


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; without `ok`, `advice` tells the way out."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
    remedy: Remedy | None = None
