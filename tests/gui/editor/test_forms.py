"""The pages for Spark and serving, and the order of channels and pip options."""

from __future__ import annotations

import pytest
from gui.waiting import handle_events
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from envstudio.domain.environment import MavenPackage, PipOption, Route
from envstudio.errors import InvalidInput
from envstudio.gui.editor.packages_page import PackagesPage
from envstudio.gui.editor.requirement_text import parse_option
from envstudio.gui.editor.serving_page import ServingPage, parse_route
from envstudio.gui.editor.spark_page import SparkPage
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.look import theme


def test_spark(window: MainWindow) -> None:
    page = window.open_environment("churn-train").show_page("Spark")
    assert isinstance(page, SparkPage)
    assert isinstance(page.packages.edit, QPlainTextEdit)
    assert page.document.environment.spark is None
    page.packages.edit.setPlainText("org.example:lib:1.0\nhalf")
    assert "half" in page.packages.reason.text()
    assert page.document.environment.spark is None
    page.packages.edit.setPlainText("org.example:lib:1.0")
    spark = page.document.environment.spark
    assert spark is not None
    assert spark.packages == (MavenPackage("org.example", "lib", "1.0"),)
    page.precache.click()
    assert page.document.environment.spark is not None
    assert not page.document.environment.spark.precache
    page.document.undo_stack.undo()
    page.document.undo_stack.undo()
    assert page.document.environment.spark is None
    assert page.packages.text() == ""


def test_serving(window: MainWindow) -> None:
    page = window.open_environment("churn-train").show_page("Serving")
    assert isinstance(page, ServingPage)
    field = page.routes["scoring"].edit
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "5001 score")
    assert page.routes["scoring"].reason.isVisible()
    handle_events()
    assert field.font().family() == theme.monospace(page).family()
    window.close_current()
    page = window.open_environment("churn-train").show_page("Serving")
    assert isinstance(page, ServingPage)
    assert page.routes["scoring"].text() == "5001 score"
    assert page.routes["scoring"].reason.text()
    field = page.routes["scoring"].edit
    assert isinstance(field, QLineEdit)
    field.setText("5001 /score")
    serving = page.document.environment.serving
    assert serving is not None
    assert serving.scoring == Route(5001, "/score")
    field.clear()
    assert page.document.environment.serving is None


@pytest.mark.parametrize("text", ["5001 /score", ":5001/score", "5001/score"])
def test_routes(text: str) -> None:
    assert parse_route(text) == Route(5001, "/score")


@pytest.mark.parametrize("text", ["score", "99999 /", "/score"])
def test_no_routes(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_route(text)


def test_order_of_channels(window: MainWindow) -> None:
    page = window.open_environment("churn-train").show_page("Packages")
    assert isinstance(page, PackagesPage)
    for name in ("pytorch", "nvidia"):
        page.channels.add_requested.emit(name)
    chip = page.channels.chip("nvidia")
    assert chip is not None
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert page.document.environment.python.channels == ("conda-forge", "nvidia", "pytorch")
    page.channels.put("pytorch", 0)
    assert page.document.environment.python.channels == ("pytorch", "conda-forge", "nvidia")
    page.document.undo_stack.undo()
    assert page.document.environment.python.channels == ("conda-forge", "nvidia", "pytorch")


def test_pip_options(window: MainWindow) -> None:
    page = window.open_environment("churn-train").show_page("Packages")
    assert isinstance(page, PackagesPage)
    page.options.add_requested.emit("https://wheels.example/simple")
    page.options.add_requested.emit("--pre")
    assert page.document.environment.python.pip_options == (
        PipOption("--extra-index-url", "https://wheels.example/simple"),
        PipOption("--pre"),
    )
    page.options.add_requested.emit("--nonsense")
    assert page.options.edit.property("invalid")
    page.options.put("--pre", 0)
    page.options.remove_requested.emit("--extra-index-url https://wheels.example/simple")
    assert page.document.environment.python.pip_options == (PipOption("--pre"),)


def test_parse_option() -> None:
    assert parse_option("--index-url=https://x/simple") == PipOption("--index-url", "https://x/simple")
    assert parse_option("-f https://x") == PipOption("--find-links", "https://x")
    with pytest.raises(InvalidInput):
        parse_option("-r file.txt")


def test_what_was_refused_goes_with_the_value(window: MainWindow) -> None:
    page = window.open_environment("churn-train").show_page("Serving")
    assert isinstance(page, ServingPage)
    field = page.routes["scoring"]
    assert isinstance(field.edit, QLineEdit)
    field.edit.setText("5001 /score")
    field.edit.setText("5001")
    assert field.reason.text()
    page.document.undo_stack.undo()
    assert field.text() == ""
    assert not field.reason.text()
    assert page.document.invalid_inputs == {}
