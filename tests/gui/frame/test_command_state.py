"""What can be done now follows from what is shown and selected alone; no window is needed to tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envstudio.gui.frame.command_state import OpenEnvironment, WindowFacts, command_states
from envstudio.gui.frame.page_commands import ALL_COMMANDS
from envstudio.gui.model.command_table import AIMED, CommandState, Needs
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
        (WindowFacts(targets=(CURATED,)), {Needs.NOTHING, Needs.ENVIRONMENT}),
        (WindowFacts(targets=(OWN,)), {Needs.NOTHING, Needs.ENVIRONMENT, Needs.OWN}),
        (WindowFacts(targets=(CURATED, OWN)), {Needs.NOTHING, Needs.ENVIRONMENT, Needs.OWN}),
        (WindowFacts(shown=OPEN), {Needs.NOTHING, Needs.OPEN}),
        (WindowFacts(targets=(OWN,), shown=OPEN), set(Needs)),
    ],
    ids=["nothing", "curated", "own", "both", "open", "own and open"],
)
def test_a_command_can_be_used_where_what_it_needs_is_there(facts: WindowFacts, can_be_used: set[Needs]) -> None:
    for needs in Needs:
        assert enabled(facts, needs) == {needs in can_be_used}, needs


def test_undo_and_redo_say_what_they_do() -> None:
    states = command_states(WindowFacts(shown=OpenEnvironment(undo="Add numpy")))
    assert (states["undo"].text, states["undo"].enabled) == ("Undo Add numpy", True)
    assert (states["redo"].text, states["redo"].enabled) == ("Redo", False)
    states = command_states(WindowFacts(shown=OpenEnvironment(redo="")))
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


def test_archive_is_named_after_the_first_own_environment() -> None:
    texts = [command_states(WindowFacts(targets))["archive"].text for targets in ((OWN, ARCHIVED), (ARCHIVED, OWN))]
    assert texts == ["Archive", "Unarchive"]
    assert command_states(WindowFacts((CURATED, ARCHIVED)))["archive"].text == "Unarchive"


def test_long_work_is_aimed_at_the_first_own_environment() -> None:
    states = command_states(WindowFacts((CURATED, OWN, ARCHIVED)))
    assert {name: state.target for name, state in states.items() if state.target} == dict.fromkeys(AIMED, OWN[0])
    assert not any(state.target for state in command_states(WindowFacts((CURATED,))).values())


def test_what_is_shown_is_checked() -> None:
    facts = WindowFacts(shows_browser=True, theme="dark")
    checked = {name for name, state in command_states(facts).items() if state.checked}
    assert checked == {"toggle_browser", "theme_dark"}
    facts = replace(facts, shows_browser=False, shows_console=True, theme="system")
    checked = {name for name, state in command_states(facts).items() if state.checked}
    assert checked == {"toggle_console", "theme_system"}


def test_only_what_differs_is_changed(qapp: object) -> None:
    actions = Actions(ALL_COMMANDS, None)  # type: ignore[arg-type]
    facts = WindowFacts(targets=(OWN,), shown=OPEN, tabs=1)
    actions.show(command_states(facts))
    changed: list[str] = []
    for command in ALL_COMMANDS:
        actions[command.id].changed.connect(lambda name=command.id: changed.append(name))
    actions.show(command_states(facts))
    assert not changed
    actions.show(command_states(replace(facts, shown=replace(OPEN, undo="Add numpy"))))
    assert set(changed) == {"undo"}


def test_what_was_toggled_meanwhile_is_set_right(qapp: object) -> None:
    actions = Actions(ALL_COMMANDS, None)  # type: ignore[arg-type]
    facts = WindowFacts(theme="dark")
    actions.show(command_states(facts))
    actions["theme_dark"].trigger()
    assert not actions["theme_dark"].isChecked()
    actions.show(command_states(facts))
    assert actions["theme_dark"].isChecked()


def test_tips_of_long_work_name_its_target(qapp: object) -> None:
    actions = Actions(ALL_COMMANDS, None)  # type: ignore[arg-type]
    states = command_states(WindowFacts(targets=(OWN,)))
    assert states["lock"] == CommandState("Lock", enabled=True, target="churn-train")
    actions.show(states)
    assert actions["lock"].toolTip().startswith("Lock churn-train: resolve")
    actions.show(command_states(WindowFacts()))
    assert actions["lock"].toolTip().startswith("Resolve")
