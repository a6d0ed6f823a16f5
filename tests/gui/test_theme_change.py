"""A window whose colours change while it is open looks like one that had them from the beginning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.waiting import come_to_rest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from envstudio.builders import Plan
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.look import theme
from tests.pictures.screenshots import sample_window

PAGES = ("Packages", "Variables", "Image", "Spark", "Serving", "Source")
COMPARED = 640
"""How many lines of pixels; a strip at the foot may become a pixel higher when it is styled anew."""
DOCKERFILE = "# generated\nFROM python:3.12-slim-bookworm\nRUN true\n"


def settle(window: MainWindow) -> None:
    """Wait until nothing is worked on and nothing waits to be drawn."""
    come_to_rest(window.session.jobs)


def screens(window: MainWindow) -> Iterator[str]:
    """Show one part of the window after the other, with texts in the code font, links and signs in it."""
    window.resize(1280, 800)
    view = window.open_environment("churn-train")
    for name in PAGES:
        view.show_page(name)
        yield name
    preview = view.show_image().preview
    preview.look()
    yield "Dockerfile"
    view.show_packages().reasons.explain("numpy")
    yield "why"


def pictures(location: Path, born: str, shown: str) -> dict[str, QImage]:
    """Return a picture of each screen in the theme `shown`, in a window that was made in the theme `born`."""
    found = {}
    with sample_window(location, born) as window:
        for name in screens(window):
            settle(window)
            if shown != born:
                theme.apply(QApplication.instance(), shown)  # type: ignore[arg-type]
                settle(window)
            found[name] = window.grab(QRect(0, 0, window.width(), COMPARED)).toImage()
            theme.apply(QApplication.instance(), born)  # type: ignore[arg-type]
    return found


def test_nothing_is_left_of_the_theme_before(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan("classic", ("base python",), (), DOCKERFILE)
    monkeypatch.setattr("envstudio.gui.editor.image_preview.preview_image", lambda *_, **__: plan)
    changed = pictures(tmp_path / "changed", "light", "dark")
    born = pictures(tmp_path / "born", "dark", "dark")
    assert changed.keys() == born.keys()
    differing = {name: _place(changed[name], born[name]) for name in born if changed[name] != born[name]}
    assert not differing


def _place(one: QImage, other: QImage) -> QRect:
    """Return where two pictures of the same size differ."""
    left = [
        (x, y) for y in range(one.height()) for x in range(one.width()) if one.pixel(x, y) != other.pixel(x, y)
    ] or [(0, 0)]
    columns, rows = [x for x, _ in left], [y for _, y in left]
    return QRect(min(columns), min(rows), max(columns) - min(columns) + 1, max(rows) - min(rows) + 1)
