"""What a window works with: the library, the settings, the jobs, and the environments that are open.

Every mutation's Change is handed to `apply`; `library_changed` carries it on, and each screen reloads what it names.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from envstudio.domain.change import Change
from envstudio.domain.reference import CURATED
from envstudio.gui.document import Document
from envstudio.gui.jobs import JobRunner
from envstudio.library import Library
from envstudio.settings import Settings


class Session(QObject):
    """The state that the parts of one window share."""

    library_changed = Signal(object)
    workspace_changed = Signal(str)

    def __init__(self, library: Library, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = library
        self.settings = settings
        self.jobs = JobRunner(self)
        self.documents: dict[str, Document] = {}

    def apply(self, change: Change) -> None:
        """Pass on what a mutation changed."""
        if not change:
            return
        if change.renamed_from in self.documents:
            new = next(iter(change.environments - {change.renamed_from}))
            document = self.documents.pop(change.renamed_from)
            document.rename(new)
            self.documents[new] = document
        for name in change.environments & self.documents.keys():
            self.documents[name].library_has_changed(change)
        self.library_changed.emit(change)

    def open(self, name: str) -> Document:
        """Return the document of an environment, opened where it is not yet. Raises `NotFound`."""
        if name not in self.documents:
            self.documents[name] = self._load(name)
        return self.documents[name]

    def _load(self, name: str) -> Document:
        if name.startswith(CURATED):
            snapshot = self.library.find(name)
            return Document(self.library, snapshot.environment, snapshot.version, read_only=True, parent=self)
        draft = self.library.versions.draft(name)
        document = Document(self.library, draft.environment, draft.base_version, parent=self)
        document.draft_saved.connect(self.apply)
        return document

    def close_document(self, name: str) -> None:
        """Save what is unsaved and let the document go."""
        document = self.documents.pop(name, None)
        if document is not None:
            document.flush()
            document.deleteLater()

    def switch_workspace(self, name: str) -> None:
        """Show another workspace of the same library. Raises `NotFound`."""
        if name == self.library.workspace:
            return
        library = self.library.in_workspace(name)
        for open_name in list(self.documents):
            self.close_document(open_name)
        self.library = library
        self.workspace_changed.emit(name)

    def shutdown(self) -> None:
        """Save every draft and stop every job."""
        for document in self.documents.values():
            document.flush()
        self.jobs.shutdown()
