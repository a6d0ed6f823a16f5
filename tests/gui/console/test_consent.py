"""What a job was refused for want of consent is asked for in the console, and the job goes on when it is given."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from envstudio.consents import SOURCE_BUILDS, UNHASHED, Consent, ConsentNeeded
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.job import JobKey, JobStatus
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.consent import consent_for


def guarded(library: Library, act: str, subject: str, *, report: Report) -> None:
    """Do what needs consent."""
    consent = consent_for(library, "churn-train", Consent())
    known = any(subject.split(" ")[0] == item.split(" ")[0] for _, item in consent.subjects)
    if not (consent.allows(act) or known):
        raise ConsentNeeded(act, [subject], f"{subject} needs consent.", "Allow it: --allow-it")
    report.line("done with consent")


def start(window: MainWindow, act: str, subject: str) -> None:
    session = window.session
    session.jobs.run(
        "Build churn-train:1", guarded, session.library, act, subject, lane="build", key=JobKey("build", "churn-train"),
        workspace_ref=session.workspace_ref,
    )  # fmt: skip


def button(window: MainWindow) -> QPushButton:
    (found,) = [item for item in window.console.banner.findChildren(QPushButton) if item.text() == "Allow and continue"]
    return found


def test_consent_is_asked_for_and_the_work_goes_on(window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    for act, subject in ((SOURCE_BUILDS, "cowsay"), (UNHASHED, "tidy 1.0")):
        start(window, act, subject)
        wait_jobs()
        assert window.console.job is not None
        assert window.console.job.status is JobStatus.FAILED
        assert f"{subject} needs consent" in window.console.banner.label.text()
        assert "--allow" not in window.console.banner.label.text()
        QTest.mouseClick(button(window), Qt.MouseButton.LeftButton)
        wait_jobs()
        wait_jobs()
        last = window.session.jobs.jobs[-1]
        assert (last.title, last.status) == ("Build churn-train:1", JobStatus.DONE)


def test_what_was_allowed_is_not_asked_for_again(window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    start(window, SOURCE_BUILDS, "cowsay")
    wait_jobs()
    QTest.mouseClick(button(window), Qt.MouseButton.LeftButton)
    wait_jobs()
    wait_jobs()
    start(window, SOURCE_BUILDS, "cowsay")
    wait_jobs()
    assert window.session.jobs.jobs[-1].status is JobStatus.DONE
