"""The fields for a login at a host: a private channel, an index or a registry. The keyring keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import cast

from PySide6.QtCore import QObject, QStringListModel, Qt, Slot
from PySide6.QtWidgets import QComboBox, QCompleter, QFormLayout, QLabel, QLineEdit, QWidget

from envstudio.credentials import Kind, Login, host_of
from envstudio.errors import EnvStudioError
from envstudio.gui.jobs.job import JobKey
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.tasks.secrets import find_login, forget_login, keep_login

WIDTH = 280
KINDS: tuple[tuple[str, Kind], ...] = (
    ("User and password", "basic"),
    ("Bearer token", "bearer"),
    ("Token in the address (conda)", "conda"),
)
NOTE = "For private channels, indexes and registries; kept in the keyring, never in a definition."


class LoginForm(QObject):
    """Adds its rows to a form. What is kept for a host is reported when the host is named."""

    def __init__(self, session: Session, form: QFormLayout, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.host = QLineEdit(placeholderText="such as conda.example")
        self.host.setAccessibleName("Host")
        self.host.editingFinished.connect(self.look)
        self._hosts = QStringListModel(sorted(known_hosts(session)), self)
        completer = QCompleter(self._hosts, self, caseSensitivity=Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.host.setCompleter(completer)
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of login")
        for title, value in KINDS:
            self.kind.addItem(title, value)
        self.kind.currentIndexChanged.connect(self._on_kind_changed)
        self.user = QLineEdit(placeholderText="such as robot")
        self.user.setAccessibleName("User at the host")
        self.password = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.password.setAccessibleName("Password or token for the host")
        self.password.returnPressed.connect(self.keep)
        for field in (self.host, self.kind, self.user, self.password):
            field.setFixedWidth(WIDTH)
        self.keep_button = SmallButton("Save credentials", self.keep)
        self.forget_button = SmallButton("Forget", self.forget)
        self.forget_button.setEnabled(False)
        line = QWidget()
        row = make_row(8)
        for widget in (self.password, self.keep_button, self.forget_button):
            row.addWidget(widget)
        row.addStretch(1)
        line.setLayout(row)
        self.state = Label(wordWrap=True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setMinimumWidth(WIDTH)
        self.state.setMaximumWidth(2 * WIDTH)
        form.addRow("Host", self.host)
        form.addRow("Log in with", self.kind)
        form.addRow("User", self.user)
        form.addRow("Password", line)
        form.addRow("", self.state)
        self._label = form.labelForField(line)
        self._say("")

    def show_host(self, host: str) -> None:
        """Name a host, and put the cursor where the login is typed."""
        self._hosts.setStringList(sorted(known_hosts(self._session)))
        self.host.setText(host)
        self.look()
        (self.user if host else self.host).setFocus()

    @Slot()
    def look(self) -> None:
        """Show what is kept for the host that is named."""
        host = host_of(self.host.text())
        if host != self.host.text():
            self.host.setText(host)
        self.forget_button.setEnabled(False)
        if not host:
            self._say("")
            return
        self._session.jobs.run(
            f"Find the credentials for {host}",
            find_login,
            host,
            lane="known",
            key=JobKey("find login"),
            on_done=partial(self._on_found, host),
            on_failed=self._on_failed,
        )

    def _on_found(self, host: str, login: Login | None) -> None:
        if host != host_of(self.host.text()):
            # Another is being typed by now, which is looked for when it is left.
            return
        self.forget_button.setEnabled(login is not None)
        if login is None:
            self._say("No credentials are saved for this host.")
            return
        self.kind.setCurrentIndex(self.kind.findData(login.kind))
        self.user.setText(login.user)
        self._say(f"Credentials of {login.user} are saved." if login.user else "A token is saved.", "good")

    @Slot()
    def keep(self) -> None:
        """Put the login that was typed into the keyring."""
        host, kind = host_of(self.host.text()), cast("Kind", self.kind.currentData())
        missing = [
            name
            for name, text in (
                ("the host", host),
                ("the user", self.user.text() if kind == "basic" else "none"),
                ("the password" if kind == "basic" else "the token", self.password.text()),
            )
            if not text.strip()
        ]
        if missing:
            self._say(f"Type {' and '.join(missing)} first.", "error")
            return
        user = self.user.text().strip() if kind == "basic" else ""
        self._session.jobs.run(
            f"Save the credentials for {host}",
            keep_login,
            host,
            Login(kind, self.password.text(), user),
            on_done=self._on_kept,
            on_failed=self._on_failed,
        )

    def _on_kept(self, _: None) -> None:
        self.password.clear()
        self.look()

    @Slot()
    def forget(self) -> None:
        """Take the login out of the keyring."""
        self._session.jobs.run(
            f"Remove the credentials for {self.host.text()}",
            forget_login,
            host_of(self.host.text()),
            on_done=self._on_forgotten,
            on_failed=self._on_failed,
        )

    def _on_forgotten(self, _: None) -> None:
        self.user.clear()
        self.look()

    def _on_failed(self, error: EnvStudioError) -> None:
        self._say(message_of(error), "error")

    @Slot()
    def _on_kind_changed(self) -> None:
        by_name = self.kind.currentData() == "basic"
        self.user.setEnabled(by_name)
        if isinstance(self._label, QLabel):
            self._label.setText("Password" if by_name else "Token")

    def _say(self, text: str, tone: str = "muted") -> None:
        self.state.setText(text)
        self.state.setProperty("tone", tone)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)


def known_hosts(session: Session) -> set[str]:
    """Return the hosts that the settings and the open environments name."""
    found = (address for address in _addresses(session) if not address.startswith("file:"))
    return {host for address in found if (host := host_of(address))}


def _addresses(session: Session) -> Iterator[str]:
    settings = session.settings
    yield from (settings.index, *settings.mirror_channels.values(), *settings.mirror_indexes.values())
    # A mirror may be a folder too.
    yield from (mirror for mirror in settings.mirror_images.values() if ":/" not in mirror)
    for document in session.documents.values():
        python, image = document.environment.python, document.environment.image
        yield from (address for address in python.channels if "://" in address)
        yield from (option.value for option in python.pip_options if "://" in option.value)
        if image.registry is not None:
            yield image.registry.address
