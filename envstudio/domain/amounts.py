"""Numbers as users read them."""

from __future__ import annotations


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
