"""What can be done with the packages that are selected, one or several at once: by menu, by key and by button."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from envstudio.errors import InvalidInput
from envstudio.gui.editor.locked_versions import LockedVersions
from envstudio.gui.editor.requirement_text import (
    CONDA,
    PIP,
    Requirement,
    manager_of,
    with_replaced,
    with_source,
    with_version,
)
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.gui.widgets.table import Table


class SelectedPackages(QWidget):
    """A strip under the table while several are selected. `explained` is a request; `refused` gives a reason."""

    explained = Signal(object)
    refused = Signal(str)
    changed = Signal(list)

    def __init__(
        self,
        document: Document,
        table: Table,
        selected: Callable[[], list[Requirement]],
        locked: Callable[[], LockedVersions],
        parent: QWidget,
    ) -> None:
        """Act on what `selected` returns of a table; `changed` carries the requirements that are to be selected."""
        super().__init__(parent)
        self._locked = locked
        self._document, self._table, self._selected = document, table, selected
        self._filled = False
        self.setProperty("surface", "base")
        self.setProperty("line", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.hide()
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._on_table_menu_requested)
        table.selectionModel().selectionChanged.connect(self.look)

    def _fill(self) -> None:
        """Make what the strip holds, with the first selection of several."""
        self._filled = True
        self.count = Label()
        self.count.setProperty("tone", "muted")
        row = make_row(8, (16, 4, 8, 4))
        row.addWidget(self.count)
        self.to_pip = SmallButton("Move to pip", partial(self.take_from, PIP))
        self.to_conda = SmallButton("Move to conda", partial(self.take_from, CONDA))
        self.pin = SmallButton("Pin to the locked versions", self.pin_to_locked)
        self.remove = SmallButton("Remove", self._on_remove_clicked)
        for button in (self.to_pip, self.to_conda, self.pin, self.remove):
            row.addWidget(button)
        row.addStretch(1)
        self.setLayout(row)

    @Slot()
    def _on_remove_clicked(self) -> None:
        self._table.setFocus()
        self._table.remove_requested.emit()

    @Slot()
    def look(self) -> None:
        """Follow the selection."""
        items = self._selected()
        several = len(items) > 1 and not self._document.read_only
        self.setVisible(several)
        if not several:
            return
        if not self._filled:
            self._fill()
        self.count.setText(f"{len(items)} packages selected")
        self.to_pip.setEnabled(any(manager_of(item) == CONDA for item in items))
        self.to_conda.setEnabled(any(manager_of(item) == PIP for item in items))
        self.pin.setEnabled(any(map(self._locked().of, items)))

    def take_from(self, source: str, *_: object) -> None:
        """Take what is selected from pip, from the channels in their order, or from one channel."""
        channels = self._document.environment.python.channels
        self._change(f"Take {{}} from {source}", lambda item: with_source(item, source, channels))

    def pin_to_locked(self) -> None:
        """Request exactly the versions that are locked."""

        locked = self._locked()

        def pinned(item: Requirement) -> Requirement:
            versions = {package.version: platform.platform for platform, package in locked.of(item)}
            if len(versions) > 1:
                message_of = " and ".join(f"{version} on {platform}" for version, platform in versions.items())
                raise InvalidInput(f"It is locked at {message_of}.", "Type the version that all should have.")
            return with_version(item, f"=={next(iter(versions))}") if versions else item

        self._change("Pin {}", pinned)

    def allow_any(self) -> None:
        """Take the bounds away."""
        self._change("Allow any version of {}", lambda item: with_version(item, ""))

    def _change(self, title: str, change: Callable[[Requirement], Requirement]) -> None:
        """Change what is selected as one step; it stays selected."""
        if self._document.read_only:
            return
        # The button that was pressed may have nothing to do next, and would leave the focus anywhere.
        self._table.setFocus()
        items, environment = self._selected(), self._document.environment
        changed = []
        for item in items:
            try:
                new = change(item)
            except InvalidInput as error:
                self.refused.emit(f"{item.name}: {message_of(error)}")
                return
            environment = with_replaced(environment, item, new)
            changed.append(new)
        what = items[0].name if len(items) == 1 else f"{len(items)} packages"
        self._document.edit(title.format(what), environment)
        self.changed.emit(changed)

    def menu(self) -> QMenu:
        """Return what can be done with what is selected."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        items = self._selected()
        menu.addAction("Why is it there?", lambda: self.explained.emit(items[0]))
        menu.addAction("Copy", self._table.copy)
        if self._document.read_only:
            return menu
        menu.addSeparator()
        sources = menu.addMenu("Take from")
        for source in (CONDA, *self._document.environment.python.channels, PIP):
            sources.addAction(source, partial(self.take_from, source))
        menu.addAction("Pin to the locked version", self.pin_to_locked).setEnabled(any(map(self._locked().of, items)))
        menu.addAction("Allow any version", self.allow_any)
        menu.addSeparator()
        menu.addAction("Remove", self._table.remove_requested.emit)
        return menu

    @Slot(QPoint)
    def _on_table_menu_requested(self, position: QPoint) -> None:
        if self._selected():
            self.menu().popup(self._table.viewport().mapToGlobal(position))
