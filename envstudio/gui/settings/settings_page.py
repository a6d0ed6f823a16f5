"""The settings as a page. Each is written when its field is left; what is refused stays there, marked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QLineEdit, QScrollArea, QVBoxLayout

from envstudio import paths, settings
from envstudio.builders import builder_names
from envstudio.errors import EnvStudioError
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.session import Session
from envstudio.gui.settings.library_section import LibrarySection
from envstudio.gui.settings.login_form import NOTE, LoginForm
from envstudio.gui.settings.policy_fields import PolicyFields
from envstudio.gui.settings.settings_fields import (
    ENGINE,
    FIELDS,
    FONTS,
    GENERAL,
    LOCKING,
    NAMES,
    NETWORK,
    NEW,
    PACKAGES,
    TABLES,
    SettingField,
)
from envstudio.gui.widgets.form_heading import add_form_heading
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.gui.widgets.text_field import TextField
from envstudio.tasks.keyring_state import keyring_state
from envstudio.tasks.settings import set_setting

SYSTEM = "as the system"
MIRRORS = "One a line: what begins with the left side is fetched from the right side."
POLICY_NOTE = "Kept in the library, for all who work in this workspace."
PIP_NAMES = "One a line: what pip calls a conda package, if its own record does not say."


class SettingsPage(QFrame):
    """`changed` says that settings were written; `doctor_requested` requests a check of the installation."""

    changed = Signal(str)
    doctor_requested = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setProperty("surface", "base")
        self.fields: dict[str, TextField] = {}
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(24)
        self.form.setVerticalSpacing(12)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        self.theme = self._choice("Theme", settings.THEMES)
        self.font_size = self._choice("Font size", (SYSTEM, *map(str, settings.FONT_SIZES)))
        self.builder = self._choice("Builder", builder_names())
        self._add_group("General", GENERAL)
        self.form.addRow("Theme", self.theme)
        self.form.addRow("Font size", self.font_size)
        self._add_group("", FONTS)
        self._add_group("New environments", NEW)
        self._add_group("Locking", LOCKING)
        self._add_group("Engine", ENGINE)
        self.form.addRow("Builder", self.builder)
        self._add_group("Network", NETWORK)
        self._add_group("Limits of packages", PACKAGES)
        self._add_group("Mirrors", TABLES, MIRRORS)
        self._add_group("Names", NAMES, PIP_NAMES)
        add_form_heading(self.form, "Workspace", POLICY_NOTE)
        self.policies = PolicyFields(session, self.form, self)
        add_form_heading(self.form, "Logins", NOTE)
        self.logins = LoginForm(session, self.form, self)
        add_form_heading(self.form, "Places")
        self.library = LibrarySection(session)
        self.form.addRow("Library", self.library)
        shown = Label(str(paths.config_file()))
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.form.addRow("Settings file", shown)
        self.keyring = Label("…")
        self.form.addRow("Keyring", self.keyring)
        content = QFrame()
        content.setProperty("surface", "base")
        box = QVBoxLayout(content)
        box.setContentsMargins(16, 4, 16, 16)
        box.addLayout(self.form)
        box.addStretch(1)
        self.area = scroll = QScrollArea(widgetResizable=True)
        # Its fields are the stops of Tab, and the view follows them.
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        title_label = Label("Settings")
        title_label.setFont(theme.title_font(self))
        self.doctor = SmallButton("Check installation", self.doctor_requested)
        head = make_row(8, (16, 12, 12, 8))
        head.addWidget(title_label, 1)
        head.addWidget(self.doctor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(scroll, 1)
        self.setFocusProxy(self.fields["author"].edit)
        self.load()
        session.theme_chosen.connect(self._on_session_theme_chosen)
        session.settings_changed.connect(self.load)
        session.jobs.run("Find the keyring", keyring_state, lane="known", on_done=self._on_keyring)

    def _on_keyring(self, text: str) -> None:
        self.keyring.setText(text)

    def _choice(self, name: str, values: tuple[str, ...]) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.addItems(values)
        combo.setFixedWidth(200)
        combo.textActivated.connect(partial(self._on_chosen, name.lower().replace(" ", "_")))
        return combo

    def _on_chosen(self, key: str, text: str) -> None:
        self.take(key, "" if text == SYSTEM and key == "font_size" else text)

    def _add_group(self, title: str, group: tuple[SettingField, ...], note: str = "") -> None:
        if title:
            add_form_heading(self.form, title, note)
        for item in group:
            lines = isinstance(getattr(settings.Settings(), item.key), Mapping)
            name = f"{title}: {item.label}" if lines else item.label
            field = self.fields[item.key] = TextField(name, item.hint, lines=lines, note=item.help)
            self.form.addRow(item.label, field)
            if isinstance(field.edit, QLineEdit):
                field.edit.editingFinished.connect(partial(self._on_field_left, item.key))
            else:
                # A field of several lines has no sign that it was left; half a line marks it until it is whole.
                field.typed.connect(partial(self.take_table, item.key))

    def show_field(self, key: str) -> None:
        """Put the cursor into the field of a setting."""
        field = self.fields[key]
        self.area.ensureWidgetVisible(field)
        field.edit.setFocus()

    def show_login(self, host: str) -> None:
        """Let a login at a host be typed; an empty one is requested."""
        self.area.ensureWidgetVisible(self.logins.state)
        self.area.ensureWidgetVisible(self.logins.host)
        self.logins.show_host(host)

    @Slot()
    def load(self) -> None:
        """Show the settings; only what differs from the defaults is in the fields."""
        shown, plain = self.session.settings, settings.Settings()
        for key, field in self.fields.items():
            value = getattr(shown, key)
            if field.edit.hasFocus():
                continue  # what is being typed there is the user's
            field.set_text("" if value == getattr(plain, key) else _text(value))
        self.theme.setCurrentText(shown.theme)
        self.builder.setCurrentText(shown.builder)
        self.font_size.setCurrentText(shown.font_size or SYSTEM)

    @Slot()
    def _on_session_theme_chosen(self) -> None:
        self.theme.setCurrentText(self.session.settings.theme)

    def _on_field_left(self, key: str) -> None:
        text, value = self.fields[key].text(), getattr(self.session.settings, key)
        if text.strip() in ("" if value == getattr(settings.Settings(), key) else _text(value), _text(value)):
            # Nothing was changed here, and what the file says may be newer.
            self._refuse(key, "")
        else:
            self.take(key, text)

    def take(self, key: str, text: str) -> None:
        """Write one setting; an empty text means the default."""
        plain = getattr(settings.Settings(), key)
        value = "" if text.strip() == plain else text.strip()
        try:
            written = set_setting(key, value)
        except EnvStudioError as error:
            self._refuse(key, message_of(error))
            return
        self._refuse(key, "")
        if written != self.session.settings:
            self.session.settings = written
            self.changed.emit(key)

    @Slot(str)
    def take_table(self, key: str, text: str) -> None:
        """Write a table of mirrors or names; entries that are gone from the text are taken out."""
        wanted: dict[str, str] = {}
        for line in text.splitlines():
            left, equals, right = (part.strip() for part in line.partition("="))
            if line.strip() and not (equals and left and right):
                self._refuse(key, f"{line.strip()!r} has no two sides. Write it as {FIELDS[key].example}")
                return
            if left:
                wanted[left] = right
        before: Mapping[str, str] = getattr(self.session.settings, key)
        try:
            for left in [*(item for item in before if item not in wanted), *wanted]:
                if before.get(left) != wanted.get(left):
                    self.session.settings = set_setting(f"{key}.{left}", wanted.get(left, ""))
        except EnvStudioError as error:
            self._refuse(key, message_of(error))
            return
        self._refuse(key, "")
        self.changed.emit(key)

    def _refuse(self, key: str, reason: str) -> None:
        if key in self.fields:
            self.fields[key].refuse(reason)


def _text(value: str | tuple[str, ...] | Mapping[str, str]) -> str:
    """Return a setting as it is written in its field."""
    if isinstance(value, Mapping):
        return "\n".join(f"{left} = {right}" for left, right in value.items())
    return ", ".join(value) if isinstance(value, tuple) else value
