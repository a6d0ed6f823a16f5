"""The one place where an error becomes something to read, whichever road it came by."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from envstudio.errors import Cancelled, EnvStudioError
from envstudio.gui.jobs.runner import traceback_text
from envstudio.gui.look import theme
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_column, make_row

WIDTH = 560
BUG_SUMMARY = "Something went wrong inside EnvStudio."
BUG_ADVICE = "Your work is saved. Please report this with the text below."


class ErrorDialog(QDialog):
    """Shows what happened and what to do; on request the details, and what the help says of the error's code."""

    def __init__(self, parent: QWidget | None, error: BaseException) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        expected = isinstance(error, EnvStudioError)
        summary, advice, details = texts(error)
        self.setWindowTitle("EnvStudio" if expected else "An error in EnvStudio")
        self.setMinimumWidth(WIDTH)
        chosen = theme.colors(self.palette())

        picture = Label()
        name, color = ("warning", chosen.changed) if expected else ("error", chosen.removed)
        picture.setPixmap(theme.picture(name, color, 32, self.devicePixelRatio()))
        title = Label(summary, wordWrap=True)
        title.setFont(theme.title_font(self))
        title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        hint = Label(advice, wordWrap=True)
        hint.setVisible(bool(advice))
        hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

        self.details = QPlainTextEdit(details, readOnly=True)
        self.details.setProperty("field", True)
        self.details.setFont(theme.monospace(self))
        self.details.setMinimumHeight(200)
        self.details.setAccessibleName("Details")
        self.fold = QPushButton("Details", self)
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._on_fold_toggled)
        self.fold.setChecked(not expected)
        self.details.setVisible(bool(details) and not expected)
        self._code = error.code if isinstance(error, EnvStudioError) and not error.is_generic else ""
        self.page = Label(wordWrap=True, textFormat=Qt.TextFormat.MarkdownText)
        self.page.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.page.setAccessibleName("What it means")
        self.page.hide()
        self.explain = QPushButton("What it means", self)
        self.explain.setCheckable(True)
        self.explain.toggled.connect(self._on_explain_toggled)
        self.copy = QPushButton("Copy")
        self.copy.clicked.connect(self._on_copy_clicked)
        code = f"Code: {self._code}" if self._code else ""
        self._text = "\n\n".join(part for part in (summary, advice, details, code) if part)

        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        # A box of buttons shows all that it gets.
        for button, offered in ((self.fold, details), (self.explain, self._code)):
            if offered:
                buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
            else:
                button.hide()

        words = make_column(8)
        words.addWidget(title)
        words.addWidget(hint)
        top = make_row(16)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(16)
        layout.addLayout(top)
        layout.addWidget(self.page)
        layout.addWidget(self.details, 1)
        layout.addWidget(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take the height that the wrapped words need at this width."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    @Slot(bool)
    def _on_fold_toggled(self, unfolded: bool) -> None:
        self.details.setVisible(unfolded)
        self._fit()

    @Slot(bool)
    def _on_explain_toggled(self, explained: bool) -> None:
        if explained and not self.page.text():
            from envstudio.tasks.help import code_pages

            self.page.setText(code_pages()[self._code].markdown)
        self.page.setVisible(explained)
        self._fit()

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text)


def texts(error: BaseException) -> tuple[str, str, str]:
    """Return summary, advice and details of any error."""
    if isinstance(error, EnvStudioError):
        return error.summary, error.advice, error.details
    return BUG_SUMMARY, BUG_ADVICE, traceback_text(error)


def show_error(parent: QWidget | None, error: BaseException) -> ErrorDialog | None:
    """Show an error without waiting for an answer; what the user cancelled is not an error."""
    if isinstance(error, Cancelled):
        return None
    dialog = ErrorDialog(parent, error)
    dialog.open()
    return dialog
