"""What tests on real engines, channels and indexes share beside fixtures."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from envstudio.report import Event, Line, Report

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "cache"

BASE = "base.example/python:slim"
"""What definitions in these tests start from; the settings map it to what the machine can have."""


def lacking(reason: str) -> None:
    """Skip a test for lack of something; in continuous integration that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} With CI=true nothing may be skipped for lack of it.")
    pytest.skip(reason)


@dataclass(frozen=True)
class BaseImage:
    """Where the base comes from, and its Python's "3.11"."""

    source: str
    python: str


class Recorder(Report):
    """A report that remembers what it heard."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        super().__init__(self.events.append)

    @property
    def text(self) -> str:
        return "\n".join(event.text for event in self.events if isinstance(event, Line))
