"""The timeline of packages in the window: marks, stories and platforms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.history.comparison_pages import CHANGES, TIMELINE, ComparisonPages
from envstudio.library import Library


def package(name: str, version: str) -> LockedPackage:
    return LockedPackage(name, version, "conda", f"https://conda.example/{name}-{version}.conda", "0" * 64)


def lock(library: Library, version: int, **platforms: tuple[LockedPackage, ...]) -> None:
    digest = library.find(f"churn-train:{version}").digest
    locks = tuple(PlatformLock(name.replace("_", "-"), "3.12", packages) for name, packages in platforms.items())
    library.locks.save("churn-train", Lock(digest, ("conda-forge",), locks))


@pytest.fixture
def pages(window: MainWindow, library: Library, wait_jobs: Callable[[], None]) -> ComparisonPages:
    """Show the timeline of two versions, both locked for one platform, the older one for another too."""
    numpy, blas = package("numpy", "2.1.0"), package("blas", "3.9")
    lock(library, 1, linux_64=(numpy, blas), osx_arm64=(package("numpy", "2.0.0"),))
    lock(library, 2, linux_64=(numpy, package("openssl", "3.4.0")))
    made = window.open_environment("churn-train").show_history()
    made.pages.tabs.setCurrentIndex(TIMELINE)
    wait_jobs()
    return made.pages


def cells(pages: ComparisonPages) -> dict[str, list[str]]:
    proxy = pages.timeline.proxy
    rows = range(proxy.rowCount())
    return {
        proxy.index(row, 0).data(): [proxy.index(row, column).data() for column in range(1, proxy.columnCount())]
        for row in rows
    }


def test_what_comes_and_goes_is_marked_and_told(pages: ComparisonPages) -> None:
    assert cells(pages) == {"blas": ["3.9", "−"], "openssl": ["", "+ 3.4.0"]}
    proxy, table = pages.timeline.proxy, pages.timeline.table
    table.setCurrentIndex(proxy.index(0, 2))
    assert pages.timeline.mover.text().startswith("blas is not in v2, 3.9 before · ana, ")
    table.setCurrentIndex(proxy.index(1, 2))
    assert pages.timeline.mover.text().startswith("openssl 3.4.0 in v2, not there before · ana, ")
    assert proxy.index(0, 2).data(Qt.ItemDataRole.ToolTipRole) == pages.timeline.model.story(
        proxy.mapToSource(proxy.index(0, 2))
    )
    table.setCurrentIndex(proxy.index(1, 1))
    assert pages.timeline.mover.text() == "openssl is not in v1, the first version shown."


def test_another_platform(pages: ComparisonPages, wait_jobs: Callable[[], None]) -> None:
    assert [pages.timeline.platform.itemText(index) for index in range(pages.timeline.platform.count())] == [
        "linux-64",
        "osx-arm64",
    ]
    assert pages.timeline.platform.isVisible()
    pages.moved.setChecked(False)
    assert cells(pages)["numpy"] == ["2.1.0", "2.1.0"]
    pages.timeline.platform.setCurrentIndex(1)
    pages.timeline.platform.textActivated.emit("osx-arm64")
    wait_jobs()
    assert cells(pages)["numpy"] == ["2.0.0", "~ >=2.1,<3"]
    assert pages.timeline.platform.currentText() == "osx-arm64"
    pages.tabs.setCurrentIndex(CHANGES)
    assert not pages.timeline.platform.isVisible()


def test_one_platform_needs_no_choice(window: MainWindow, library: Library, wait_jobs: Callable[[], None]) -> None:
    lock(library, 2, linux_64=(package("numpy", "2.1.0"),))
    made = window.open_environment("churn-train").show_history()
    made.pages.tabs.setCurrentIndex(TIMELINE)
    wait_jobs()
    assert not made.pages.timeline.platform.isVisible()
    made.pages.moved.setChecked(False)
    proxy = made.pages.timeline.proxy
    made.pages.filter.setText("pip")
    made.pages.timeline.table.setCurrentIndex(proxy.index(0, 2))
    assert made.pages.timeline.mover.text().startswith("pip (any) in v2, as before")
