"""The location of the library: open another, move it, and back it up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from envstudio import settings as stored
from envstudio.errors import EnvStudioError, NotFound
from envstudio.library import Library
from envstudio.report import Report
from envstudio.settings import Settings


@dataclass(frozen=True, slots=True)
class Opened:
    """A library that was opened instead of another, and the settings that name it."""

    library: Library
    settings: Settings
    left: str = ""
    """Where a library that was moved still lies, as a copy."""


def back_up_library(library: Library, target: Path, *, report: Report) -> Path:
    """Copy the library into a new file. Raises `Conflict`, `InvalidInput`, `EnvStudioError`, `Cancelled`."""

    def tell(done: int, total: int) -> None:
        report.raise_if_cancelled()
        report.progress(done, total, "pages")

    with report.stage("copy the library"):
        library.back_up(target, tell)
    return target


def open_library(settings: Settings, location: str, *, create: bool = False, report: Report) -> Opened:
    """Open another library and keep its location in the settings; a missing file is created only if requested.

    Raises `EnvStudioError`; the settings are as they were then.
    """
    report.raise_if_cancelled()
    if not create and "://" not in location and not Path(location).expanduser().exists():
        raise NotFound(f"There is no library at {location}.", "Check the path.", code="file-missing")
    opened = Library.open_configured(settings, location, "default")
    return Opened(opened, stored.assign("library", opened.location if "://" not in location else location))


def move_library(library: Library, settings: Settings, target: Path, *, report: Report) -> Opened:
    """Copy the library to a new location, see that the copy is whole, and go on with that one.

    The old file is left where it is, because other programs may have it open. Raises as the other two do.
    """
    back_up_library(library, target, report=report)
    with report.stage("check the copy"), Library.open(target, who=settings.who()) as copy:
        if copy.events.verify().entries < library.events.verify().entries:
            raise EnvStudioError("The library was changed while it was copied.", f"Delete {target} and move it again.")
    opened = Library.open_configured(settings, str(target), library.workspace)
    return Opened(opened, stored.assign("library", str(target)), library.location)
