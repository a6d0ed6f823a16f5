"""What the pages of an environment have in common."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from envstudio.gui.look import theme
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session

STYLED = (QEvent.Type.Polish, QEvent.Type.StyleChange, QEvent.Type.FontChange)


class Page(QWidget):
    """One page over one document. A page is made when it is first shown.

    What it requests is the window's to fulfil: a command by its id, the log of a build, a fix for an
    environment, or a run.
    A page calls `follow_theme` once all of its parts are made.
    """

    command_requested = Signal(str)
    log_requested = Signal(object)
    remedy_requested = Signal(object, str)
    run_requested = Signal(object)

    _restyled = False
    _follows_theme = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.document = document
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def commit(self) -> None:
        """Take over what is being typed."""

    def find_field(self) -> QLineEdit | None:
        """Return the field that Ctrl+F goes to; None if a page has none."""
        return None

    def apply_theme(self) -> None:
        """Take over the colours of the theme. `follow_theme` calls it, and from then on each change of them."""

    def follow_theme(self) -> None:
        """Take over the colours of the theme, now and whenever they change."""
        self._follows_theme = True
        self.apply_theme()

    def colors(self) -> theme.Colors:
        """Return the colours of the theme."""
        return theme.colors(self.palette())

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if not self._follows_theme:
            return done
        if event.type() == QEvent.Type.PaletteChange:
            self.apply_theme()
        elif event.type() in STYLED and not self._restyled:
            # A stylesheet takes the fonts away that were set, and comes to a page before its fields.
            self._restyled = True
            QTimer.singleShot(0, self, self._on_restyled)
        return done

    @Slot()
    def _on_restyled(self) -> None:
        self._restyled = False
        self.apply_theme()
