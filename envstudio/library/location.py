"""Where a library is, and which revision of its tables this program knows. Loads nothing, as the window starts here."""

from __future__ import annotations

from envstudio import paths
from envstudio.settings import Settings

FILE_NAME = "library.sqlite"
REVISION = "0003"
"""The newest migration. Kept here too, so that opening a library that is up to date need not load Alembic."""


def configured_location(settings: Settings, location: str = "") -> str:
    """Return the path or URL that the caller or the settings name, else the default file in the user's data folder."""
    return location or settings.library or str(paths.data_dir() / FILE_NAME)
