"""Completes the browser's filter: the terms of the query language, and what they can be in this library."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt, Slot
from PySide6.QtWidgets import QCompleter, QLineEdit

from envstudio.domain.query import PACKAGE, TERMS
from envstudio.gui.jobs.job import JobKey
from envstudio.gui.model.session import Session
from envstudio.library import EnvironmentInfo, Library
from envstudio.report import Report

LEAST = 2
QUOTED = "'\"\\"


class FilterCompleter(QCompleter):
    """Works on the last word; a plain word completes to nothing, so that typing a name is not disturbed."""

    def __init__(self, session: Session, edit: QLineEdit, infos: Callable[[], Iterable[EnvironmentInfo]]) -> None:
        """Complete what is typed into `edit`; `infos` returns all environments that there are."""
        super().__init__(edit)
        self._session = session
        self._infos = infos
        self._edit = edit
        self._known: dict[str, tuple[str, ...]] = {}
        self._strings = QStringListModel(self)
        self.setModel(self._strings)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        edit.textEdited.connect(self._on_edit_text_edited)
        edit.setCompleter(self)
        edit.installEventFilter(self)

    def forget(self) -> None:
        """Look for labels and tags again when one is requested."""
        self._known.pop("label", None)
        self._known.pop("tag", None)

    def _values(self, kind: str) -> tuple[str, ...]:
        """Return what a term can be, as far as it is known."""
        if kind in ("label", "tag") and kind not in self._known:
            labels: set[str] = set()
            tags: set[str] = set()
            for info in self._infos():
                if info.labels:
                    labels.update(label for label, _ in info.labels)
                if info.tags:
                    tags.update(f"{key}={value}" if value else key for key, value in info.tags)
            self._known |= {"label": tuple(sorted(labels)), "tag": tuple(sorted(tags))}
        return self._known.get(kind, ())

    def splitPath(self, path: str) -> list[str]:
        return [path.rpartition(" ")[2]]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        before, blank, _ = self._edit.text().rpartition(" ")
        return f"{before}{blank}{_quoted(str(index.data()))}"

    @Slot(str)
    def _on_edit_text_edited(self, text: str) -> None:
        word = text.rpartition(" ")[2]
        kind, colon, _ = word.partition(":")
        strings: list[str] = []
        if colon and kind in TERMS:
            strings = [f"{kind}:{value}" for value in self._values(kind)]
        elif len(word) >= LEAST:
            strings = [f"{term}:" for term in TERMS if term.startswith(word)]
        # A word that is whole needs no help.
        strings = [] if word in strings else strings
        if strings != self._strings.stringList():
            self._strings.setStringList(strings)
            popup = self.popup()
            if strings and popup is not None:
                popup.setAccessibleName("Search terms")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._edit and event.type() == QEvent.Type.FocusIn:
            self._session.jobs.run(
                "Load the search terms",
                read_search_names,
                self._session.library,
                lane="library",
                key=JobKey("asked names"),
                on_done=self._on_search_names,
            )
        return super().eventFilter(watched, event)

    def _on_search_names(self, names: dict[str, tuple[str, ...]]) -> None:
        self._known |= names


def _quoted(term: str) -> str:
    """Return a term as the query language reads it as one, whatever blanks its value has."""
    kind, colon, value = term.partition(":")
    if not any(letter.isspace() or letter in QUOTED for letter in value):
        return term
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{kind}{colon}"{escaped}"'


def read_search_names(library: Library, *, report: Report) -> dict[str, tuple[str, ...]]:
    """Return the names of packages and variables in the library that can be searched for, as a job."""
    report.raise_if_cancelled()
    names = library.environments.search_names()
    return {kind: tuple(filter(PACKAGE.fullmatch, found)) if kind == "pkg" else found for kind, found in names.items()}
