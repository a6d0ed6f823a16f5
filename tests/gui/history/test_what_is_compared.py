"""Any two of any two environments: what is on the right is what one looked at, and the text for both is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from envstudio.domain.environment import Variable
from envstudio.domain.image_comparison import Part
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.reference import Reference
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.history.comparison_pages import CHANGES, IMAGE, RESOLVED
from envstudio.gui.history.history_page import HistoryPage
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.compare_images import compare_images


@pytest.fixture
def page(window: MainWindow, wait_jobs: Callable[[], None]) -> HistoryPage:
    made = window.open_environment("churn-train").show_history()
    wait_jobs()
    return made


def names(page: HistoryPage) -> set[tuple[str, str]]:
    assert page.comparison is not None
    return {(str(row.kind), row.name) for row in page.comparison.changes}


def test_the_version_that_is_looked_at_is_compared_with_another_environment(
    window: MainWindow, page: HistoryPage, library: Library, wait_jobs
) -> None:
    page.show_version(1)
    wait_jobs()
    page.compare_with(library.find("ocr-gpu"))
    wait_jobs()
    assert page.title.text() == "ocr-gpu:1 → churn-train:1"
    assert page.header.version.text() == "v1"
    assert page.label.isEnabled()
    assert page.restore.text() == "Restore v1"


def test_the_draft_is_compared_with_another_environment_and_followed(
    window: MainWindow, page: HistoryPage, library: Library, wait_jobs
) -> None:
    document = page.document
    document.edit("Add", document.environment.with_variable(Variable("A", "1")))
    page.timeline.setCurrentIndex(page.timeline_model.index(0))
    wait_jobs()
    page.compare_with(library.find("ocr-gpu"))
    wait_jobs()
    assert page.title.text() == "ocr-gpu:1 → churn-train draft"
    assert ("added", "A") in names(page)
    document.edit("Add", document.environment.with_variable(Variable("B", "1")))
    wait_jobs()
    assert page.title.text() == "ocr-gpu:1 → churn-train draft"
    assert ("added", "B") in names(page)
    view = window.current_view()
    assert view is not None
    window.commands.drafts.register(view, "more")
    wait_jobs()
    assert page.title.text() == "ocr-gpu:1 → churn-train:3"
    assert ("added", "B") in names(page)


def test_a_click_leads_back_to_the_version_that_was_shown(
    window: MainWindow, page: HistoryPage, library: Library, wait_jobs
) -> None:
    page.compare_with(library.find("ocr-gpu"))
    wait_jobs()
    window.session.apply(library.versions.label(Reference("churn-train", 1), "prod"))
    wait_jobs()
    assert page.title.text() == "ocr-gpu:1 → churn-train:2"
    location = page.timeline.visualRect(page.timeline_model.index(0)).center()
    QTest.mouseClick(page.timeline.viewport(), Qt.MouseButton.LeftButton, pos=location)
    wait_jobs()
    assert page.title.text() == "v1 → v2"


def test_a_curated_environment_is_compared(window: MainWindow, library: Library, wait_jobs) -> None:
    """Also if the user's own has the same name."""
    own = replace(library.find("ocr-gpu").environment, name="jupyter")
    window.session.apply(library.versions.register(own).change)
    page = window.open_environment("curated/jupyter").show_history()
    wait_jobs()
    assert page.title.text() == "nothing → curated/jupyter:1"
    assert ("added", "jupyterlab") in names(page)
    page.compare_with(library.find("churn-train"))
    wait_jobs()
    assert page.title.text() == "churn-train:2 → curated/jupyter:1"
    assert ("added", "jupyterlab") in names(page)
    assert not page.timeline.isVisible()
    assert page.focusProxy() is page.pages.tabs
    assert not page.header.version.isEnabled()
    assert page.header.version.text() == "Version"
    assert not page.label.isEnabled()
    assert not page.restore.isEnabled()


def test_two_environments_of_which_one_is_curated(window: MainWindow, library: Library, wait_jobs) -> None:
    from PySide6.QtCore import QItemSelectionModel

    window.browser.model.set_folded(1, False)
    window.browser.list.setFocus()
    window.browser.list.clearSelection()
    for name in ("churn-train", "curated/jupyter"):
        rows = window.browser.list.selectionModel()
        rows.select(window.browser.model.index_of(name), QItemSelectionModel.SelectionFlag.Select)
    window.actions_of.of_selection("compare").trigger()
    wait_jobs()
    view = window.current_view()
    assert view is not None
    assert view.show_history().title.text() == "churn-train:2 → curated/jupyter:1"


def test_what_is_before_the_first_version_is_nothing_everywhere(page: HistoryPage, tmp_path: Path, wait_jobs) -> None:
    page.show_version(1)
    wait_jobs()
    page.copy.click()
    assert QGuiApplication.clipboard().text().startswith("### nothing → churn-train:1\n")
    page.files.export_to(str(tmp_path / "out.html"))
    wait_jobs()
    assert "Not compared: there is nothing before it." in (tmp_path / "out.html").read_text("utf-8")
    page.pages.tabs.setCurrentIndex(RESOLVED)
    assert page.same.title.text() == "Nothing to compare with"


def lock(library: Library, version: int, *platforms: str, numpy: str = "2.1.0") -> None:
    made = []
    for platform in platforms:
        size = 10 if platform == "linux-64" else 900
        url = f"https://c.example/{platform}/numpy-{numpy}.conda"
        package = LockedPackage("numpy", numpy, "conda", url, numpy[-1] * 64, size=size, requested=True)
        made.append(PlatformLock(platform, "3.12.7", (package,)))
    library.locks.save("churn-train", Lock(library.find(f"churn-train:{version}").digest, (), tuple(made)))


def test_a_platform_of_one_lock_only_is_a_difference(
    window: MainWindow, library: Library, wait_jobs, watch_model
) -> None:
    lock(library, 1, "linux-64")
    lock(library, 2, "linux-64", "osx-arm64")
    page = window.open_environment("churn-train").show_history()
    watch_model(page.pages.resolved.diff_model)
    wait_jobs()
    page.pages.tabs.setCurrentIndex(RESOLVED)
    assert page.pages.tabs.tabText(RESOLVED) == "Resolved 1"
    model = page.pages.resolved.diff_model
    section = model.index(0, 0)
    assert section.data() == "Resolved for osx-arm64 · in one of the locks only · 1"
    assert [model.index(0, column, section).data() for column in range(4)] == [
        "+  added",
        "osx-arm64",
        "",
        "1 package",
    ]


@pytest.mark.parametrize(
    ("first", "second", "messages"),
    [
        ((), (), "v1 and v2 have no lock"),
        (("linux-64",), (), "v2 has no lock"),
        ((), ("linux-64",), "v1 has no lock"),
    ],
)
def test_who_has_no_lock_is_said(
    window: MainWindow, library: Library, wait_jobs, first: tuple[str, ...], second: tuple[str, ...], messages: str
) -> None:
    for version, platforms in ((1, first), (2, second)):
        if platforms:
            lock(library, version, *platforms)
    page = window.open_environment("churn-train").show_history()
    wait_jobs()
    page.pages.tabs.setCurrentIndex(RESOLVED)
    assert page.stack.currentWidget() is page.same
    messages = messages.replace("v1", "churn-train:1").replace("v2", "churn-train:2")
    assert messages in page.same.text.text()


def test_sizes_of_one_platform_are_compared(library: Library) -> None:
    lock(library, 1, "linux-64")
    lock(library, 2, "linux-aarch64", "linux-64")
    old, new = (library.find(f"churn-train:{number}") for number in (1, 2))
    assert [row for row in compare_images(library, old, new, report=Report()).rows if row.part is Part.PACKAGE] == []
    lock(library, 2, "linux-aarch64")
    assert [row for row in compare_images(library, old, new, report=Report()).rows if row.part is Part.PACKAGE] == []


def test_counts_are_of_what_is_shown(window: MainWindow, library: Library, wait_jobs) -> None:
    lock(library, 1, "linux-64", numpy="2.1.1")
    lock(library, 2, "linux-64", numpy="2.1.0")
    page = window.open_environment("churn-train").show_history()
    wait_jobs()
    assert page.counts.toolTip() == "1 otherwise changed"
    page.pages.tabs.setCurrentIndex(RESOLVED)
    assert page.counts.toolTip() == "1 downgraded"
    page.pages.tabs.setCurrentIndex(IMAGE)
    assert page.counts.toolTip() == "1 otherwise changed"


def test_a_downgrade_is_a_change(window: MainWindow, library: Library, wait_jobs) -> None:
    lock(library, 1, "linux-64", numpy="2.1.1")
    lock(library, 2, "linux-64", numpy="2.1.0")
    page = window.open_environment("churn-train").show_history()
    wait_jobs()
    page.pages.tabs.setCurrentIndex(RESOLVED)
    for title, rows in (("Changed", 1), ("Downgraded", 1), ("Added", 0)):
        page.pages.sort.setCurrentText(title)
        assert page.pages.resolved.diff_model.rowCount() == rows, title


def test_a_filter_that_finds_nothing_says_so(page: HistoryPage, library: Library, wait_jobs) -> None:
    page.pages.filter.setText("nothing-like-it")
    assert page.stack.currentWidget() is page.pages.no_match
    page.show_version(1)
    wait_jobs()
    assert page.stack.currentWidget() is page.pages.no_match
    page.pages.filter.clear()
    assert page.stack.currentWidget() is page.diff
    page.pages.tabs.setCurrentIndex(CHANGES)
    page.pages.sort.setCurrentText("Removed")
    assert page.stack.currentWidget() is page.pages.no_match


def test_a_file_is_compared_with_what_is_looked_at(page: HistoryPage, tmp_path: Path, wait_jobs) -> None:
    path = tmp_path / "environment.yml"
    path.write_text("name: other\ndependencies:\n  - python=3.12\n")
    page.show_version(1)
    wait_jobs()
    page.files.look_at(str(path))
    wait_jobs()
    assert page.title.text() == "environment.yml → churn-train:1"
    assert ("added", "numpy") in names(page)


@pytest.mark.parametrize(
    ("command", "messages"),
    [
        ("restore_version", "Nothing older than the newest version is compared. Choose an older one to restore."),
        ("build_version", "Curated environments have no versions of their own. Duplicate it first."),
        ("lock_version", "Curated environments have no versions of their own. Duplicate it first."),
    ],
)
def test_a_command_that_cannot_do_anything_says_why(
    window: MainWindow, library: Library, wait_jobs, command: str, messages: str
) -> None:
    name = "ocr-gpu" if command == "restore_version" else "curated/jupyter"
    window.open_environment(name).show_history()
    wait_jobs()
    window.actions_of[command].trigger()
    assert window.notice.label.text() == messages


def test_a_renaming_is_followed_in_what_is_copied(
    window: MainWindow, page: HistoryPage, library: Library, wait_jobs
) -> None:
    window.session.apply(library.environments.rename("churn-train", "churn"))
    wait_jobs()
    page.copy.click()
    assert QGuiApplication.clipboard().text().startswith("### churn:1 → churn:2\n")


@pytest.mark.parametrize(
    ("locked", "messages"),
    [
        ((), "<p>Not compared: churn-train:1 and churn-train:2 have no lock.</p>"),
        ((1,), "<p>Not compared: churn-train:2 has no lock.</p>"),
        ((1, 2), "<h2>Resolved packages</h2><p>No differences.</p>"),
    ],
)
def test_a_file_says_where_locks_could_not_be_compared(
    window: MainWindow, library: Library, wait_jobs, tmp_path: Path, locked: tuple[int, ...], messages: str
) -> None:
    for version in locked:
        lock(library, version, "linux-64")
    page = window.open_environment("churn-train").show_history()
    wait_jobs()
    page.files.export_to(str(tmp_path / "out.html"))
    wait_jobs()
    assert messages in (tmp_path / "out.html").read_text("utf-8")
