"""Pictures of the window with a library of invented but realistic environments, in light and dark.

`python -m envstudio.gui.screenshots build/screenshots` writes them; the README shows the best.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from envstudio.domain.change import Change
from envstudio.domain.diff import compare_locks
from envstudio.gui.sample_library import clock, fill, pretend_build, sample_lock
from envstudio.library import Library
from envstudio.settings import Settings

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QWidget

SIZE = (1440, 900)
THEMES = ("light", "dark")

# The pictures


def make(folder: Path) -> list[Path]:
    """Write all pictures into a folder and return their paths."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with tempfile.TemporaryDirectory() as place:
        for choice in THEMES:
            for empty in (False, True):
                made += _shoot(folder, Path(place) / f"{choice}-{empty}", choice, empty=empty)
    return made


def _shoot(folder: Path, place: Path, choice: str, *, empty: bool) -> list[Path]:
    from PySide6.QtCore import QEvent
    from PySide6.QtTest import QTest

    from envstudio.gui.app import Application

    place.mkdir()
    made: list[Path] = []
    with (
        patch.dict(os.environ, {"ENVSTUDIO_CONFIG": str(place / "settings.toml")}),
        Library.open(place / "library.sqlite", who="ana") as library,
    ):
        shown = library
        if not empty:
            library.workspaces.create("vision-team")
            shown = library.in_workspace("vision-team")
            with clock(), Library.open(place / "library.sqlite", workspace="vision-team", who="bo") as colleague:
                fill(shown, colleague)
        application = Application(shown, Settings(theme=choice, author="ana"))
        window = application.window
        window.library.setText("~/.local/share/envstudio/library.sqlite")
        window.resize(*SIZE)
        window.show()
        try:
            for name in _scenes(window, empty=empty):
                QTest.qWait(120)
                while application.session.jobs.active():
                    QTest.qWait(20)
                path = folder / f"{name}-{choice}.png"
                _picture(window).save(str(path))
                made.append(path)
        finally:
            window.close()
            window.deleteLater()
            application.qt.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return made


def _picture(window: QWidget) -> QPixmap:
    """Return the window as it looks, an open popup or dialog over it."""
    from PySide6.QtGui import QColor, QPainter
    from PySide6.QtWidgets import QApplication

    picture = window.grab()
    above = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if above is not None:
        painter = QPainter(picture)
        if above.isModal():
            painter.fillRect(picture.rect(), QColor(0, 0, 0, 96))
            place = window.rect().center() - above.rect().center()
        else:
            place = above.pos() - window.pos()
        painter.drawPixmap(place, above.grab())
        painter.end()
    return picture


def _scenes(window: object, *, empty: bool) -> Iterator[str]:
    """Bring the window into one state after the other, yielding the name of each picture."""
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from envstudio.errors import NotFound
    from envstudio.gui.editor.packages_page import PackagesPage
    from envstudio.gui.error_dialog import show_error
    from envstudio.gui.history.history_page import HistoryPage
    from envstudio.gui.main_window import MainWindow

    assert isinstance(window, MainWindow)
    if empty:
        yield "empty"
        return
    yield "welcome"
    window.open_environment("document-ocr-gpu")
    window.open_environment("demand-forecast")
    view = window.open_environment("churn-train")
    packages = view.page("Packages")
    assert isinstance(packages, PackagesPage)
    packages.table.selectRow(4)
    yield "packages"
    packages.add_line.edit.setText("tensorflow=>2.17")
    packages.add_line.edit.returnPressed.emit()
    yield "packages-invalid"
    packages.add_line.accept()
    for page in ("Variables", "Image", "Spark", "Serving", "Source"):
        view.show_page(page)
        yield page.lower()
    yield from _source_error(view)
    history = view.show_page("History")
    assert isinstance(history, HistoryPage)
    history.select_pair(6, 7)
    yield "history"
    for number, part in enumerate(("resolved", "source", "timeline"), 1):
        history.pages.tabs.setCurrentIndex(number)
        yield f"history-{part}"
    history.pages.tabs.setCurrentIndex(0)
    for page in ("Lock", "Images"):
        view.show_page(page)
        yield page.lower()
    yield from _lock_scenes(view)
    window.show_settings()
    yield "settings"
    window.show_doctor().look()
    yield "installation"
    window.close_current()
    window.close_current()
    window.open_environment("churn-train")
    yield from _import_scene(window)
    view.show_page("Packages")
    job = window.session.jobs.run("Build churn-train:7", pretend_build, "churn-train:7", lane="build")
    window.fold_console(False)
    while job.active:
        QTest.qWait(50)
    yield "console"
    window.fold_console(True)
    with _popup(window, "go_to"):
        yield "go-to"
    for command in ("register", "new"):
        window.actions_of[command].trigger()
        yield command
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            dialog.close()
    fail = NotFound("The channel https://conda.channels.example/vision does not answer.", "Check the address.", "404")
    error = show_error(window, fail)
    if error is not None:
        error.fold.click()
        yield "error"
        error.close()


def _source_error(view: object) -> Iterator[str]:
    """Show a text that cannot be read, and take it back."""
    from envstudio.gui.editor.source_page import SourcePage
    from envstudio.gui.environment_view import EnvironmentView

    assert isinstance(view, EnvironmentView)
    page = view.page("Source")
    assert isinstance(page, SourcePage)
    page.text.set_text(page.text.toPlainText().replace("numpy", "numpy >>> ", 1))
    view.commit()
    yield "source-error"
    page.banner.buttons[1].click()


def _lock_scenes(view: object) -> Iterator[str]:
    """Show why a package is in the lock, and what an update would change."""
    from envstudio.gui.environment_view import EnvironmentView
    from envstudio.gui.locks.lock_page import LockPage
    from envstudio.tasks.lock import Locked

    assert isinstance(view, EnvironmentView)
    page = view.show_page("Lock")
    assert isinstance(page, LockPage)
    page.show_package("numpy")
    yield "lock-why"
    record, _ = page.document.lock()
    assert record is not None
    newer = sample_lock(page.document.environment, {"numpy": "2.2.4", "openssl": "3.3.1", "pandas": "2.2.9"})
    page._on_preview_done(Locked("", newer, 0.84, compare_locks(record.lock, newer), False, Change()))
    yield "lock-preview"
    page.preview.closed.emit()


def _import_scene(window: object) -> Iterator[str]:
    """Show what a folder holds before it is imported."""
    from envstudio.gui.import_preview import ImportPreview
    from envstudio.gui.main_window import MainWindow

    assert isinstance(window, MainWindow)
    with tempfile.TemporaryDirectory() as place:
        for name, text in (
            ("churn/environment.yml", "name: churn-train\nchannels: [defaults]\ndependencies: [python=3.11, numpy]\n"),
            ("ocr/requirements.txt", "torch==2.5.1\n-r base.txt\npillow>=10 --hash=sha256:00\n"),
            ("broken/environment.yml", "name: [half\n"),
        ):
            path = Path(place) / name
            path.parent.mkdir()
            path.write_text(text)
        window.commands.import_paths([Path(place)])
        yield "import"
        dialog = window.findChild(ImportPreview)
        if dialog is not None:
            dialog.close()


@contextmanager
def _popup(window: object, command: str) -> Iterator[None]:
    """Open a popup while a picture is taken."""
    from PySide6.QtWidgets import QApplication

    window.actions_of[command].trigger()  # type: ignore[attr-defined]
    yield
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


if __name__ == "__main__":
    for written in make(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")):
        print(written)
