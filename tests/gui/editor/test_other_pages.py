"""The pages of variables, image and source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from envstudio.domain.environment import Applies, Registry, Variable
from envstudio.gui.editor.image_page import BASE, CONTEXT, DOCKERFILE, ImagePage
from envstudio.gui.editor.source_page import SourcePage
from envstudio.gui.editor.variables_model import (
    FIRST_APPLIES,
    NAME,
    PROBLEM,
    SECRET,
    VALUE,
    VariablesModel,
)
from envstudio.gui.editor.variables_page import VariablesPage
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.look import theme
from envstudio.gui.model.session import Session


@pytest.fixture
def variables(window: MainWindow) -> VariablesPage:
    page = window.open_environment("churn-train").show_page("Variables")
    assert isinstance(page, VariablesPage)
    return page


@pytest.fixture
def image(window: MainWindow) -> ImagePage:
    page = window.open_environment("churn-train").show_page("Image")
    assert isinstance(page, ImagePage)
    return page


def test_variables_model(watch_model, session: Session) -> None:
    document = session.open("churn-train")
    model = VariablesModel(document)
    watch_model(model)
    document.edit("Add", document.environment.with_variable(Variable("A", "1")))
    assert model.setData(model.index(1, VALUE), "2")
    assert model.setData(model.index(1, NAME), "B")
    box = model.index(1, FIRST_APPLIES)
    assert model.setData(box, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert document.environment.variables[1] == Variable("B", "2", applies=tuple(Applies))
    document.edit("Remove", document.environment.without_variable("B"))
    assert model.rowCount() == 1


def test_variable_names(variables: VariablesPage) -> None:
    index = variables.model.index(0, NAME)
    assert not variables.model.setData(index, "not a name")
    assert index.data() == "not a name"
    assert variables.document.undo_stack.count() == 0


def secret_box(page: VariablesPage, state: Qt.CheckState) -> None:
    page.model.setData(page.model.index(0, SECRET), state, Qt.ItemDataRole.CheckStateRole)


def test_secret(
    variables: VariablesPage, kept_secrets: dict[tuple[str, str], str], wait_jobs: Callable[[], None]
) -> None:
    value = variables.model.index(0, VALUE)
    secret_box(variables, Qt.CheckState.Checked)
    wait_jobs()
    name = "churn-train.OMP_NUM_THREADS"
    assert kept_secrets == {("envstudio/default", name): "4"}
    assert variables.document.environment.variables[0] == Variable("OMP_NUM_THREADS", "", name)
    assert set(value.data()) == {"•"}
    variables.reveal.click()
    wait_jobs()
    assert value.data() == "4"
    variables.reveal.click()
    assert set(value.data()) == {"•"}
    variables.model.setData(value, "8")
    wait_jobs()
    assert kept_secrets == {("envstudio/default", name): "8"}
    variables.model.setData(value, "")
    secret_box(variables, Qt.CheckState.Unchecked)
    wait_jobs()
    assert variables.document.environment.variables[0] == Variable("OMP_NUM_THREADS", "8")


@pytest.mark.usefixtures("no_keyring")
def test_secret_without_a_keyring(variables: VariablesPage, wait_jobs: Callable[[], None]) -> None:
    secret_box(variables, Qt.CheckState.Checked)
    wait_jobs()
    assert "no keyring" in variables.model.index(0, PROBLEM).data()
    assert variables.document.environment.variables[0] == Variable("OMP_NUM_THREADS", "4")
    assert variables.document.undo_stack.count() == 0


def test_a_new_secret_value_can_be_undone(
    variables: VariablesPage, kept_secrets: dict[tuple[str, str], str], wait_jobs: Callable[[], None]
) -> None:
    secret_box(variables, Qt.CheckState.Checked)
    wait_jobs()
    location = ("envstudio/default", "churn-train.OMP_NUM_THREADS")
    variables.model.setData(variables.model.index(0, VALUE), "8")
    wait_jobs()
    stack = variables.document.undo_stack
    assert stack.undoText() == "Change the secret OMP_NUM_THREADS"
    for act, value in ((stack.undo, "4"), (stack.redo, "8"), (stack.undo, "4")):
        act()
        wait_jobs()
        assert kept_secrets == {location: value}
    del kept_secrets[location]
    variables.model.setData(variables.model.index(0, VALUE), "16")
    wait_jobs()
    stack.undo()
    wait_jobs()
    assert kept_secrets == {}, "there was none before"


def test_a_secret_of_another_is_not_overwritten(
    variables: VariablesPage, kept_secrets: dict[tuple[str, str], str], wait_jobs: Callable[[], None]
) -> None:
    """Such as that of an environment of this name in another library, or of one that was renamed."""
    name = "churn-train.OMP_NUM_THREADS"
    kept_secrets["envstudio/default", name] = "theirs"
    secret_box(variables, Qt.CheckState.Checked)
    wait_jobs()
    assert variables.document.environment.variables[0].secret == f"{name}.2"
    assert kept_secrets == {("envstudio/default", name): "theirs", ("envstudio/default", f"{name}.2"): "4"}
    variables.document.undo_stack.undo()
    assert variables.document.environment.variables == (Variable("OMP_NUM_THREADS", "4"),)
    secret_box(variables, Qt.CheckState.Checked)
    wait_jobs()
    assert variables.document.environment.variables[0].secret == f"{name}.2", "the same value is the same secret"


def test_what_is_pasted_over_a_variable_is_its_value_only(
    variables: VariablesPage, kept_secrets: dict[tuple[str, str], str], wait_jobs: Callable[[], None]
) -> None:
    document = variables.document
    secret_box(variables, Qt.CheckState.Checked)
    wait_jobs()
    plain = Variable("LEVEL", "info", applies=(Applies.BUILD,))
    document.edit("Add", document.environment.with_variable(plain))
    before, location = document.environment, ("envstudio/default", "churn-train.OMP_NUM_THREADS")
    QGuiApplication.clipboard().setText("OMP_NUM_THREADS=8\nLEVEL=debug\nNEW=1\n")
    QTest.keySequence(variables.add_line.edit, QKeySequence.StandardKey.Paste)
    wait_jobs()
    secret, level, new = document.environment.variables
    assert secret == before.variables[0], "a secret stays one"
    assert kept_secrets == {location: "8"}
    assert level == replace(plain, value="debug")
    assert new == Variable("NEW", "1")
    assert document.undo_stack.undoText() == "Add 3 variables"
    document.undo_stack.undo()
    wait_jobs()
    assert document.environment == before
    assert kept_secrets == {location: "4"}


def test_rows_that_are_copied_can_be_pasted(variables: VariablesPage, kept_secrets, wait_jobs) -> None:
    document = variables.document
    secret_box(variables, Qt.CheckState.Checked)
    wait_jobs()
    for value in ("x # y", "'quoted'", ' "', "two\nlines", "C:\\new", "", "a=b", "ü"):
        document.edit("Add", document.environment.with_variable(Variable(f"V{document.undo_stack.count()}", value)))
    before = document.environment
    variables.table.selectAll()
    variables.table.copy()
    document.edit("Remove all", replace(before, variables=before.variables[:1]))
    variables.table.paste_requested.emit(QGuiApplication.clipboard().text())
    wait_jobs()
    assert document.environment == before
    assert list(kept_secrets.values()) == ["4"]


def test_a_value_that_looks_secret_is_made_one(
    variables: VariablesPage, kept_secrets: dict[tuple[str, str], str], wait_jobs: Callable[[], None]
) -> None:
    document = variables.document
    document.edit("Add", document.environment.with_variable(Variable("DB_PASSWORD", "correct-horse")))
    before = document.environment
    (button,) = variables.problems.fix_buttons
    assert button.text() == "Make it a secret"
    variables.problems.location_activated.emit("variables.DB_PASSWORD")
    assert variables.table.currentIndex().row() == 1
    button.click()
    wait_jobs()
    name = "churn-train.DB_PASSWORD"
    assert document.environment.variables[1] == Variable("DB_PASSWORD", secret=name)
    assert kept_secrets == {("envstudio/default", name): "correct-horse"}
    assert "correct-horse" not in document.source()
    document.undo_stack.undo()
    assert document.environment == before


def test_a_refused_name_goes_with_its_variable(variables: VariablesPage) -> None:
    document = variables.document
    variables.model.setData(variables.model.index(0, NAME), "not a name")
    document.edit("Remove", document.environment.without_variable("OMP_NUM_THREADS"))
    document.undo_stack.undo()
    assert variables.model.index(0, NAME).data() == "OMP_NUM_THREADS"
    assert document.invalid_inputs == {}


def test_add_and_remove_variables(variables: VariablesPage) -> None:
    QTest.keyClicks(variables.add_line.edit, "MLFLOW_URI=https://mlflow.example")
    QTest.keyClick(variables.add_line.edit, Qt.Key.Key_Return)
    assert variables.document.environment.variables[-1] == Variable("MLFLOW_URI", "https://mlflow.example")
    variables.table.selectRow(0)
    QTest.keyClick(variables.table, Qt.Key.Key_Delete)
    assert [item.name for item in variables.document.environment.variables] == ["MLFLOW_URI"]


def test_variables_are_dropped(variables: VariablesPage, tmp_path: Path, wait_jobs: Callable[[], None]) -> None:
    file = tmp_path / ".env"
    file.write_text("export MLFLOW_URI=https://mlflow.example\nTHREADS=8\n", "utf-8")
    for urls, text in (([QUrl.fromLocalFile(str(file))], ""), ([], "LEVEL=info\nMODE=batch")):
        mime = QMimeData()
        mime.setUrls(urls) if urls else mime.setText(text)
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        location = QPointF(40, 200)
        enter = QDragEnterEvent(location.toPoint(), Qt.DropAction.CopyAction, mime, left, none)
        QApplication.sendEvent(variables, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(variables, QDropEvent(location, Qt.DropAction.CopyAction, mime, left, none))
        wait_jobs()
    names = [item.name for item in variables.document.environment.variables]
    assert names[-4:] == ["MLFLOW_URI", "THREADS", "LEVEL", "MODE"]


def test_refused_variable_stays(variables: VariablesPage) -> None:
    QTest.keyClicks(variables.add_line.edit, "no equals sign")
    QTest.keyClick(variables.add_line.edit, Qt.Key.Key_Return)
    assert variables.add_line.edit.text() == "no equals sign"
    assert variables.add_line.reason.isVisible()


def test_of_a_pasted_file_only_the_wrong_lines_stay(variables: VariablesPage) -> None:
    QGuiApplication.clipboard().setText("# made by hand\nA_1=1\n1BAD=2\nB_2=x y\noops\n")
    QTest.keySequence(variables.add_line.edit, QKeySequence.StandardKey.Paste)
    assert [item.name for item in variables.document.environment.variables][-2:] == ["A_1", "B_2"]
    assert variables.add_line.edit.text() == "1BAD=2"
    variables.add_line.edit.clear()
    QTest.keyClick(variables.add_line.edit, Qt.Key.Key_Return)
    assert variables.add_line.edit.text() == "oops"


def test_base_image(image: ImagePage) -> None:
    image.base.selectAll()
    QTest.keyClicks(image.base, "debian:12")
    assert image.document.environment.image.base == "debian:12"
    assert image.document.undo_stack.count() == 1
    image.document.undo_stack.undo()
    assert image.base.text() == "python:3.12-slim-bookworm"


def test_switching_the_source_keeps_what_was_typed(image: ImagePage) -> None:
    image.kinds.button(DOCKERFILE).click()
    image.dockerfile.setPlainText("FROM debian:12\n")
    assert image.document.environment.image.sources == ("dockerfile",)
    image.kinds.button(CONTEXT).click()
    QTest.keyClicks(image.context, "./docker")
    assert image.document.environment.image.sources == ("context",)
    image.kinds.button(BASE).click()
    assert image.document.environment.image.base == "python:3.12-slim-bookworm"
    image.kinds.button(DOCKERFILE).click()
    assert image.document.environment.image.dockerfile == "FROM debian:12\n"


def test_form_fields(image: ImagePage) -> None:
    image.description.setFocus()
    image.description.selectAll()
    QTest.keyClicks(image.description, "New words")
    image.platform.setCurrentText("linux/arm64")
    image.managed_by.setCurrentIndex(1)
    image.managed_by.activated.emit(1)
    image.tags.add_requested.emit("stage=prod")
    image.tags.remove_requested.emit("team=vision")
    environment = image.document.environment
    assert environment.description == "New words"
    assert environment.image.platform == "linux/arm64"
    assert environment.python.managed_by == "user"
    assert environment.tags == (("stage", "prod"),)


def test_what_is_no_platform_stays_marked(window: MainWindow, image: ImagePage) -> None:
    edit = image.platform.lineEdit()
    assert edit is not None
    edit.selectAll()
    QTest.keyClicks(edit, "linux-64")
    assert image.document.environment.image.platform == "linux/amd64"
    assert image.platform_reason.isVisible()
    image.document.edit("Describe", replace(image.document.environment, description="Other words"))
    window.close_current()
    again = window.open_environment("churn-train").show_page("Image")
    assert isinstance(again, ImagePage)
    assert again.platform.currentText() == "linux-64"
    assert again.platform_reason.isVisible()
    again.platform.setCurrentText("linux/arm64")
    assert again.document.environment.image.platform == "linux/arm64"
    assert again.platform_reason.isHidden()


def test_undo_takes_the_dockerfile_out_of_the_form_too(image: ImagePage) -> None:
    image.kinds.button(DOCKERFILE).click()
    image.dockerfile.setPlainText("FROM debian:12\n")
    image.document.undo_stack.undo()
    assert image.document.environment.image.dockerfile == ""
    assert (image.dockerfile.toPlainText(), image.kinds.checkedId()) == ("", DOCKERFILE)


def test_source_follows_edits(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    page = view.show_page("Source")
    assert isinstance(page, SourcePage)
    assert "name: churn-train" in page.text.toPlainText()
    view.document.edit("Add", view.document.environment.with_variable(Variable("NEW_ONE", "1")))
    assert "NEW_ONE" in page.text.toPlainText()
    page.copy.click()
    assert QGuiApplication.clipboard().text() == page.text.toPlainText()


def test_registry_password_goes_to_the_keyring(
    image: ImagePage, kept_secrets: dict[tuple[str, str], str], wait_jobs: Callable[[], None]
) -> None:
    form = image.registry
    assert not form.password.isEnabled()
    QTest.keyClicks(form.address.edit, "registry.example")
    QTest.keyClicks(form.user.edit, "robot")
    QTest.keyClicks(form.password, "hush")
    QTest.keyClick(form.password, Qt.Key.Key_Return)
    wait_jobs()
    assert kept_secrets["envstudio/default", "registry.registry.example"] == "hush"
    assert "robot" in kept_secrets["envstudio-logins", "registry.example"]
    assert image.document.environment.image.registry == Registry(
        "registry.example", "robot", "registry.registry.example"
    )
    assert form.password.text() == ""
    assert "hush" not in image.document.source()
    form.address.edit.clear()
    form.user.edit.clear()
    assert image.document.environment.image.registry is None


def test_another_registry_password_can_be_undone(
    image: ImagePage, kept_secrets: dict[tuple[str, str], str], wait_jobs: Callable[[], None]
) -> None:
    form, stack = image.registry, image.document.undo_stack
    QTest.keyClicks(form.address.edit, "registry.example")
    QTest.keyClicks(form.user.edit, "robot")
    for password in ("hush", "hush hush"):
        form.password.setText(password)
        form.store()
        wait_jobs()
    assert stack.undoText() == "Save the password for registry.example"
    named = image.document.environment
    stack.undo()
    wait_jobs()
    assert image.document.environment == named, "the first password has that name too"
    assert kept_secrets["envstudio/default", "registry.registry.example"] == "hush"
    assert '"hush"' in kept_secrets["envstudio-logins", "registry.example"]
    stack.undo()
    wait_jobs()
    assert image.document.environment.image.registry == Registry("registry.example", "robot")
    assert kept_secrets == {}
    stack.redo()
    wait_jobs()
    assert kept_secrets["envstudio/default", "registry.registry.example"] == "hush"


def test_registry_password_without_a_keyring(image: ImagePage, no_keyring: None, wait_jobs: Callable[[], None]) -> None:
    QTest.keyClicks(image.registry.address.edit, "registry.example")
    QTest.keyClicks(image.registry.password, "hush")
    QTest.keyClick(image.registry.button, Qt.Key.Key_Space)
    wait_jobs()
    assert "user first" in image.registry.state.text()
    QTest.keyClicks(image.registry.user.edit, "robot")
    image.registry.button.click()
    wait_jobs()
    assert "no keyring" in image.registry.state.text()
    assert image.registry.password.text() == "hush", "what was typed is not lost"


def test_build_plan(image: ImagePage, window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    QTest.keySequence(window, QKeySequence("Ctrl+Shift+B"))
    wait_jobs()
    assert image.preview.isVisible()
    assert "not locked" in image.preview.steps.text()
    image.kinds.button(DOCKERFILE).click()
    image.dockerfile.setPlainText("FROM base\nRUN true")
    image.preview_button.click()
    wait_jobs()
    plan = image.preview.plan
    assert plan is not None
    assert plan.builder in ("classic", "buildkit")
    assert image.preview.dockerfile.toPlainText() == "FROM base\nRUN true"
    image.preview.close_button.click()
    assert image.preview.isHidden()


def test_a_dockerfile_keeps_its_signs(qapp: QApplication, image: ImagePage) -> None:
    document = image.document
    text = "FROM base.example/linux:1\nRUN echo 10\u00a0000\u2028\n"
    document.edit(
        "Dockerfile", replace(document.environment, image=replace(document.environment.image, base="", dockerfile=text))
    )
    theme.apply(qapp, "dark")
    theme.apply(qapp, "light")
    assert document.undo_stack.undoText() == "Dockerfile"
    image.dockerfile.appendPlainText("USER me")
    assert document.environment.image.dockerfile == text + "\nUSER me"


def test_what_was_refused_goes_with_the_value(window: MainWindow, image: ImagePage) -> None:
    document = image.document
    image.platform.setEditText("linux/arm64")
    image.platform.setEditText("linux/oops")
    assert image.platform_reason.text()
    document.undo_stack.undo()
    assert image.platform.currentText() == "linux/amd64"
    assert document.invalid_inputs == {}


def test_a_tag_with_an_equals_sign_in_its_key(image: ImagePage) -> None:
    document = image.document
    document.edit("Tags", replace(document.environment, tags=(("a", "1"), ("a=b", "2"))))
    image.tags.remove_requested.emit("a=b=2")
    assert document.environment.tags == (("a", "1"),)
