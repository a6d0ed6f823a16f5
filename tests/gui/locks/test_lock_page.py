"""The lock page: why a package is there, and what an update would change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QTest

from envstudio.domain.change import Change
from envstudio.domain.diff import compare_locks
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.gui.locks.lock_page import LOCKED, PREVIEW, LockPage
from envstudio.gui.locks.preview_model import NAME, WHAT, PreviewModel
from envstudio.gui.main_window import MainWindow
from envstudio.library import Library
from envstudio.tasks.lock import Locked


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
    return Locked("churn-train", new, 0.3, compare_locks(record.lock, new), False, Change())


def test_why(page: LockPage, wait_jobs: Callable[[], None]) -> None:
    assert page.stack.currentIndex() == LOCKED
    page.table.selectRow(0)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    wait_jobs()
    assert page.why.isVisible()
    assert page.why.title.text() == "blas 3.9"
    assert page.why.why is not None
    assert page.why.why.chains[0] == ("numpy", "blas")
    page.why.text.linkActivated.emit("numpy")
    wait_jobs()
    assert page.why.title.text() == "numpy 2.1.0"
    assert "blas" in page.why.why.leaves
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert page.why.isHidden()


def test_preview_is_stored_only_when_asked(
    page: LockPage, library: Library, wait_jobs: Callable[[], None], watch_model: Callable[[QAbstractItemModel], None]
) -> None:
    watch_model(page.preview.model)
    page._on_preview_done(previewed(page))
    assert page.stack.currentIndex() == PREVIEW
    model = page.preview.model
    assert [model.index(row, WHAT).data() for row in range(model.rowCount())] == ["↑  minor", "+  added"]
    assert library.locks.newest("churn-train").lock.platforms[0].packages[1].version == "2.1.0"  # type: ignore[union-attr]
    QTest.keyClick(page.preview.table, Qt.Key.Key_Escape)
    assert page.stack.currentIndex() == LOCKED
    page._on_preview_done(previewed(page))
    page.preview.apply.click()
    wait_jobs()
    assert page.stack.currentIndex() == LOCKED
    assert library.locks.newest("churn-train").lock.platforms[0].packages[1].version == "2.2.4"  # type: ignore[union-attr]
    assert page.model.row_of("zlib") == 3


def test_packages_are_chosen(page: LockPage) -> None:
    page._on_preview_done(previewed(page))
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
    page._on_preview_done(Locked("churn-train", outcome.lock, 0.1, (), False, outcome.change))
    assert page.preview.stack.currentWidget() is page.preview.nothing
    page.preview.nothing.buttons[0].click()
    assert page.stack.currentIndex() == LOCKED
