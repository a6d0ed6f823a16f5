"""A window and another program edit one environment: both edits are kept, or the window says which met."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from envstudio.domain.reference import Reference
from envstudio.domain.requirement import conda_requirement
from envstudio.errors import Conflict
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.model.labelling import label_taker
from envstudio.library import Library

SCIPY, POLARS = conda_requirement("scipy"), conda_requirement("polars")
NUMPY3, NUMPY4 = conda_requirement("numpy>=3"), conda_requirement("numpy>=4")


def edit_elsewhere(library: Library, text: str) -> None:
    """Save a draft as another window does."""
    with Library.open(library.location, who="bo") as other:
        draft = other.versions.draft("churn-train").environment
        other.versions.save_draft(draft.with_conda(conda_requirement(text)), started=draft)


def test_two_drafts_come_together(window: MainWindow, library: Library, qtbot: QtBot) -> None:
    document = window.open_environment("churn-train").document
    document.edit("Add scipy", document.environment.with_conda(SCIPY))
    edit_elsewhere(library, "polars")
    document.flush()
    assert {SCIPY, POLARS} <= set(library.versions.draft("churn-train").environment.python.conda)
    document.follow()
    assert {SCIPY, POLARS} <= set(document.environment.python.conda)
    document.edit("Numpy", document.environment.with_conda(NUMPY3))
    document.flush()
    assert {SCIPY, POLARS, NUMPY3} <= set(library.versions.draft("churn-train").environment.python.conda)


def test_the_same_entry_is_said_and_can_be_taken_again(
    window: MainWindow, library: Library, wait_jobs: Callable[[], None]
) -> None:
    document = window.open_environment("churn-train").document
    document.edit("Numpy", document.environment.with_conda(NUMPY3))
    edit_elsewhere(library, "numpy>=4")
    document.save_soon(lambda: None)
    wait_jobs()
    assert "changed conda numpy meanwhile: it is >=4 there, and >=3" in window.notice.label.text()
    assert NUMPY4 in document.environment.python.conda
    document.undo_stack.undo()
    assert NUMPY3 in document.environment.python.conda
    document.flush()
    assert NUMPY3 in library.versions.draft("churn-train").environment.python.conda


def test_registering_on_a_newer_version(window: MainWindow, library: Library) -> None:
    document = window.open_environment("churn-train").document
    document.edit("Add scipy", document.environment.with_conda(SCIPY))
    document.flush()
    with Library.open(library.location, who="bo") as other:
        environment = other.find("churn-train").environment
        other.versions.register(environment.with_conda(POLARS), from_draft=False)
        other.versions.register(environment.with_conda(POLARS).with_conda(NUMPY3), from_draft=False)
    assert document.register("mine").version == 5
    assert {SCIPY, POLARS, NUMPY3} <= set(library.find("churn-train").environment.python.conda)
    assert {SCIPY, POLARS, NUMPY3} <= set(document.environment.python.conda)
    assert not document.has_draft()
    document.flush()
    assert not library.versions.draft("churn-train").saved


def test_registering_the_same_entry_is_refused_once(window: MainWindow, library: Library) -> None:
    document = window.open_environment("churn-train").document
    document.edit("Numpy", document.environment.with_conda(NUMPY3))
    document.flush()
    with Library.open(library.location, who="bo") as other:
        newer = other.find("churn-train").environment.with_conda(NUMPY4)
        other.versions.register(newer, from_draft=False)
    with pytest.raises(Conflict, match="churn-train:3 by bo changed conda numpy"):
        document.register("mine")
    assert document.base_version == 3
    assert [row.name for row in document.changes()] == ["numpy"]
    assert document.register("mine all the same").version == 4


def test_a_label_is_not_taken_from_where_somebody_just_put_it(window: MainWindow, library: Library) -> None:
    library.versions.label(Reference("churn-train", 1), "prod")
    take = label_taker(window.session, Reference("churn-train", 1))
    library.versions.label(Reference("churn-train", 2), "prod")
    with pytest.raises(Conflict, match="prod points to churn-train:2 by now"):
        take("prod")
    take("prod")
    assert library.versions.labels("churn-train") == (("prod", 1),)
