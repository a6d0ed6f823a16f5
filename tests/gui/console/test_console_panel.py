"""The console: what a job says, how it ends, cancelling, and builds of earlier."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from envstudio.errors import Unavailable
from envstudio.gui.console.console_panel import ConsolePanel
from envstudio.gui.console.jobs_model import JobsModel
from envstudio.gui.error_dialog import ErrorDialog
from envstudio.gui.jobs import JobStatus
from envstudio.gui.main_window import MainWindow
from envstudio.report import Report, Stage


@pytest.fixture
def console(window: MainWindow) -> ConsolePanel:
    return window.console


def build(*, report: Report) -> None:
    report.line("docker buildx build .", "command")
    with report.stage("resolve") as stage:
        stage.cached = True
    with report.stage("load"):
        report.progress(8, 10)
        report.line("half way")


def unavailable(*, report: Report) -> None:
    report.line("asking the engine")
    raise Unavailable("Docker does not answer.", "Start Docker and try again.", "socket: refused")


def bug(*, report: Report) -> None:
    raise KeyError("oops")


def endless(*, report: Report) -> None:
    report.line("begun")
    while True:
        report.raise_if_cancelled()
        threading.Event().wait(0.01)


def test_stages_and_log(console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    job = window.session.jobs.run("Build", build, lane="build")
    wait_jobs()
    assert console.job is job
    assert console.log.toPlainText() == "$ docker buildx build .\nhalf way"
    assert "resolve" in console.stages.text()
    assert "cached" in console.stages.text()
    assert not console.cancel.isVisible()
    assert "done" in console.state.text()
    console.copy.click()
    assert "half way" in QGuiApplication.clipboard().text()


def test_expected_error_is_a_banner(console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    window.session.jobs.run("Build", unavailable, lane="build")
    wait_jobs()
    assert not window.console_folded
    assert console.banner.label.text() == "Docker does not answer. Start Docker and try again."
    assert window.findChild(ErrorDialog) is None
    console.banner.buttons[0].click()
    dialog = window.findChild(ErrorDialog)
    assert isinstance(dialog, ErrorDialog)
    dialog.close()


def test_bug_is_a_dialog(qtbot: QtBot, console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    window.session.jobs.run("Build", bug, lane="build")
    wait_jobs()
    dialog = window.findChild(ErrorDialog)
    assert isinstance(dialog, ErrorDialog)
    assert "KeyError" in dialog.details.toPlainText()
    dialog.close()


def test_cancel_button(qtbot: QtBot, console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    job = window.session.jobs.run("Build", endless, lane="build")
    window.fold_console(False)
    qtbot.waitUntil(lambda: job.status is JobStatus.RUNNING)
    assert console.cancel.isVisible()
    console.cancel.click()
    wait_jobs()
    assert job.status is JobStatus.CANCELLED
    assert "cancelled" in console.state.text()
    assert console.banner.isHidden()


def test_choosing_another_job_shows_its_log(console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    first = window.session.jobs.run("Build", build, lane="build")
    second = window.session.jobs.run("Build again", unavailable, lane="build")
    wait_jobs()
    assert console.job is second
    console.list.setCurrentIndex(console.model.index(console.model.row_of(first)))
    assert console.log.toPlainText().endswith("half way")
    assert console.banner.isHidden()


def test_quiet_jobs_take_no_row(console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    window.session.jobs.run("Look up", build, lane="library")
    wait_jobs()
    assert console.model.rowCount() == 0
    window.session.jobs.run("Look up", unavailable, lane="library")
    wait_jobs()
    assert console.model.rowCount() == 1


def test_jobs_model(watch_model, window: MainWindow, wait_jobs) -> None:
    model = JobsModel(window.session.jobs)
    watch_model(model)
    window.session.jobs.run("Build", build, lane="build")
    window.session.jobs.run("Look up", unavailable, lane="library")
    wait_jobs()
    assert sorted(model.index(row).data() for row in range(model.rowCount())) == ["Build", "Look up"]


def test_log_of_an_earlier_build(console: ConsolePanel, window: MainWindow) -> None:
    builds = window.session.library.builds
    number = builds.start("churn-train", 2, "direct")
    stages = (Stage("resolve", 0.1, True),)
    change = builds.finish(
        number, "churn-train", "failed", seconds=1, builder="direct", stages=stages, log="a\nb", error="No space left."
    )
    view = window.open_environment("churn-train")
    page = view.show_page("Images")
    window.session.apply(change)
    page.builds_table.row_activated.emit(page.builds.index(0, 0))  # type: ignore[attr-defined]
    assert console.log.toPlainText() == "a\nb"
    assert console.banner.label.text() == "No space left."
    assert window.browser.model.find("churn-train").image == "failed"  # type: ignore[union-attr]


def test_fold(console: ConsolePanel, window: MainWindow) -> None:
    assert window.console_folded
    assert console.body.isHidden()
    console.fold.click()
    assert not console.body.isHidden()
    window.actions_of["toggle_console"].trigger()
    assert console.body.isHidden()
