"""The panel beside a lock that explains why a package is in it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from envstudio.domain.amounts import size_text
from envstudio.domain.lock import PlatformLock
from envstudio.domain.why import Why, why
from envstudio.gui.look import theme
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.presentation.names import listed
from envstudio.report import Report

MAX_NAMES = 60


class WhyPanel(QFrame):
    """Names in it are links to their rows."""

    package_activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.why: Why | None = None
        self.text = Label(textFormat=Qt.TextFormat.RichText, wordWrap=True)
        self.setProperty("surface", "base")
        self.setMinimumWidth(280)
        self.title = Label(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.title.setFont(theme.title_font(self))
        self.close_button = IconButton("close", "Close (Esc)")
        self.close_button.clicked.connect(self.hide)
        head = make_row(8, (16, 8, 8, 4))
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setProperty("surface", "base")
        self.text.setProperty("links", True)
        self.text.setContentsMargins(16, 0, 16, 16)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.text.setAccessibleName("Why it is there")
        self.text.linkActivated.connect(self._on_text_link_activated)
        scroll = QScrollArea(widgetResizable=True)
        # Its text is the stop of Tab, and hands on the keys that scroll.
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(scroll, 1)
        self.hide()

    def load(self, why: Why) -> None:
        """Explain a package."""
        self.why = why
        package = why.package
        self.title.setText(f"{package.name} {package.version}")
        facts = (
            "requested in the definition" if package.requested else "came with other packages",
            f"from {package.manager}",
            size_text(package.size) if package.size else "",
            package.license,
        )
        parts = [f"<p>{escape(' · '.join(fact for fact in facts if fact))}</p>"]
        chains = [chain for chain in why.chains if len(chain) > 1]
        if chains:
            lines = "".join(f"<p style='margin:2px 0'>{' → '.join(map(_link, chain))}</p>" for chain in chains)
            parts.append(f"{_heading('Brought in by', len(chains))}{lines}")
        parts.append(_names("Needed by", why.dependants, "No other package requires it."))
        parts.append(_names("Would leave with it", why.leaves, "Nothing else would leave the lock."))
        needs = tuple(sorted(package.dependencies))
        if needs:
            parts.append(f"{_heading('Requires', len(needs))}<p>{'<br>'.join(map(escape, needs))}</p>")
        self.text.setText("".join(parts))
        self.setAccessibleName(f"Why {package.name} is in the lock")
        self.show()

    def say(self, name: str, text: str) -> None:
        """Show in a sentence why there is nothing to explain."""
        self.why = None
        self.title.setText(name)
        self.text.setText(f"<p>{escape(text)}</p>")
        self.setAccessibleName(f"About {name}")
        self.show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            # A rich text keeps the colour that its links had when it was read.
            shown = self.text.text()
            self.text.clear()
            self.text.setText(shown)

    @Slot(str)
    def _on_text_link_activated(self, name: str) -> None:
        self.package_activated.emit(name)


def explained(platform: PlatformLock, name: str, *, report: Report) -> Why:
    """Return why a package is in a platform's lock, as a job."""
    report.raise_if_cancelled()
    return why(platform, name)


def _heading(title: str, count: int) -> str:
    return f"<p style='margin:12px 0 4px 0'><b>{escape(title)}</b>{f' · {count}' if count else ''}</p>"


def _link(name: str) -> str:
    return f"<a href='{escape(name)}' style='text-decoration:none'>{escape(name)}</a>"


def _names(title: str, names: tuple[str, ...], nothing: str) -> str:
    if not names:
        return f"{_heading(title, 0)}<p>{escape(nothing)}</p>"
    return f"{_heading(title, len(names))}<p>{listed([_link(name) for name in names], MAX_NAMES)}</p>"
