"""The lock page: why a package is there, and what an update would change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from gui.waiting import come_to_rest, handle_events
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from envstudio.domain.change import LibraryChange
from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.lock_diff import compare_locks
from envstudio.domain.requirement import conda_requirement
from envstudio.errors import Act, EnvStudioError, Remedy, Unavailable
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.job import JobKey, JobStatus
from envstudio.gui.locks.lock_model import LICENCE, SIZE, SOURCE, VERSION
from envstudio.gui.locks.lock_packages import TREE, Tree
from envstudio.gui.locks.lock_page import LOCKED, PREVIEW, LockPage
from envstudio.gui.locks.lock_tree import LockTreeModel
from envstudio.gui.locks.preview_model import NAME, WHAT, PreviewModel
from envstudio.gui.settings.settings_page import SettingsPage
from envstudio.library import Library
from envstudio.lock_formats import find_lock_format
from envstudio.report import Report
from envstudio.tasks.lock import Locked, LockOptions
from envstudio.tasks.relax import Relaxation


def unsolvable(summary: str) -> EnvStudioError:
    """Return what a solver says of requirements that conflict."""
    remedy = Remedy(Act.RELAX)
    return EnvStudioError(summary, "Relax one of them.", "x", code="conda-unsolvable", remedy=remedy)


def package(name: str, version: str, *needs: str, requested: bool = False) -> LockedPackage:
    url = f"https://conda.example/{name}-{version}-0.conda"
    return LockedPackage(name, version, "conda", url, "0" * 64, "", "0", 1000, "MIT", requested, needs)


def lock(digest: str, numpy: str, *more: LockedPackage) -> Lock:
    packages = (
        package("blas", "3.9"),
        package("numpy", numpy, "blas >=3", requested=True),
        package("pandas", "2.2.3", "numpy >=1.26", requested=True),
        *more,
    )
    return Lock(digest, ("conda-forge",), (PlatformLock("linux-64", "3.12.7", packages),))


@pytest.fixture
def page(window: MainWindow, library: Library) -> LockPage:
    digest = library.find("churn-train").digest
    library.locks.save("churn-train", lock(digest, "2.1.0"))
    made = window.open_environment("churn-train").show_page("Lock")
    assert isinstance(made, LockPage)
    return made


def previewed(page: LockPage) -> Locked:
    record, _ = page.document.lock()
    assert record is not None
    new = lock(page.document.digest(), "2.2.4", package("zlib", "1.3"))
    return Locked("churn-train", new, 0.3, compare_locks(record.lock, new), False, LibraryChange())


def test_why(page: LockPage, wait_jobs: Callable[[], None]) -> None:
    assert page.stack.currentIndex() == LOCKED
    page.view.packages.table.selectRow(0)
    QTest.keyClick(page.view.packages.table, Qt.Key.Key_Return)
    wait_jobs()
    assert page.view.why.isVisible()
    assert page.view.why.title.text() == "blas 3.9"
    assert page.view.why.why is not None
    assert page.view.why.why.chains[0] == ("numpy", "blas")
    page.view.why.text.linkActivated.emit("numpy")
    wait_jobs()
    assert page.view.why.title.text() == "numpy 2.1.0"
    assert "blas" in page.view.why.why.leaves
    page.view.packages.table.setFocus()
    QTest.keyClick(page.view.packages.table, Qt.Key.Key_Escape)
    assert page.view.why.isHidden()


def test_preview_is_stored_only_when_asked(
    page: LockPage, library: Library, wait_jobs: Callable[[], None], watch_model: Callable[[QAbstractItemModel], None]
) -> None:
    watch_model(page.preview.model)
    page.lock_jobs.previewed.emit(previewed(page))
    assert page.stack.currentIndex() == PREVIEW
    model = page.preview.model
    assert [model.index(row, WHAT).data() for row in range(model.rowCount())] == ["↑  minor", "+  added"]
    assert library.locks.newest("churn-train").lock.platforms[0].packages[1].version == "2.1.0"  # type: ignore[union-attr]
    QTest.keyClick(page.preview.table, Qt.Key.Key_Escape)
    assert page.stack.currentIndex() == LOCKED
    page.lock_jobs.previewed.emit(previewed(page))
    page.preview.apply.click()
    wait_jobs()
    assert page.stack.currentIndex() == LOCKED
    assert library.locks.newest("churn-train").lock.platforms[0].packages[1].version == "2.2.4"  # type: ignore[union-attr]
    assert page.view.packages.model.row_of("zlib") == 3


def test_an_earlier_lock_is_shown_before_it_counts_again(
    page: LockPage, library: Library, wait_jobs: Callable[[], None]
) -> None:
    library.locks.save("churn-train", lock(page.document.digest(), "2.2.4"))
    page.view.earlier_menu.aboutToShow.emit()
    wait_jobs()
    actions = page.view.earlier_menu.actions()
    assert len(actions) == 1
    actions[0].trigger()
    wait_jobs()
    assert page.stack.currentIndex() == PREVIEW
    assert (page.preview.title.text(), page.preview.apply.text()) == ("Back to an earlier lock", "Use this lock")
    assert page.preview.narrow.isHidden()
    page.preview.apply.click()
    wait_jobs()
    assert library.locks.newest("churn-train").lock.platforms[0].packages[1].version == "2.1.0"  # type: ignore[union-attr]
    page.lock_jobs.previewed.emit(previewed(page))
    assert not page.preview.narrow.isHidden()


def test_a_first_lock_has_none_before_it(page: LockPage, wait_jobs: Callable[[], None]) -> None:
    page.view.earlier_menu.aboutToShow.emit()
    wait_jobs()
    assert [(item.text(), item.isEnabled()) for item in page.view.earlier_menu.actions()] == [
        ("No earlier locks", False)
    ]


def test_packages_are_chosen(page: LockPage) -> None:
    page.lock_jobs.previewed.emit(previewed(page))
    model: PreviewModel = page.preview.model
    assert not page.preview.narrow.isEnabled()
    assert not model.flags(model.index(1, NAME)) & Qt.ItemFlag.ItemIsUserCheckable
    assert model.setData(model.index(0, NAME), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    names: list[tuple[str, ...]] = []
    page.preview.narrowed.disconnect()
    page.preview.narrowed.connect(names.append)
    page.preview.narrow.click()
    assert names == [("numpy",)]


def test_nothing_to_update(page: LockPage) -> None:
    outcome = previewed(page)
    page.lock_jobs.previewed.emit(Locked("churn-train", outcome.lock, 0.1, (), False, outcome.change))
    assert page.preview.stack.currentWidget() is page.preview.nothing
    page.preview.nothing.buttons[0].click()
    assert page.stack.currentIndex() == LOCKED


# Table, tree, platforms


def tree_of(page: LockPage) -> Tree:
    page.view.views.buttons()[1].click()
    assert page.view.packages.currentIndex() == TREE
    return page.view.packages.tree


def test_tree(page: LockPage, watch_model: Callable[[QAbstractItemModel], None]) -> None:
    tree, model = tree_of(page), page.view.packages.tree_model
    watch_model(model)
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["numpy", "pandas"]
    pandas = model.index(1, 0)
    numpy = model.index(0, 0, pandas)
    assert (numpy.data(), model.index(0, 0, numpy).data()) == ("numpy", "blas")
    tree.expandAll()
    tree.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert model.index(0, 0).data() == "pandas"
    model.narrow("blas")
    assert model.rowCount() == 2
    model.narrow("pan")
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["pandas"]
    assert model.rowCount(model.index(0, 0)) == 0


def test_tree_ends_where_it_would_come_back(watch_model: Callable[[QAbstractItemModel], None]) -> None:
    model = LockTreeModel()
    watch_model(model)
    packages = (package("a", "1", "b", requested=True), package("b", "1", "a"), package("orphan", "1"))
    model.load(PlatformLock("linux-64", "", packages))
    top = model.index(0, 0)
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["a", "orphan"]
    below = model.index(0, 0, top)
    assert below.data() == "b"
    assert model.rowCount(below) == 0


def test_the_tree_is_remembered_and_explains(page: LockPage, wait_jobs: Callable[[], None]) -> None:
    tree = tree_of(page)
    assert page.session.state.preference("lock_view") == "tree"
    tree.setFocus()
    tree.setCurrentIndex(page.view.packages.tree_model.index(1, 0))
    QTest.keyClick(tree, Qt.Key.Key_Return)
    wait_jobs()
    assert page.view.why.title.text() == "pandas 2.2.3"
    page.view.why.text.linkActivated.emit("blas")
    wait_jobs()
    assert page.view.packages.selected() == ("blas",)
    page.view.views.buttons()[0].click()
    assert page.session.state.preference("lock_view") == "table"


def test_copied_as_requirement_lines(page: LockPage) -> None:
    table = page.view.packages.table
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "blas==3.9\nnumpy==2.1.0\npandas==2.2.3"
    assert page.view.packages.select("numpy")
    menu = page.view.packages.menu()
    assert menu is not None
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles[:2] == ["Why is it there?", "Preview an update of numpy"]
    menu.actions()[-1].trigger()
    assert QGuiApplication.clipboard().text().startswith("https://conda.example/numpy-2.1.0-0.conda sha256:")
    menu.deleteLater()


def test_licences_and_sizes_are_filled_in(page: LockPage) -> None:
    wheel = LockedPackage("shap", "0.46.0", "pip", "https://files.example/shap-0.46.0-py3-none-any.whl", "1" * 64)
    page.view.packages.load(PlatformLock("linux-64", "3.12", (wheel,)))
    page.lock_jobs.facts_found.emit({wheel.sha256: ("MIT", 5_000_000)})
    model = page.view.packages.model
    assert [model.index(0, column).data() for column in (SOURCE, SIZE, LICENCE)] == ["files.example", "5.0 MB", "MIT"]
    assert model.total() == 5_000_000


def test_missing_platforms_are_offered(page: LockPage) -> None:
    page.session.settings = replace(page.session.settings, platforms=("linux-64", "linux-aarch64"))
    page.document.facts_changed.emit()
    assert "linux-aarch64" in page.banner.label.text()
    assert page.banner.buttons[0].text() == "Lock linux-aarch64 too"
    menu = page.view.platforms.menu
    menu.aboutToShow.emit()
    assert menu.actions()[0].text() == "Lock linux-aarch64 too"
    assert len(menu.actions()) == 4


def test_the_lock_is_exported(page: LockPage, tmp_path: Path, wait_jobs: Callable[[], None]) -> None:
    titles = [action.text() for action in page.view.export.menu.actions()]
    assert any("conda-lock" in title for title in titles)
    page.view.export.write(find_lock_format("explicit"), str(tmp_path / "explicit.txt"))
    wait_jobs()
    assert "https://conda.example/numpy-2.1.0-0.conda" in (tmp_path / "explicit.txt").read_text()
    assert page.banner.label.text() == "Wrote explicit.txt."
    page.banner.buttons[0].click()
    assert page.banner.isHidden()


# Failures


def solves_with(monkeypatch: pytest.MonkeyPatch, *found: Relaxation) -> None:
    """Have these found to solve, without solving anything."""
    monkeypatch.setattr("envstudio.gui.locks.failure_panel.relax", lambda *_, **__: found)


def test_a_failure_offers_what_solves(
    page: LockPage, monkeypatch: pytest.MonkeyPatch, wait_jobs: Callable[[], None]
) -> None:
    error = unsolvable("numpy >=2 and pandas 2.2.* conflict.")
    before = page.document.environment
    looser = before.with_conda(conda_requirement("numpy"))
    solves_with(monkeypatch, Relaxation((("numpy >=2.1,<3", "numpy"),), looser))
    page.lock_jobs.failed.emit(error)
    assert page.failure.isVisible()
    assert page.failure.stop.isVisible()
    wait_jobs()
    assert [button.text() for button in page.failure.buttons] == ["Use any numpy"]
    steps = page.document.undo_stack.count()
    page.failure.buttons[0].click()
    assert page.document.environment == looser
    assert page.document.undo_stack.count() == steps + 1
    assert page.failure.isHidden()
    assert page.banner.buttons[0].text() == "Lock now"
    page.document.undo_stack.undo()
    assert page.document.environment == before


def test_the_window_opens_the_setting_that_mends_a_lock(page: LockPage, window: MainWindow) -> None:
    page.lock_jobs.failed.emit(Unavailable("The conda channels c cannot be read.", "", "CERTIFICATE_VERIFY_FAILED"))
    window.activateWindow()
    page.failure.buttons[0].click()
    settings_page = window.tabs.currentWidget()
    assert isinstance(settings_page, SettingsPage)
    assert settings_page.fields["ca_certificates"].edit.hasFocus()


def test_offers_with_long_names_do_not_widen_the_window(
    page: LockPage, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.resize(1105, 700)
    environment = page.document.environment
    names = [f"a-package-with-a-name-that-is-long-{number} >=2.1,<3" for number in range(4)]
    found = [Relaxation(((name, f"{name}.{number}"),), environment) for number, name in enumerate(names)]
    solves_with(monkeypatch, *found)
    page.lock_jobs.failed.emit(unsolvable("a and b conflict."))
    come_to_rest(window.session.jobs)
    assert len(page.failure.buttons) == 4
    assert window.width() == 1105
    assert all(button.width() >= button.sizeHint().width() for button in page.failure.buttons)


def test_a_failure_that_no_change_helps(page: LockPage) -> None:
    page.lock_jobs.failed.emit(Unavailable("The conda channels c cannot be read.", "Check the network."))
    assert page.failure.advice.text() == "Check the network."
    assert not page.failure.stop.isVisible()
    page.failure.close_button.click()
    assert page.failure.isHidden()


@pytest.mark.parametrize(
    ("code", "remedy", "details", "title", "offered"),
    [
        ("conda-communication", Remedy(Act.SET_SETTING, "mirror_channels"), "", "Open the setting",
         Remedy(Act.SET_SETTING, "mirror_channels")),
        ("conda-communication", Remedy(Act.SET_SETTING, "mirror_channels"), "CERTIFICATE_VERIFY_FAILED",
         "Open the setting", Remedy(Act.SET_SETTING, "ca_certificates")),
        ("conda-communication", None, "https://conda.example/noarch: 401 Unauthorized", "Log in",
         Remedy(Act.LOG_IN, "conda.example")),
        ("conda-not-found", Remedy(Act.EDIT_PACKAGES), "", "Open Packages", Remedy(Act.EDIT_PACKAGES)),
        ("python-not-stated", Remedy(Act.STATE_PYTHON, "churn-train"), "", "Open Image",
         Remedy(Act.STATE_PYTHON, "churn-train")),
    ],
)  # fmt: skip
def test_a_failure_offers_the_place_that_mends_it(
    page: LockPage, code: str, remedy: Remedy | None, details: str, title: str, offered: Remedy
) -> None:
    requests: list[tuple[Remedy, str]] = []
    page.remedy_requested.connect(lambda *what: requests.append(what))
    page.lock_jobs.failed.emit(Unavailable("It failed.", "Do it.", details, code=code, remedy=remedy))
    assert [button.text() for button in page.failure.buttons] == [title]
    page.failure.buttons[0].click()
    assert requests == [(offered, "churn-train")]


def test_the_advice_of_a_failure_has_the_room_that_is_there(qtbot: QtBot, page: LockPage) -> None:
    advice = "Check the network, the channels' names and logins, and the mirrors in the settings."
    page.lock_jobs.failed.emit(Unavailable("The conda channels c cannot be read.", advice))
    label = page.failure.advice
    qtbot.waitUntil(lambda: label.width() > label.fontMetrics().horizontalAdvance(advice))
    assert label.height() < 2 * label.fontMetrics().lineSpacing()


def test_a_failure_before_the_page_was_made(
    window: MainWindow, library: Library, wait_jobs: Callable[[], None]
) -> None:
    def fail(*, report: Report) -> None:
        raise Unavailable("The conda channels c cannot be read.", "Check the network.")

    window.session.jobs.run(
        "Lock churn-train",
        fail,
        lane="lock",
        key=JobKey("lock", "churn-train"),
        workspace_ref=window.session.workspace_ref,
    )
    wait_jobs()
    page = window.open_environment("churn-train").show_page("Lock")
    assert isinstance(page, LockPage)
    assert page.failure.title.text() == "The conda channels c cannot be read."


def test_who_locks_from_another_page_is_told_the_reason(
    page: LockPage, window: MainWindow, wait_jobs: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*, report: Report) -> None:
        raise unsolvable("numpy >=2 and pandas 2.2.* conflict.")

    begun: list[str] = []

    def relaxing(*facts: object, platform: str, options: LockOptions, report: Report) -> tuple[Relaxation, ...]:
        begun.append(platform)
        return ()

    monkeypatch.setattr("envstudio.gui.locks.failure_panel.relax", relaxing)
    view = window.current_view()
    assert view is not None
    view.show_page("Packages")
    failed = window.session.jobs.run(
        "Lock churn-train",
        fail,
        lane="lock",
        key=JobKey("lock", "churn-train"),
        workspace_ref=window.session.workspace_ref,
    )
    wait_jobs()
    assert window.console.job is failed
    assert "pandas 2.2.* conflict" in window.console.banner.label.text()
    assert not begun
    view.show_page("Lock")
    wait_jobs()
    assert begun == ["linux-64"]
    assert window.console.job is failed


def test_a_large_font_does_not_widen_the_window(
    page: LockPage, window: MainWindow, wait_jobs: Callable[[], None]
) -> None:
    window.resize(1105, 700)
    font = page.font()
    font.setPointSizeF(font.pointSizeF() * 1.5)
    page.setFont(font)
    wait_jobs()
    page.lock_jobs.previewed.emit(previewed(page))
    handle_events()
    assert page.stack.currentIndex() == PREVIEW
    page.preview.closed.emit()
    handle_events()
    assert window.width() == 1105
    assert page.view.summary.height() >= page.view.summary.heightForWidth(page.view.summary.width())


def test_choosing_a_platform(page: LockPage, library: Library) -> None:
    here = lock(page.document.digest(), "2.1.0").platforms[0]
    there = replace(here, platform="osx-arm64", packages=here.packages[:2], virtual_packages=("__osx=13.0",))
    both = Lock(page.document.digest(), ("conda-forge",), (here, there))
    page.session.apply(library.locks.save("churn-train", both))
    bar = page.view.platforms
    assert bar.current == "linux-64"
    bar.button("osx-arm64").click()
    assert bar.current == "osx-arm64"
    assert page.view.packages.model.rowCount() == 2
    assert page.view.machine.text() == "__osx=13.0"
    page.document.facts_changed.emit()
    assert bar.current == "osx-arm64"


def test_wishes_go_with_a_renaming_once(window: MainWindow, library: Library) -> None:
    """The user's own change is reported a second time by whoever watches the library."""
    session = window.session
    session.keep_lock_options("churn-train", LockOptions(pins=("openssl<3.1",)))
    change = library.environments.rename("churn-train", "churn")
    session.apply(change)
    assert session.lock_options("churn").pins == ("openssl<3.1",)
    session.keep_lock_options("churn", LockOptions(offline=True))
    session.apply_from_elsewhere(change)
    assert session.lock_options("churn") == LockOptions(offline=True)
    assert session.lock_options("churn-train") == LockOptions()


def test_versions_are_sorted_as_versions(page: LockPage, library: Library) -> None:
    more = tuple(package(name, version) for name, version in (("a", "1.10.0"), ("b", "1.9.0"), ("c", "1.9.0rc1")))
    found = lock(library.find("churn-train").digest, "2.1.0", *more)
    page.session.apply(library.locks.save("churn-train", found))
    page.view.packages.view.sortByColumn(VERSION, Qt.SortOrder.AscendingOrder)
    proxy = page.view.packages.proxy
    shown = [proxy.index(row, VERSION).data() for row in range(proxy.rowCount())]
    assert shown == ["1.9.0rc1", "1.9.0", "1.10.0", "2.1.0", "2.2.3", "3.9"]


def test_one_package_and_sizes_that_are_not_all_known(page: LockPage, library: Library) -> None:
    digest = library.find("churn-train").digest
    one = PlatformLock("linux-64", "3.12", (package("numpy", "2.1.0", requested=True),))
    page.session.apply(library.locks.save("churn-train", Lock(digest, (), (one,))))
    assert page.view.summary.text().startswith("1 package · 1 requested · 1 conda, 0 pip · 1.0 kB")
    assert page.view.filter.placeholderText() == "Filter 1 package"
    unknown = replace(package("zlib", "1.3"), size=0, sha256="1" * 64)
    two = replace(one, packages=(*one.packages, unknown))
    page.session.apply(library.locks.save("churn-train", Lock(digest, (), (two,))))
    assert "more than 1.0 kB" in page.view.summary.text()


def test_nothing_to_update_is_said_of_what_was_looked_at(page: LockPage) -> None:
    page.preview.load(replace(previewed(page), changes=()), ("numpy",))
    assert page.preview.nothing.text.text().startswith("numpy is the newest")
    page.preview.load(replace(previewed(page), changes=()), ())
    assert page.preview.nothing.text.text().startswith("Everything in the lock is the newest")


def test_work_of_the_same_name_in_another_workspace_is_not_shown_here(
    page: LockPage, window: MainWindow, qtbot: QtBot
) -> None:
    import threading

    release = threading.Event()

    def other(*, report: Report) -> None:
        release.wait(10)
        raise Unavailable("elsewhere", "")

    location = (window.session.library.location, "another")
    job = window.session.jobs.run(
        "Lock churn-train", other, lane="lock", key=JobKey("lock", "churn-train"), workspace_ref=location
    )
    qtbot.waitUntil(lambda: job.status is JobStatus.RUNNING)
    handle_events()
    assert page.working.isHidden()
    assert page.view.update_button.isEnabled()
    release.set()
    come_to_rest(window.session.jobs)
    assert job.status is JobStatus.FAILED
    assert page.failure.isHidden()


def test_a_preview_of_what_is_another_definition_by_now_is_taken_back(page: LockPage) -> None:
    page.lock_jobs.previewed.emit(previewed(page))
    assert page.stack.currentIndex() == PREVIEW
    page.document.edit("Add", page.document.environment.with_conda(conda_requirement("scipy")))
    assert page.stack.currentIndex() == LOCKED
    assert "has changed since this lock was made" in page.banner.label.text()


def test_a_stale_lock_is_not_exported_in_silence(page: LockPage, tmp_path: Path, wait_jobs: Callable[[], None]) -> None:
    page.document.edit("Add", page.document.environment.with_conda(conda_requirement("scipy")))
    page.view.export.write(find_lock_format("explicit"), str(tmp_path / "explicit.txt"))
    wait_jobs()
    assert page.banner.label.text().startswith("Wrote explicit.txt.")
    assert "has changed since" in page.banner.label.text()


def test_the_time_of_a_silent_solve_goes_on(page: LockPage, window: MainWindow, qtbot: QtBot) -> None:
    import threading

    release = threading.Event()

    def silent(*, report: Report) -> None:
        release.wait(10)

    location = window.session.workspace_ref
    job = window.session.jobs.run(
        "Lock churn-train", silent, lane="lock", key=JobKey("lock", "churn-train"), workspace_ref=location
    )
    qtbot.waitUntil(lambda: " s" in page.working_text.text())
    shown = page.working_text.text()
    qtbot.waitUntil(lambda: page.working_text.text() != shown, timeout=3000)
    release.set()
    qtbot.waitUntil(lambda: not job.active)
    assert page.working.isHidden()


@pytest.mark.parametrize("fixed", [True, False])
def test_a_failure_of_what_the_draft_was_before_is_not_shown(
    window: MainWindow, library: Library, wait_jobs: Callable[[], None], fixed: bool
) -> None:
    """Locked from another page, and fixed there before the Lock page was opened."""
    document = window.open_environment("churn-train").document
    document.edit("Add", document.environment.with_conda(conda_requirement("no-such-package")))
    document.edit("Channel", replace_channels(document.environment, "file:///nowhere/channel"))
    window.tabs.setFocus()
    window.actions_of["lock"].trigger()
    wait_jobs()
    assert "nowhere" in window.console.banner.label.text()
    if fixed:
        document.undo_stack.undo()
    page = window.open_environment("churn-train").show_lock()
    assert page.failure.isHidden() is fixed


def replace_channels(environment: Environment, *channels: str) -> Environment:
    return replace(environment, python=replace(environment.python, channels=channels))
