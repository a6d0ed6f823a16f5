"""What the console shows of one job or build: how it failed, its stages and its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from envstudio.gui.console.failure_banner import FailureBanner
from envstudio.gui.console.log_panel import LogPanel

if TYPE_CHECKING:
    from envstudio.gui.model.session import Session


class JobDetails(QWidget):
    """The banner above the panel; its button that shows a line goes there."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = FailureBanner(session)
        self.banner.line_requested.connect(self._on_banner_line_requested)
        self.panel = LogPanel(session)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.banner)
        box.addWidget(self.panel, 1)

    def _on_banner_line_requested(self, number: int) -> None:
        self.panel.log.show_line(number)
        self.panel.log.setFocus()
