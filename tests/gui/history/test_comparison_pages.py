"""Source side by side, the timeline of packages, filters, the next change, HTML, and comparing with a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from gui.waiting import come_to_rest, handle_events
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Variable
from envstudio.domain.image import BuiltImage
from envstudio.domain.image_comparison import Part
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.history.comparison_pages import CHANGES, IMAGE, RESOLVED, SOURCE, TIMELINE
from envstudio.gui.history.history_page import HistoryPage
from envstudio.gui.history.source_diff import NEW, OLD, SourceDiffModel
from envstudio.gui.widgets.quick_pick import QuickPick
from envstudio.library import Library
from envstudio.presentation.image_comparison import grown_text, images_markdown
from envstudio.presentation.source_rows import Fold, folded, source_rows
from envstudio.report import Report
from envstudio.tasks import compare_images as compare_images_module
from envstudio.tasks.compare_images import compare_images, contents_of
from envstudio.tasks.package_timeline import read_timeline


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
    assert [tabs.tabText(part) for part in range(5)] == ["Changes 1", "Resolved 1", "Source", "Image", "Timeline"]
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
    page.header.next.click()
    assert "numpy" in page.pages.source.currentIndex().data()


def test_long_lines_are_scrolled_on_both_sides_at_once(
    page: HistoryPage, library: Library, window: MainWindow, wait_jobs: Callable[[], None]
) -> None:
    source = page.pages.source
    page.pages.tabs.setCurrentIndex(SOURCE)
    handle_events()
    assert source.horizontalScrollBar().maximum() == 0
    long = Variable("A", "x" * 400 + "end")
    window.session.apply(library.versions.register(page.document.environment.with_variable(long), "long").change)
    page.show_version(3)
    come_to_rest(page.session.jobs)
    navigation = [source.columnViewportPosition(column) for column in range(4)]
    bar = source.horizontalScrollBar()
    width = source.columnWidth(NEW)
    assert bar.maximum() >= 400 * source.fontMetrics().horizontalAdvance("x") - width
    row = next(row for row in range(source.model().rowCount()) if "xxx" in str(source.model().index(row, NEW).data()))
    area = source.visualRect(source.model().index(row, NEW))
    before = source.viewport().grab(area).toImage()
    bar.setValue(bar.maximum())
    handle_events()
    assert source.viewport().grab(area).toImage() != before
    assert [source.columnViewportPosition(column) for column in range(4)] == navigation


def test_timeline(
    page: HistoryPage,
    library: Library,
    wait_jobs: Callable[[], None],
    watch_model: Callable[[QAbstractItemModel], None],
) -> None:
    watch_model(page.pages.timeline.model)
    page.pages.tabs.setCurrentIndex(TIMELINE)
    wait_jobs()
    proxy = page.pages.timeline.proxy
    cells = [[proxy.index(row, column).data() for column in range(3)] for row in range(proxy.rowCount())]
    assert cells == [["numpy", "2.1.0", "↓ 2.0.9"]]
    page.pages.moved.setChecked(False)
    assert proxy.rowCount() == 6
    found = read_timeline(library, "churn-train", report=Report())
    shap = next(row for row in found.rows if row.name == "shap")
    assert [(cell.text, cell.resolved, cell.kind) for cell in shap.cells] == [("==0.46.0", False, None)] * 2


def test_the_previous_change_of_the_timeline_is_the_last_one_at_first(page: HistoryPage, wait_jobs) -> None:
    page.pages.tabs.setCurrentIndex(TIMELINE)
    wait_jobs()
    page.pages.moved.setChecked(False)
    page.pages.timeline.proxy.sort(0, Qt.SortOrder.DescendingOrder)
    page.pages.timeline.table.setCurrentIndex(QModelIndex())
    page.pages.go_back()
    assert page.pages.timeline.table.currentIndex().row() > page.pages.timeline.proxy.columnCount()
    assert page.pages.timeline.table.currentIndex().siblingAtColumn(0).data() == "numpy"


def test_export(page: HistoryPage, tmp_path: Path, wait_jobs: Callable[[], None]) -> None:
    page.files.export_to(str(tmp_path / "diff.html"))
    wait_jobs()
    text = (tmp_path / "diff.html").read_text("utf-8")
    assert "<mark class='new'>" in text
    assert "numpy" in text


def test_compare_with_a_file(page: HistoryPage, tmp_path: Path, wait_jobs: Callable[[], None]) -> None:
    path = tmp_path / "environment.yml"
    path.write_text("name: other\nchannels: [conda-forge]\ndependencies: [python=3.12, scipy]\n")
    page.files.look_at(str(path))
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


def test_names_stay_where_many_versions_are_scrolled(
    page: HistoryPage, library: Library, window: MainWindow, wait_jobs: Callable[[], None]
) -> None:
    environment = page.document.environment
    for number in range(12):
        environment = environment.with_conda(conda_requirement(f"numpy>=2.1.{number}"))
        library.versions.register(environment, f"numpy {number}")
    page.reload()
    page.pages.tabs.setCurrentIndex(TIMELINE)
    come_to_rest(page.session.jobs)
    timeline, frozen = page.pages.timeline.table, page.pages.timeline.frozen
    assert timeline.horizontalScrollBar().value() > 0
    assert frozen.isVisible()
    location = timeline.mapTo(page, timeline.viewport().pos())
    assert frozen.mapTo(page, frozen.viewport().pos()) == location
    assert frozen.indexAt(QPoint(4, 4)).data() == "numpy"
    assert frozen.visualRect(frozen.model().index(0, 0)).height() == timeline.rowHeight(0)
    window.activateWindow()
    before = frozen.grab().toImage()
    frozen.setFocus()
    timeline.setCurrentIndex(timeline.model().index(0, 0))
    timeline.horizontalScrollBar().setValue(40)
    assert timeline.hasFocus()
    assert frozen.grab().toImage() != before
    timeline.horizontalScrollBar().setValue(0)
    assert not frozen.isVisible()


def test_who_moved_a_package(page: HistoryPage, window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    page.pages.tabs.setCurrentIndex(TIMELINE)
    wait_jobs()
    timeline, proxy = page.pages.timeline.table, page.pages.timeline.proxy
    cell = timeline.visualRect(proxy.index(0, 2)).center()
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    story = page.pages.timeline.mover.text()
    assert "numpy 2.0.9 in v2, 2.1.0 before · ana" in story
    assert "newer numpy" in story
    timeline.setCurrentIndex(proxy.index(0, 0))
    assert "double-click" in page.pages.timeline.mover.text()
    QTest.keySequence(window, QKeySequence("F7"))
    assert timeline.currentIndex().data() == "↓ 2.0.9"
    page.pages.timeline.table.row_activated.emit(timeline.currentIndex())
    assert page.pages.tabs.currentIndex() == CHANGES
    assert page.title.text() == "v1 → v2"


def add_image(library: Library, version: int, size: int) -> None:
    environment = library.find(f"churn-train:{version}").environment
    image = BuiltImage(
        f"churn-train:{version}", f"sha256:{version:064}", f"sha256:{version:064}", (), "direct", False, 1.0, (), size,
        4 + version, 1,
    )  # fmt: skip
    library.images.add("churn-train", version, image, definition=definition_digest(environment), lock="")


def image_rows(page: HistoryPage) -> dict[str, tuple[str, str, str]]:
    return {row.name: (row.old, row.new, grown_text(row.grown)) for row in page.pages.images.image_model.rows}


def test_two_images(
    page: HistoryPage,
    library: Library,
    wait_jobs: Callable[[], None],
    watch_model: Callable[[QAbstractItemModel], None],
) -> None:
    watch_model(page.pages.images.image_model)
    page.pages.tabs.setCurrentIndex(IMAGE)
    assert image_rows(page)["base"][0] == "python:3.12-slim-bookworm"
    assert "size" not in image_rows(page)
    add_image(library, 1, 300_000_000)
    add_image(library, 2, 250_000_000)
    page.select_pair(1, 2)
    wait_jobs()
    assert image_rows(page)["size"][2].startswith("−")
    assert image_rows(page)["layers"][:2] == ("5", "6")
    page.header.next.click()
    assert page.pages.images.image_model.rows[page.pages.images.currentIndex().row()].name == "size"
    page.pages.filter.setText("layers")
    assert page.pages.images.image_model.rowCount() == 1


def test_sizes_by_layer_and_package(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images that were stored with their contents are compared by them."""
    big, small = {"name": "torch", "size": 900}, {"name": "six", "size": 10}
    shared = {"diff_id": "a", "size": 5, "packages": [small]}
    contents = {
        1: [shared, {"diff_id": "b", "size": 900, "packages": [big]}],
        2: [shared, {"diff_id": "c", "size": 700, "packages": [{**big, "size": 700}]}],
    }  # fmt: skip
    monkeypatch.setattr(
        compare_images_module, "contents_of", lambda image: tuple(contents[image.version]) if image else ()
    )
    add_image(library, 1, 905)
    add_image(library, 2, 705)
    old, new = (library.find(f"churn-train:{number}") for number in (1, 2))
    found = compare_images(library, old, new, report=Report())
    assert found.measured
    layers = [(row.name, row.grown) for row in found.rows if row.part is Part.LAYER]
    assert layers == [("torch", -900), ("torch", 700), ("1 in both", 0)]
    packages = [(row.name, row.grown) for row in found.rows if row.part is Part.PACKAGE]
    assert packages == [("torch", -200)]
    assert "| Package | torch |" in images_markdown(found)


@pytest.mark.parametrize("stored", ['[{"diff_id": "a", "size": 1}]', [{"diff_id": "a", "size": 1}], None, "", ["x"]])
def test_contents_of_older_and_newer_images(stored: object) -> None:
    class Stored:
        contents = stored

    found = contents_of(Stored())  # type: ignore[arg-type]
    assert found == (({"diff_id": "a", "size": 1},) if stored and stored != ["x"] else ())


def test_compare_with_any_version_by_key(window: MainWindow, page: HistoryPage, wait_jobs: Callable[[], None]) -> None:
    QTest.keySequence(window, QKeySequence("Ctrl+Alt+D"))
    first = QApplication.activePopupWidget()
    assert isinstance(first, QuickPick)
    QTest.keyClicks(first.edit, "churn")
    QTest.keyClick(first.edit, Qt.Key.Key_Return)
    second = QApplication.activePopupWidget()
    assert isinstance(second, QuickPick)
    assert second is not first
    QTest.keyClicks(second.edit, ":1")
    QTest.keyClick(second.edit, Qt.Key.Key_Return)
    wait_jobs()
    assert page.title.text() == "churn-train:1 → churn-train:2"


def test_compare_with_another_environment_by_button(page: HistoryPage, wait_jobs: Callable[[], None]) -> None:
    page.header.with_version.trigger()
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    QTest.keyClicks(pick.edit, "ocr-gpu")
    QTest.keyClick(pick.edit, Qt.Key.Key_Return)
    wait_jobs()
    assert page.title.text() == "ocr-gpu:1 → churn-train:2"


def test_copy_by_key_and_menu(window: MainWindow, page: HistoryPage) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    QTest.keySequence(window, QKeySequence("Ctrl+Alt+C"))
    assert "numpy" in clipboard.text()
    clipboard.clear()
    window.actions_of["copy_comparison"].trigger()
    assert clipboard.text().startswith("### ")


def test_export_and_file_dialogs_by_menu(window: MainWindow, page: HistoryPage, tmp_path: Path, wait_jobs) -> None:
    window.actions_of["export_comparison"].trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "out.html"))
    dialog.close()
    wait_jobs()
    assert "<h2>Definition" in (tmp_path / "out.html").read_text("utf-8")


def test_counts_have_their_room_beside_long_names(
    page: HistoryPage, window: MainWindow, library: Library, wait_jobs: Callable[[], None]
) -> None:
    window.resize(1105, 700)
    name = "-".join(["credit-risk-explainability"] * 3)
    library.versions.register(page.document.environment.renamed(name).with_conda(conda_requirement("scipy")))
    page.compare_with(library.find(name))
    come_to_rest(page.session.jobs)
    header = page.header
    assert header.title.text().startswith(name)
    assert "…" in header.title.shown()
    assert header.counts.width() >= header.counts.sizeHint().width()
    assert window.width() == 1105


def test_no_part_widens_a_narrow_window(page: HistoryPage, window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    window.resize(1105, 700)
    for part in (CHANGES, RESOLVED, SOURCE, IMAGE, TIMELINE):
        page.pages.tabs.setCurrentIndex(part)
        come_to_rest(page.session.jobs)
        assert window.width() == 1105, part
