"""Moments in words, and by the reader's clock."""

from __future__ import annotations

from datetime import UTC, datetime


def when(moment: datetime, now: datetime | None = None) -> str:
    """Return a moment as users say it: the time today, the weekday this week, else the date."""
    now = (now or datetime.now(UTC)).astimezone()
    local = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone()
    days = (now.date() - local.date()).days
    if days == 0:
        return f"today {local:%H:%M}"
    if days == 1:
        return f"yesterday {local:%H:%M}"
    if 1 < days < 7:
        return f"{local:%a %H:%M}"
    return f"{local.day} {local:%b}" if local.year == now.year else f"{local.day} {local:%b %Y}"


def date_time(moment: datetime | None) -> str:
    """Return a moment by the reader's clock, "2026-01-31 09:30"; empty for none."""
    return "" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M")
