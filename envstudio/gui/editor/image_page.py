"""The page for what the image starts from, the Python in it, and what the environment is about."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.container_platform import OFFERED, parse_platform
from envstudio.domain.environment import BuildContext, Environment, Image, ManagedBy
from envstudio.errors import InvalidInput
from envstudio.gui.editor.highlighters import DockerfileHighlighter
from envstudio.gui.editor.image_preview import ImagePreview
from envstudio.gui.editor.problems_panel import ProblemsPanel
from envstudio.gui.editor.registry_form import RegistryForm
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.chips import ChipsBar
from envstudio.gui.widgets.field_undo import TAKEN_AS_TYPED
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.plain_text import whole_text

BASE, DOCKERFILE, CONTEXT = range(3)
SOURCES = ("Base image", "Dockerfile", "Build context")
PLATFORM_KEY = "image/platform"
MANAGED = ((ManagedBy.SYSTEM, "EnvStudio, from the packages"), (ManagedBy.USER, "the image itself"))
FIELD_WIDTH = 440


class ImagePage(Page):
    """A form. What is typed for one kind of source is kept while another is chosen."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self._loading = False
        self._make_fields()
        self.problems = ProblemsPanel(document, "image", "name", "python.version", "gpu", "serving")
        self.problems.setProperty("line", "top")
        content = QFrame()
        content.setProperty("surface", "base")
        whole = QVBoxLayout(content)
        whole.setContentsMargins(16, 4, 16, 16)
        form = QFormLayout()
        whole.addLayout(form)
        whole.addStretch(1)
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self._heading("Image"))
        form.addRow("Start from", self._kinds)
        form.addRow("", self.sources)
        form.addRow("Platform", self.platform)
        form.addRow("", self.platform_reason)
        form.addRow("", self.preview_button)
        form.addRow(self._heading("Private registry"))
        self.registry = RegistryForm(session, document, form, content)
        form.addRow(self._heading("Python"))
        form.addRow("Managed by", self.managed_by)
        form.addRow("Version in the image", self.python_version)
        form.addRow("CUDA", self.cuda)
        form.addRow(self._heading("About"))
        form.addRow("Description", self.description)
        form.addRow("Tags", self.tags)
        scroll = QScrollArea(widgetResizable=True)
        # Its fields are the stops of Tab, and the view follows them.
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.preview = ImagePreview(session, document)
        self.preview_button.clicked.connect(self.preview.look)
        sides = QSplitter(handleWidth=1, childrenCollapsible=False)
        sides.addWidget(scroll)
        sides.addWidget(self.preview)
        sides.setStretchFactor(0, 1)
        sides.setSizes([680, 440])
        layout.addWidget(sides, 1)
        layout.addWidget(self.problems)
        content.setEnabled(not document.read_only)
        document.environment_changed.connect(self._on_document_environment_changed)
        self._load()
        self.setFocusProxy(self.base)
        self.follow_theme()

    def _make_fields(self) -> None:
        self.kinds = QButtonGroup(self)
        self._kinds = QWidget()
        row = QHBoxLayout(self._kinds)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for number, title in enumerate(SOURCES):
            button = QRadioButton(title)
            self.kinds.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self.kinds.idClicked.connect(self._on_kinds_id_clicked)

        self.base = self._line("Base image", "python:3.12-slim-bookworm")
        self.base.textEdited.connect(self._on_base_text_edited)
        self.dockerfile = QPlainTextEdit(placeholderText="FROM python:3.12-slim-bookworm\nRUN …")
        self.dockerfile.setProperty("field", True)
        self.dockerfile.setAccessibleName("Dockerfile")
        self.dockerfile.setTabChangesFocus(True)
        self.dockerfile.setFixedHeight(240)
        self.dockerfile.setMinimumWidth(FIELD_WIDTH)
        self.dockerfile.setMaximumWidth(640)
        self.dockerfile.textChanged.connect(self._on_dockerfile_text_changed)
        self._highlighter = DockerfileHighlighter(self.dockerfile.document(), self.colors())
        self.context = self._line("Build context", "./docker, or https://git.example.org/team/images.git#main")
        self.context.textEdited.connect(self._on_context_text_edited)
        self.sources = QStackedWidget()
        for field in (self.base, self.dockerfile, self.context):
            holder = QWidget()
            box = QVBoxLayout(holder)
            box.setContentsMargins(0, 0, 0, 0)
            box.addWidget(field)
            box.addStretch(1)
            self.sources.addWidget(holder)
        self.sources.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

        self.platform = QComboBox(editable=True)
        self.platform.addItems(OFFERED)
        self.platform.setAccessibleName("Platform")
        self.platform.setFixedWidth(200)
        self.platform.editTextChanged.connect(self._on_platform_edit_text_changed)
        self.platform_reason = Label(wordWrap=True)
        self.platform_reason.setProperty("tone", "error")
        self.platform_reason.setFixedWidth(FIELD_WIDTH)
        self.preview_button = QPushButton("Show what would be built")
        self.preview_button.setProperty("small", True)
        self.preview_button.setToolTip("The layers or the Dockerfile of a build; nothing is made")
        self.managed_by = QComboBox()
        self.managed_by.setAccessibleName("Managed by")
        for value, title in MANAGED:
            self.managed_by.addItem(title, value)
        self.managed_by.setMinimumWidth(280)
        self.managed_by.activated.connect(self._on_managed_by_activated)
        self.python_version = self._line("Python version of the image", "as the packages say", 200)
        self.python_version.textEdited.connect(self._on_python_version_text_edited)
        self.cuda = self._line("CUDA version", "none", 200)
        self.cuda.textEdited.connect(self._on_cuda_text_edited)
        self.description = self._line("Description", "What it is for")
        self.description.textEdited.connect(self._on_description_text_edited)
        self.tags = ChipsBar("tag", "team=vision")
        self.tags.add_requested.connect(self._on_tags_add_requested)
        self.tags.remove_requested.connect(self._on_tags_remove_requested)

    def _line(self, name: str, hint: str, width: int = FIELD_WIDTH) -> QLineEdit:
        line = QLineEdit(placeholderText=hint)
        line.setAccessibleName(name)
        line.setFixedWidth(width)
        line.setProperty(TAKEN_AS_TYPED, True)
        return line

    def _heading(self, text: str) -> QLabel:
        label = Label(text)
        label.setContentsMargins(0, 12, 0, 0)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        return label

    def apply_theme(self) -> None:
        self.problems.model.colors = self.colors()
        for field in (self.dockerfile, self.base, self.context):
            field.setFont(theme.monospace(self))
        self._highlighter.set_colors(self.colors())
        self.preview.apply_theme()

    # The form follows the value

    def _on_document_environment_changed(self, old: Environment, new: Environment) -> None:
        if old.image.platform != new.image.platform:
            self.document.keep(PLATFORM_KEY, None)
        if not self._loading:
            self._load()

    def _load(self) -> None:
        """Show the value. A field that shows it already keeps its cursor."""
        self._loading = True
        environment = self.document.environment
        image, python = environment.image, environment.python
        kind = DOCKERFILE if image.dockerfile else CONTEXT if image.context else BASE
        if image.sources or self.kinds.checkedId() < 0:
            self.kinds.button(kind).setChecked(True)
        self._show_kind(self.kinds.checkedId())
        if image.base or kind == BASE:
            _set_text(self.base, image.base)
        # A text that another source replaced is kept, so that one can return to it.
        shown = self.kinds.checkedId() == DOCKERFILE
        if (image.dockerfile or shown) and image.dockerfile != whole_text(self.dockerfile):
            self.dockerfile.setPlainText(image.dockerfile)
        if image.context:
            _set_text(self.context, image.context.location)
        platform = self.document.invalid_inputs.get(PLATFORM_KEY) or image.platform
        if self.platform.currentText() != platform:
            self.platform.setEditText(platform)
        self._mark_platform(platform)
        self.managed_by.setCurrentIndex(self.managed_by.findData(python.managed_by))
        _set_text(self.python_version, python.version)
        self.registry.load()
        _set_text(self.cuda, environment.cuda)
        _set_text(self.description, environment.description)
        self.tags.set_texts(
            tuple(f"{key}={value}" for key, value in environment.tags), read_only=self.document.read_only
        )
        self._loading = False

    def _show_kind(self, kind: int) -> None:
        self.sources.setCurrentIndex(kind)
        self.sources.setFixedHeight(self.dockerfile.height() if kind == DOCKERFILE else self.base.sizeHint().height())

    # The value follows the form

    def _edit(self, text: str, environment: Environment, merge: str) -> None:
        if self._loading:
            return
        self._loading = True
        self.document.edit(text, environment, merge=merge)
        self._loading = False

    def _edit_image(self, text: str, merge: str, **parts: object) -> None:
        environment = self.document.environment
        image: Image = replace(environment.image, **parts)  # type: ignore[arg-type]
        self._edit(text, replace(environment, image=image), merge)

    @Slot(int)
    def _on_kinds_id_clicked(self, kind: int) -> None:
        self._show_kind(kind)
        if kind == BASE:
            self._on_base_text_edited(self.base.text(), "")
        elif kind == DOCKERFILE:
            self._on_dockerfile_text_changed("")
        else:
            self._on_context_text_edited(self.context.text(), "")

    @Slot(str)
    def _on_base_text_edited(self, text: str, merge: str = "image.base") -> None:
        self._edit_image("Change base image", merge, base=text.strip(), dockerfile="", context=None)

    @Slot()
    def _on_dockerfile_text_changed(self, merge: str = "image.dockerfile") -> None:
        text = whole_text(self.dockerfile)
        if merge and (text == self.document.environment.image.dockerfile or self.kinds.checkedId() != DOCKERFILE):
            # Qt says the same of new colours and fonts.
            return
        self._edit_image("Change Dockerfile", merge, base="", dockerfile=text, context=None)

    @Slot(str)
    def _on_context_text_edited(self, text: str, merge: str = "image.context") -> None:
        old = self.document.environment.image.context
        path = old.dockerfile_path if old else BuildContext("").dockerfile_path
        context = BuildContext(text.strip(), path) if text.strip() else None
        self._edit_image("Change build context", merge, base="", dockerfile="", context=context)

    @Slot(str)
    def _on_platform_edit_text_changed(self, text: str) -> None:
        text = text.strip()
        if self._loading:
            return
        understood = self._mark_platform(text)
        self.document.keep(PLATFORM_KEY, None if understood else text)
        if understood:
            self._edit_image("Change platform", "image.platform", platform=text)

    def _mark_platform(self, text: str) -> bool:
        """Return whether a text is a platform; one that is none stays, with the reason under it."""
        try:
            parse_platform(text)
            reason = ""
        except InvalidInput as error:
            reason = message_of(error)
        self.platform_reason.setText(reason)
        self.platform_reason.setVisible(bool(reason))
        self.platform.setAccessibleDescription(reason)
        if self.platform.property("invalid") != bool(reason):
            self.platform.setProperty("invalid", bool(reason))
            self.platform.style().unpolish(self.platform)
            self.platform.style().polish(self.platform)
        return not reason

    @Slot(int)
    def _on_managed_by_activated(self, index: int) -> None:
        self._edit_python("Change who manages Python", "", managed_by=self.managed_by.itemData(index))

    @Slot(str)
    def _on_python_version_text_edited(self, text: str) -> None:
        self._edit_python("Change Python version", "python.version", version=text.strip())

    def _edit_python(self, text: str, merge: str, **parts: object) -> None:
        environment = self.document.environment
        python = replace(environment.python, **parts)  # type: ignore[arg-type]
        self._edit(text, replace(environment, python=python), merge)

    @Slot(str)
    def _on_cuda_text_edited(self, text: str) -> None:
        self._edit("Change CUDA", replace(self.document.environment, cuda=text.strip()), "cuda")

    @Slot(str)
    def _on_description_text_edited(self, text: str) -> None:
        self._edit("Change description", replace(self.document.environment, description=text), "description")

    @Slot(str)
    def _on_tags_add_requested(self, text: str) -> None:
        key, _, value = text.partition("=")
        self.document.edit(f"Add tag {key}", self.document.environment.with_tag(key.strip(), value.strip()))

    @Slot(str)
    def _on_tags_remove_requested(self, text: str) -> None:
        environment = self.document.environment
        # A key may hold a "=" itself.
        kept = tuple((key, value) for key, value in environment.tags if f"{key}={value}" != text)
        self.document.edit(f"Remove tag {text.partition('=')[0]}", replace(environment, tags=kept))


def _set_text(line: QLineEdit, text: str) -> None:
    if line.text().strip() != text.strip():
        line.setText(text)
