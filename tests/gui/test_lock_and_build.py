"""Locking and building from the window: a real solve on a real channel, and an engine that does not answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from conda_channel import PYTHON, channel
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from real_parts import BASE, CACHE, BaseImage, lacking
from registries import registry

from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.lock import Lock, PlatformLock
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


def define(window: MainWindow, address: str, base: str = "scratch") -> None:
    conda = (conda_requirement(f"python={PYTHON}"), conda_requirement("click"))
    environment = Environment("local", Python(channels=(address,), conda=conda), Image(base=base))
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


def test_lock_keeps_the_platforms_that_there_were(
    qtbot: QtBot, window: MainWindow, library: Library, address: str
) -> None:
    define(window, address)
    window.session.settings = replace(window.session.settings, platforms=("linux-aarch64",))
    digest = library.find("local").digest
    library.locks.save("local", Lock(digest, (address,), (PlatformLock("linux-64", PYTHON, ()),)))
    document = window.open_environment("local").document
    document.edit("Add", document.environment.with_conda(conda_requirement("packaging")))
    window.tabs.setFocus()
    window.actions_of["lock"].trigger()
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    record, stale = document.lock()
    assert record is not None, job.error
    assert not stale
    assert record.lock.platform_names == ("linux-64",)


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
    assert [button.text() for button in page.failure.buttons] == ["Use any click"]
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
    qtbot: QtBot, window: MainWindow, library: Library, address: str, engine: Engine, base: BaseImage, tmp_path: Path
) -> None:
    if shutil.which("docker-registry") is None:
        lacking("A registry needs docker-registry of Debian or Ubuntu.")
    window.session.settings = replace(window.session.settings, mirror_images={BASE: base.source})
    define(window, address, BASE)
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
    page = view.show_images()
    qtbot.waitUntil(lambda: page.images.index(0, 1).data() == "present", timeout=LONG)
    parts = {tile.part.name for tile in page.contents.treemap.tiles}
    assert "python" in parts
    page.prune_button.click()
    qtbot.waitUntil(lambda: page.prune.plan is not None, timeout=LONG)
    assert page.prune.plan is not None
    assert dict(page.prune.plan.kept)["local:1"] == "labelled latest"
    page.prune.closed.emit()
    page.run_button.click()
    page.line.edit.setText("python -c 'print(6 * 7)'")
    page.line.button.click()
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    assert window.console.log.toPlainText().splitlines()[-1] == "42"
    with registry(tmp_path / "registry") as host:
        page.push_button.click()
        page.line.edit.setText(f"{host}/team/local:1")
        QTest.keyClick(page.line.edit, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
        assert page.banner.label.text() == f"Pushed {host}/team/local:1."
        tags = requests.get(f"http://{host}/v2/team/local/tags/list", timeout=5).json()
    assert tags == {"name": "team/local", "tags": ["1"]}
    page.remove_button.click()
    page.banner.buttons[0].click()
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    assert engine.find(image.image_id) is None
    assert not page.images.records
    assert page.parts.currentWidget() is page.builds_table


@pytest.mark.xdist_group("engine")
def test_rebuild_from_the_history(
    qtbot: QtBot, window: MainWindow, library: Library, address: str, engine: Engine
) -> None:
    define(window, address)
    window.open_environment("local").setFocus()
    window.actions_of["build"].trigger()
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    console = window.console
    console.lists.tabs.setCurrentIndex(1)
    console.lists.builds.setCurrentIndex(console.lists.builds_model.index(0))
    qtbot.waitUntil(lambda: console.record is not None, timeout=LONG)
    console.why.click()
    qtbot.waitUntil(lambda: not console.banner.isHidden(), timeout=LONG)
    assert "would be reused" in console.banner.label.text()
    console.rebuild.click()
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    assert [record.status for record in library.builds.list("local")] == ["done", "done"]
    (image,) = library.images.list("local")
    engine.remove_image(image.image_id, force=True)
