"""log verify: whether the event log is whole, and all that is stored is as it says."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from envstudio import process
from envstudio.errors import Act, EnvStudioError, Remedy

if TYPE_CHECKING:
    from envstudio.library import Library
    from envstudio.library.verification import Verified
    from envstudio.report import Report


def verify_log(library: Library, *, report: Report) -> Verified:
    """Check the whole library against its log. Raises `EnvStudioError` naming what is not as it was stored."""
    with report.stage("verify the event log"):
        return library.events.verify()


def verify_aside(library: Library, *, report: Report) -> str:
    """Check a library in a process of its own, whose memory ends with it, and return the notice, if there is one.

    One on a server is checked here, as its address holds a password. Raises `EnvStudioError` as `verify_log` does.
    """
    if "://" in library.location:
        return verify_log(library, report=report).notice
    command = [sys.executable, "-m", "envstudio", "--quiet", "--json", "--library", library.location, "log", "verify"]
    finished = process.run(command, report, show=False)
    try:
        document = json.loads(finished.stdout)
        if "error" in document:
            raise EnvStudioError(**document["error"])
        return str(document["notice"])
    except (ValueError, KeyError) as error:
        raise EnvStudioError(
            "The event log could not be checked.",
            "Try again.",
            finished.stderr,
            code="failed",
            remedy=Remedy(Act.VERIFY_LOG),
        ) from error


def verified_text(verified: Verified) -> str:
    """Return what was found in words."""
    entries = f"{verified.entries} {'entry' if verified.entries == 1 else 'entries'}"
    return f"{entries}, none altered; everything stored matches them. {verified.notice}".rstrip()
