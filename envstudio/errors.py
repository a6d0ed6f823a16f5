"""The errors that a user is meant to read. Anything else that is raised is a bug of ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from envstudio.secret_text import redacted

__all__ = [
    "Act",
    "BuildFailed",
    "Cancelled",
    "Conflict",
    "EnvStudioError",
    "InvalidInput",
    "NotFound",
    "Remedy",
    "Unavailable",
    "redacted",
]


class Act(StrEnum):
    """What can be done about an error. Each front end has its own words and ways for these."""

    ALLOW = "allow"
    ALLOW_ALWAYS = "allow-always"
    BUILD = "build"
    CHECK_INSTALLATION = "check-installation"
    CHOOSE_BASE_IMAGE = "choose-base-image"
    CHOOSE_BUILDER = "choose-builder"
    CHOOSE_FILE = "choose-file"
    CHOOSE_LIBRARY = "choose-library"
    CHOOSE_OUTPUT = "choose-output"
    CHOOSE_TARGET = "choose-target"
    CLONE = "clone"
    CREATE_WORKSPACE = "create-workspace"
    DROP_SECRETS = "drop-secrets"
    EDIT_IMAGE = "edit-image"
    EDIT_PACKAGES = "edit-packages"
    EXPORT_LOCK = "export-lock"
    IMPORT_AS = "import-as"
    LIST_BUILDS = "list-builds"
    LIST_ENVIRONMENTS = "list-environments"
    LIST_IMAGES = "list-images"
    LIST_LOCKS = "list-locks"
    LOCK = "lock"
    LOCK_AGAIN = "lock-again"
    LOCK_FOR = "lock-for"
    LOG_IN = "log-in"
    NAME_IMAGE = "name-image"
    PRUNE_IMAGES = "prune-images"
    RELAX = "relax"
    REPAIR_LIBRARY = "repair-library"
    RESTORE_SETTING = "restore-setting"
    SET_SETTING = "set-setting"
    SHOW = "show"
    SHOW_LOCK = "show-lock"
    SHOW_DELETED = "show-deleted"
    SHOW_LOG = "show-log"
    SHOW_POLICY = "show-policy"
    SHOW_VERSIONS = "show-versions"
    STATE_CUDA = "state-cuda"
    STATE_PYTHON = "state-python"
    STATE_VIRTUAL = "state-virtual-package"
    STORE_SECRET = "store-secret"
    VERIFY_CACHE = "verify-cache"
    VERIFY_LOG = "verify-log"


GENERIC_CODES = ("failed", "invalid-input", "not-found", "conflict", "unavailable", "build-failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Remedy:
    """An act and what it is done to: the host to log in to, the setting to set, the environment to lock."""

    act: Act
    subject: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the remedy as `--json` prints it."""
        return {"act": str(self.act), "subject": self.subject}


class EnvStudioError(Exception):
    """An expected failure: what happened in one sentence, what to do in one, and folded details.

    `code` is its stable identity, in kebab case, under which the help explains it. `subject` is what it is about, if
    that is one thing: a host, a package, an environment. `remedy` is what can be done about it, which front ends word
    and offer themselves, so that `advice` holds no command. Credentials in addresses are redacted here, because details
    hold what other programs printed.
    """

    default_code = "failed"

    def __init__(
        self,
        summary: str,
        advice: str = "",
        details: str = "",
        *,
        code: str = "",
        subject: str = "",
        remedy: Remedy | None = None,
    ) -> None:
        self.summary = redacted(summary)
        self.advice = redacted(advice)
        self.details = redacted(details)
        self.code = code or self.default_code
        self.subject = redacted(subject)
        self.remedy = remedy
        self.platform = ""
        """The platform that was solved for when it was raised, such as "linux-64"; empty elsewhere."""
        super().__init__(self.summary)

    @property
    def log_line(self) -> str:
        """The error as a line of a log, by whose code it is known again: "error[not-locked churn:3]: …"."""
        subject = f" {self.subject}" if self.subject and "]" not in self.subject else ""
        return f"error[{self.code}{subject}]: {self.summary}"

    def to_json(self) -> dict[str, Any]:
        """Return the error as the document that `--json` prints."""
        return {
            "code": self.code,
            "subject": self.subject,
            "summary": self.summary,
            "advice": self.advice,
            "details": self.details,
            "remedy": self.remedy.to_json() if self.remedy else None,
        }

    @property
    def is_generic(self) -> bool:
        """Whether its code says no more than that something failed, so that no one is sent to the page of it."""
        return self.code in GENERIC_CODES


class InvalidInput(EnvStudioError):
    """A name, reference, requirement or file that a user gave is not valid."""

    default_code = "invalid-input"


class NotFound(EnvStudioError):
    """A named thing does not exist."""

    default_code = "not-found"


class Conflict(EnvStudioError):
    """A named thing exists already, or changed under the caller."""

    default_code = "conflict"


class Unavailable(EnvStudioError):
    """A service or program outside EnvStudio is missing, dead or unreachable."""

    default_code = "unavailable"


class BuildFailed(EnvStudioError):
    """A builder ran and failed; why is in its log."""

    default_code = "build-failed"


class Cancelled(EnvStudioError):
    """The user asked to stop."""

    default_code = "cancelled"

    def __init__(self) -> None:
        super().__init__("Cancelled.")
