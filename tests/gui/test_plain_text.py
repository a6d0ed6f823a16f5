"""What is shown is text: no label's format is automatic, and no tip is HTML that someone else wrote."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from gui.waiting import come_to_rest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QMessageBox, QWidget

from envstudio.domain.environment import Spark, Variable
from envstudio.errors import EnvStudioError
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.pages.error_dialog import show_error
from envstudio.gui.widgets.label import Label, plain_tip
from tests.pictures.scenes import scenes
from tests.pictures.screenshots import sample_window

GUI = Path(__file__).parents[2] / "envstudio" / "gui"
HOSTILE = "<b>x</b>"
MOST_ROWS = 12
TREES = {path: ast.parse(path.read_text("utf-8")) for path in GUI.rglob("*.py")}
OWN_TEXTS = {
    node.value
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}


def automatic(root: QWidget) -> set[str]:
    """Name the labels and boxes whose format Qt would guess, unless their text stands in the program as it is."""
    labels = {
        f"{type(label.parentWidget()).__name__}: {label.text()!r}"
        for label in root.findChildren(QLabel)
        if label.textFormat() == Qt.TextFormat.AutoText
        and label.text() not in OWN_TEXTS
        and not isinstance(label.window(), QMessageBox)
    }
    boxes = {box.text() for box in root.findChildren(QMessageBox) if box.textFormat() == Qt.TextFormat.AutoText}
    return labels | boxes


def rich_tips(root: QWidget) -> set[str]:
    """Return the tips of widgets and of items that hold markup of the data."""
    tips = {widget.toolTip() for widget in root.findChildren(QWidget)}
    for view in root.findChildren(QAbstractItemView):
        if view.model() is not None:
            tips |= set(item_tips(view.model(), QModelIndex()))
    return {tip for tip in tips if "<b>" in tip and GuiQt.mightBeRichText(tip)}


def item_tips(model: QAbstractItemModel, parent: QModelIndex) -> list[str]:
    found = []
    for row in range(min(model.rowCount(parent), MOST_ROWS)):
        for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)):
            index = model.index(row, column, parent)
            found.append(str(index.data(Qt.ItemDataRole.ToolTipRole) or ""))
            if column == 0:
                found += item_tips(model, index)
    return found


def hostile_pages(window: MainWindow) -> None:
    """Open an environment whose texts look like HTML, on every page, with an error of the same kind."""
    library = window.session.library
    found = library.find("churn-train").environment
    environment = replace(
        found,
        name="hostile",
        description=f"{HOSTILE}\n&amp;",
        tags=((HOSTILE, HOSTILE),),
        variables=(Variable("A", f"{HOSTILE}\n&amp;"), Variable("B", "", secret=HOSTILE)),
        spark=Spark(repositories=(HOSTILE,), conf=((HOSTILE, HOSTILE),)),
        python=replace(found.python, channels=(HOSTILE,)),
    )
    library.versions.register(environment, f"{HOSTILE}\n&amp;", from_draft=False)
    library.versions.register(replace(environment, cuda=HOSTILE), HOSTILE, from_draft=False)
    view = window.open_environment("hostile")
    for page in ("Packages", "Variables", "Image", "Spark", "Serving", "Source"):
        view.show_page(page)
        come_to_rest(window.session.jobs)
    view.show_history().select_pair(1, 2)
    come_to_rest(window.session.jobs)


def test_no_label_guesses_its_format_and_no_tip_is_html_of_others(qapp: QApplication, tmp_path: Path) -> None:
    guessed: dict[str, str] = {}
    rich: dict[str, str] = {}
    seen = set()
    with sample_window(tmp_path / "sample", "light") as window:
        for scene in scenes(window, empty=False):
            seen.add(scene)
            come_to_rest(window.session.jobs)
            for root in QApplication.topLevelWidgets():
                guessed |= dict.fromkeys(automatic(root), scene)
                rich |= dict.fromkeys(rich_tips(root), scene)
        hostile_pages(window)
        error = show_error(window, EnvStudioError(HOSTILE, HOSTILE, HOSTILE))
        assert error is not None
        assert {label.text() for label in error.findChildren(QLabel)} >= {HOSTILE}
        for root in QApplication.topLevelWidgets():
            guessed |= dict.fromkeys(automatic(root), "hostile")
            rich |= dict.fromkeys(rich_tips(root), "hostile")
        error.close()
    assert len(seen) > 40
    assert not guessed, guessed
    assert not rich, rich


def test_a_label_is_plain_unless_it_says_otherwise(qapp: QApplication) -> None:
    assert Label(HOSTILE).textFormat() == Qt.TextFormat.PlainText
    assert Label("<b>ours</b>", textFormat=Qt.TextFormat.RichText).textFormat() == Qt.TextFormat.RichText


@pytest.mark.parametrize("text", [HOSTILE, "a &amp; b", "x\n<i>y</i>", "numpy >=2,<3", "", "a\nb"])
def test_a_tip_shows_the_text_as_it_is(text: str) -> None:
    tip = plain_tip(text)
    if GuiQt.mightBeRichText(tip):
        assert "<b>" not in tip
        assert "&lt;" in tip or "&amp;" in tip
    else:
        assert tip == text


def test_labels_are_made_by_the_one_class_that_is_plain() -> None:
    """`QLabel(…)` guesses; `Label(…)` does not."""
    found = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "QLabel":
                found.append(f"{path.name}:{node.lineno}")
    assert not found
