"""The line of words below an environment's name, and where each of them leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QToolButton

from envstudio.domain.environment import BuildContext, Environment, Image, Python
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.gui.frame.header_facts import facts_of
from envstudio.gui.frame.main_window import MainWindow
from envstudio.library import Library, LockRecord

CONDA = Environment("e", Python(conda=(conda_requirement("python=3.12"),)), Image(base="python:3.12-slim"))
PACKAGES = (LockedPackage("python", "3.12.7", "conda", "https://conda.example/noarch/python-3.12.7-0.conda", ""),)
LOCK = LockRecord(
    Lock("sha256:0", (), (PlatformLock("linux-64", "3.12", PACKAGES), PlatformLock("osx-arm64", "3.12", PACKAGES))),
    datetime(2026, 3, 4, tzinfo=UTC),
    "ana",
)


@pytest.mark.parametrize(
    ("environment", "lock", "stale", "expected"),
    [
        (CONDA, None, False, ["Python 3.12", "on python:3.12-slim", "not locked", "no image"]),
        (CONDA, LOCK, False, ["Python 3.12.7", "on python:3.12-slim", "locked for linux-64, osx-arm64", "no image"]),
        (CONDA, LOCK, True, ["Python 3.12", "on python:3.12-slim", "lock is stale", "no image"]),
        (
            Environment("e", Python(pip=(pip_requirement("six"),)), Image(base="registry.example/ml/python:3.11-slim")),
            None,
            False,
            ["Python 3.11", "on python:3.11-slim", "not locked", "no image"],
        ),
        (
            Environment("e", image=Image(base="", dockerfile="FROM x\n")),
            None,
            False,
            ["from a Dockerfile", "not locked", "no image"],
        ),
        (
            Environment("e", image=Image(base="", context=BuildContext("/work"))),
            None,
            False,
            ["from a build context", "not locked", "no image"],
        ),
    ],
)
def test_words(environment: Environment, lock: LockRecord | None, stale: bool, expected: list[str]) -> None:
    assert [item.text for item in facts_of(environment, lock, None, stale=stale)] == expected


def test_a_long_description_is_cut_and_whole_in_the_tip() -> None:
    described = replace(CONDA, description="word " * 30 + "\nmore")
    fact = facts_of(described, None, None)[-1]
    assert len(fact.text) == 61
    assert fact.tip == described.description


def test_each_opens_its_page_and_follows_edits(window: MainWindow, library: Library) -> None:
    view = window.open_environment("churn-train")
    buttons = {button.text(): button for button in view.facts.findChildren(QToolButton)}
    assert "not locked" in buttons
    buttons["not locked"].click()
    assert view.page_title == "Lock"
    view.document.edit("Describe", replace(view.document.environment, description="For the autumn"))
    assert "For the autumn" in [str(widget.property("text")) for widget in view.facts.widgets]


def test_a_curated_one_has_neither_lock_nor_image(window: MainWindow) -> None:
    view = window.open_environment("curated/jupyter")
    texts = [str(widget.property("text")) for widget in view.facts.widgets]
    assert not {"not locked", "no image"} & {*texts}
