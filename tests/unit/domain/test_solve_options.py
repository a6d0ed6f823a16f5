"""A bare date means one instant, its beginning in UTC, to rattler and uv alike; left to themselves the tools differ."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from envstudio.domain.solve_options import moment_of


@pytest.mark.parametrize(
    "text", ["2026-01-20", "2026-01-20T00:00:00Z", "2026-01-20T01:00:00+01:00", "2026-01-20T00:00"]
)
def test_a_bare_date_is_its_beginning(text: str) -> None:
    assert moment_of(text).astimezone(UTC) == datetime(2026, 1, 20, tzinfo=UTC)
