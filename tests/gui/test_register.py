"""Registering: what changed since the last version, whoever made that, and what is kept without a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from envstudio.domain.environment import Variable
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.dialogs.register import RegisterDialog
from envstudio.gui.frame.environment_view import EnvironmentView
from envstudio.gui.frame.main_window import MainWindow
from envstudio.library import Library
from envstudio.report import silent
from envstudio.tasks.context_content import kept_context
from envstudio.tasks.import_files import import_path


@pytest.fixture
def view(window: MainWindow) -> EnvironmentView:
    return window.open_environment("churn-train")


def add(view: EnvironmentView, spec: str) -> None:
    view.document.edit("Add", view.document.environment.with_conda(conda_requirement(spec)))


def ask(window: MainWindow) -> RegisterDialog:
    window.actions_of["register"].trigger()
    dialog = window.findChild(RegisterDialog)
    assert isinstance(dialog, RegisterDialog)
    return dialog


def messages(dialog: RegisterDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisibleTo(dialog))


def rows(dialog: RegisterDialog) -> set[tuple[str, str]]:
    comparison = dialog.view.comparison
    assert comparison is not None
    return {(str(row.kind), row.name) for row in comparison.changes}


def test_what_a_colleague_registered_meanwhile_is_shown_as_taken_back(
    window: MainWindow, view: EnvironmentView, library: Library
) -> None:
    add(view, "scipy")
    view.document.flush()
    other = library.find("churn-train").environment.with_variable(Variable("SEED", "1"))
    window.session.apply_from_elsewhere(library.versions.register(other, "seed", from_draft=False).change)
    assert view.document.base_version == 2
    dialog = ask(window)
    assert rows(dialog) == {("added", "scipy"), ("removed", "SEED")}
    assert "2 changes since v3" in messages(dialog)
    assert "The draft was made from v2, so it undoes what was registered after that." in messages(dialog)
    dialog.reject()


def test_one_who_drafts_the_newest_version_is_told_nothing_of_that(window: MainWindow, view: EnvironmentView) -> None:
    add(view, "scipy")
    dialog = ask(window)
    assert "1 change since v2" in messages(dialog)
    assert "takes back" not in messages(dialog)
    dialog.reject()


def test_the_same_as_a_version_that_came_meanwhile_is_nothing_to_register(
    window: MainWindow, view: EnvironmentView, library: Library
) -> None:
    add(view, "scipy")
    view.document.flush()
    library.versions.register(view.document.environment, "the same", from_draft=False)
    library.versions.save_draft(view.document.environment, base_version=2)
    window.actions_of["register"].trigger()
    assert window.notice.label.text() == "Nothing to register: the draft of churn-train is the same as version 3."
    assert view.state.text() == "v3"
    assert not library.versions.draft("churn-train").saved


def test_an_older_version_without_changes_is_not_the_same_as_the_newest(
    window: MainWindow, view: EnvironmentView, library: Library
) -> None:
    """As after edits that were taken back, while a colleague registered."""
    add(view, "scipy")
    other = library.find("churn-train").environment.with_variable(Variable("SEED", "1"))
    library.versions.register(other, "seed", from_draft=False)
    view.document.undo_stack.undo()
    assert not view.document.changes()
    dialog = ask(window)
    assert rows(dialog) == {("removed", "SEED")}
    dialog.register.click()
    assert library.find("churn-train").version == 4
    assert library.find("churn-train").digest == library.find("churn-train:2").digest


def test_a_description_belongs_to_the_version_that_there_is(
    window: MainWindow, view: EnvironmentView, library: Library
) -> None:
    document = view.document
    document.edit("Describe", replace(document.environment, description="Trains it nightly"))
    dialog = ask(window)
    assert dialog.register.text() == "Keep in v2"
    assert dialog.message.isHidden()
    assert "no new version" in messages(dialog)
    dialog.register.click()
    assert library.find("churn-train").version == 2
    assert library.find("churn-train").environment.description == "Trains it nightly"
    assert window.notice.label.text() == "churn-train:2 has the new description and tags. Nothing else changed."
    assert view.state.text() == "v2"


def test_comments_are_kept_where_there_is_nothing_to_register(
    window: MainWindow, view: EnvironmentView, library: Library
) -> None:
    document = view.document
    document.write(document.environment, f"# why numpy is held\n{document.source()}")
    document.flush()
    window.actions_of["register"].trigger()
    assert "the same as version 2" in window.notice.label.text()
    assert library.versions.draft("churn-train").text.startswith("# why numpy is held")


@pytest.mark.parametrize(("offer", "title"), [("Lock", "Lock churn-train"), ("Build", "Build churn-train:3")])
def test_what_is_offered_after_registering_is_about_what_was_registered(
    window: MainWindow, view: EnvironmentView, wait_jobs, tmp_path: Path, offer: str, title: str
) -> None:
    """Also if one looks at another by now."""
    settings = window.session.settings
    window.session.settings = replace(settings, engine=f"unix://{tmp_path}/no.sock", builder="classic", platforms=())
    add(view, "scipy")
    window.commands.drafts.register(view, "scipy")
    window.open_environment("ocr-gpu").setFocus()
    next(button for button in window.notice.buttons if button.text() == offer).click()
    titles = [job.title for job in window.session.jobs.jobs]
    for job in window.session.jobs.active():
        window.session.jobs.cancel(job)
    wait_jobs()
    assert title in titles
    assert not [text for text in titles if "ocr-gpu" in text]


def test_what_a_page_asks_for_is_about_its_environment(
    window: MainWindow, view: EnvironmentView, library: Library
) -> None:
    """On a Mac a button takes no focus from the browser when it is clicked."""
    from envstudio.gui.dialogs.new_environment import NewEnvironmentDialog

    window.activateWindow()
    curated = window.open_environment("curated/jupyter")
    window.browser.select("ocr-gpu")
    window.browser.list.setFocus()
    curated.command_requested.emit("duplicate")
    dialog = window.findChild(NewEnvironmentDialog)
    assert isinstance(dialog, NewEnvironmentDialog)
    assert dialog.start.currentText() == "curated/jupyter"
    dialog.reject()


def test_a_changed_folder_is_a_change(
    window: MainWindow, library: Library, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM base:1\nCOPY . /app\n")
    import_path(library, folder / "Dockerfile", name="image", report=silent())
    window.open_environment("image")
    window.actions_of["register"].trigger()
    wait_jobs()
    assert window.findChild(RegisterDialog) is None
    (folder / "train.py").write_text("x = 1")
    window.actions_of["register"].trigger()
    wait_jobs()
    dialog = window.findChild(RegisterDialog)
    assert isinstance(dialog, RegisterDialog)
    assert rows(dialog) == {("changed", "context")}
    dialog.register.click()
    assert library.find("image").version == 2
    kept = kept_context(library, library.find("image").environment)
    assert kept is not None
    assert kept.complete
