"""One tab of the window: an environment's header and its pages, each made when it is first shown."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from envstudio.domain.amounts import amount_text
from envstudio.domain.change import Aspect, LibraryChange
from envstudio.domain.digest import PREFIX
from envstudio.errors import NotFound
from envstudio.gui.frame import page_table
from envstudio.gui.frame.header_facts import HeaderFacts, facts_of
from envstudio.gui.frame.page_commands import PAGES
from envstudio.gui.frame.page_marks import PageMarks, page_tip
from envstudio.gui.frame.page_table import PageEntry
from envstudio.gui.look import theme
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.banner import Banner
from envstudio.gui.widgets.elided_label import ElidedLabel
from envstudio.gui.widgets.fitting_row import FittingRow
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.label import Label, plain_tip
from envstudio.gui.widgets.layouts import make_row

if TYPE_CHECKING:
    from envstudio.domain.image import ImageRecord
    from envstudio.gui.editor.image_page import ImagePage
    from envstudio.gui.editor.packages_page import PackagesPage
    from envstudio.gui.history.history_page import HistoryPage
    from envstudio.gui.images.images_page import ImagesPage
    from envstudio.gui.locks.lock_page import LockPage
    from envstudio.gui.runs.runs_page import RunsPage

P = TypeVar("P", bound=Page)

DIGEST_SHOWN = 12
FORM = ("Packages", "Variables", "Image", "Spark", "Serving")
FROZEN = "The page Source holds a text that cannot be read. Correct or discard it to edit anything here."
ENTRIES = {entry.title: entry for entry in page_table.ENTRIES}


class EnvironmentView(QWidget):
    """Shows one document. Its requests are the window's to fulfil."""

    command_requested = Signal(str)
    facts_changed = Signal()
    log_requested = Signal(object)
    remedy_requested = Signal(object, str)
    run_requested = Signal(object)

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.document = document
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._made: dict[str, Page] = {}
        self._image: ImageRecord | None = None
        self._labels: tuple[tuple[str, int], ...] = ()
        self._chips_shown: list[tuple[str, str]] = []
        self.tabs = QTabBar(self, drawBase=False, expanding=False)
        self.tabs.setProperty("kind", "pages")
        self.tabs.setAccessibleName("Pages")
        for index, name in enumerate(PAGES):
            self.tabs.addTab(name)
            self.tabs.setTabToolTip(index, page_tip(name))
        self.tabs.currentChanged.connect(self._on_tabs_current_changed)
        self.stack = QStackedWidget(self)
        line = QWidget(self)
        line.setProperty("line", "bottom")
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        box = QHBoxLayout(line)
        box.setContentsMargins(4, 0, 8, 1)
        box.addWidget(self.tabs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._make_header())
        below = make_row(0, (3, 0, 12, 8))
        below.addWidget(self.facts)
        layout.addLayout(below)
        layout.addWidget(line)
        layout.addWidget(self.stack, 1)
        if document.read_only:
            text = "This environment ships with EnvStudio and is read-only."
            banner = Banner(self, closable=False)
            layout.insertWidget(1, banner)
            banner.say("info", text, ("Duplicate to edit", self._on_banner_duplicate))
        self.frozen: Banner | None = None
        document.unfinished_changed.connect(self._show_frozen)
        document.facts_changed.connect(self._on_document_facts_changed)
        document.facts_changed.connect(self.facts_changed)
        session.library_changed.connect(self._on_session_library_changed)
        self._read_labels()
        self._show_header()
        page = session.state.of_environment(session.library.workspace, document.name, "page")
        if page in PAGES and page != PAGES[0]:
            self.tabs.setCurrentIndex(PAGES.index(page))
        else:
            self._on_tabs_current_changed(0)
        self.marks = PageMarks(self.tabs, document)
        QTimer.singleShot(0, self, self._read_image)

    def _make_header(self) -> QHBoxLayout:
        self.name = ElidedLabel()
        self.name.setFont(theme.title_font(self))
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.state = Label()
        self.state.setProperty("tone", "muted")
        self.discard = IconButton("restore", "Discard the changes of the draft")
        self.discard.clicked.connect(self._on_discard_clicked)
        self.chips = FittingRow()
        self.facts = HeaderFacts()
        self.facts.setContentsMargins(0, 0, 0, 0)
        self.facts.page_requested.connect(self.show_page)
        self.digest = Label()
        self.digest.setProperty("tone", "muted")
        self.copy = IconButton("copy", "Copy the digest")
        self.copy.clicked.connect(self._on_copy_clicked)
        header = make_row(8, (16, 12, 12, 4))
        header.addWidget(self.name)
        header.addSpacing(4)
        header.addWidget(self.state)
        header.addWidget(self.discard)
        header.addSpacing(4)
        header.addWidget(self.chips, 1)
        header.addWidget(self.digest)
        header.addWidget(self.copy)
        return header

    # Pages

    def page(self, name: str) -> Page:
        """Return a page, made if it is not yet."""
        if name not in self._made:
            page = ENTRIES[name].load()(self.session, self.document, self.stack)
            page.command_requested.connect(self.command_requested)
            page.log_requested.connect(self.log_requested)
            page.remedy_requested.connect(self.remedy_requested)
            page.run_requested.connect(self.run_requested)
            self._made[name] = page
            self.stack.addWidget(page)
            self._show_frozen()
        return self._made[name]

    @Slot()
    def _show_frozen(self) -> None:
        """Let the form be read and not edited while Source holds a text that cannot be read, and say why."""
        frozen = self.document.is_frozen
        for name, page in self._made.items():
            if name in FORM:
                page.setEnabled(not frozen)
        if frozen and self.frozen is None:
            self.frozen = Banner(self, closable=False)
            self.frozen.say("warning", FROZEN, ("Go to the line", self._go_to_source))
            below = self.layout()
            assert isinstance(below, QVBoxLayout)
            below.insertWidget(below.indexOf(self.stack), self.frozen)
        if self.frozen is not None:
            self.frozen.setVisible(frozen and self.page_title in FORM)

    def _go_to_source(self, *_: object) -> None:
        page = self._shown(page_table.SOURCE)
        page.go_to_mark()

    def show_page(self, name: str) -> Page:
        """Show a page and return it."""
        self.tabs.setCurrentIndex(PAGES.index(name))
        return self.page(name)

    def _shown(self, entry: PageEntry[P]) -> P:
        page = self.show_page(entry.title)
        assert isinstance(page, entry.load())
        return page

    def show_packages(self) -> PackagesPage:
        """Show the packages."""
        return self._shown(page_table.PACKAGES)

    def show_image(self) -> ImagePage:
        """Show what the image starts from."""
        return self._shown(page_table.IMAGE)

    def show_history(self) -> HistoryPage:
        """Show the versions."""
        return self._shown(page_table.HISTORY)

    def show_lock(self) -> LockPage:
        """Show what it was resolved to."""
        return self._shown(page_table.LOCK)

    def show_runs(self) -> RunsPage:
        """Show the page where commands are run."""
        return self._shown(page_table.RUNS)

    def show_images(self) -> ImagesPage:
        """Show what was built of it."""
        return self._shown(page_table.IMAGES)

    def commit(self) -> None:
        """Take over what is being typed on any page."""
        for page in self._made.values():
            page.commit()

    def current_page(self) -> Page:
        """Return the page that is shown."""
        return self.page(self.page_title)

    @property
    def page_title(self) -> str:
        """The title of the page that is shown."""
        return PAGES[self.tabs.currentIndex()]

    @Slot(int)
    def _on_tabs_current_changed(self, index: int) -> None:
        self.stack.setCurrentWidget(self.page(PAGES[index]))
        self._show_frozen()
        session = self.session
        page = PAGES[index] if index else ""
        session.state.remember(session.library.workspace, self.document.name, "page", page)

    # Header

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            # A new stylesheet takes the fonts away that were set, and comes to a view before its parts.
            QTimer.singleShot(0, self, self._restyle)

    @Slot()
    def _restyle(self) -> None:
        self.marks.apply_theme()
        self.name.setFont(theme.title_font(self))
        self.digest.setFont(theme.monospace(self))

    def _show_header(self) -> None:
        document = self.document
        self.name.setText(document.environment.name)
        self.state.setText(self._state_text())
        self.discard.setVisible(bool(document.changes()) and not document.read_only)
        self.digest.setFont(theme.monospace(self))
        self.digest.setText(PREFIX + document.digest().removeprefix(PREFIX)[:DIGEST_SHOWN])
        self.digest.setToolTip(f"Digest of this definition: {document.digest()}")
        self._show_facts()
        texts = self._chip_texts()
        if texts == self._chips_shown:
            return
        self._chips_shown = texts
        chips = []
        for text, tip in texts:
            chip = Label(text, self.chips, textFormat=Qt.TextFormat.PlainText)
            chip.setProperty("chip", True)
            chip.setToolTip(plain_tip(tip))
            chips.append(chip)
        self.chips.set_widgets(chips)

    def _show_facts(self) -> None:
        document = self.document
        record, stale = document.lock()
        self.facts.show_facts(
            facts_of(document.environment, record, self._image, stale=stale, curated=document.read_only)
        )

    @Slot()
    def _read_image(self) -> None:
        """Read which image is the newest; that is not waited for when an environment is opened."""
        if self.document.read_only:
            return
        # The environment, or its workspace, may be gone by now.
        with suppress(NotFound):
            found = self.document.library.images.list(self.document.environment.name)
            self._image = found[0] if found else None
            self._show_facts()

    def _state_text(self) -> str:
        if self.document.read_only:
            return "curated"
        count = len(self.document.changes())
        if not count:
            return f"v{self.document.base_version}"
        return f"draft of v{self.document.base_version} · {amount_text(count, 'change')}"

    def _chip_texts(self) -> list[tuple[str, str]]:
        labels = [(f"{label} → v{number}", f"The label {label} points to v{number}") for label, number in self._labels]
        return [*labels, *((f"{key}={value}", f"Tag {key}") for key, value in self.document.environment.tags)]

    def _read_labels(self) -> None:
        """Read what labels point where; they change with the library only, not with an edit."""
        versions = self.session.library.versions
        self._labels = () if self.document.read_only else versions.labels(self.document.name)

    @Slot()
    def _on_document_facts_changed(self) -> None:
        self._show_header()

    @Slot(object)
    def _on_session_library_changed(self, change: LibraryChange) -> None:
        if change.touches(self.document.name, Aspect.LABELS):
            self._read_labels()
            self._show_header()
        if change.touches(self.document.name, Aspect.IMAGES | Aspect.BUILDS):
            self._read_image()

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.document.digest())

    @Slot()
    def _on_discard_clicked(self) -> None:
        self.command_requested.emit("discard")

    def _on_banner_duplicate(self) -> None:
        self.command_requested.emit("duplicate")
