"""Source side by side, the timeline of packages, filters, the next change, HTML, and comparing with a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QTest

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.history.comparison_pages import CHANGES, RESOLVED, SOURCE, TIMELINE
from envstudio.gui.history.history_page import HistoryPage
from envstudio.gui.history.package_timeline import read_timeline
from envstudio.gui.history.source_diff import OLD, SourceDiffModel
from envstudio.gui.history.source_rows import Fold, folded, source_rows
from envstudio.gui.main_window import MainWindow
from envstudio.library import Library
from envstudio.report import Report


def lock(library: Library, version: int, numpy: str) -> None:
    digest = library.find(f"churn-train:{version}").digest
    packages = (
        LockedPackage("blas", "3.9", "conda", "https://c/blas-3.9-0.conda", "1" * 64),
        LockedPackage("numpy", numpy, "conda", f"https://c/numpy-{numpy}-0.conda", numpy[-1] * 64, requested=True),
    )
    platform = PlatformLock("linux-64", "3.12.7", packages)
    library.locks.save("churn-train", Lock(digest, ("conda-forge",), (platform,)))


@pytest.fixture
def page(window: MainWindow, library: Library, wait_jobs: Callable[[], None]) -> HistoryPage:
    lock(library, 1, "2.1.0")
    lock(library, 2, "2.0.9")
    made = window.open_environment("churn-train").show_page("History")
    assert isinstance(made, HistoryPage)
    wait_jobs()
    return made


def test_rows_are_aligned() -> None:
    old = "a: 1\nb: two words\nc: 3\n"
    new = "a: 1\nb: two birds\nnew: 0\nc: 3\n"
    rows = source_rows(old, new)
    assert [(row.old and row.old.number, row.new and row.new.number, row.same) for row in rows] == [
        (1, 1, True),
        (2, 2, False),
        (None, 3, False),
        (3, 4, True),
    ]
    changed = rows[1]
    assert changed.old is not None
    assert changed.new is not None
    assert [changed.old.text[a:b] for a, b in changed.old.changed] == ["words"]
    assert [changed.new.text[a:b] for a, b in changed.new.changed] == ["birds"]
    assert changed.new.colors


def test_long_runs_are_folded(watch_model: Callable[[QAbstractItemModel], None]) -> None:
    text = "".join(f"key{number}: {number}\n" for number in range(40))
    rows = source_rows(text, text.replace("key20: 20", "key20: 21"))
    shown = folded(rows, frozenset())
    assert [item.count for item in shown if isinstance(item, Fold)] == [17, 16]
    model = SourceDiffModel()
    watch_model(model)
    model.load(rows, "old", "new")
    assert model.index(0, OLD).data() == "⋯ 17 unchanged lines"
    model.unfold(0)
    assert model.index(0, OLD).data() == "key0: 0"
    assert [item for item in folded(rows, frozenset({0, 24})) if isinstance(item, Fold)] == []


def test_parts_and_counts(page: HistoryPage) -> None:
    tabs = page.pages.tabs
    assert [tabs.tabText(part) for part in range(4)] == ["Changes 1", "Resolved 1", "Source", "Timeline"]
    tabs.setCurrentIndex(RESOLVED)
    model = page.pages.resolved.diff_model
    section = model.index(0, 0)
    assert model.index(0, 0, section).data() == "↓  downgrade"
    page.pages.sort.setCurrentIndex(1)
    assert model.rowCount() == 0
    page.pages.sort.setCurrentIndex(0)
    page.pages.filter.setText("num")
    assert model.rowCount() == 1


def test_next_change(page: HistoryPage) -> None:
    page.pages.tabs.setCurrentIndex(CHANGES)
    page.diff.setFocus()
    QTest.keyClick(page.diff, Qt.Key.Key_F7)
    assert page.diff.currentIndex().siblingAtColumn(1).data() == "numpy"
    page.pages.tabs.setCurrentIndex(SOURCE)
    page.pages.next.click()
    assert "numpy" in page.pages.source.currentIndex().data()


def test_timeline(
    page: HistoryPage,
    library: Library,
    wait_jobs: Callable[[], None],
    watch_model: Callable[[QAbstractItemModel], None],
) -> None:
    watch_model(page.pages.timeline_model)
    page.pages.tabs.setCurrentIndex(TIMELINE)
    wait_jobs()
    proxy = page.pages.proxy
    cells = [[proxy.index(row, column).data() for column in range(3)] for row in range(proxy.rowCount())]
    assert cells == [["numpy", "2.1.0", "↓ 2.0.9"]]
    page.pages.moved.setChecked(False)
    assert proxy.rowCount() == 6
    found = read_timeline(library, "churn-train", report=Report())
    shap = next(row for row in found.rows if row.name == "shap")
    assert [(cell.text, cell.resolved, cell.moved) for cell in shap.cells] == [("==0.46.0", False, "")] * 2


def test_export(page: HistoryPage, tmp_path: Path, wait_jobs: Callable[[], None]) -> None:
    page.export_to(str(tmp_path / "diff.html"))
    wait_jobs()
    text = (tmp_path / "diff.html").read_text("utf-8")
    assert "<mark class='new'>" in text
    assert "numpy" in text


def test_compare_with_a_file(page: HistoryPage, tmp_path: Path, wait_jobs: Callable[[], None]) -> None:
    path = tmp_path / "environment.yml"
    path.write_text("name: other\nchannels: [conda-forge]\ndependencies: [python=3.12, scipy]\n")
    page.compare_with_file(str(path))
    wait_jobs()
    wait_jobs()
    assert page.title.text() == "environment.yml → churn-train:2"
    assert page.comparison is not None
    assert "scipy" in {row.name for row in page.comparison.changes}


def test_not_locked_on_both_sides(window: MainWindow, page: HistoryPage, library: Library, wait_jobs) -> None:
    newer = page.document.environment.with_conda(conda_requirement("scipy"))
    window.session.apply(library.versions.register(newer, "scipy").change)
    page.show_version(3)
    wait_jobs()
    page.pages.tabs.setCurrentIndex(RESOLVED)
    assert page.stack.currentWidget() is page.same
    assert "lock" in page.same.text.text()
