"""The library of the pictures: its times lie back, whichever module of the library writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from envstudio.library import Library
from tests.pictures.sample_library import clock, fill


def test_versions_lie_days_back_and_in_their_order(tmp_path: Path) -> None:
    location = tmp_path / "library.sqlite"
    with Library.open(location, who="ana") as library, clock(), Library.open(location, who="bo") as colleague:
        fill(library, colleague)
        versions = library.versions.list("churn-train")
    moments = [info.created_at for info in versions]
    assert moments == sorted(moments, reverse=True)
    assert moments[-1] < datetime.now(UTC) - timedelta(hours=12)
    assert {info.created_by for info in versions} == {"ana", "bo"}
