"""A command is run from the window: where it is typed, what becomes of it, and how it is run again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from envstudio.domain.environment import Environment, Python
from envstudio.domain.requirement import pip_requirement
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.job import Job, JobStatus
from envstudio.gui.runs.runs_model import RESULT, WHERE
from envstudio.gui.runs.runs_page import RunsPage
from envstudio.library import Library

BARE = Environment("bare", Python(version=f"{sys.version_info[0]}.{sys.version_info[1]}"))


@pytest.fixture
def page(window: MainWindow, library: Library, tmp_path: Path, wait_jobs: Callable[[], None]) -> RunsPage:
    """Show the page Runs of an environment that needs nothing but Python."""
    window.session.apply(library.versions.register(BARE).change)
    window.activateWindow()
    window.open_environment("bare").setFocus()
    wait_jobs()
    window.actions_of["run"].trigger()
    view = window.current_view()
    assert view is not None
    found = view.current_page()
    assert isinstance(found, RunsPage)
    found.form.folder.setText(str(tmp_path))
    return found


def run_job(window: MainWindow) -> Job:
    """Return the job of the newest run."""
    return [job for job in window.session.jobs.jobs if job.lane == "run"][-1]


def typed(page: RunsPage, text: str) -> None:
    page.form.command.setFocus()
    page.form.command.selectAll()
    QTest.keyClicks(page.form.command, text)
    QTest.keySequence(page.form.command, QKeySequence("Return"))


def test_a_command_runs_in_the_folder_and_is_listed(
    window: MainWindow, library: Library, page: RunsPage, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    assert not page.form.button.isEnabled()
    typed(page, 'python -c \'import os; print(os.getcwd()); open("made", "w")\'')
    wait_jobs()
    assert (tmp_path / "made").exists()
    (record,) = library.runs.list("bare")
    assert (record.exit_code, record.target, record.version) == (0, "local", 1)
    assert list(page.model.rows) == [record]
    assert page.model.index(0, RESULT).data() == "succeeded"
    assert not window.console_folded
    job = run_job(window)
    assert str(tmp_path) in [line.text for line in job.lines]
    # What was typed last is there the next time.
    window.close_environment("bare")
    again = window.open_environment("bare").show_runs()
    assert again.form.command.text().startswith("python -c")
    assert again.form.folder.text() == str(tmp_path)


def test_another_exit_status_is_a_failure_that_says_it(
    window: MainWindow, library: Library, page: RunsPage, wait_jobs: Callable[[], None]
) -> None:
    typed(page, "python -c 'raise SystemExit(3)'")
    wait_jobs()
    (record,) = library.runs.list("bare")
    assert record.exit_code == 3
    assert page.model.index(0, RESULT).data() == "exit status 3"
    assert page.banner.label.text().startswith("python ended with exit status 3.")
    assert run_job(window).status is JobStatus.FAILED
    # The mark goes with the next run.
    typed(page, "python -c 'print(1)'")
    wait_jobs()
    assert not page.banner.isVisible()


def test_a_draft_is_registered_and_said(
    window: MainWindow, library: Library, page: RunsPage, wait_jobs: Callable[[], None], tmp_path: Path
) -> None:
    document = page.document
    document.edit("Describe", replace(document.environment, cuda="12.4"))
    typed(page, "python -c 'print(1)'")
    wait_jobs()
    assert library.find("bare").version == 2
    assert window.notice.label.text() == "Registered bare:2 to run it."
    assert library.runs.list("bare")[0].version == 2
    # The same again makes no version.
    typed(page, "python -c 'print(2)'")
    wait_jobs()
    assert library.find("bare").version == 2


def test_what_cannot_be_run_is_said_where_it_is_typed(page: RunsPage, library: Library) -> None:
    typed(page, "python 'open")
    assert page.form.reason.text().startswith("A quote is not closed.")
    page.form.folder.setText("/nowhere/at/all")
    typed(page, "python train.py")
    assert page.form.reason.text().startswith("There is no folder /nowhere/at/all.")
    QTest.keyClicks(page.form.command, "x")
    assert not page.form.reason.isVisible()
    assert library.runs.list("bare") == ()


def test_a_run_is_run_again_from_the_list(window: MainWindow, library: Library, page: RunsPage) -> None:
    for number, target in ((0, "docker"), (1, "local")):
        library.runs.add(
            "bare", 1, target, ["python", "a b.py"], exit_code=number, started_at=datetime.now(UTC), seconds=1.5
        )
    page.reload()
    assert [page.model.index(row, WHERE).data() for row in range(2)] == ["This machine", "Container"]
    page.table.row_activated.emit(page.model.index(1, 0))
    assert page.form.command.text() == "python 'a b.py'"
    assert page.form.target.current == "docker"
    assert window.focusWidget() is page.form.command


def test_a_curated_environment_cannot_be_run(window: MainWindow) -> None:
    view = window.open_environment("curated/jupyter")
    assert not window.actions_of["run"].isEnabled()
    page = view.show_runs()
    assert not page.form.isEnabled()
    assert "Duplicate it" in page.table.empty_text


def test_a_package_that_is_missing_is_no_run(
    window: MainWindow, library: Library, page: RunsPage, wait_jobs: Callable[[], None]
) -> None:
    page.document.edit("Add", page.document.environment.with_pip(pip_requirement("nothing-of-that-name")))
    typed(page, "python -c 'print(1)'")
    wait_jobs()
    assert library.runs.list("bare") == ()
    assert page.banner.isVisible()
