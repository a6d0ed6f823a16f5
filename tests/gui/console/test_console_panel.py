"""The console: what a job says, how it ends, cancelling, and builds of earlier."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from envstudio.domain.environment import Variable
from envstudio.domain.failure import FAILURES
from envstudio.errors import Act, BuildFailed, NotFound, Remedy, Unavailable
from envstudio.gui.console.console_panel import INTERRUPTED, ConsolePanel
from envstudio.gui.console.jobs_model import JobsModel
from envstudio.gui.console.notifier import ending
from envstudio.gui.console.stages_view import state_text
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.job import JobKey, JobStatus
from envstudio.gui.jobs.runner import MAX_FINISHED
from envstudio.gui.look.remedies import remedy_title
from envstudio.gui.pages.build_status import took
from envstudio.gui.pages.error_dialog import ErrorDialog
from envstudio.library import Library
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
    model = console.stages.stages
    assert [model.index(row).data() for row in range(model.rowCount())] == ["resolve", "load"]
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "resolve, cached"
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
    console.lists.jobs.setCurrentIndex(console.lists.jobs_model.index(console.lists.jobs_model.row_of(first)))
    assert console.log.toPlainText().endswith("half way")
    assert console.banner.isHidden()


def test_the_job_that_is_shown_is_marked_in_the_list(console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    for task in (build, unavailable, build):
        job = window.session.jobs.run("Build", task, lane="build")
        wait_jobs()
        assert console.job is job
        row = console.lists.jobs.currentIndex().row()
        assert row == console.lists.jobs_model.row_of(job)
        assert [index.row() for index in console.lists.jobs.selectedIndexes()] == [row]


def test_quiet_jobs_take_no_row(console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    window.session.jobs.run("Look up", build, lane="library")
    wait_jobs()
    assert console.lists.jobs_model.rowCount() == 0
    window.session.jobs.run("Look up", unavailable, lane="library")
    wait_jobs()
    assert console.lists.jobs_model.rowCount() == 1


def test_jobs_model(watch_model, window: MainWindow, wait_jobs) -> None:
    model = JobsModel(window.session.jobs)
    watch_model(model)
    window.session.jobs.run("Build", build, lane="build")
    window.session.jobs.run("Look up", unavailable, lane="library")
    wait_jobs()
    assert sorted(model.index(row).data() for row in range(model.rowCount())) == ["Build", "Look up"]


def test_jobs_that_are_no_longer_kept_leave_the_list(
    console: ConsolePanel, window: MainWindow, wait_jobs, watch_model
) -> None:
    watch_model(console.lists.jobs_model)
    window.fold_console(False)
    jobs = [window.session.jobs.run(f"Job {number}", build) for number in range(MAX_FINISHED + 1)]
    wait_jobs()
    first = jobs[0]
    console.lists.jobs.setCurrentIndex(console.lists.jobs_model.index(MAX_FINISHED))
    assert console.job is first
    window.session.jobs.run("Look up", lambda report: None, lane="library")
    wait_jobs()
    assert first not in window.session.jobs.jobs
    assert console.lists.jobs_model.row_of(first) == -1
    assert console.lists.jobs_model.rowCount() == MAX_FINISHED
    assert console.job is first, "what one reads stays"
    assert not console.lists.jobs.currentIndex().isValid()


def test_log_of_an_earlier_build(console: ConsolePanel, window: MainWindow, qtbot: QtBot) -> None:
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
    qtbot.waitUntil(lambda: console.log.toPlainText() == "a\nb")
    assert console.banner.label.text() == "No space left."
    qtbot.waitUntil(lambda: window.browser.model.find("churn-train").image == "failed")  # type: ignore[union-attr]


def test_fold(console: ConsolePanel, window: MainWindow) -> None:
    assert window.console_folded
    assert console.body.isHidden()
    console.fold.click()
    assert not console.body.isHidden()
    window.actions_of["toggle_console"].trigger()
    assert console.body.isHidden()


def failing(*, report: Report) -> None:
    report.line("step 1")
    report.line("gcc: fatal", "err")
    report.line("write /usr/lib/x: no space left on device")
    raise BuildFailed("The build failed: no space is left.", "Free some.", "write /usr/lib/x")


def test_the_first_error_is_lifted_out(console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    window.fold_console(False)
    window.session.jobs.run(
        "Build churn-train:2",
        failing,
        lane="build",
        key=JobKey("build", "churn-train"),
        workspace_ref=window.session.workspace_ref,
    )
    wait_jobs()
    wait_jobs()
    titles = [button.text() for button in console.banner.buttons]
    assert titles == ["Show line 3", "Free space", "Details"]
    assert "no space left on device" in console.banner.label.text()
    console.banner.buttons[0].click()
    assert console.log.marked == 2


def test_a_fix_opens_what_mends(console: ConsolePanel, window: MainWindow) -> None:
    console.remedy_requested.emit(Remedy(Act.EDIT_PACKAGES), "churn-train")
    view = window.current_view()
    assert view is not None
    assert view.document.name == "churn-train"
    settings = window.show_settings()
    console.remedy_requested.emit(Remedy(Act.SET_SETTING, "mirror_channels"), "churn-train")
    assert settings.fields["mirror_channels"].edit.hasFocus()


def test_an_environment_without_a_base_image_is_sent_to_its_image_page(
    console: ConsolePanel, window: MainWindow, wait_jobs
) -> None:
    window.open_environment("ocr-gpu")
    window.actions_of["build"].trigger()
    wait_jobs()
    wait_jobs()
    assert console.banner.label.text() == "ocr-gpu has no base image. Choose one."
    assert [button.text() for button in console.banner.buttons] == ["Open Image", "Details"]
    console.banner.buttons[0].click()
    view = window.current_view()
    assert view is not None
    assert view.current_page() is view.page("Image")


def test_a_draft_without_a_base_image_becomes_no_version(window: MainWindow, wait_jobs) -> None:
    view = window.open_environment("ocr-gpu")
    document = view.document
    document.edit("Add", document.environment.with_variable(Variable("A", "1")))
    window.actions_of["build"].trigger()
    wait_jobs()
    assert window.session.library.find("ocr-gpu").version == 1
    assert window.notice.label.text() == "ocr-gpu has no base image. Choose one."
    window.notice.buttons[0].click()
    assert view.current_page() is view.page("Image")
    assert window.notice.isHidden()


def test_every_remedy_of_a_failure_has_a_button() -> None:
    for kind in FAILURES:
        if kind.act is not None:
            assert remedy_title(Remedy(kind.act)), kind.code


def test_stages_that_run_at_once(qtbot: QtBot, console: ConsolePanel, window: MainWindow, watch_model) -> None:
    go_on = threading.Event()

    def overlapping(*, report: Report) -> None:
        report.began("first")
        report.began("second")
        report.progress(40_000_000, 80_000_000, "B")
        go_on.wait(10)
        report.ended("second", 1.5, cached=True)
        report.ended("first", 2.0)

    watch_model(console.stages.stages)
    job = window.session.jobs.run("Build", overlapping, lane="build")
    qtbot.waitUntil(lambda: len(job.steps) == 2)
    model = console.stages.stages
    assert all(step.running for step in job.steps)
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole).startswith("second, 40.0 MB of 80.0 MB · ")
    assert console.progress.value() == 50
    go_on.set()
    qtbot.waitUntil(lambda: not job.active)
    messages = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert messages == ["first, 2.0 s", "second, cached"]


def test_the_queue_is_shown_and_watched(qtbot: QtBot, console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    go_on = threading.Event()

    def waiting(*, report: Report) -> None:
        report.line("first")
        go_on.wait(10)

    first = window.session.jobs.run("Build a", waiting, lane="build")
    second = window.session.jobs.run("Build b", build, lane="build")
    assert console.job is first
    assert console.lists.jobs_model.rowCount() == 2
    go_on.set()
    wait_jobs()
    qtbot.waitUntil(lambda: console.job is second)


def test_builds_of_earlier(console: ConsolePanel, window: MainWindow, wait_jobs, watch_model) -> None:
    watch_model(console.lists.builds_model)
    window.fold_console(False)
    builds = window.session.library.builds
    console.lists.tabs.setCurrentIndex(1)
    number = builds.start("churn-train", 2, "direct", {"builder": "direct"})
    log = "fetch\nuv: error sending request for url"
    window.session.apply(
        builds.finish(number, "churn-train", "failed", seconds=3, builder="direct", log=log, error="It failed.")
    )
    model = console.lists.builds_model
    assert [model.index(row).data() for row in range(model.rowCount())] == ["churn-train:2"]
    console.lists.builds.setCurrentIndex(model.index(0))
    wait_jobs()
    wait_jobs()
    assert console.log.toPlainText() == log
    assert console.rebuild.isVisible()
    assert [button.text() for button in console.banner.buttons] == ["Show line 2", "Open the setting"]
    console.why.click()
    wait_jobs()
    assert console.banner.label.text() == ("It would be built, because the version is not locked.")
    console.rebuild.click()
    assert console.job is not None
    assert console.job.title == "Build churn-train:2"
    window.session.jobs.cancel(console.job)
    wait_jobs()


def test_why_it_would_rebuild_is_said_of_the_build_that_was_asked_about(
    console: ConsolePanel, window: MainWindow, wait_jobs
) -> None:
    window.fold_console(False)
    builds = window.session.library.builds
    console.lists.tabs.setCurrentIndex(1)
    for _ in range(2):
        number = builds.start("churn-train", 2, "direct", {"builder": "direct"})
        window.session.apply(
            builds.finish(number, "churn-train", "failed", seconds=3, builder="direct", log="", error="It failed.")
        )
    newer, older = (console.lists.builds_model.record(row) for row in range(2))
    console.show_record(newer, ())
    console.why.click()
    console.show_record(older, ())
    wait_jobs()
    assert console.record == older
    assert console.banner.label.text() == "It failed."
    assert console.why.isEnabled()


def test_the_log_is_saved(console: ConsolePanel, window: MainWindow, wait_jobs, tmp_path: Path) -> None:
    window.session.jobs.run("Build", build, lane="build")
    wait_jobs()
    console.panel.save(str(tmp_path / "build.log"))
    wait_jobs()
    assert (tmp_path / "build.log").read_text() == "$ docker buildx build .\nhalf way\n"


def test_find_key_in_the_console(console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    window.session.jobs.run("Build", build, lane="build")
    wait_jobs()
    window.fold_console(False)
    console.log.setFocus()
    QTest.keySequence(window, QKeySequence("Ctrl+F"))
    assert console.panel.search.isVisible()
    assert console.panel.search.edit.hasFocus()
    QTest.keyClick(console.panel.search.edit, Qt.Key.Key_Escape)
    assert console.log.hasFocus()


def test_an_empty_console_has_nothing_to_look_through(console: ConsolePanel, window: MainWindow) -> None:
    console.fold.setFocus()
    QTest.keySequence(window, QKeySequence("Ctrl+F"))
    assert console.body.isHidden()
    assert window.focusWidget() is console.fold


def test_notification_never_fails(console: ConsolePanel, window: MainWindow, wait_jobs) -> None:
    job = window.session.jobs.run("Build", unavailable, lane="build")
    wait_jobs()
    assert ending(job) == "Docker does not answer."
    assert console.notifier.notify(job) is QSystemTrayIcon.isSystemTrayAvailable()


def broken(*, report: Report) -> None:
    report.began("resolve base")
    with report.stage("load"):
        raise BuildFailed("The build failed.", "", "")


def test_the_stage_that_failed_is_told_from_those_that_were_stopped(
    console: ConsolePanel, window: MainWindow, wait_jobs
) -> None:
    window.session.jobs.run("Build", broken, lane="build")
    wait_jobs()
    assert [state_text(step) for step in console.job.steps] == ["stopped", "failed"]  # type: ignore[union-attr]


def test_a_job_that_was_asked_to_stop_says_so(
    qtbot: QtBot, console: ConsolePanel, window: MainWindow, wait_jobs
) -> None:
    ready, release = threading.Event(), threading.Event()

    def stubborn(*, report: Report) -> None:
        ready.set()
        release.wait(10)
        report.raise_if_cancelled()

    window.session.jobs.run("Build", stubborn, lane="build")
    qtbot.waitUntil(lambda: ready.is_set() and "waiting" not in console.state.text())
    console.cancel.click()
    assert "Build · stopping" in console.state.text()
    assert not console.cancel.isEnabled()
    release.set()
    wait_jobs()
    assert console.state.text().startswith("Build · cancelled")
    window.session.jobs.run("Another", build, lane="build")
    assert console.cancel.isEnabled()
    wait_jobs()


def test_the_status_bar_counts_the_time_of_a_silent_job(
    qtbot: QtBot, console: ConsolePanel, window: MainWindow, wait_jobs
) -> None:
    release = threading.Event()

    def silent(*, report: Report) -> None:
        release.wait(20)

    window.session.jobs.run("Solve", silent, lane="lock")
    second = window.session.jobs.run("Build", endless, lane="build")
    assert window.status.running.text() == "2 jobs"
    qtbot.waitUntil(lambda: second.status is JobStatus.RUNNING)
    window.session.jobs.cancel(second)
    qtbot.waitUntil(lambda: not second.active)
    shown = window.status.running.text()
    assert shown.startswith("Solve · ")
    qtbot.waitUntil(lambda: window.status.running.text() not in (shown, ""), timeout=3000)
    release.set()
    wait_jobs()
    assert window.status.running.text() == ""


def test_a_build_that_is_shown_stays_shown_when_others_come_and_its_workspace_is_left(
    console: ConsolePanel, window: MainWindow, library: Library, wait_jobs
) -> None:
    """A build of one workspace must not be rebuilt as the environment of that name in another."""
    first = library.builds.start("churn-train", 1, "direct")
    ended = library.builds.finish(first, "churn-train", "failed", seconds=1, builder="direct", error="no room")
    window.session.apply(ended)
    window.fold_console(False)
    console.lists.tabs.setCurrentIndex(1)
    console.lists.builds.setCurrentIndex(console.lists.builds_model.index(0))
    wait_jobs()
    assert console.record is not None
    second = library.builds.start("churn-train", 2, "direct")
    window.session.apply(library.builds.finish(second, "churn-train", "done", seconds=1, builder="direct"))
    wait_jobs()
    assert console.record.id == first
    assert console.lists.builds.currentIndex().row() == 1
    window.session.apply(library.environments.rename("churn-train", "churn"))
    assert "of churn:1" in console.state.text()
    library.workspaces.create("team")
    with Library.open(library.location, workspace="team") as team:
        team.versions.register(library.find("churn").environment)
        assert team.builds.list() == ()
        with pytest.raises(NotFound):
            team.builds.get(first)
    window.session.switch_workspace("team")
    assert console.record is None
    assert console.rebuild.isHidden()
    window.session.switch_workspace("default")
    console.lists.builds.setCurrentIndex(console.lists.builds_model.index(1))
    wait_jobs()
    assert console.record is not None
    window.session.apply(library.environments.delete("churn"))
    assert console.record is None
    assert console.lists.builds_model.rowCount() == 0


@pytest.mark.parametrize(
    ("status", "error", "messages"),
    [("cancelled", "Cancelled.", ""), ("failed", "no room", "no room"), ("interrupted", "", INTERRUPTED)],
)
def test_how_a_build_of_earlier_ended_is_told_as_what_it_was(
    console: ConsolePanel, window: MainWindow, library: Library, wait_jobs, status: str, error: str, messages: str
) -> None:
    """One that was cancelled did not fail, and how long one took that no one saw end is unknown."""
    number = library.builds.start("churn-train", 1, "direct")
    if status != "interrupted":
        library.builds.finish(number, "churn-train", status, seconds=2, builder="direct", error=error)
    record = replace(library.builds.get(number), status=status)
    console.show_record(record, ())
    wait_jobs()
    assert console.state.text().endswith(status)
    assert (console.banner.label.text() if not console.banner.isHidden() else "") == messages
    assert took(record) == ("" if status == "interrupted" else "2.0 s")


def test_a_failure_of_another_workspace_offers_no_act_in_this_one(
    console: ConsolePanel, window: MainWindow, library: Library, wait_jobs
) -> None:
    def failing(*, report: Report) -> None:
        report.line("no space left on device")
        raise BuildFailed("The build failed.", "", "")

    location = window.session.workspace_ref
    window.session.jobs.run("Build", failing, lane="build", key=JobKey("build", "churn-train"), workspace_ref=location)
    wait_jobs()
    assert "Free space" in [button.text() for button in console.banner.buttons]
    window.session.apply(library.workspaces.create("team"))
    window.session.switch_workspace("team")
    wait_jobs()
    assert "The build failed" in console.banner.label.text()
    assert "Free space" not in [button.text() for button in console.banner.buttons]
