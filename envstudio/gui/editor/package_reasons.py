"""Why a package is there, told beside the table of what is requested."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter

from envstudio.gui.editor.packages_model import PackagesModel
from envstudio.gui.editor.requirement_text import Requirement
from envstudio.gui.jobs.job import JobKey
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.table import Table

if TYPE_CHECKING:
    from envstudio.gui.pages.why_panel import WhyPanel

SIZES = [720, 320]
NOT_LOCKED = "What a package brings with it is known once the environment is locked."
NOT_IN_LOCK = "It is not in the lock, which is of an earlier definition. Lock again."
NOT_INSTALLED = "It is not in the lock: nothing of it is installed on {}."


class PackageReasons(QObject):
    """Adds its panel to the splitter that the table is in."""

    def __init__(
        self, session: Session, document: Document, model: PackagesModel, table: Table, sides: QSplitter
    ) -> None:
        super().__init__(sides)
        self._session, self._document = session, document
        self._model, self._table, self._sides = model, table, sides

    @cached_property
    def panel(self) -> WhyPanel:
        """Where it is reported; made when it is first wanted."""
        from envstudio.gui.pages.why_panel import WhyPanel

        panel = WhyPanel()
        panel.package_activated.connect(self.explain)
        self._sides.addWidget(panel)
        self._sides.setSizes(SIZES)
        for widget in (self._table, panel):
            escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), widget)
            escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            escape.activated.connect(self._on_escape_activated)
        return panel

    @Slot(object)
    def explain_row(self, item: Requirement) -> None:
        """Show why what a row requests is there, under the name that the lock has it by."""
        package = self._model.locked.package(item)
        self.explain(package.name if package else item.name)

    @Slot(str)
    def explain(self, name: str) -> None:
        """Show why a package is there, what it needs and what needs it."""
        locked = self._model.locked
        if not locked.platforms:
            self.panel.say(name, NOT_LOCKED)
            return
        platform = next((item for item in locked.platforms if item.find(name)), None)
        if platform is None:
            names = ", ".join(item.platform for item in locked.platforms)
            self.panel.say(name, NOT_IN_LOCK if locked.is_stale else NOT_INSTALLED.format(names))
            return
        from envstudio.gui.pages.why_panel import explained

        self._session.jobs.run(
            f"Why {name}",
            explained,
            platform,
            name,
            lane="library",
            key=JobKey("why", self._document.name),
            on_done=self.panel.load,
        )

    @Slot()
    def _on_escape_activated(self) -> None:
        self.panel.hide()
        self._table.setFocus()
