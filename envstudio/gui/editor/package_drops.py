"""Lists of packages that are dropped on the page: lines of text, or a file of any tool."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from envstudio.domain.amounts import amount_text
from envstudio.domain.environment import Environment
from envstudio.gui.editor.requirement_text import Requirement, pasted_lines, with_requirement
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.drop_hint import DropHint
from envstudio.report import Report


class PackageDrops(QObject):
    """Watches a page. `read` carries the name of a file and the definition that it holds."""

    lines_dropped = Signal(list)
    read = Signal(str, object)

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
        self.read.emit(*found)


def packages_of(environment: Environment) -> list[Requirement]:
    """Return all requirements, conda's before pip's."""
    return [*environment.python.conda, *environment.python.pip]


def with_packages_of(environment: Environment, dropped: Environment) -> Environment:
    """Take in the packages and pip's options of another definition."""
    for item in packages_of(dropped):
        environment = with_requirement(environment, item)
    options = tuple(dict.fromkeys((*environment.python.pip_options, *dropped.python.pip_options)))
    return replace(environment, python=replace(environment.python, pip_options=options))


def left_out(environment: Environment, dropped: Environment) -> str:
    """Name what of another definition is not a package; empty if there is nothing else."""
    channels = [channel for channel in dropped.python.channels if channel not in environment.python.channels]
    parts = [("channel " if len(channels) == 1 else "channels ") + ", ".join(channels)] if channels else []
    counts = ((len(dropped.python.pip_constraints), "constraint"), (len(dropped.variables), "variable"))
    parts += [amount_text(count, what) for count, what in counts if count]
    parts += ["image"] if dropped.image.sources else []
    return ", ".join(parts)


def read_definition(path: Path, *, report: Report) -> tuple[str, Environment]:
    """Return the name of a file and the definition in it, as a job. Raises `EnvStudioError`."""
    from envstudio.tasks.read_path import read_path

    report.raise_if_cancelled()
    found = read_path(path)
    for problem in found.problems:
        report.line(f"{problem.message} {problem.advice}".strip(), "err")
    return path.name, found.environment
