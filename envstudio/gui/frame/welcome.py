"""What the middle shows while nothing is open: the first steps, what was worked on last, and curated starts."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from html import escape

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from envstudio.domain.reference import CURATED
from envstudio.gui.look import theme
from envstudio.gui.model.session import Session
from envstudio.gui.pages.actions import Actions
from envstudio.gui.widgets.elided_label import ElidedLabel
from envstudio.gui.widgets.file_drops import FileDrops
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.label import Label, plain_tip
from envstudio.gui.widgets.layouts import clear_from, make_row
from envstudio.library import EnvironmentInfo
from envstudio.presentation.moments import when

RECENT = 6
LATER_MILLISECONDS = 50
NAME_WIDTH = 240
"""How wide a name is shown at most, so that the text for each begins at one column."""
WIDTH = 720
WELCOME = "Define packages, variables and image once; version, lock and build them from here."


class WelcomePage(QWidget):
    """New, Import, and lists to start from."""

    open_requested = Signal(str)
    paths_dropped = Signal(list)

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
        FileDrops(self, "Drop to import").dropped.connect(self.paths_dropped)
        self.title = Label()
        self.title.setFont(theme.title_font(self))
        self.text = Label(WELCOME, wordWrap=True)
        self.text.setProperty("tone", "muted")
        line = make_row(8)
        for name, text in (("new", "New environment…"), ("import", "Import a file…")):
            button = QPushButton(text)
            button.setProperty("primary", name == "new")
            button.clicked.connect(actions[name].trigger)
            line.addWidget(button)
        self.sample = QPushButton("Try the sample")
        self.sample.setToolTip(actions["sample"].toolTip())
        self.sample.clicked.connect(actions["sample"].trigger)
        line.addWidget(self.sample)
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
        # An import reports changes in a quick succession, and the browser is brought in line with each first.
        self._later = QTimer(self, interval=LATER_MILLISECONDS, singleShot=True)
        self._later.timeout.connect(self.look_again)
        session.library_changed.connect(self._on_session_library_changed)

    def _make_list(self, title: str) -> tuple[QWidget, QVBoxLayout]:
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 8)
        box.setSpacing(0)
        heading = Label(f"<b>{escape(title)}</b>", textFormat=Qt.TextFormat.RichText)
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
        self._fill(self.recent, self._recent_box, latest, "environment")
        self._fill(self.starts, self._starts_box, starts, "curated")
        self.recent.setVisible(bool(infos))
        self.sample.setVisible(not infos)
        self.starts.setVisible(bool(starts))

    def _fill(self, holder: QWidget, box: QVBoxLayout, infos: list[EnvironmentInfo], icon: str) -> None:
        """Show environments in the rows that are there, made or taken away if the number differs."""
        while box.count() <= len(infos):
            box.addWidget(StartRow(icon, self.open_requested, holder))
        clear_from(box, len(infos) + 1)
        items = (box.itemAt(at) for at in range(1, box.count()))
        rows = [row for item in items if item is not None and isinstance(row := item.widget(), StartRow)]
        for row, info in zip(rows, infos, strict=True):
            row.show_info(info)
        widest = max((row.link.sizeHint().width() for row in rows), default=0)
        for row in rows:
            row.align(widest)

    @Slot()
    def look_again(self) -> None:
        """Read the lists again if they are looked at."""
        if self.isVisible():
            self.reload()

    @Slot(object)
    def _on_session_library_changed(self, change: object) -> None:
        self._later.start()


class StartRow(QWidget):
    """A link to an environment and a note beside it."""

    def __init__(self, icon: str, open_requested: SignalInstance, parent: QWidget) -> None:
        super().__init__(parent)
        self._open_requested = open_requested
        self.name = ""
        self.link = IconButton(icon, "", self)
        self.link.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.link.setProperty("link", True)
        self.link.clicked.connect(self._on_link_clicked)
        self.note = ElidedLabel(self)
        self.note.mode = Qt.TextElideMode.ElideRight
        self.note.setProperty("tone", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.link)
        row.addWidget(self.note, 1)

    def align(self, width: int) -> None:
        """Begin the note if those of the other rows do."""
        self.link.setMinimumWidth(width)

    def show_info(self, info: EnvironmentInfo) -> None:
        """Lead to an environment."""
        text = f"Open {info.name}"
        self.name = info.name
        name = info.name.removeprefix(CURATED)
        self.link.setText(self.link.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, NAME_WIDTH))
        self.link.setAccessibleName(text)
        self.link.setToolTip(plain_tip(text))
        changed = f"v{info.latest} · {when(info.updated_at)} · {info.updated_by}" if info.updated_at else ""
        self.note.setText(info.description if info.kind == "curated" else changed)

    @Slot()
    def _on_link_clicked(self) -> None:
        self._open_requested.emit(self.name)


def _moment(info: EnvironmentInfo) -> datetime:
    return info.updated_at or datetime.min.replace(tzinfo=UTC)
