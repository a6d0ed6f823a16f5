"""Logins in the settings: kept in the keyring, told, forgotten; a failure that wants one leads there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import keyring
import pytest
from memory_keyring import MemoryKeyring
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from envstudio.credentials import Login, keep_login, login_for
from envstudio.errors import Act, Remedy
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.settings.login_form import LoginForm, known_hosts
from envstudio.gui.settings.settings_page import SettingsPage


@pytest.fixture
def kept() -> Iterator[MemoryKeyring]:
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def form(window: MainWindow, kept: MemoryKeyring, wait_jobs: Callable[[], None]) -> LoginForm:
    window.actions_of["logins"].trigger()
    page = window.tabs.currentWidget()
    assert isinstance(page, SettingsPage)
    wait_jobs()
    return page.logins


def write(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.clear()
    QTest.keyClicks(field, text)


def test_a_login_is_kept_told_and_forgotten(form: LoginForm, wait_jobs: Callable[[], None]) -> None:
    assert form.host.hasFocus()
    write(form.host, "https://ana@conda.example:8080/private")
    form.look()
    wait_jobs()
    assert form.host.text() == "conda.example:8080"
    assert form.state.text() == "No credentials are saved for this host."
    assert not form.forget_button.isEnabled()
    write(form.user, "ana")
    write(form.password, "s3cret")
    QTest.keyClick(form.password, Qt.Key.Key_Return)
    wait_jobs()
    assert login_for("conda.example:8080") == Login("basic", "s3cret", "ana")
    assert form.state.text() == "Credentials of ana are saved."
    assert not form.password.text()
    form.forget_button.click()
    wait_jobs()
    assert login_for("conda.example:8080") is None
    assert form.state.text() == "No credentials are saved for this host."


@pytest.mark.parametrize(("index", "kind"), [(1, "bearer"), (2, "conda")])
def test_a_token_has_no_user(form: LoginForm, wait_jobs: Callable[[], None], index: int, kind: str) -> None:
    write(form.host, "conda.example")
    form.kind.setCurrentIndex(index)
    assert not form.user.isEnabled()
    write(form.password, "t0ken")
    form.keep_button.click()
    wait_jobs()
    assert login_for("conda.example") == Login(kind, "t0ken", "")  # type: ignore[arg-type]
    assert form.state.text() == "A token is saved."


def test_what_is_missing_is_said(form: LoginForm, kept: MemoryKeyring) -> None:
    form.keep_button.click()
    assert form.state.text() == "Type the host and the user and the password first."
    form.kind.setCurrentIndex(1)
    write(form.host, "conda.example")
    form.keep_button.click()
    assert form.state.text() == "Type the token first."
    assert not kept.kept


@pytest.mark.usefixtures("no_keyring")
def test_without_a_keyring(window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    form = window.show_settings().logins
    write(form.host, "conda.example")
    write(form.user, "ana")
    write(form.password, "s3cret")
    form.keep()
    wait_jobs()
    assert "no keyring" in form.state.text()
    assert form.password.text() == "s3cret"


def test_a_failure_that_wants_a_login_leads_there(
    window: MainWindow, kept: MemoryKeyring, wait_jobs: Callable[[], None]
) -> None:
    window.commands.builds.apply_remedy(Remedy(Act.LOG_IN, "conda.example"), "churn-train")
    wait_jobs()
    form = window.show_settings().logins
    assert form.host.text() == "conda.example"
    assert form.state.text() == "No credentials are saved for this host."


def test_hosts_that_are_named_are_offered(window: MainWindow) -> None:
    document = window.open_environment("churn-train").document
    channels = ("conda-forge", "https://conda.example/private")
    document.edit("Channels", document.environment.with_channels(channels))
    assert known_hosts(window.session) == {"conda.example"}


def test_a_late_answer_is_not_taken_for_another_host(
    form: LoginForm, kept: MemoryKeyring, wait_jobs: Callable[[], None]
) -> None:
    keep_login("slow.example", Login("bearer", "t0ken", ""))
    write(form.host, "slow.example")
    form.look()
    write(form.host, "conda.exa")
    wait_jobs()
    assert form.kind.currentData() == "basic"
    assert not form.state.text()
    assert not form.forget_button.isEnabled()
