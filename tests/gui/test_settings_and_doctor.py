"""The pages for settings and for the installation, and the engine's state in the status bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import keyring
import pytest
from gui.waiting import handle_events
from keyring.backends import null
from PySide6.QtCore import QAbstractItemModel, QEvent, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from envstudio import settings
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.look import theme
from envstudio.gui.settings.doctor_page import LOOK
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.doctor import Finding, doctor


def test_settings_are_written(window: MainWindow) -> None:
    QTest.keySequence(window, QKeySequence("Ctrl+,"))
    page = window.show_settings()
    assert window.tabs.count() == 1
    edit = page.fields["platforms"].edit
    assert isinstance(edit, QLineEdit)
    edit.setText("linux-64, osx-arm64")
    edit.editingFinished.emit()
    assert settings.load().platforms == ("linux-64", "osx-arm64")
    assert window.session.settings.platforms == ("linux-64", "osx-arm64")
    edit.clear()
    edit.editingFinished.emit()
    assert settings.load().platforms == ("linux-64",)
    page.take("builder", "direct")
    assert window.session.settings.builder == "direct"


def test_mirrors(window: MainWindow) -> None:
    page = window.show_settings()
    page.take_table("mirror_images", "docker.io = registry.example\nquay.io")
    assert "quay.io" in page.fields["mirror_images"].reason.text()
    assert not settings.load().mirror_images
    page.take_table("mirror_images", "docker.io = registry.example\nquay.io = q.example")
    assert settings.load().mirror_images == {"docker.io": "registry.example", "quay.io": "q.example"}
    page.take_table("mirror_images", "quay.io = q.example")
    assert settings.load().mirror_images == {"quay.io": "q.example"}


def test_every_setting_has_a_place(window: MainWindow) -> None:
    page = window.show_settings()
    shown = {"theme", "font_size", "builder", "library", "workspace", *page.fields}
    assert shown == {item.name for item in fields(settings.Settings)}


@pytest.mark.parametrize(
    ("key", "wrong", "reason", "right"),
    [
        ("pins", "openssl <=> 3", "match spec", "openssl>=3,<3.1, numpy<3"),
        ("platforms", "linux-65", "No platform named 'linux-65'", "linux-64, osx-arm64"),
        ("timeout", "soon", "whole number", "90"),
        ("engine", "docker", "context:NAME", "context:desktop-linux"),
        ("insecure_registries", "http://registry.example", "host", "registry.example:5000, other.example"),
        ("http_proxy", "proxy.example", "http://", "http://proxy.example:3128"),
        ("ca_certificates", "nowhere.pem", "no file", ""),
        ("build_network", "", "", "host"),
        ("buildx_builder", "", "", "team"),
    ],
)
def test_what_a_setting_cannot_be_is_told_at_its_field(
    window: MainWindow, key: str, wrong: str, reason: str, right: str
) -> None:
    page = window.show_settings()
    page.show_field(key)
    field = page.fields[key]
    before = settings.load()
    QTest.keyClicks(field.edit, wrong)
    QTest.keyClick(field.edit, Qt.Key.Key_Return)
    assert reason in field.reason.text()
    assert field.reason.isVisible() is bool(reason)
    assert settings.load() == before
    assert isinstance(field.edit, QLineEdit)
    field.edit.selectAll()
    QTest.keyClicks(field.edit, right) if right else field.edit.clear()
    QTest.keyClick(field.edit, Qt.Key.Key_Return)
    assert not field.reason.isVisible()
    value = getattr(settings.load(), key)
    assert value == (tuple(settings.listed(right)) if isinstance(value, tuple) else right)


def test_a_reason_of_several_lines_is_seen_whole(window: MainWindow) -> None:
    page = window.show_settings()
    page.show_field("http_proxy")
    field = page.fields["http_proxy"]
    page.take("http_proxy", "proxy.example")
    handle_events()
    lines = field.reason.heightForWidth(field.reason.width()) / field.reason.fontMetrics().lineSpacing()
    assert lines >= 2
    assert field.reason.height() >= field.reason.heightForWidth(field.reason.width())
    assert field.reason.geometry().top() >= field.edit.geometry().bottom()


def test_an_example_is_told_from_a_default(window: MainWindow) -> None:
    page, plain = window.show_settings(), settings.Settings()
    for key, field in page.fields.items():
        default, shown = getattr(plain, key), field.edit.placeholderText()
        if default:
            assert shown == (", ".join(default) if isinstance(default, tuple) else default)
        else:
            assert "example" not in shown or shown.startswith("such as "), key
    page.take_table("mirror_images", "quay.io")
    reason = page.fields["mirror_images"].reason.text()
    assert reason.endswith("Write it as docker.io/library = registry.example/library")


def test_names_for_pip(window: MainWindow) -> None:
    page = window.show_settings()
    page.take_table("pip_names", "pytorch = torch")
    assert settings.load().pip_names == {"pytorch": "torch"}
    page.take_table("pip_names", "")
    assert not settings.load().pip_names


def test_theme(window: MainWindow) -> None:
    page = window.show_settings()
    page.theme.textActivated.emit("dark")
    assert window.session.settings.theme == "dark"
    page.theme.textActivated.emit("light")


def test_a_theme_chosen_by_command_is_shown(window: MainWindow) -> None:
    page = window.show_settings()
    window.actions_of["theme_dark"].trigger()
    assert page.theme.currentText() == "dark"
    window.actions_of["theme_light"].trigger()
    assert page.theme.currentText() == "light"


def test_doctor(
    window: MainWindow, wait_jobs: Callable[[], None], watch_model: Callable[[QAbstractItemModel], None]
) -> None:
    window.actions_of["doctor"].trigger()
    page = window.show_doctor()
    watch_model(page.model)
    wait_jobs()
    names = {item.name for item in page.model.rows}
    assert {"library", "engine", "keyring"} <= names
    assert page.again.isEnabled()
    QTest.keySequence(window, QKeySequence("Ctrl+W"))
    assert window.stack.currentWidget() is window.welcome


def test_a_doctor_that_is_sent_away_is_not_looking(window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    window.actions_of["doctor"].trigger()
    page = window.show_doctor()
    wait_jobs()
    messages = page.summary.text()
    assert "attention" in messages or "in order" in messages
    page.look()
    window.session.jobs.cancel(next(job for job in window.session.jobs.active() if job.key == LOOK))
    wait_jobs()
    assert page.again.isEnabled()
    assert page.summary.text() == f"not checked again; {messages}"


@pytest.mark.parametrize(
    ("bad", "messages"), [(0, "all 3 in order"), (1, "1 of 3 needs attention"), (2, "2 of 3 need attention")]
)
def test_findings_are_counted(
    window: MainWindow, wait_jobs: Callable[[], None], monkeypatch: pytest.MonkeyPatch, bad: int, messages: str
) -> None:
    found = tuple(Finding("x", number >= bad, "") for number in range(3))
    monkeypatch.setattr("envstudio.gui.settings.doctor_page.doctor", lambda *_, **__: found)
    page = window.show_doctor()
    page.look()
    wait_jobs()
    assert page.summary.text() == messages


def test_a_keyring_that_keeps_nothing_is_none(library: Library) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(null.Keyring())
    try:
        found = {item.name: item for item in doctor(library, settings.Settings(), offline=True, report=Report())}
    finally:
        keyring.set_keyring(before)
    assert not found["keyring"].ok


def test_engine_state(window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    window.session.settings = settings.assign("engine", "unix:///nowhere/docker.sock")
    window.engine_watch.look()
    window.engine_watch.look()
    wait_jobs()
    assert len([job for job in window.session.jobs.jobs if job.lane == "watch"]) == 1
    assert window.status.engine.text() == "No engine answers"
    assert not window.status.running.text()


def test_fonts(window: MainWindow) -> None:
    page = window.show_settings()
    before = QApplication.font()
    page.font_size.textActivated.emit("14")
    assert settings.load().font_size == "14"
    assert QApplication.font().pointSize() == 14
    page.take("font_size", "99")
    assert settings.load().font_size == "14"
    page.take("code_font", "DejaVu Sans Mono")
    assert theme.monospace(page).family() == "DejaVu Sans Mono"
    page.take("code_font", "")
    page.font_size.textActivated.emit("as the system")
    assert settings.load().font_size == ""
    assert QApplication.font() == before


def test_pages_that_are_open_take_over_the_size(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    image, packages = view.show_image(), view.show_packages()
    page = window.show_settings()
    before = QApplication.font()
    page.font_size.textActivated.emit("15")
    handle_events()
    assert packages.model.monospace.pointSize() == 15
    assert image.base.font().pointSize() == 15
    assert image.base.font().family() == theme.monospace(image).family()
    title = packages.sources.channels_title
    assert title.sizeHint().width() >= title.fontMetrics().horizontalAdvance("Pip options")
    again = window.open_environment("ocr-gpu").show_packages()
    assert again.table.columnWidth(0) > packages.table.columnWidth(0)
    page.font_size.textActivated.emit("as the system")
    assert QApplication.font() == before


def test_keyring_state(window: MainWindow, no_keyring: None, wait_jobs: Callable[[], None]) -> None:
    page = window.show_settings()
    wait_jobs()
    assert "no keyring" in page.keyring.text()


def test_library_is_backed_up_moved_and_opened(
    window: MainWindow, wait_jobs: Callable[[], None], tmp_path: Path
) -> None:
    window.open_environment("churn-train")
    page = window.show_settings()
    section, old = page.library, window.session.library.location
    copy, moved = tmp_path / "copies" / "copy.sqlite", tmp_path / "elsewhere.sqlite"
    section.back_up_to(str(copy))
    wait_jobs()
    assert f"Copied to {copy}" in section.state.text()
    section.back_up_to(str(copy))
    wait_jobs()
    assert "exists already" in section.state.text()
    section.move_to(str(moved))
    wait_jobs()
    assert window.session.library.location == str(moved)
    assert settings.load().library == str(moved)
    assert old in section.state.text()
    assert not window.views()
    assert window.tabs.count() == 1, "the settings stay open"
    window.open_environment("churn-train")
    section.open_library(str(tmp_path / "absent.sqlite"))
    wait_jobs()
    assert "no library" in section.state.text()
    assert window.session.library.location == str(moved)
    section.open_library(str(copy))
    wait_jobs()
    assert window.session.library.location == str(copy)
    assert window.status.library.toolTip().endswith("copy.sqlite")
    assert window.browser.model.find("churn-train") is not None


def test_what_is_edited_while_the_library_moves_goes_with_it(
    window: MainWindow, wait_jobs: Callable[[], None], tmp_path: Path
) -> None:
    document = window.open_environment("churn-train").document
    page, moved = window.show_settings(), tmp_path / "moved.sqlite"
    page.library.move_to(str(moved))
    document.edit("Add xz", document.environment.with_conda(conda_requirement("xz")))
    window.tools.close(page)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    wait_jobs()
    assert settings.load().library == window.session.library.location == str(moved), "the page is closed meanwhile"
    draft = window.session.library.versions.draft("churn-train")
    assert "xz" in [item.name for item in draft.environment.python.conda]


def test_library_dialogs(window: MainWindow, tmp_path: Path, wait_jobs: Callable[[], None]) -> None:
    section = window.show_settings().library
    for button in (section.open, section.move_button, section.back_up):
        button.click()
        dialog = window.findChild(QFileDialog)
        assert dialog is not None
        dialog.close()
        QApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)
