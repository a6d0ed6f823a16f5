"""Numbers as users read them."""

from __future__ import annotations

import re

SIZE = re.compile(r"(\d+)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
POWERS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def size_text(count: int) -> str:
    """Return a number of bytes with its unit, decimal as Docker writes it."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def amount_text(count: int, noun: str) -> str:
    """Return how many there are of something, such as "1 image" or "2 images"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def seconds_text(seconds: float) -> str:
    """Return a duration: tenths below ten seconds, minutes and seconds above a minute."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def parse_size(text: str) -> int:
    """Return the bytes of a size such as "8 GiB", "500M" or "1000"; 0 for an empty text. A unit is a power of 1,024."""
    found = SIZE.fullmatch(text.strip())
    return int(found[1]) << POWERS[found[2].upper()] if found else 0
