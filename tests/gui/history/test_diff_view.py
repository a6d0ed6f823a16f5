"""The widths of a comparison's columns: both values have the same room until someone draws them otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from envstudio.domain.comparison import Comparison
from envstudio.domain.diff import compare
from envstudio.domain.environment import Environment, Variable
from envstudio.gui.history.diff_model import NAME, NEW, OLD, WHAT
from envstudio.gui.history.diff_view import DiffView


@pytest.fixture
def view(qtbot: QtBot) -> DiffView:
    made = DiffView()
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    return made


@pytest.mark.parametrize("width", [640, 900, 1600])
def test_old_and_new_share_what_is_left(view: DiffView, width: int) -> None:
    view.resize(width, 300)
    assert abs(view.columnWidth(OLD) - view.columnWidth(NEW)) <= 1
    assert sum(map(view.columnWidth, (WHAT, NAME, OLD, NEW))) == view.viewport().width()


def test_a_width_that_was_drawn_stays(view: DiffView) -> None:
    view.header().resizeSection(OLD, 300)
    view.resize(1200, 300)
    assert view.columnWidth(OLD) == 300


def test_both_keep_a_least_width(view: DiffView) -> None:
    view.resize(420, 300)
    assert view.columnWidth(OLD) == 96


def test_values_that_are_longer_get_more_room(view: DiffView) -> None:
    variable = Variable("MLFLOW_EXPERIMENT", "churn-of-the-last-quarter")
    after = Environment("churn", variables=(variable,))
    changes = compare(Environment("churn"), after)
    view.load(Comparison("v1", "v2", False, changes, (), False))
    assert view.columnWidth(OLD) == 96
    assert view.columnWidth(NEW) > 300
    view.load(Comparison("v2", "v3", False, compare(after, replace(after, variables=())), (), False))
    assert view.columnWidth(NEW) < 120
    assert view.columnWidth(OLD) > 300
