"""The images that were built of an environment, what is in them, and the builds that made or failed to make them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from envstudio.domain.amounts import size_text
from envstudio.domain.change import Aspect, LibraryChange
from envstudio.domain.image import ImageRecord
from envstudio.gui.images.action_line import ActionLine
from envstudio.gui.images.contents_view import ContentsView
from envstudio.gui.images.image_actions import COMMAND, PUSH_NAME, ImageActions, docker_run_line
from envstudio.gui.images.prune_view import PruneView
from envstudio.gui.images.records_model import BUILD_COLUMNS, IMAGE_COLUMNS, RecordsModel
from envstudio.gui.look import theme
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.banner import Banner
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.keys import REMOVE_KEY
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.gui.widgets.table import Table
from envstudio.library import BuildRecord
from envstudio.tasks.prune_images import PrunePlan

TEXT = "An image is this environment ready to run anywhere. Each build of it is listed here with its tags and size."
REMOVE = "Remove the image of {refs} ({size}) from the engine? Versions and locks stay, and it can be built again."
NONE_YET = "No build has succeeded yet."
REMOVED = "No image is left here. Build to create one."
EMPTY, SHOWN, PRUNE = range(3)
CONTENTS, BUILDS = range(2)


class ImagesPage(Page):
    """Images above; below what the chosen one holds, or the builds. A build's log is shown in the console."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.images = RecordsModel(IMAGE_COLUMNS, self)
        self.builds = RecordsModel(BUILD_COLUMNS, self)
        self.image_actions = ImageActions(session, document, self)
        self.image_actions.message.connect(self._on_actions_message)
        self.image_actions.looked.connect(self.images.show_states)
        self.image_actions.planned.connect(self._on_actions_planned)
        self.banner = Banner()
        self.line = ActionLine()
        self.empty = EmptyPage(
            "image", "No images yet", TEXT, ("Build now", partial(self.command_requested.emit, "build"))
        )
        self.prune = PruneView()
        self.prune.accepted.connect(self._on_prune_accepted)
        self.prune.closed.connect(self._on_prune_closed)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._make_shown())
        self.stack.addWidget(self.prune)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.line)
        layout.addWidget(self.stack, 1)
        session.library_changed.connect(self._on_session_library_changed)
        session.engine_changed.connect(self._on_session_engine_changed)
        self.images_table.remove_requested.connect(self.ask_remove)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.prune)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._on_prune_closed)
        self.setFocusProxy(self.images_table)
        self.follow_theme()
        self.reload()

    def _make_shown(self) -> QWidget:
        self.images_table = Table("Images")
        self.images_table.setModel(self.images)
        self.images_table.set_widths(80, 112, 376, 88, 72, 88, 128)
        self.images_table.row_activated.connect(self._on_images_table_row_activated)
        self.images_table.selectionModel().currentRowChanged.connect(self._on_images_table_current_row_changed)
        self.images_table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.images_table.customContextMenuRequested.connect(self._on_images_table_menu_requested)
        self.builds_table = Table("Builds")
        self.builds_table.setModel(self.builds)
        self.builds_table.set_widths(80, 72, 112, 144, 72, 96)
        self.builds_table.row_activated.connect(self._on_builds_table_row_activated)
        self.contents = ContentsView(self.session)
        self.tabs = QTabBar(drawBase=False, expanding=False)
        self.tabs.setProperty("kind", "pages")
        self.tabs.setAccessibleName("Contents or builds")
        self.parts = QStackedWidget()
        for title in ("Contents", "Builds"):
            self.tabs.addTab(title)
        self.parts.addWidget(self.contents)
        self.parts.addWidget(self.builds_table)
        self.tabs.setTabToolTip(BUILDS, "Enter or double-click shows a build's log")
        self.tabs.currentChanged.connect(self.parts.setCurrentIndex)
        upper, below = QWidget(), QWidget()
        for holder, head, widget in ((upper, self._make_head(), self.images_table), (below, self.tabs, self.parts)):
            box = QVBoxLayout(holder)
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(0)
            box.addWidget(head)
            box.addWidget(widget, 1)
        splitter = QSplitter(Qt.Orientation.Vertical, handleWidth=1, childrenCollapsible=False)
        splitter.addWidget(upper)
        splitter.addWidget(below)
        splitter.setSizes([200, 440])
        splitter.setStretchFactor(1, 1)
        return splitter

    def _make_head(self) -> QWidget:
        head = QWidget()
        row = make_row(8, (16, 8, 8, 8))
        title = Label("<b>Images</b>", textFormat=Qt.TextFormat.RichText)
        row.addWidget(title, 1)
        self.run_button = SmallButton("Run…", self.ask_run, "Run a command in a new container")
        self.copy_button = SmallButton("Copy docker run", self.copy_line, "Copy the line that runs it in a terminal")
        self.push_button = SmallButton("Push…", self.ask_push, "Push it to a registry")
        self.remove_button = SmallButton("Remove…", self.ask_remove, f"Remove it from the engine ({REMOVE_KEY})")
        self.prune_button = SmallButton(
            "Free space…", self.image_actions.plan_prune, "Show which images could be removed"
        )
        for button in self.action_buttons():
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self.prune_button)
        head.setLayout(row)
        return head

    def action_buttons(self) -> tuple[QPushButton, ...]:
        """Return the buttons that act on the chosen image."""
        return self.run_button, self.copy_button, self.push_button, self.remove_button

    def apply_theme(self) -> None:
        for model in (self.images, self.builds):
            model.colors = self.colors()
            model.monospace = theme.monospace(self.images_table)
        self.contents.apply_theme()
        self.prune.apply_theme()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.images.rows and not self.document.read_only:
            self.image_actions.look()

    def reload(self) -> None:
        """Read images and builds again; the chosen image stays chosen."""
        if self.document.read_only:
            self.empty.buttons[0].hide()
            return
        name = self.document.environment.name
        chosen = self.chosen()
        self.images.load(self.session.library.images.list(name))
        self.builds.load(self.session.library.builds.list(name))
        made = any(isinstance(row, BuildRecord) and row.status == "done" for row in self.builds.rows)
        self.images_table.empty_text = REMOVED if made else NONE_YET
        if self.stack.currentIndex() != PRUNE:
            self.stack.setCurrentIndex(SHOWN if self.images.rows or self.builds.rows else EMPTY)
        for table, model in ((self.images_table, self.images), (self.builds_table, self.builds)):
            # Headers alone are no reason for a bar.
            needed = Qt.ScrollBarPolicy.ScrollBarAsNeeded if model.rows else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            table.setHorizontalScrollBarPolicy(needed)
        ids = [record.image_id for record in self.images.rows if isinstance(record, ImageRecord)]
        row = ids.index(chosen.image_id) if chosen and chosen.image_id in ids else 0
        if ids:
            self.images_table.selectRow(row)
        else:
            self.tabs.setCurrentIndex(BUILDS)
        self._show_chosen()
        if ids and self.isVisible():
            self.image_actions.look()

    def chosen(self) -> ImageRecord | None:
        """Return the image that is chosen."""
        index = self.images_table.currentIndex()
        record = self.images.rows[index.row()] if index.isValid() else None
        return record if isinstance(record, ImageRecord) else None

    def _show_chosen(self) -> None:
        record = self.chosen()
        self.contents.load(record)
        for button in self.action_buttons():
            button.setEnabled(record is not None)

    # Acts

    def ask_run(self) -> None:
        """Ask for a command, and run it in a container."""
        if record := self.chosen():
            label, last = f"Run in {record.environment}:{record.version}", self.image_actions.remembered(COMMAND)
            self.line.open(
                label,
                "Run",
                "python -c 'import sys; print(sys.version)'",
                last,
                partial(self.image_actions.run, record),
            )

    def ask_push(self) -> None:
        """Ask for a name, and push the image under it."""
        if record := self.chosen():
            known = next((tag for tag in record.tags if "." in tag.partition("/")[0]), "")
            name = self.image_actions.remembered(PUSH_NAME) or known
            hint = "registry.example/team/name:1"
            self.line.open("Push as", "Push", hint, name, partial(self.image_actions.push, record))

    def copy_line(self) -> None:
        """Copy the command line that runs the image."""
        if record := self.chosen():
            line = docker_run_line(record)
            QGuiApplication.clipboard().setText(line)
            self.banner.say("info", f"Copied: {line}")

    def ask_remove(self) -> None:
        """Say what removing does, and offer it."""
        if record := self.chosen():
            text = REMOVE.format(refs=self._sharing(record), size=size_text(record.size))
            self.banner.say("warning", text, ("Remove", partial(self._remove, record)), ("Keep it", self.banner.hide))

    def _sharing(self, record: ImageRecord) -> str:
        """Return the versions of the workspace that this is the image of, the chosen one first."""
        own = f"{record.environment}:{record.version}"
        all_of_it = [item for item in self.session.library.images.list() if item.image_id == record.image_id]
        others = sorted({f"{item.environment}:{item.version}" for item in all_of_it} - {own})
        return f"{own}, which is also that of {', '.join(others)}," if others else own

    def _remove(self, record: ImageRecord, *_: object) -> None:
        self.image_actions.remove(record)

    def menu(self) -> QMenu:
        """Return what can be done with the chosen image."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in self.action_buttons():
            menu.addAction(button.text(), button.click).setEnabled(button.isEnabled())
        menu.addSeparator()
        menu.addAction(self.prune_button.text(), self.prune_button.click)
        return menu

    # What happens

    @Slot(str, str)
    def _on_actions_message(self, tone: str, text: str) -> None:
        self.banner.say(tone, text)

    @Slot(object)
    def _on_actions_planned(self, plan: PrunePlan) -> None:
        self.prune.load(plan)
        self.stack.setCurrentIndex(PRUNE)
        self.prune.setFocus()

    @Slot(object)
    def _on_prune_accepted(self, plan: PrunePlan) -> None:
        self._on_prune_closed()
        self.image_actions.prune(plan)

    @Slot()
    def _on_prune_closed(self) -> None:
        self.stack.setCurrentIndex(SHOWN if self.images.rows or self.builds.rows else EMPTY)
        self.images_table.setFocus()

    @Slot(object)
    def _on_session_library_changed(self, change: LibraryChange) -> None:
        wanted = Aspect.IMAGES | Aspect.BUILDS
        if change.touches(self.document.name, wanted) and self.document.name in self.session.documents:
            self.reload()

    @Slot()
    def _on_session_engine_changed(self) -> None:
        if self.images.rows and self.isVisible() and not self.document.read_only:
            self.image_actions.look()

    @Slot(QModelIndex)
    def _on_images_table_current_row_changed(self, index: QModelIndex) -> None:
        self._show_chosen()

    @Slot(QModelIndex)
    def _on_images_table_row_activated(self, index: QModelIndex) -> None:
        self.tabs.setCurrentIndex(CONTENTS)
        self.contents.treemap.setFocus()

    @Slot(QPoint)
    def _on_images_table_menu_requested(self, position: QPoint) -> None:
        self.menu().popup(self.images_table.viewport().mapToGlobal(position))

    @Slot(QModelIndex)
    def _on_builds_table_row_activated(self, index: QModelIndex) -> None:
        self.log_requested.emit(self.builds.rows[index.row()])
