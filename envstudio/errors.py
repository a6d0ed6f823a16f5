"""The errors that a person is meant to read. Anything else that is raised is a bug of ours."""

from __future__ import annotations

from envstudio.secret_text import redacted

__all__ = [
    "BuildFailed",
    "Cancelled",
    "Conflict",
    "EnvStudioError",
    "InvalidInput",
    "NotFound",
    "Unavailable",
    "redacted",
]


class EnvStudioError(Exception):
    """An expected failure: what happened in one sentence, what to do in one, and folded details.

    Credentials in addresses are redacted here, because details hold what other programs printed.
    """

    def __init__(self, summary: str, advice: str = "", details: str = "") -> None:
        self.summary = redacted(summary)
        self.advice = redacted(advice)
        self.details = redacted(details)
        super().__init__(self.summary)

    def to_json(self) -> dict[str, str]:
        """Return the error as the document that `--json` prints."""
        return {"summary": self.summary, "advice": self.advice, "details": self.details}


class InvalidInput(EnvStudioError):
    """A name, reference, requirement or file that a person gave is not valid."""


class NotFound(EnvStudioError):
    """A named thing does not exist."""


class Conflict(EnvStudioError):
    """A named thing exists already, or changed under the caller."""


class Unavailable(EnvStudioError):
    """A service or program outside EnvStudio is missing, dead or unreachable."""


class BuildFailed(EnvStudioError):
    """A builder ran and failed; why is in its log."""


class Cancelled(EnvStudioError):
    """The person asked to stop."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")
