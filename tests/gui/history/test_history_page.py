"""History: the timeline, the diff of versions and of the draft, restoring, labels, Markdown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from envstudio.domain.comparison import Comparison
from envstudio.domain.diff import compare
from envstudio.domain.environment import Environment, Image, Variable
from envstudio.domain.requirement import conda_requirement
from envstudio.domain.version import VersionInfo
from envstudio.gui.dialogs.new_environment import NewEnvironmentDialog
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.history.diff_model import DiffModel
from envstudio.gui.history.history_page import HistoryPage
from envstudio.gui.history.timeline_model import TimelineModel
from envstudio.library import Library
from envstudio.presentation.moments import when


@pytest.fixture
def page(window: MainWindow, wait_jobs) -> HistoryPage:
    made = window.open_environment("churn-train").show_page("History")
    assert isinstance(made, HistoryPage)
    wait_jobs()
    return made


def rows(page: HistoryPage) -> list[tuple[str, ...]]:
    """Return the diff's lines as texts, its sections' titles among them."""
    model, found = page.diff_model, []

    def walk(parent) -> None:
        for row in range(model.rowCount(parent)):
            found.append(tuple(text for column in range(4) if (text := model.index(row, column, parent).data())))
            walk(model.index(row, 0, parent))

    walk(page.diff.rootIndex())
    return found


def test_newest_is_compared_with_the_one_before(page: HistoryPage) -> None:
    assert page.title.text() == "v1 → v2"
    assert rows(page) == [("Conda packages · 1",), ("~  tightened", "numpy", ">=2,<3", ">=2.1,<3")]
    assert page.counts.toolTip() == "1 otherwise changed"
    assert page.restore.text() == "Restore v1"


def test_first_version_is_compared_with_nothing(page: HistoryPage, wait_jobs) -> None:
    page.show_version(1)
    wait_jobs()
    assert page.title.text() == "nothing → v1"
    assert ("+  added", "pandas", "2.2.*") in rows(page)


def test_draft(page: HistoryPage, wait_jobs) -> None:
    document = page.document
    document.edit("Add", document.environment.with_variable(Variable("A", "1")))
    assert page.timeline_model.index(0).data() == "Draft"
    page.timeline.setCurrentIndex(page.timeline_model.index(0))
    wait_jobs()
    assert page.title.text() == "v2 → draft"
    assert ("+  added", "A", "1 (run, serve)") in rows(page)
    document.undo_stack.undo()
    assert page.timeline_model.index(0).data() == "v2"


def test_two_picked_versions(window: MainWindow, page: HistoryPage, library: Library, wait_jobs) -> None:
    newer = page.document.environment.with_conda(conda_requirement("scipy"))
    window.session.apply(library.versions.register(newer, "scipy").change)
    page.select_pair(1, 3)
    wait_jobs()
    assert page.title.text() == "v1 → v3"
    assert ("+  added", "scipy", "(any)") in rows(page)


def test_compare_two_environments(window: MainWindow, page: HistoryPage, library: Library, wait_jobs) -> None:
    page.compare_with(library.find("ocr-gpu"))
    wait_jobs()
    assert page.title.text() == "ocr-gpu:1 → churn-train:2"


def test_identical_versions(page: HistoryPage, library: Library, wait_jobs) -> None:
    page.compare_with(library.find("churn-train"))
    wait_jobs()
    assert page.stack.currentWidget() is page.same


@pytest.mark.parametrize("how", ["button", "command"])
def test_restore(page: HistoryPage, window: MainWindow, library: Library, wait_jobs, how: str) -> None:
    {"button": page.restore.click, "command": window.actions_of["restore_version"].trigger}[how]()
    wait_jobs()
    assert library.find("churn-train").version == 3
    assert library.find("churn-train").digest == library.find("churn-train:1").digest
    assert page.document.base_version == 3
    assert page.timeline_model.rowCount() == 3
    assert page.title.text() == "v2 → v3"
    assert window.notice.label.text() == "churn-train is as in version 1 again: version 3."


def test_restoring_leaves_a_draft_alone_and_says_so(
    page: HistoryPage, window: MainWindow, library: Library, wait_jobs
) -> None:
    document = page.document
    document.edit("Add", document.environment.with_variable(Variable("A", "1")))
    page.show_version(2)
    wait_jobs()
    page.restore.click()
    wait_jobs()
    assert library.find("churn-train").version == 3
    assert [item.name for item in document.environment.variables] == ["OMP_NUM_THREADS", "A"]
    assert document.base_version == 2
    assert page.title.text() == "v2 → v3"
    assert window.notice.label.text().endswith("The draft keeps its changes since version 2.")


def test_label(qtbot: QtBot, window: MainWindow, page: HistoryPage, library: Library) -> None:
    from envstudio.gui.widgets.ask import AskDialog

    page.label.click()
    dialog = window.findChild(AskDialog)
    assert isinstance(dialog, AskDialog)
    dialog.edit.setText("not a label!")
    assert dialog.reason.text()
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    dialog.edit.setText("prod")
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert library.environments.list(names=["churn-train"])[0].labels == (("prod", 2),)
    view = window.current_view()
    assert view is not None
    first = view.chips.widgets[0]
    assert isinstance(first, QLabel)
    assert first.text() == "prod → v2"


def test_copy_as_markdown(page: HistoryPage) -> None:
    page.copy.click()
    assert "numpy" in QGuiApplication.clipboard().text()
    assert QGuiApplication.clipboard().text().startswith("### churn-train:1 → churn-train:2")


def test_dockerfile_is_shown_line_by_line(page: HistoryPage) -> None:
    old = Environment("a", image=Image(dockerfile="FROM debian:12\nRUN a\nRUN b\n"))
    new = Environment("a", image=Image(dockerfile="FROM debian:12\nRUN a\nRUN c\n"))
    page.diff_model.load(Comparison("a:1", "a:2", False, compare(old, new), (), False))
    assert ("-RUN b",) in rows(page)
    assert ("+RUN c",) in rows(page)


def test_models(watch_model, library: Library) -> None:
    timeline, diff = TimelineModel(), DiffModel()
    watch_model(timeline)
    watch_model(diff)
    versions = library.versions.list("churn-train")
    timeline.load(versions, "")
    timeline.load(versions, "1 change")
    timeline.load(versions[:1], "")
    assert "version 2" in timeline.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    old, new = library.find("churn-train:1"), library.find("ocr-gpu")
    diff.load(Comparison("a", "b", False, compare(old.environment, new.environment), (), False))
    diff.load(None)


def test_when() -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
    assert when(now - timedelta(minutes=5), now).startswith("today ")
    assert when(now - timedelta(days=1), now).startswith("yesterday ")
    assert when(now - timedelta(days=3), now)[:3] in ("Sat", "Sun")
    assert when(now - timedelta(days=40), now).endswith(("Feb",))
    assert when(now - timedelta(days=400), now).endswith("2025")


# From a version


def test_a_version_is_cloned_by_menu_and_key(window: MainWindow, page: HistoryPage, wait_jobs) -> None:
    page.show_version(1)
    wait_jobs()
    assert page.header.version.text() == "v1"
    page.header.clone.trigger()
    dialog = window.findChild(NewEnvironmentDialog)
    assert dialog.start.currentText() == "churn-train:1"
    assert dialog.name.text() == "churn-train-copy"
    dialog.create_button.click()
    view = window.current_view()
    assert view is not None
    assert view.document.environment.name == "churn-train-copy"
    assert "numpy>=2,<3" in [item.text for item in view.document.environment.python.conda]
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    view.setFocus()
    QTest.keySequence(window, QKeySequence("Ctrl+Alt+N"))
    dialog = window.findChild(NewEnvironmentDialog)
    assert dialog.start.currentText() == "churn-train-copy:1"
    dialog.reject()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_an_older_version_is_built_and_locked(window: MainWindow, page: HistoryPage, wait_jobs, tmp_path) -> None:
    settings = window.session.settings
    window.session.settings = replace(settings, engine=f"unix://{tmp_path}/no.sock", builder="classic", platforms=())
    page.show_version(1)
    wait_jobs()
    page.header.build.trigger()
    page.header.lock.trigger()
    titles = [job.title for job in window.session.jobs.jobs]
    for job in window.session.jobs.active():
        window.session.jobs.cancel(job)
    wait_jobs()
    assert "Build churn-train:1" in titles
    assert "Lock churn-train:1" in titles


@pytest.mark.parametrize(("chosen", "shown"), [((1,), "nothing → v1"), ((1, 2), "v1 → v2"), ((2,), "v2 → v3")])
def test_what_is_compared_stays_when_a_colleague_registers(
    page: HistoryPage, window: MainWindow, library: Library, wait_jobs, chosen: tuple[int, ...], shown: str
) -> None:
    """The newest version alone is followed to the one that is the newest then."""
    page.select_pair(*chosen) if len(chosen) == 2 else page.show_version(*chosen)
    wait_jobs()
    environment = library.find("churn-train").environment.with_conda(conda_requirement("scipy"))
    window.session.apply_from_elsewhere(library.versions.register(environment, "scipy").change)
    wait_jobs()
    assert page.timeline_model.rowCount() == 3
    assert page.title.text() == shown
    selected = sorted(index.row() for index in page.timeline.selectionModel().selectedIndexes())
    infos = [page.timeline_model.rows[row] for row in selected]
    numbers = [info.number for info in infos if isinstance(info, VersionInfo)]
    assert numbers == ([3] if chosen == (2,) else sorted(chosen, reverse=True))


def test_a_draft_that_became_a_version_is_compared_as_that(window: MainWindow, page: HistoryPage, wait_jobs) -> None:
    view = window.current_view()
    assert view is not None
    page.document.edit("Add", page.document.environment.with_variable(Variable("A", "1")))
    page.timeline.setCurrentIndex(page.timeline_model.index(0))
    wait_jobs()
    view.show_page("Variables")
    page.document.edit("Add", page.document.environment.with_variable(Variable("B", "2")))
    view.show_page("History")
    wait_jobs()
    assert page.title.text() == "v2 → draft"
    assert ("+  added", "B", "2 (run, serve)") in rows(page)
    window.commands.drafts.register(view, "more")
    wait_jobs()
    assert page.title.text() == "v2 → v3"
    assert page.label.isEnabled()


def test_the_first_change_is_compared_as_a_version_too(window: MainWindow, wait_jobs) -> None:
    """The draft's row goes as the version's comes, so that there are as many rows as before."""
    view = window.open_environment("ocr-gpu")
    view.document.edit("Add", view.document.environment.with_conda(conda_requirement("scipy")))
    page = view.show_history()
    wait_jobs()
    assert page.title.text() == "v1 → draft"
    view.show_page("Packages")
    window.commands.drafts.register(view, "scipy")
    view.show_page("History")
    wait_jobs()
    assert page.title.text() == "v1 → v2"
