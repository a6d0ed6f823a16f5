"""Comparisons with the tools that own a format; one worker has the engine to itself."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker have the engine to itself."""
    for item in items:
        if "oracles" in item.path.parts and "engine" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("engine"))
