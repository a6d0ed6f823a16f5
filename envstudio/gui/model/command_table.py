"""The one table of commands. Menus, toolbar, context menus and the command palette are made from it.

Those that show a page follow from the table of pages (`frame/page_commands.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from PySide6.QtGui import QKeySequence

from envstudio.gui.widgets.keys import DELETE

LONGEST, SIDE = 40, 18
"""How many characters of a name a label shows, and how many at each end if there are more."""


class Needs(StrEnum):
    """What has to be there before a command makes sense."""

    NOTHING = ""
    ENVIRONMENT = "environment"
    OWN = "own environment"
    OPEN = "open environment"


class Command(NamedTuple):
    """One command. `where` are the menus it is offered in: a menu's title, "toolbar", "browser" and its "actions".

    `section` parts a menu by separators. A `local` shortcut is that of the browser's list alone. `named` is what the
    command is called with the name of its environment, which stands for {}. One for `several` takes all that are
    selected.
    """

    id: str
    text: str
    icon: str = ""
    shortcut: str = ""
    tip: str = ""
    where: tuple[str, ...] = ()
    section: int = 0
    needs: Needs = Needs.NOTHING
    local: bool = False
    checkable: bool = False
    named: str = ""
    several: bool = False

    @property
    def is_of_selection(self) -> bool:
        """Whether the browser offers it for what is selected there."""
        return "browser" in self.where or "actions" in self.where

    def text_for(self, target: str) -> str:
        """Return what it is called when it is about `target`; "" for none."""
        if not target or (self.needs not in (Needs.ENVIRONMENT, Needs.OWN) and not self.named):
            return self.text
        named = self.named or (f"{self.text.removesuffix('…')} {{}}" + ("…" if self.text.endswith("…") else ""))
        return named.format(target if len(target) <= LONGEST else f"{target[:SIDE]}…{target[-SIDE:]}")


@dataclass(frozen=True, slots=True)
class CommandState:
    """What a command is called now and whether it can be used; `target` is what long work would be done to."""

    text: str
    enabled: bool
    checked: bool = False
    target: str = ""


MENUS = ("File", "Edit", "View", "Environment", "Compare", "Build", "Help")
MNEMONICS = {"Environment": "E&nvironment"}
"""Where Alt opens a menu by another letter than its first."""
THEMES = ("system", "light", "dark")

COMMANDS: tuple[Command, ...] = (
    Command("new", "New environment…", "plus", "Ctrl+N", "Create an environment", ("File", "toolbar")),
    Command("import", "Import…", "import", "Ctrl+O", "Read a file of another tool", ("File", "toolbar")),
    Command(
        "export",
        "Export…",
        "export",
        "Ctrl+Shift+E",
        "Write a file for another tool",
        ("File", "browser", "actions"),
        needs=Needs.ENVIRONMENT,
        several=True,
    ),
    Command("new_workspace", "New workspace…", "workspace", "", "Create a workspace", ("File",), 1),
    Command("close_tab", "Close tab", "", "Ctrl+W", "Close what is shown", ("File",), 2),
    Command("settings", "Settings", "settings", "Ctrl+,", "Engine, mirrors, proxies, defaults", ("File",), 2),
    Command("logins", "Logins", "", "", "Log in to private channels, indexes and registries", ("File",), 2),
    Command("quit", "Quit", "", "Ctrl+Q", "Leave EnvStudio", ("File",), 3),
    Command("undo", "Undo", "undo", "Ctrl+Z", "Undo what was done last", ("Edit", "toolbar")),
    Command("redo", "Redo", "redo", "Ctrl+Shift+Z", "Redo what was undone", ("Edit", "toolbar")),
    Command("add_package", "Add package", "plus", "Ctrl+E", "Type a package", ("Edit",), 1, Needs.OPEN),
    Command("explain", "Why is it there?", "info", "Ctrl+I", "Explain the selected package", ("Edit",), 1, Needs.OPEN),
    Command(
        "take_from_pip", "Move to pip", "", "Ctrl+Alt+P", "Install the packages with pip", ("Edit",), 1, Needs.OPEN
    ),
    Command("take_from_conda", "Move to conda", "", "Ctrl+Alt+K", "Install them with conda", ("Edit",), 1, Needs.OPEN),
    Command(
        "pin",
        "Pin to the locked version",
        "",
        "Ctrl+Alt+V",
        "Require exactly the locked version",
        ("Edit",),
        1,
        Needs.OPEN,
    ),
    Command("find", "Find here", "search", "Ctrl+F", "Filter what is shown", ("Edit",), 1),
    Command("go_to", "Go to…", "search", "Ctrl+K", "Jump to an environment, version or package", ("Edit",), 1),
    Command("palette", "Command…", "terminal", "Ctrl+Shift+P", "Find a command by its name", ("Edit",), 1),
    Command("toggle_browser", "Browser", "", "Ctrl+\\", "Show or hide the browser", ("View",), 1, checkable=True),
    Command(
        "toggle_console", "Console", "terminal", "Ctrl+J", "Show or hide the console", ("View",), 1, checkable=True
    ),
    *(
        Command(f"theme_{name}", f"Theme: {name}", "", "", f"Colours: {name}", ("View",), 2, checkable=True)
        for name in THEMES
    ),
    Command(
        "register",
        "Register…",
        "check",
        "Ctrl+S",
        "Register the draft as a version",
        ("Environment", "toolbar"),
        0,
        Needs.OPEN,
        named="Register {}…",
    ),
    Command(
        "discard",
        "Discard changes",
        "restore",
        "",
        "Return to the version",
        ("Environment",),
        0,
        Needs.OPEN,
        named="Discard the changes of {}",
    ),
    Command(
        "compare",
        "Compare",
        "compare",
        "Ctrl+D",
        "Show what changed",
        ("Compare", "browser", "actions"),
        0,
        Needs.ENVIRONMENT,
        several=True,
    ),
    Command(
        "compare_with",
        "Compare with a version…",
        "",
        "Ctrl+Alt+D",
        "Compare with a version of any environment",
        ("Compare",),
        0,
        Needs.OPEN,
    ),
    Command(
        "compare_file", "Compare with a file…", "", "Ctrl+Alt+O", "Compare with a file", ("Compare",), 0, Needs.OPEN
    ),
    Command("build_version", "Build this version", "play", "", "Build the shown version", ("Compare",), 1, Needs.OPEN),
    Command("lock_version", "Lock this version", "lock", "", "Resolve the shown version", ("Compare",), 1, Needs.OPEN),
    Command(
        "restore_version",
        "Restore this version",
        "restore",
        "",
        "Register the older of the compared versions as the newest",
        ("Compare",),
        1,
        Needs.OPEN,
    ),
    Command(
        "clone_version",
        "Clone this version…",
        "duplicate",
        "Ctrl+Alt+N",
        "Create an environment from the shown version",
        ("Compare",),
        1,
        Needs.OPEN,
    ),
    Command("next_change", "Next change", "", "F7", "Go to the next change", ("Compare",), 2, Needs.OPEN),
    Command("previous_change", "Previous change", "", "Shift+F7", "Go back a change", ("Compare",), 2, Needs.OPEN),
    Command(
        "copy_comparison",
        "Copy as Markdown",
        "copy",
        "Ctrl+Alt+C",
        "Copy the comparison as Markdown",
        ("Compare",),
        3,
        Needs.OPEN,
    ),
    Command(
        "export_comparison",
        "Export as HTML…",
        "export",
        "Ctrl+Alt+E",
        "Write the comparison as an HTML file",
        ("Compare",),
        3,
        Needs.OPEN,
    ),
    Command(
        "label", "Label…", "tag", "Ctrl+Shift+L", "Name the latest version", ("Environment", "browser"), 1, Needs.OWN
    ),
    Command(
        "duplicate",
        "Duplicate",
        "duplicate",
        "Ctrl+Shift+D",
        "Create a new environment from this one",
        ("Environment", "browser", "actions"),
        1,
        Needs.ENVIRONMENT,
    ),
    Command(
        "rename", "Rename", "pencil", "F2", "Rename", ("Environment", "browser", "actions"), 1, Needs.OWN, local=True
    ),
    Command(
        "copy_reference",
        "Copy reference",
        "copy",
        "Ctrl+Shift+C",
        "Copy name and version",
        ("Environment", "browser"),
        1,
        Needs.ENVIRONMENT,
        named="Copy reference of {}",
        several=True,
    ),
    Command(
        "archive",
        "Archive",
        "archive",
        "Ctrl+Shift+A",
        "Move it out of the way, or back",
        ("Environment", "browser", "actions"),
        2,
        Needs.OWN,
        several=True,
    ),
    Command(
        "delete",
        "Delete",
        "trash",
        DELETE,
        "Delete; can be undone",
        ("Environment", "browser", "actions"),
        2,
        Needs.OWN,
        local=True,
        several=True,
    ),
    Command(
        "lock",
        "Lock",
        "lock",
        "Ctrl+L",
        "Resolve to exact packages",
        ("Build", "toolbar", "browser"),
        0,
        Needs.OWN,
        several=True,
    ),
    Command(
        "build",
        "Build",
        "play",
        "Ctrl+B",
        "Build the image",
        ("Build", "toolbar", "browser"),
        0,
        Needs.OWN,
        several=True,
    ),
    Command(
        "run",
        "Run…",
        "terminal",
        "Ctrl+R",
        "Run a command in it",
        ("Build", "toolbar", "browser"),
        0,
        Needs.OWN,
    ),
    Command(
        "preview_image",
        "Build plan",
        "image",
        "Ctrl+Shift+B",
        "Show what would be built",
        ("Build",),
        0,
        Needs.OPEN,
        named="Build plan of {}",
    ),
    Command(
        "write_dockerfile",
        "Write Dockerfile…",
        "export",
        "",
        "Write a Dockerfile and its context, which build without EnvStudio",
        ("Build", "browser"),
        0,
        Needs.OWN,
        named="Write Dockerfile of {}…",
    ),
    Command("cancel_job", "Cancel job", "close", "Ctrl+.", "Stop the running job", ("Build",), 1),
    Command("guide", "Guide", "", "F1", "Read about what is shown", ("Help",)),
    Command("doctor", "Check installation", "info", "", "See what is installed and reachable", ("Help",)),
    Command("sample", "Try the sample", "play", "", "Look at a small project, in its own workspace", ("Help",)),
    Command("about", "About EnvStudio", "", "", "Version, library and settings", ("Help",), 1),
)


AIMED = ("register", "lock", "build")
"""The acts of the toolbar, whose tips name what they would be done to."""


def native_keys(keys: QKeySequence) -> str:
    """Return keys as they are written on this system, such as Ctrl+K or ⌘K."""
    return keys.toString(QKeySequence.SequenceFormat.NativeText)


def keys_of(command: str) -> str:
    """Return the keys of a command of the table as they are written on this system."""
    return native_keys(QKeySequence(next(item.shortcut for item in COMMANDS if item.id == command)))


def commands_of(menu_id: str, commands: Iterable[Command] = COMMANDS) -> Iterable[Command]:
    """Return the commands that one menu offers, in their order."""
    return (command for command in commands if menu_id in command.where)
