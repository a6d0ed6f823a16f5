"""log verify: whether the event log is whole, and all that is stored is as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envstudio.library import Library
    from envstudio.library.verification import Verified
    from envstudio.report import Report


def verify_log(library: Library, *, report: Report) -> Verified:
    """Check the whole library against its log. Raises `EnvStudioError` naming what is not as it was stored."""
    with report.stage("verify the event log"):
        return library.events.verify()


def verified_text(verified: Verified) -> str:
    """Return what was found in words."""
    entries = f"{verified.entries} {'entry' if verified.entries == 1 else 'entries'}"
    return f"{entries}, none altered; everything stored matches them. {verified.notice}".rstrip()
