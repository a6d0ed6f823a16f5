"""What says that work is under way stops saying so when that is cancelled, or ends with an error of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.model.document import Document
from envstudio.gui.pages.error_dialog import ErrorDialog
from envstudio.library import Library
from envstudio.report import Report


def endless(*_: object, report: Report, **__: object) -> None:
    while True:
        report.raise_if_cancelled()


def broken(*_: object, report: Report, **__: object) -> None:
    raise ZeroDivisionError("a bug")


@pytest.fixture(params=[endless, broken], ids=["cancelled", "bug"])
def work(request: pytest.FixtureRequest) -> Callable[..., None]:
    task: Callable[..., None] = request.param
    return task


@pytest.fixture
def break_off(window: MainWindow, qtbot: QtBot, wait_jobs: Callable[[], None]) -> Callable[[str], None]:
    """Return a function that cancels the jobs of a title, as one does in the console, and waits until all are over."""

    def break_off(title: str) -> None:
        jobs = [job for job in window.session.jobs.jobs if job.title.startswith(title)]
        assert jobs
        for job in jobs:
            if job.active:
                window.session.jobs.cancel(job)
        wait_jobs()
        for dialog in window.findChildren(ErrorDialog):
            dialog.close()

    return break_off


def test_looking_for_changes_that_solve(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, work: Callable[..., None], break_off: Callable[[str], None]
) -> None:
    monkeypatch.setattr("envstudio.gui.locks.failure_panel.relax", work)
    panel = window.open_environment("churn-train").show_lock().failure
    panel.relax("linux-64")
    assert not panel.progress.isHidden()
    break_off("Relax")
    assert panel.progress.isHidden()
    assert panel.stop.isHidden()


def test_looking_twice_for_changes_that_solve(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, break_off: Callable[[str], None]
) -> None:
    monkeypatch.setattr("envstudio.gui.locks.failure_panel.relax", endless)
    panel = window.open_environment("churn-train").show_lock().failure
    blocking = window.session.jobs.run("Solve another", endless, lane="lock")
    panel.relax("linux-64")
    panel.relax("linux-64")
    assert not panel.progress.isHidden(), "the second goes on"
    window.session.jobs.cancel(blocking)
    break_off("Relax")
    assert panel.progress.isHidden()


def test_a_build_plan(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, work: Callable[..., None], break_off: Callable[[str], None]
) -> None:
    monkeypatch.setattr("envstudio.gui.editor.image_preview.preview_image", work)
    preview = window.open_environment("churn-train").show_image().preview
    preview.look()
    assert "Reading the base" in preview.steps.text()
    break_off("Plan")
    assert "Reading the base" not in preview.steps.text()


def test_why_it_would_be_built_again(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, work: Callable[..., None], break_off: Callable[[str], None]
) -> None:
    monkeypatch.setattr("envstudio.tasks.build.plan", work)
    console, builds = window.console, window.session.library.builds
    build = builds.start("churn-train", 1, "direct")
    builds.finish(build, "churn-train", "done", seconds=1.0, builder="direct")
    record = builds.get(build)
    console.show_record(record, ())
    console.why.click()
    assert not console.why.isEnabled()
    break_off("Plan")
    console.show_record(record, ())
    assert console.why.isEnabled()


def test_copying_the_library(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, work: Callable[..., None], break_off: Callable[[str], None]
) -> None:
    monkeypatch.setattr("envstudio.gui.settings.library_section.back_up_library", work)
    section = window.show_settings().library
    section.back_up_to("copy.sqlite")
    assert section.state.text() == "Back up the library…"
    break_off("Back up")
    assert section.state.text() in ("Back up the library: cancelled.", "Back up the library: failed.")


def test_versions_of_a_package_are_asked_for_again(
    window: MainWindow,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[..., None],
    break_off: Callable[[str], None],
    wait_jobs: Callable[[], None],
) -> None:
    available = window.open_environment("churn-train").show_packages().available
    with monkeypatch.context() as broken_off:
        broken_off.setattr("envstudio.gui.editor.available.known_versions", work)
        assert available.versions("conda", "numpy") == ()
        break_off("Load the versions")
    monkeypatch.setattr("envstudio.gui.editor.available.known_versions", lambda *_, report: ("2.2", "2.1"))
    available.versions("conda", "numpy")
    wait_jobs()
    assert available.versions("conda", "numpy") == ("2.2", "2.1")


def test_a_window_closes_though_what_follows_a_saved_draft_has_a_bug(
    window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    document = window.open_environment("churn-train").document
    document.edit("Change description", replace(document.environment, description="another"))

    def failing(self: Document, outcome: object) -> None:
        self.give_up()
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Document, "_on_draft_written", failing)
    with qtbot.captureExceptions() as raised, qtbot.waitSignal(window.closed):
        window.close()
        assert window.isHidden()
    assert [kind for kind, *_ in raised] == [ZeroDivisionError]
    assert library.versions.draft("churn-train").environment.description == "another"
