"""What can be done now follows from what is shown and selected alone; no window is needed to tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envstudio.gui.frame.command_state import OpenEnvironment, WindowFacts, command_states, selection_states
from envstudio.gui.frame.page_commands import ALL_COMMANDS
from envstudio.gui.model.command_table import CommandState, Needs
from envstudio.gui.pages.actions import Actions

OWN = ("churn-train", False)
ARCHIVED = ("ocr-old", True)
CURATED = ("curated/scikit-learn", False)
OPEN = OpenEnvironment()


def enabled(facts: WindowFacts, needs: Needs) -> set[bool]:
    """Return whether commands that need nothing but this can be used; one value if all agree."""
    own_rules = {"undo", "redo", "register", "discard", "close_tab"}
    states = command_states(facts)
    return {states[item.id].enabled for item in ALL_COMMANDS if item.needs is needs and item.id not in own_rules}


@pytest.mark.parametrize(
    ("facts", "can_be_used"),
    [
        (WindowFacts(), {Needs.NOTHING}),
        (WindowFacts(target=CURATED, shown=OPEN), {Needs.NOTHING, Needs.ENVIRONMENT, Needs.OPEN}),
        (WindowFacts(target=OWN, shown=OPEN), set(Needs)),
        (WindowFacts(tabs=3), {Needs.NOTHING}),
    ],
    ids=["nothing", "curated", "own", "a page that is no environment"],
)
def test_a_command_can_be_used_where_what_it_needs_is_there(facts: WindowFacts, can_be_used: set[Needs]) -> None:
    for needs in Needs:
        assert enabled(facts, needs) == {needs in can_be_used}, needs


def test_undo_and_redo_say_what_they_do() -> None:
    states = command_states(WindowFacts(undo="Add numpy in churn"))
    assert (states["undo"].text, states["undo"].enabled) == ("Undo Add numpy in churn", True)
    assert (states["redo"].text, states["redo"].enabled) == ("Redo", False)
    states = command_states(WindowFacts(redo=""))
    assert (states["undo"].text, states["undo"].enabled) == ("Undo", False)
    assert (states["redo"].text, states["redo"].enabled) == ("Redo", True)


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("has_changes", [False, True])
def test_a_draft_is_registered_or_discarded(read_only: bool, has_changes: bool) -> None:
    states = command_states(WindowFacts(shown=OpenEnvironment(read_only, has_changes)))
    assert states["register"].enabled is not read_only
    assert states["discard"].enabled is has_changes


def test_a_tab_is_closed_where_there_is_one() -> None:
    assert not command_states(WindowFacts())["close_tab"].enabled
    assert command_states(WindowFacts(tabs=1))["close_tab"].enabled


def test_acts_name_what_they_are_about() -> None:
    states = command_states(WindowFacts(target=OWN, shown=OPEN))
    assert states["lock"] == CommandState("Lock churn-train", enabled=True, target="churn-train")
    assert states["export"].text == "Export churn-train…"
    assert states["register"].text == "Register churn-train…"
    assert states["write_dockerfile"].text == "Write Dockerfile of churn-train…"
    assert command_states(WindowFacts())["lock"] == CommandState("Lock", enabled=False)
    assert command_states(WindowFacts(target=ARCHIVED, shown=OPEN))["archive"].text == "Unarchive ocr-old"
    long = command_states(WindowFacts(target=("a" * 30 + "z" * 30, False), shown=OPEN))["lock"].text
    assert long == f"Lock {'a' * 18}…{'z' * 18}"


def test_only_what_the_browser_offers_is_about_its_selection() -> None:
    nothing, one, two = selection_states(()), selection_states((OWN,)), selection_states((CURATED, OWN, ARCHIVED))
    assert set(one) == {item.id for item in ALL_COMMANDS if {"browser", "actions"} & {*item.where}}
    assert not any(state.enabled for state in nothing.values())
    assert all(state.enabled for state in one.values())
    assert one["delete"].text == "Delete churn-train"
    # Those that can be about several are about all that they can be done to; the others about none of them.
    assert {name for name, state in two.items() if state.enabled} == {item.id for item in ALL_COMMANDS if item.several}
    assert two["lock"].text == "Lock 2 environments"
    assert two["export"].text == "Export 3 environments…"
    assert two["rename"] == CommandState("Rename", enabled=False, target="2 environments")
    assert selection_states((CURATED, ARCHIVED))["archive"].text == "Unarchive ocr-old"


def test_what_is_shown_is_checked() -> None:
    facts = WindowFacts(shows_browser=True, theme="dark")
    checked = {name for name, state in command_states(facts).items() if state.checked}
    assert checked == {"toggle_browser", "theme_dark"}
    facts = replace(facts, shows_browser=False, shows_console=True, theme="system")
    checked = {name for name, state in command_states(facts).items() if state.checked}
    assert checked == {"toggle_console", "theme_system"}


def test_only_what_differs_is_changed(qapp: object) -> None:
    actions = Actions(ALL_COMMANDS, None)  # type: ignore[arg-type]
    facts = WindowFacts(target=OWN, shown=OPEN, tabs=1)
    actions.show(command_states(facts))
    changed: list[str] = []
    for command in ALL_COMMANDS:
        actions[command.id].changed.connect(lambda name=command.id: changed.append(name))
    actions.show(command_states(facts))
    assert not changed
    actions.show(command_states(replace(facts, undo="Add numpy")))
    assert set(changed) == {"undo"}


def test_what_was_toggled_meanwhile_is_set_right(qapp: object) -> None:
    actions = Actions(ALL_COMMANDS, None)  # type: ignore[arg-type]
    facts = WindowFacts(theme="dark")
    actions.show(command_states(facts))
    actions["theme_dark"].trigger()
    assert not actions["theme_dark"].isChecked()
    actions.show(command_states(facts))
    assert actions["theme_dark"].isChecked()


def test_tips_name_the_target_and_the_toolbar_is_short(qapp: object) -> None:
    actions = Actions(ALL_COMMANDS, None)  # type: ignore[arg-type]
    actions.show(command_states(WindowFacts(target=OWN, shown=OPEN)))
    assert actions["lock"].toolTip().startswith("Lock churn-train: resolve")
    assert (actions["lock"].text(), actions["lock"].iconText()) == ("Lock churn-train", "Lock")
    actions.show(command_states(WindowFacts()))
    assert actions["lock"].toolTip().startswith("Resolve")
    actions.show_selection(selection_states((OWN, ARCHIVED)))
    assert actions.of_selection("archive").text() == "Archive 2 environments"
    assert actions["archive"].text() == "Archive"
