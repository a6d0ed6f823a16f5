"""Completes the line in which a package is typed: its name, and after an operator its version."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt, Slot
from PySide6.QtWidgets import QCompleter, QLineEdit

from envstudio.gui.editor.available import AvailablePackages
from envstudio.gui.editor.requirement_text import CONDA, ONLY_PIP, PIP

PARTS = re.compile(r"^(?P<head>\s*(?:pip:|conda:)?\s*(?:[\w.-]+::)?)(?P<name>[\w.-]*)(?P<rest>.*)$", re.DOTALL)
LAST_VERSION = re.compile(r"^(?P<before>.*(?:[<>=!~]=?|[ ,|]))\s*(?P<version>[\w.]*)$", re.DOTALL)
SHOWN = 12


class PackageCompleter(QCompleter):
    """Works on the last word of a requirement; what stands before it is kept."""

    def __init__(self, edit: QLineEdit, available: AvailablePackages, manager: Callable[[], str]) -> None:
        """Complete what is typed into `edit`; `manager` tells whose packages a bare name means."""
        super().__init__(edit)
        self._edit = edit
        self._available = available
        self._manager = manager
        self._strings = QStringListModel(self)
        self._shown: Sequence[str] = ()
        self._typed = ""
        self.setModel(self._strings)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setMaxVisibleItems(SHOWN)
        # Before the completer is set, so that it finds the strings for what was typed.
        edit.textEdited.connect(self._on_edit_text_edited)
        edit.returnPressed.connect(self._on_edit_return_pressed)
        edit.setCompleter(self)
        available.names_changed.connect(self._on_available_changed)
        available.versions_changed.connect(self._on_available_changed)

    def parts(self, text: str) -> tuple[str, str]:
        """Split a text into what stays and the word that is completed."""
        found = PARTS.match(text)
        if found is None:
            return text, ""
        head, name, rest = found.group("head"), found.group("name"), found.group("rest")
        if not rest:
            return head, name
        last = LAST_VERSION.match(rest)
        return (head + name + last.group("before"), last.group("version")) if last else (text, "")

    def splitPath(self, path: str) -> list[str]:
        return [self.parts(path)[1]]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        return self.parts(self._edit.text())[0] + str(index.data())

    @Slot(str)
    def _on_edit_text_edited(self, text: str) -> None:
        self._typed = text
        self._show(text)

    @Slot()
    def _on_edit_return_pressed(self) -> None:
        self._typed = ""

    @Slot()
    def _on_available_changed(self, *_: object) -> None:
        """Offer what has come to be known while one types; a text that was refused has its reason under it."""
        text = self._edit.text()
        if self._edit.hasFocus() and text and text == self._typed and self._show(text):
            self.setCompletionPrefix(self.parts(text)[1])
            self.complete()

    def _show(self, text: str) -> bool:
        """Take the strings that fit a text; return whether they are others than before."""
        strings, order = self._strings_for(text)
        if strings is self._shown:
            return False
        self._shown = strings
        self.setModelSorting(order)
        self._strings.setStringList(list(strings))
        # Not before: making the popup takes longer than the page can wait.
        popup = self.popup()
        if strings and popup is not None:
            popup.setAccessibleName("Completions")
        return bool(strings)

    def _strings_for(self, text: str) -> tuple[Sequence[str], QCompleter.ModelSorting]:
        """Return names, which are sorted so that a prefix is found by halving, or versions, newest first."""
        names, versions = QCompleter.ModelSorting.CaseInsensitivelySortedModel, QCompleter.ModelSorting.UnsortedModel
        found = PARTS.match(text)
        if found is None or "://" in text or not text.strip():
            return (), versions
        head = found.group("head").strip()
        if head.startswith(f"{PIP}:") or ONLY_PIP.search(text.strip()):
            manager = PIP
        else:
            manager = CONDA if head.startswith(f"{CONDA}:") else self._manager()
        known = self._available.names
        if not found.group("rest"):
            return (known.pip if manager == PIP else known.conda), names
        if not LAST_VERSION.match(found.group("rest")):
            return (), versions
        return self._available.versions(manager, found.group("name").lower()), versions
