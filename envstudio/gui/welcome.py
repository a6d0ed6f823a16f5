"""What the middle shows while nothing is open: the first steps, what was worked on last, and curated starts."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from envstudio.domain.reference import CURATED
from envstudio.gui import theme
from envstudio.gui.actions import Actions
from envstudio.gui.history.timeline_model import when
from envstudio.gui.session import Session
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.layouts import clear_from, make_row
from envstudio.library import EnvironmentInfo

RECENT = 6
WIDTH = 640
WELCOME = "Define packages, variables and image once; version, lock and build them from here."


class WelcomePage(QWidget):
    """New, Import, and lists to start from."""

    open_requested = Signal(str)

    def __init__(
        self,
        session: Session,
        actions: Actions,
        infos: Callable[[], Iterable[EnvironmentInfo]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._all = infos
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = QLabel()
        self.title.setFont(theme.title_font(self))
        self.text = QLabel(WELCOME, wordWrap=True)
        self.text.setProperty("tone", "muted")
        line = make_row(8)
        for name, text in (("new", "New environment…"), ("import", "Import a file…")):
            button = QPushButton(text)
            button.setProperty("primary", name == "new")
            button.clicked.connect(actions[name].trigger)
            line.addWidget(button)
        line.addStretch(1)
        self.recent, self._recent_box = self._make_list("Changed last")
        self.starts, self._starts_box = self._make_list("Start from a curated environment")
        column = QFrame()
        column.setMaximumWidth(WIDTH)
        box = QVBoxLayout(column)
        box.setSpacing(8)
        box.addWidget(self.title)
        box.addWidget(self.text)
        box.addSpacing(8)
        box.addLayout(line)
        box.addSpacing(16)
        box.addWidget(self.recent)
        box.addWidget(self.starts)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(column, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        column.setMinimumWidth(min(WIDTH, 480))
        session.library_changed.connect(self._on_session_library_changed)

    def _make_list(self, title: str) -> tuple[QWidget, QVBoxLayout]:
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 8)
        box.setSpacing(0)
        heading = QLabel(f"<b>{title}</b>")
        heading.setContentsMargins(0, 0, 0, 4)
        box.addWidget(heading)
        return holder, box

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Read the lists again."""
        everything = list(self._all())
        infos = [info for info in everything if info.kind != "curated" and not info.archived]
        starts = [info for info in everything if info.kind == "curated"][:RECENT]
        self.title.setText("Welcome to EnvStudio" if not infos else f"Workspace {self._session.library.workspace}")
        latest = heapq.nlargest(RECENT, (info for info in infos if info.updated_at), key=_moment)
        self._fill(self._recent_box, latest, "environment")
        self._fill(self._starts_box, starts, "curated")
        self.recent.setVisible(bool(infos))
        self.starts.setVisible(bool(starts))

    def _fill(self, box: QVBoxLayout, infos: list[EnvironmentInfo], icon: str) -> None:
        clear_from(box, 1)
        for info in infos:
            box.addWidget(self._row(info, icon))

    def _row(self, info: EnvironmentInfo, icon: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        link = IconButton(icon, f"Open {info.name}")
        link.setText(info.name.removeprefix(CURATED))
        link.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        link.setProperty("link", True)
        link.setObjectName(info.name)
        link.clicked.connect(self._on_link_clicked)
        note = QLabel(
            info.description
            if icon == "curated"
            else f"v{info.latest} · {when(info.updated_at)} · {info.updated_by}"
            if info.updated_at
            else ""
        )
        note.setProperty("tone", "muted")
        row.addWidget(link)
        row.addWidget(note, 1)
        return holder

    @Slot()
    def look_again(self) -> None:
        """Read the lists again where they are looked at."""
        if self.isVisible():
            self.reload()

    @Slot()
    def _on_link_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, QToolButton):
            self.open_requested.emit(sender.objectName())

    @Slot(object)
    def _on_session_library_changed(self, change: object) -> None:
        if self.isVisible():
            self.reload()


def _moment(info: EnvironmentInfo) -> datetime:
    return info.updated_at or datetime.min.replace(tzinfo=UTC)
