"""A page on which something has to be fixed is marked on its tab, whatever page is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envstudio.domain.check import check
from envstudio.domain.environment import Environment, Image, Python, Serving, Variable
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.frame.environment_view import EnvironmentView
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.frame.page_commands import PAGES
from envstudio.gui.frame.page_marks import page_of


def marked(view: EnvironmentView) -> dict[str, str]:
    """Return the text for the pages that have a mark."""
    tabs = view.tabs
    return {
        name: tabs.tabToolTip(index).partition("\n")[2]
        for index, name in enumerate(PAGES)
        if not tabs.tabIcon(index).isNull()
    }


def test_marks_follow_the_definition(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    document = view.document
    assert marked(view) == {}
    document.edit("Base", replace(document.environment, image=Image()))
    assert marked(view) == {"Image": "1 warning"}
    index = PAGES.index("Image")
    assert view.tabs.accessibleTabName(index) == "Image, 1 warning"
    assert view.tabs.tabToolTip(index).startswith("Image (Alt+3)")
    document.edit("Token", document.environment.with_variable(Variable("API_TOKEN", "correct-horse-battery")))
    assert set(marked(view)) == {"Image", "Variables"}
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert marked(view) == {}
    assert view.tabs.accessibleTabName(index) == ""


def test_a_hint_marks_nothing(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    view.document.edit("Add", view.document.environment.with_conda(conda_requirement("scipy")))
    assert any(problem.severity is Severity.INFO for problem in view.document.problems())
    assert marked(view) == {}


def test_curated_environments_have_no_marks(window: MainWindow) -> None:
    assert marked(window.open_environment("curated/minimal-python")) == {}


@pytest.mark.parametrize(
    ("where", "page"),
    [
        ("python.conda.numpy", "Packages"),
        ("python.pip_options", "Packages"),
        ("python.version", "Image"),
        ("python", "Packages"),
        ("image.base", "Image"),
        ("variables.TOKEN", "Variables"),
        ("serving", "Serving"),
        ("name", "Image"),
    ],
)
def test_each_place_has_its_page(where: str, page: str) -> None:
    assert page_of(Problem("code", Severity.WARNING, where, "")) == page


def test_what_the_check_finds_has_a_page_where_it_is_mended() -> None:
    environment = Environment(
        "azureml-x", Python(), Image(), (Variable("PASSWORD", "hunter2hunter2hunter2"),), serving=Serving()
    )
    assert "Source" not in {page_of(problem) for problem in check(environment)}
