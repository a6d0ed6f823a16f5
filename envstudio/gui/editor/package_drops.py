"""Lists of packages that are dropped on the page: lines of text, or a file of any tool."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from envstudio.domain.environment import Environment
from envstudio.gui.editor.page import Page
from envstudio.gui.editor.requirement_text import pasted_lines
from envstudio.gui.session import Session
from envstudio.gui.widgets.drop_hint import DropHint
from envstudio.report import Report


class PackageDrops(QObject):
    """Watches a page. `read` carries the name of a file and the requirements that it has."""

    lines_dropped = Signal(list)
    read = Signal(str, tuple)

    def __init__(self, session: Session, page: Page) -> None:
        super().__init__(page)
        self._session = session
        self.hint = DropHint(page, "Drop to add the packages")
        page.setAcceptDrops(not page.document.read_only)
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent) and not isinstance(event, QDragMoveEvent):
            self.hint.follow(event)
            self._drop(event)
            return True
        if isinstance(event, (QDragEnterEvent, QDragMoveEvent)):
            if event.mimeData().hasUrls() or event.mimeData().hasText():
                event.acceptProposedAction()
            self.hint.follow(event)
            return True
        self.hint.follow(event)
        return super().eventFilter(watched, event)

    def _drop(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        for path in paths:
            self._session.jobs.run(f"Read {path.name}", read_definition, path, on_done=self._on_read)
        if not paths:
            self.lines_dropped.emit(pasted_lines(event.mimeData().text()))

    def _on_read(self, found: tuple[str, Environment]) -> None:
        name, environment = found
        self.read.emit(name, (*environment.python.conda, *environment.python.pip))


def read_definition(path: Path, *, report: Report) -> tuple[str, Environment]:
    """Return the name of a file and the definition in it, as a job. Raises `EnvStudioError`."""
    from envstudio.formats import detect, read_source
    from envstudio.tasks.import_files import file_of, read

    report.raise_if_cancelled()
    source = read_source(file_of(path))
    environment, problems = read(source, detect(source))
    for problem in problems:
        report.line(f"{problem.message} {problem.advice}".strip(), "err")
    return path.name, environment
