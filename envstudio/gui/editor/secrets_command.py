"""Other values of secrets in the keyring, as a step that can be undone."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QUndoCommand

from envstudio.credentials import Entry
from envstudio.gui.jobs.runner import JobRunner

Values = Mapping[Entry, str | None]


class SecretsCommand(QUndoCommand):
    """Pushed when the keyring has the new values. Values are kept in memory, for as long as the step can be undone."""

    def __init__(self, text: str, jobs: JobRunner, before: Values, after: Values) -> None:
        super().__init__(text)
        self._jobs = jobs
        self._before, self._after = before, after
        self._is_done = True

    def redo(self) -> None:
        if not self._is_done:
            self._put(self._after)

    def undo(self) -> None:
        self._put(self._before)
        self._is_done = False

    def _put(self, values: Values) -> None:
        from envstudio.tasks.secrets import replace_secrets

        names = next(iter(values)).name if len(values) == 1 else f"{len(values)} secrets"
        self._jobs.run(f"Put back {names}", replace_secrets, values)
