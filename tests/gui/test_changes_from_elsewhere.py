"""What another program does to the library of an open window is shown as it is, with every page open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel

from envstudio.domain.environment import Variable
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.frame.environment_view import EnvironmentView
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.frame.page_commands import PAGES
from envstudio.gui.pages.error_dialog import ErrorDialog
from envstudio.library import Library

Elsewhere = Callable[[Callable[[Library], object]], None]


@pytest.fixture
def elsewhere(window: MainWindow) -> Elsewhere:
    """Return a function that lets another program do something, of which the window then hears as of all such."""

    def run(act: Callable[[Library], object]) -> None:
        library = window.session.library
        mark = library.changes.mark()
        with Library.open(library.location, who="bo") as other:
            act(other)
        for change in library.changes.since(mark)[1]:
            window.session.apply_from_elsewhere(change)
        assert not window.findChildren(ErrorDialog)

    return run


@pytest.fixture
def view(window: MainWindow, wait_jobs: Callable[[], None]) -> EnvironmentView:
    made = window.open_environment("churn-train")
    for name in PAGES:
        made.show_page(name)
    made.show_page("Packages")
    wait_jobs()
    return made


def test_what_is_open_is_deleted(window: MainWindow, view: EnvironmentView, elsewhere: Elsewhere, wait_jobs) -> None:
    window.open_environment("ocr-gpu")
    elsewhere(lambda other: other.environments.delete("churn-train"))
    wait_jobs()
    assert [view.document.name for view in window.views()] == ["ocr-gpu"]
    assert window.notice.label.text() == "churn-train was deleted elsewhere."
    assert window.browser.model.find("churn-train") is None
    window.notice.buttons[0].click()
    assert window.browser.model.find("churn-train") is not None
    shown = window.current_view()
    assert shown is not None
    assert shown.document.name == "churn-train"


def test_what_is_being_edited_is_deleted(
    window: MainWindow, view: EnvironmentView, elsewhere: Elsewhere, wait_jobs
) -> None:
    view.document.edit("Add", view.document.environment.with_conda(conda_requirement("scipy")))
    elsewhere(lambda other: other.environments.delete("churn-train"))
    wait_jobs()
    assert window.views() == []
    window.notice.buttons[0].click()
    assert window.browser.model.find("churn-train") is not None


@pytest.mark.parametrize("who", ["another", "oneself"])
def test_a_renaming_is_no_edit(
    window: MainWindow, view: EnvironmentView, library: Library, elsewhere: Elsewhere, who: str
) -> None:
    """Also if one hears of the user's own a second time."""

    def rename(other: Library) -> None:
        if who == "another":
            other.environments.rename("churn-train", "churn")
        else:
            window.session.apply(library.environments.rename("churn-train", "churn"))

    elsewhere(rename)
    assert view.document.name == "churn"
    assert view.document.undo_stack.count() == 0
    assert not view.document.changes()
    assert "name: churn\n" in view.document.source()
    assert window.tabs.tabText(0) == "churn"


def test_a_description_and_a_tag_come_from_elsewhere(
    window: MainWindow, view: EnvironmentView, elsewhere: Elsewhere
) -> None:
    from envstudio.domain.reference import Reference

    elsewhere(lambda other: other.versions.describe(Reference("churn-train"), tags={"owner": "bo"}))
    chips = [chip for chip in view.chips.widgets if isinstance(chip, QLabel)]
    assert ("owner=bo", "Tag owner") in [(chip.text(), chip.toolTip()) for chip in chips]
    assert not view.document.changes()


def test_a_deleted_environment_is_made_again(
    window: MainWindow, view: EnvironmentView, elsewhere: Elsewhere, library: Library, wait_jobs
) -> None:
    """Under the name that the open one had; what is shown is the new one."""
    environment = library.find("ocr-gpu").environment.renamed("churn-train").with_variable(Variable("NEW", "1"))

    def replace(other: Library) -> None:
        other.environments.delete("churn-train")
        other.versions.register(environment, "anew")

    elsewhere(replace)
    wait_jobs()
    shown = window.open_environment("churn-train")
    assert [item.name for item in shown.document.environment.variables] == ["NEW"]
    assert shown.state.text() == "v1"


def test_the_workspace_is_renamed(
    window: MainWindow, view: EnvironmentView, elsewhere: Elsewhere, library: Library, wait_jobs
) -> None:
    view.document.edit("Add", view.document.environment.with_conda(conda_requirement("scipy")))
    elsewhere(lambda other: other.workspaces.rename("default", "main"))
    wait_jobs()
    assert window.session.library.workspace == "main"
    assert window.windowTitle() == "churn-train — main — EnvStudio"
    assert window.notice.label.text() == "The workspace default was renamed to main elsewhere."
    shown = window.current_view()
    assert shown is not None
    assert "scipy" in [item.name for item in shown.document.environment.python.conda]


def test_the_workspace_is_renamed_and_another_has_its_name(
    window: MainWindow, view: EnvironmentView, elsewhere: Elsewhere, library: Library, wait_jobs
) -> None:
    view.document.edit("Add", view.document.environment.with_conda(conda_requirement("scipy")))

    def rename(other: Library) -> None:
        other.workspaces.rename("default", "main")
        # Whoever opens a library makes the default workspace if it is missing.
        Library.open(other.location).close()

    elsewhere(rename)
    wait_jobs()
    assert {info.name for info in library.workspaces.list()} == {"default", "main"}
    assert window.session.library.workspace == "main"
    view.document.flush()
    names = [item.name for item in library.in_workspace("main").versions.draft("churn-train").environment.python.conda]
    assert "scipy" in names


def test_the_workspace_is_deleted(window: MainWindow, library: Library, elsewhere: Elsewhere, wait_jobs) -> None:
    window.session.apply(library.workspaces.create("team"))
    window.session.switch_workspace("team")
    wait_jobs()
    elsewhere(lambda other: other.workspaces.delete("team"))
    wait_jobs()
    assert window.session.library.workspace == "default"
    assert window.notice.label.text() == "The workspace team was deleted elsewhere."
    assert window.browser.model.find("churn-train") is not None


def test_a_deleted_workspace_is_not_taken_for_one_that_had_its_name(
    window: MainWindow, library: Library, elsewhere: Elsewhere, wait_jobs
) -> None:
    library.workspaces.create("team")
    library.workspaces.rename("team", "others")
    window.session.apply(library.workspaces.create("team"))
    window.session.switch_workspace("team")
    wait_jobs()
    elsewhere(lambda other: other.workspaces.delete("team"))
    wait_jobs()
    assert window.session.library.workspace == "default"
    assert window.notice.label.text() == "The workspace team was deleted elsewhere."


def test_a_workspace_is_followed_through_several_names(
    window: MainWindow, view: EnvironmentView, elsewhere: Elsewhere, wait_jobs
) -> None:
    def rename(other: Library) -> None:
        other.workspaces.rename("default", "main")
        other.workspaces.rename("main", "team")

    elsewhere(rename)
    wait_jobs()
    assert window.session.library.workspace == "team"
    assert [view.document.name for view in window.views()] == ["churn-train"]


def test_a_draft_in_a_workspace_that_was_renamed_is_not_overwritten(
    window: MainWindow, elsewhere: Elsewhere, library: Library, wait_jobs
) -> None:
    environment = library.find("churn-train").environment
    window.session.apply(library.workspaces.create("team"))
    window.session.switch_workspace("team")
    window.session.apply(window.session.library.versions.register(environment).change)
    window.open_environment("churn-train")
    wait_jobs()
    edited = environment.with_conda(conda_requirement("scipy"))

    def rename_and_edit(other: Library) -> None:
        other.workspaces.rename("team", "main")
        other.in_workspace("main").versions.save_draft(edited)

    elsewhere(rename_and_edit)
    wait_jobs()
    shown = window.current_view()
    assert shown is not None
    assert shown.document.environment == edited
