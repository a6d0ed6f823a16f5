"""What a button says that does something about an error or failure. `BuildCommands.apply_remedy` does it."""

from __future__ import annotations

from envstudio.errors import Act, Remedy

TITLES = {
    Act.BUILD: "Build again",
    Act.CHECK_INSTALLATION: "Check installation",
    Act.CHOOSE_BASE_IMAGE: "Open Image",
    Act.EDIT_IMAGE: "Open Image",
    Act.EDIT_PACKAGES: "Open Packages",
    Act.LOCK: "Lock",
    Act.LOCK_AGAIN: "Lock again",
    Act.LOG_IN: "Log in",
    Act.PRUNE_IMAGES: "Free space",
    Act.RELAX: "Find what solves",
    Act.RESTORE_SETTING: "Open the setting",
    Act.SET_SETTING: "Open the setting",
    Act.SHOW_VERSIONS: "Open History",
    Act.STATE_CUDA: "Open Image",
    Act.STATE_PYTHON: "Open Image",
}
"""Those that the window offers by a button; for the others its advice says enough."""

ANYWHERE = (Act.SET_SETTING, Act.RESTORE_SETTING, Act.LOG_IN, Act.CHECK_INSTALLATION)
"""Those that need no environment, which another workspace may lack."""


def remedy_title(remedy: Remedy | None) -> str:
    """Return what a button for a remedy says; empty if there is none."""
    return TITLES.get(remedy.act, "") if remedy is not None else ""
