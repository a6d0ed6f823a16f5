"""Locking and building from the window: a real solve on a real channel, and an engine that does not answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conda_channel import PYTHON, channel
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from real_parts import CACHE

from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.requirement import conda_requirement
from envstudio.engine import Engine
from envstudio.gui.editor.packages_model import LOCKED
from envstudio.gui.editor.packages_page import PackagesPage
from envstudio.gui.jobs import JobStatus
from envstudio.gui.locks.lock_page import LockPage
from envstudio.gui.main_window import MainWindow
from envstudio.library import Library

LONG = 60_000


@pytest.fixture(scope="module")
def address() -> str:
    """Return the address of a channel made from real packages."""
    return channel(CACHE).as_uri()


def define(window: MainWindow, address: str) -> None:
    conda = (conda_requirement(f"python={PYTHON}"), conda_requirement("click"))
    environment = Environment("local", Python(channels=(address,), conda=conda), Image(base="scratch"))
    window.session.apply(window.session.library.versions.register(environment).change)


def test_lock(qtbot: QtBot, window: MainWindow, library: Library, address: str) -> None:
    define(window, address)
    view = window.open_environment("local")
    page = view.page("Packages")
    assert isinstance(page, PackagesPage)
    page.setFocus()
    QTest.keySequence(window, QKeySequence("Ctrl+L"))
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    assert job.status is JobStatus.DONE, job.error
    assert page.model.index(0, LOCKED).data().startswith(PYTHON)
    assert window.browser.model.find("local").lock == "locked"  # type: ignore[union-attr]
    lock_page = view.show_page("Lock")
    assert isinstance(lock_page, LockPage)
    assert lock_page.view.packages.proxy.rowCount() >= 2
    assert "resolve" in " ".join(stage.name for stage in job.stages) or job.stages


def test_update_preview(qtbot: QtBot, window: MainWindow, library: Library, address: str) -> None:
    define(window, address)
    view = window.open_environment("local")
    window.actions_of["lock"].trigger()
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    page = view.show_page("Lock")
    assert isinstance(page, LockPage)
    page.view.update_button.click()
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    assert job.status is JobStatus.DONE, job.error
    assert page.preview.stack.currentWidget() is page.preview.nothing
    assert page.view.update_button.isEnabled()


def test_lock_of_a_draft(qtbot: QtBot, window: MainWindow, library: Library, address: str) -> None:
    define(window, address)
    view = window.open_environment("local")
    document = view.document
    document.edit("Add", document.environment.with_conda(conda_requirement("packaging")))
    window.tabs.setFocus()
    window.actions_of["lock"].trigger()
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    record, stale = document.lock()
    assert record is not None, job.error
    assert not stale
    assert record.lock.definition_digest == document.digest()
    assert library.find("local").version == 1


def test_lock_that_cannot_be_solved(qtbot: QtBot, window: MainWindow, address: str) -> None:
    define(window, address)
    document = window.open_environment("local").document
    document.edit("Add", document.environment.with_conda(conda_requirement("no-such-package-anywhere")))
    window.tabs.setFocus()
    window.actions_of["lock"].trigger()
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    assert job.status is JobStatus.FAILED
    assert not window.console_folded
    assert window.console.banner.label.text()


def test_conflict_is_relaxed_by_a_button(qtbot: QtBot, window: MainWindow, address: str) -> None:
    define(window, address)
    view = window.open_environment("local")
    document = view.document
    document.edit("Bound", document.environment.with_conda(conda_requirement("click <1")))
    page = view.show_page("Lock")
    assert isinstance(page, LockPage)
    page.empty.buttons[0].click()
    qtbot.waitUntil(lambda: bool(page.failure.buttons), timeout=LONG)
    assert "click" in page.failure.title.text()
    before = document.environment
    assert [button.text() for button in page.failure.buttons] == ["Use click"]
    page.failure.buttons[0].click()
    page.banner.buttons[0].click()
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    record, stale = document.lock()
    assert record is not None
    assert not stale
    document.undo_stack.undo()
    assert document.environment == before


def test_build_without_an_engine(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    window.session.settings = replace(window.session.settings, engine=f"unix://{tmp_path}/no.sock", builder="classic")
    document = window.open_environment("churn-train").document
    document.edit("Add", document.environment.with_conda(conda_requirement("scipy")))
    window.tabs.setFocus()
    window.actions_of["build"].trigger()
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    assert job.status is JobStatus.FAILED
    assert job.title == "Build churn-train:3"
    assert library.find("churn-train").version == 3
    assert window.console.banner.label.text()


@pytest.mark.xdist_group("engine")
def test_build_on_a_real_engine(
    qtbot: QtBot, window: MainWindow, library: Library, address: str, engine: Engine
) -> None:
    define(window, address)
    view = window.open_environment("local")
    view.setFocus()
    QTest.keySequence(window, QKeySequence("Ctrl+B"))
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    assert job.status is JobStatus.DONE, job.error
    (image,) = library.images.list("local")
    assert engine.find(image.image_id) is not None
    assert window.browser.model.find("local").image == "built"  # type: ignore[union-attr]
    assert {"link conda packages", "load"} <= {stage.name for stage in job.stages}
    engine.remove_image(image.image_id, force=True)
