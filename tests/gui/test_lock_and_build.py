"""Locking and building from the window: a real solve on a real channel, and an engine that does not answer."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from conda_channel import PYTHON, channel
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QToolButton
from pytestqt.qtbot import QtBot
from real_parts import BASE, CACHE, BaseImage, lacking
from registries import registry

from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.lock import Lock, PlatformLock
from envstudio.domain.requirement import conda_requirement
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError
from envstudio.gui.editor.packages_model import LOCKED
from envstudio.gui.editor.packages_page import PackagesPage
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.job import Job, JobStatus
from envstudio.gui.locks.lock_page import LockPage
from envstudio.gui.model.session import Session
from envstudio.library import Library

LONG = 300_000


@pytest.fixture(scope="module")
def address() -> str:
    """Return the address of a channel made from real packages."""
    return channel(CACHE).as_uri()


def define(window: MainWindow, address: str, base: str = "scratch") -> None:
    """Register an environment of which no engine has an image, left there by a test that failed."""
    conda = (conda_requirement(f"python={PYTHON}"), conda_requirement("click"))
    unique = Variable("TRIED", uuid.uuid4().hex)
    environment = Environment("local", Python(channels=(address,), conda=conda), Image(base=base), (unique,))
    window.session.apply(window.session.library.versions.register(environment).change)


def ended(qtbot: QtBot, window: MainWindow) -> Job:
    """Wait until the job is over that was begun last."""
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    return job


def lock_with(qtbot: QtBot, window: MainWindow, text: str) -> Job:
    """Add a package to the draft of the open environment and lock that."""
    view = window.current_view()
    assert view is not None
    view.document.edit("Add", view.document.environment.with_conda(conda_requirement(text)))
    window.tabs.setFocus()
    window.actions_of["lock"].trigger()
    return ended(qtbot, window)


def test_lock(qtbot: QtBot, window: MainWindow, library: Library, address: str) -> None:
    define(window, address)
    view = window.open_environment("local")
    page = view.page("Packages")
    assert isinstance(page, PackagesPage)
    page.setFocus()
    QTest.keySequence(window, QKeySequence("Ctrl+L"))
    job = ended(qtbot, window)
    assert job.status is JobStatus.DONE, job.error
    assert page.model.index(0, LOCKED).data().startswith(PYTHON)
    qtbot.waitUntil(lambda: window.browser.model.find("local").lock == "locked")  # type: ignore[union-attr]
    lock_page = view.show_page("Lock")
    assert isinstance(lock_page, LockPage)
    assert lock_page.view.packages.proxy.rowCount() >= 2
    assert job.stages[-1].name == "store lock"


def test_update_preview(qtbot: QtBot, window: MainWindow, library: Library, address: str) -> None:
    define(window, address)
    view = window.open_environment("local")
    window.actions_of["lock"].trigger()
    job = ended(qtbot, window)
    page = view.show_page("Lock")
    assert isinstance(page, LockPage)
    page.view.update_button.click()
    job = ended(qtbot, window)
    assert job.status is JobStatus.DONE, job.error
    assert page.preview.stack.currentWidget() is page.preview.nothing
    assert page.view.update_button.isEnabled()


def test_lock_of_a_draft(qtbot: QtBot, window: MainWindow, library: Library, address: str) -> None:
    define(window, address)
    view = window.open_environment("local")
    document = view.document
    job = lock_with(qtbot, window, "packaging")
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
    job = lock_with(qtbot, window, "packaging")
    record, stale = document.lock()
    assert record is not None, job.error
    assert not stale
    assert record.lock.platform_names == ("linux-64",)


def test_lock_that_cannot_be_solved(qtbot: QtBot, window: MainWindow, address: str) -> None:
    define(window, address)
    window.open_environment("local")
    job = lock_with(qtbot, window, "no-such-package-anywhere")
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


def test_a_dockerfile_is_written_with_what_it_needs(
    qtbot: QtBot, window: MainWindow, library: Library, address: str, tmp_path: Path
) -> None:
    define(window, address, "debian:bookworm-slim")
    document = window.open_environment("local").document
    document.edit("Add", replace(document.environment, variables=(Variable("OF_THE_DRAFT", "1"),)))
    window.tabs.setFocus()
    window.actions_of["write_dockerfile"].trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    job = ended(qtbot, window)
    assert job.status is JobStatus.DONE, job.error
    text = (tmp_path / "local" / "Dockerfile").read_text("utf-8")
    assert "FROM debian:bookworm-slim" in text
    assert "OF_THE_DRAFT" in text
    written = window.notice.label.text()
    assert written.startswith("Wrote the Dockerfile of local and ")
    assert str(tmp_path / "local") in written
    assert document.lock()[0] is not None
    assert library.find("local").version == 1


def test_build_without_an_engine(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    window.session.settings = replace(window.session.settings, engine=f"unix://{tmp_path}/no.sock", builder="classic")
    document = window.open_environment("churn-train").document
    document.edit("Add", document.environment.with_conda(conda_requirement("scipy")))
    window.tabs.setFocus()
    window.actions_of["build"].trigger()
    job = ended(qtbot, window)
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
    job = ended(qtbot, window)
    assert job.status is JobStatus.DONE, job.error
    (image,) = library.images.list("local")
    assert engine.find(image.image_id) is not None
    qtbot.waitUntil(lambda: window.browser.model.find("local").image == "built")  # type: ignore[union-attr]
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
        assert page.images.index(0, 2).data() == f"{image.tags[0]}, {host}/team/local:1"
        tags = requests.get(f"http://{host}/v2/team/local/tags/list", timeout=5).json()
    assert tags == {"name": "team/local", "tags": ["1"]}
    page.remove_button.click()
    page.banner.buttons[0].click()
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    assert engine.find(image.image_id) is None
    assert not page.images.rows
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
    messages: list[str] = []
    console.build_actions.planned.connect(lambda record, text: messages.append(text))
    assert console.record is not None
    console.build_actions.explain(replace(console.record, inputs={**console.record.inputs, "reuse": False}))
    qtbot.waitUntil(lambda: bool(messages), timeout=LONG)
    assert messages[0].startswith("It would be built, because no image is to be reused.")
    console.rebuild.click()
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    assert [record.status for record in library.builds.list("local")] == ["done", "done"]
    (image,) = library.images.list("local")
    engine.remove_image(image.image_id, force=True)


@pytest.mark.xdist_group("engine")
def test_space_is_freed_in_a_real_engine(
    qtbot: QtBot, window: MainWindow, library: Library, address: str, engine: Engine
) -> None:
    define(window, address)
    view = window.open_environment("local")
    built = []
    for number in (1, 2):
        if number == 2:
            view.document.edit("Add", view.document.environment.with_conda(conda_requirement("packaging")))
        view.setFocus()
        window.actions_of["build"].trigger()
        qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
        built.append(library.images.list("local")[0].image_id)
    old, new = built
    assert old != new
    page = view.show_images()
    page.prune_button.click()
    qtbot.waitUntil(lambda: page.prune.plan is not None, timeout=LONG)
    assert page.prune.plan is not None
    assert [item.image_id for item in page.prune.plan.removed] == [old]
    assert engine.find(old) is not None, "a plan removes nothing"
    page.prune.close_button.click()
    assert engine.find(old) is not None
    page.prune_button.click()
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.prune, timeout=LONG)
    page.prune.accept.click()
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    assert engine.find(old) is None
    assert engine.find(new) is not None
    assert [record.image_id for record in library.images.list("local")] == [new]
    assert [record.image_id for record in page.images.rows] == [new]
    page.prune_button.click()
    qtbot.waitUntil(lambda: page.prune.stack.currentWidget() is page.prune.nothing, timeout=LONG)
    engine.remove_image(new, force=True)


# What the next lock is requested


def locked(qtbot: QtBot, window: MainWindow) -> BaseException | None:
    """Lock what is open by the toolbar's command, and return what went wrong."""
    window.tabs.setFocus()
    window.actions_of["lock"].trigger()
    job = ended(qtbot, window)
    return job.error


def test_a_pin_holds_for_every_way_of_locking(qtbot: QtBot, window: MainWindow, library: Library, address: str) -> None:
    define(window, address)
    page = window.open_environment("local").show_lock()
    page.options.pins.add_button.click()
    page.options.pins.edit.setText("click<1")
    QTest.keyClick(page.options.pins.edit, Qt.Key.Key_Return)
    error = locked(qtbot, window)
    assert "click<1 pinned" in str(error)
    page.failure.clear()
    page.lock_now()
    qtbot.waitUntil(lambda: not page.failure.isHidden(), timeout=LONG)
    assert "click<1 pinned" in page.failure.title.text()
    chip = page.options.pins.chip("click<1")
    assert chip is not None
    chip.findChildren(QToolButton)[0].click()
    assert locked(qtbot, window) is None
    assert library.locks.newest("local") is not None


def test_packages_after_a_day_are_ignored(qtbot: QtBot, window: MainWindow, address: str) -> None:
    define(window, address)
    page = window.open_environment("local").show_lock()
    page.options.until.setText("1991-0")
    assert "1991-0" in page.options.reason.text()
    page.options.until.setText("1991-02-20")
    assert not page.options.reason.text()
    error = locked(qtbot, window)
    assert isinstance(error, EnvStudioError)
    page.options.until.clear()
    assert locked(qtbot, window) is None


def test_offline_without_a_cache_says_so(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    define(window, "https://conda.nowhere.example/channel")
    page = window.open_environment("local").show_lock()
    page.options.offline.click()
    error = locked(qtbot, window)
    assert isinstance(error, EnvStudioError)
    assert "cache" in f"{error.summary} {error.advice}"


def test_what_a_lock_is_asked_for_is_remembered(window: MainWindow, session: Session) -> None:
    page = window.open_environment("churn-train").show_lock()
    page.options.pins.add_requested.emit("openssl<3.1")
    page.options.pins.add_requested.emit("openssl <=> 3")
    assert "match spec" in page.options.reason.text()
    assert page.options.pins.edit.text() == "openssl <=> 3"
    page.options.offline.click()
    window.close_environment("churn-train")
    assert window.open_environment("ocr-gpu").show_lock().options.pins.chip("openssl<3.1") is None
    session.apply(session.library.environments.rename("churn-train", "churn"))
    wishes = window.open_environment("churn").show_lock().options
    assert wishes.pins.chip("openssl<3.1") is not None
    assert wishes.offline.isChecked()


def test_what_is_offered_solves_under_the_wishes_of_the_lock(
    qtbot: QtBot, window: MainWindow, library: Library, address: str
) -> None:
    """Nothing of the channel is that old, so that no bound that is dropped helps."""
    define(window, address)
    view = window.open_environment("local")
    view.document.edit("Bound", view.document.environment.with_conda(conda_requirement("click <1")))
    page = view.show_lock()
    page.options.until.setText("2001-01-01")
    page.empty.buttons[0].click()
    ended(qtbot, window)
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    page.failure.relax("linux-64")
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    assert page.failure.relaxations == ()
    page.options.until.clear()
    page.failure.relax("linux-64")
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    assert [str(item) for item in page.failure.relaxations] == ["click <1 → click"]


def test_work_of_two_workspaces_is_told_apart(
    qtbot: QtBot, window: MainWindow, library: Library, address: str, tmp_path: Path
) -> None:
    """Environments of the same name are built in both; the end of one is not shown on the other."""
    window.session.settings = replace(window.session.settings, engine=f"unix://{tmp_path}/no.sock")
    define(window, address)
    window.session.apply(library.workspaces.create("team"))
    with Library.open(library.location, workspace="team") as team:
        team.versions.register(library.find("local").environment)
    window.open_environment("local").setFocus()
    window.actions_of["build"].trigger()
    first = window.session.jobs.jobs[-1]
    window.session.switch_workspace("team")
    window.open_environment("local").setFocus()
    window.actions_of["build"].trigger()
    second = window.session.jobs.jobs[-1]
    assert not first.report.cancelled
    window.session.jobs.cancel(second)
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=LONG)
    assert first.status is JobStatus.FAILED
    assert window.browser.model.find("local").image == ""  # type: ignore[union-attr]
    window.session.switch_workspace("default")
    qtbot.waitUntil(lambda: window.browser.model.find("local").image == "failed")  # type: ignore[union-attr]


@pytest.mark.xdist_group("engine")
def test_what_is_renamed_while_it_is_built_keeps_its_image(
    qtbot: QtBot, window: MainWindow, library: Library, address: str, engine: Engine
) -> None:
    define(window, address)
    window.open_environment("local").setFocus()
    window.actions_of["build"].trigger()
    job = window.session.jobs.jobs[-1]
    qtbot.waitUntil(lambda: job.stage.startswith(("link", "load", "layer", "resolve", "make")), timeout=LONG)
    window.session.apply(library.environments.rename("local", "renamed"))
    assert window.browser.model.index_of("renamed").data(Qt.ItemDataRole.AccessibleTextRole).endswith("building")
    qtbot.waitUntil(lambda: not job.active, timeout=LONG)
    assert job.status is JobStatus.DONE, job.error
    (image,) = library.images.list("renamed")
    qtbot.waitUntil(lambda: window.browser.model.find("renamed").image == "built")  # type: ignore[union-attr]
    engine.remove_image(image.image_id, force=True)
